/**
 * From a table of text to a log of interactions: the role of each column, and the values that its cells may have.
 *
 * @module
 */
import type { FormatError } from "../../../kernels/errors.ts";
import { SPLITS } from "../dataset.ts";
import { unreadable } from "./files.ts";
import type { ColumnNames, ReadOptions } from "./options.ts";
import { findColumn, type Table } from "./table.ts";

/** Interactions as a file holds them, with external ids. */
export interface Log {
  readonly users: readonly string[];
  readonly items: readonly string[];
  /** The split code of each interaction, or `null` where the source has no split. */
  readonly split: Uint8Array | null;
  readonly times: Float64Array | null;
  /** The column of the split, if there is one. */
  readonly splitColumn?: string | undefined;
  /** Sentences about interactions that were left out. */
  readonly notes?: readonly string[] | undefined;
}

type Role = keyof ColumnNames;

const USUAL: Readonly<Record<Role, readonly string[]>> = {
  user: ["user", "userId", "uid", "reviewerId", "customerId", "session", "sessionId"],
  item: [
    "item",
    "itemId",
    "iid",
    "movieId",
    "parentAsin",
    "asin",
    "productId",
    "businessId",
    "trackId",
    "videoId",
    "isbn",
  ],
  time: ["time", "timestamp", "unixReviewTime"],
  rating: ["rating", "overall", "score", "stars"],
  split: ["split", "xLabel"],
};
const SPLIT_CODES: ReadonlyMap<string, number> = new Map([
  ...SPLITS.flatMap((name, code): [string, number][] => [[name, code], [String(code), code]]),
  ["val", 1],
  ["valid", 1],
]);

/**
 * Returns the interactions of a table.
 *
 * @throws {FormatError} if a column is missing, or a cell does not fit its column, naming the line.
 */
export function logOf(table: Table, { columns = {}, minRating }: ReadOptions = {}): Log {
  const user = columnOf(table, "user", columns.user), item = columnOf(table, "item", columns.item);
  if (user < 0) throw noUsualColumn(table, "user");
  if (item < 0) throw noUsualColumn(table, "item");
  const kept = minRating === undefined ? table : rated(table, columns.rating, minRating);
  const time = columnOf(table, "time", columns.time), split = columnOf(table, "split", columns.split);
  return {
    users: kept.rows.map((row, r) => idOf(kept, r, "user", row[user])),
    items: kept.rows.map((row, r) => idOf(kept, r, "item", row[item])),
    split: split < 0 ? null : new Uint8Array(kept.rows.map((row, r) => splitOf(kept, r, row[split]))),
    times: time < 0 ? null : new Float64Array(kept.rows.map((row, r) => numberOf(kept, r, "time", row[time]))),
    splitColumn: split < 0 ? undefined : kept.header?.[split] ?? String(split),
  };
}

/** Returns logs joined in their order; with a split, and with times, only if all logs have them. */
export function joinLogs(logs: readonly Log[]): Log {
  const splits = logs.map(({ split }) => split), times = logs.map((log) => log.times);
  const complete = <T>(columns: readonly (T | null)[]): columns is T[] => !columns.includes(null);
  return {
    users: logs.flatMap(({ users }) => users),
    items: logs.flatMap(({ items }) => items),
    split: complete(splits) ? Uint8Array.from(splits.flatMap((column) => [...column])) : null,
    times: complete(times) ? Float64Array.from(times.flatMap((column) => [...column])) : null,
  };
}

/** Returns a log without the users who have no training interactions, with a note of the number of rows left out. */
export function trainedOnly(log: Log): Log {
  const { users, items, split, times } = log;
  if (!split) return log;
  const trained = new Set(users.filter((_, e) => split[e] === 0));
  const kept = users.flatMap((user, e) => trained.has(user) ? [e] : []);
  const dropped = users.length - kept.length;
  if (dropped === 0) return log;
  return {
    ...log,
    users: kept.map((e) => users[e]),
    items: kept.map((e) => items[e]),
    split: new Uint8Array(kept.map((e) => split[e])),
    times: times && new Float64Array(kept.map((e) => times[e])),
    notes: [`Interactions of users without training interactions left out: ${dropped}`],
  };
}

/** Returns the position of the column of item ids, or −1. */
export function itemColumn(table: Table): number {
  return columnOf(table, "item", undefined);
}

function columnOf(table: Table, role: Role, wanted: string | number | undefined): number {
  const width = table.header?.length ?? table.rows[0].length;
  if (wanted === undefined) return table.header ? findColumn(table, USUAL[role]) : positionOf(role, width);
  const position = typeof wanted === "number" ? wanted : table.header?.indexOf(wanted) ?? -1;
  if (position < 0 || position >= width) throw noColumn(table, String(wanted));
  return position;
}

/** Returns the usual place of a role in files without a header: user, item, rating, time. */
function positionOf(role: Role, width: number): number {
  if (role === "user" || role === "item") return width < 2 ? -1 : role === "user" ? 0 : 1;
  return width === 4 && role !== "split" ? role === "rating" ? 2 : 3 : -1;
}

function noUsualColumn(table: Table, role: Role): FormatError {
  const position = `its position from 0 (--${role}-column ${positionOf(role, 4)}, option columns)`;
  return noColumn(
    table,
    role,
    table.header
      ? `; name it, or ${position}, or say that there is no header (--no-header, option header)`
      : `; name ${position}`,
  );
}

function noColumn({ what, path, header, rows }: Table, name: string, mend = ""): FormatError {
  const found = header ? `"${header.join('", "')}"` : `${rows[0].length} without names`;
  return unreadable(what, path, `expected a column "${name}", found ${found}${mend}`, { line: 1 });
}

function rated(table: Table, wanted: string | number | undefined, least: number): Table {
  const rating = columnOf(table, "rating", wanted);
  if (rating < 0) throw noUsualColumn(table, "rating");
  const kept = table.rows.flatMap((row, r) => numberOf(table, r, "rating", row[rating]) >= least ? [r] : []);
  return { ...table, rows: kept.map((r) => table.rows[r]), lines: kept.map((r) => table.lines[r]) };
}

function idOf(table: Table, row: number, role: string, cell: string): string {
  const id = cell.trim();
  if (id === "" || id === "NaN" || id === "nan") throw badCell(table, row, `the ${role} is missing`);
  if (id[0] === "-" && /^-\d+$/.test(id)) throw badCell(table, row, `the ${role} is ${id}; ids are not negative`);
  return id;
}

function numberOf(table: Table, row: number, role: string, cell: string): number {
  const value = cell.trim() === "" ? NaN : Number(cell);
  if (!Number.isFinite(value)) {
    const expected = role === "time" ? "a number, such as seconds since 1970" : "a finite number";
    throw badCell(table, row, `the ${role} is "${cell}"; expected ${expected}`);
  }
  return value;
}

function splitOf(table: Table, row: number, cell: string): number {
  const code = SPLIT_CODES.get(cell) ?? SPLIT_CODES.get(cell.trim().toLowerCase());
  if (code === undefined) {
    throw badCell(table, row, `the split is "${cell}"; expected 0, 1, 2 or train, validation, test`);
  }
  return code;
}

function badCell({ what, path, lines }: Table, row: number, rule: string): FormatError {
  return unreadable(what, path, rule, { line: lines[row] });
}
