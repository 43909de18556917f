/**
 * Axes with readable ticks: whole numbers for epochs, round numbers on logarithmic axes, and labels that never overlap.
 *
 * @module
 */
import type { SettingValue } from "../core/settings.ts";
import { LETTER } from "./palette.ts";

/** The options of an axis that follow from its values. */
export interface Axis {
  readonly type: "linear" | "point";
  readonly domain?: readonly SettingValue[];
  readonly transform?: (value: number) => number;
  readonly inset?: number;
  readonly ticks?: number | number[];
  readonly tickFormat?: (value: number) => string;
}

/**
 * Returns an axis for values: logarithmic for numbers over a wide range, and a point per value for words. Every value
 * has a tick if the labels have room on so many pixels; else the ticks are round numbers.
 */
export function axisOf(values: readonly SettingValue[], room: number): Axis {
  const numbers = values.filter((value) => typeof value === "number");
  if (numbers.length < values.length) return { type: "point", domain: [...new Set(values)] };
  const different = [...new Set(numbers)].sort((a, b) => a - b);
  const [low, high] = [different[0], different[different.length - 1]];
  const type = low > 0 && high / low >= 10 ? "log" : "linear";
  const all = fits(different, { type, low, high, room });
  if (type === "log") return { ...logAxis([low, high], room, all ? different : undefined), inset: 8 };
  return { type, inset: 8, tickFormat: plain, ticks: all ? different : 5 };
}

/** Returns an axis for epochs up to the last: whole numbers, and logarithmic beyond 150 epochs. */
export function epochAxis(last: number, room: number): Axis {
  if (last > 150) return logAxis([1, last], room);
  const most = Math.max(1, Math.floor(room / 50));
  const step = [1, 2, 5, 10, 20, 50, 100].find((step) => last / step <= most) ?? 150;
  const ticks = Array.from({ length: Math.floor(last / step) }, (_, n) => (n + 1) * step);
  return { type: "linear", domain: [1, Math.max(2, last)], tickFormat: plain, ticks };
}

/** Returns a logarithmic axis, as a transform: Plot's own logarithmic scale leaves out labels of ticks. */
export function logAxis([low, high]: readonly [number, number], room: number, ticks?: number[]): Axis {
  return {
    type: "linear",
    transform: Math.log10,
    domain: [Math.log10(low), Math.log10(high)],
    ticks: (ticks ?? logTicks(low, high, room)).map(Math.log10),
    tickFormat: (x) => plain(10 ** x),
  };
}

/** Returns ticks for a logarithmic axis: 1, 2 and 5 times the powers of ten if they have room, else fewer. */
export function logTicks(low: number, high: number, room: number): number[] {
  const first = Math.floor(Math.log10(low));
  const powers = Array.from({ length: Math.ceil(Math.log10(high)) - first + 1 }, (_, n) => first + n);
  // Parsed from text, because a product with a power of ten is rounded.
  const times = (digits: readonly number[]) =>
    powers.flatMap((power) => digits.map((digit) => Number(`${digit}e${power}`)))
      .filter((tick) => tick >= low && tick <= high);
  const tens = times([1]);
  const fewer = tens.map((_, n) => tens.filter((_, at) => at % (n + 1) === 0));
  const all = [times([1, 2, 5]), times([1, 3]), ...fewer];
  return all.find((ticks) => ticks.length > 0 && fits(ticks, { type: "log", low, high, room })) ?? [];
}

/** Returns a number for an axis, with at most six digits. */
export function plain(value: number): string {
  const short = Number(value.toPrecision(6));
  return short >= 10_000 ? short.toLocaleString("en-US") : String(short).replace("-", "−");
}

/** A range of an axis, and its length in pixels. */
export interface AxisRange {
  readonly type: "linear" | "log";
  readonly low: number;
  readonly high: number;
  readonly room: number;
}

/** Returns whether the labels of ascending ticks do not overlap. */
export function fits(ticks: readonly number[], { type, low, high, room }: AxisRange): boolean {
  const place = type === "log" ? Math.log : (x: number) => x;
  const pixels = room / (place(high) - place(low));
  return ticks.slice(1).every((tick, n) => {
    const gap = pixels * (place(tick) - place(ticks[n]));
    return gap >= LETTER * (plain(tick).length + plain(ticks[n]).length) / 2 + 4;
  });
}
