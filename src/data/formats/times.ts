/**
 * Times in cells of text: numbers, and dates as ISO 8601 and Amazon's reviews write them.
 *
 * @module
 */

/** A date with the year first: 2024-05-01, 2024/05/01 12:30, 2024-05-01T12:30:25.5Z, 2024-05-01 12:30:25 UTC. */
const YEAR_FIRST =
  /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}(?:[.,]\d+)?))? ?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?$/i;
/** The dates of Amazon's reviews: 05 1, 2014. */
const MONTH_FIRST = /^(\d{1,2}) (\d{1,2}), (\d{4})$/;

/** The form of a time: a number, or a date. */
export type TimeForm = "number" | "date";

/**
 * Returns the form of a time, or `null` if the cell has neither. A number has an unknown unit: seconds or
 * milliseconds since 1970, years, or the digits of a date.
 */
export function formOf(cell: string): TimeForm | null {
  return Number.isFinite(numberIn(cell)) ? "number" : Number.isFinite(secondsOf(cell)) ? "date" : null;
}

/** Returns the number in a cell, or NaN. */
export function numberIn(cell: string): number {
  const value = Number(cell);
  return value === 0 && cell.trim() === "" ? NaN : value;
}

/** Returns the seconds from 1970 to a date, of UTC where it names no other zone, or NaN if the cell has no date. */
export function secondsOf(cell: string): number {
  const text = cell.trim();
  const [, year, , month, day, hours = "0", minutes = "0", seconds = "0", zone = "Z"] = YEAR_FIRST.exec(text) ??
    reordered(MONTH_FIRST.exec(text));
  const [y, m, d, h, min, s] = [year, month, day, hours, minutes, seconds.replace(",", ".")].map(Number);
  const midnight = Date.UTC(y, m - 1, d) / 1000;
  // Date.UTC takes the 31st of April for the 1st of May.
  const exists = new Date(midnight * 1000).getUTCDate() === d && m >= 1 && m <= 12;
  if (!exists || h > 24 || min > 59 || s >= 61) return NaN;
  // Whole milliseconds, so that fractions of a second are those of a clock.
  return Math.round(1000 * (midnight + h * 3600 + min * 60 + s - offsetOf(zone))) / 1000;
}

function reordered(found: RegExpExecArray | null): string[] {
  const [, month = "", day = "", year = ""] = found ?? [];
  return ["", year, "", month, day];
}

/** Returns the seconds by which a zone is ahead of UTC. */
function offsetOf(zone: string): number {
  const [, sign, hours, minutes = "0"] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  return hours === undefined ? 0 : (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
}
