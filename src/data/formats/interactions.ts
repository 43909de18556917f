/**
 * From a table of text to a log of interactions: the role of each column, and the values that its cells may have.
 *
 * @module
 */
import type { FormatError } from "../../../kernels/errors.ts";
import { SPLITS } from "../dataset.ts";
import { clipped, few, nameOf, unreadable } from "./files.ts";
import type { ColumnNames, ReadOptions } from "./options.ts";
import { columnName, findColumn, positionIn, type Table } from "./table.ts";
import { formOf, numberIn, secondsOf } from "./times.ts";

/** Interactions as a file holds them, with external ids. */
export interface Log {
  readonly users: readonly string[];
  readonly items: readonly string[];
  /** The split code of each interaction, or `null` where the source has no split. */
  readonly split: Uint8Array | null;
  readonly times: Float64Array | null;
  /** The column of the split, if there is one. */
  readonly splitColumn?: string | undefined;
  /** Sentences about interactions that were left out, and about ratings. */
  readonly notes?: readonly string[] | undefined;
  /** The columns that were not read, as a sentence names them. */
  readonly unused?: readonly string[] | undefined;
}

const EXPECTED_TIME = "a number, such as seconds since 1970, or a date, such as 2024-05-01";

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
    "artistId",
    "items",
    "itemIds",
  ],
  time: [
    "time",
    "timestamp",
    "unixReviewTime",
    "unixTime",
    "datetime",
    "dateTime",
    "date",
    ...["created", "ordered", "purchased", "rated", "reviewed", "added", "played", "watched", "viewed", "clicked"]
      .map((past) => `${past}At`),
    "timeCreated",
    "dateCreated",
    ...["order", "purchase", "review", "rating", "event", "transaction", "interaction"]
      .flatMap((event) => [`${event}Time`, `${event}Timestamp`, `${event}Date`, `${event}Datetime`]),
    "ts",
    "times",
    "timestamps",
  ],
  rating: [
    "rating",
    "overall",
    "score",
    "stars",
    "count",
    "plays",
    "playCount",
    "listenCount",
    "quantity",
    "weight",
    "clicks",
  ],
  split: ["split", "xLabel"],
};

/** The usual names of the column of items. */
export const ITEM_COLUMNS: readonly string[] = USUAL.item;
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
  const rating = columnOf(table, "rating", columns.rating);
  const kept = minRating === undefined ? table : rated(table, rating, minRating);
  const time = columns.time === null ? -1 : columnOf(table, "time", columns.time);
  const split = columnOf(table, "split", columns.split);
  const ratings = minRating === undefined && rating >= 0 ? describeRatings(table, rating) : null;
  const used = [user, item, time, split, ...(ratings !== null || minRating !== undefined ? [rating] : [])];
  return {
    users: kept.rows.map((row, r) => idOf(kept, r, "user", row[user])),
    items: kept.rows.map((row, r) => idOf(kept, r, "item", row[item])),
    split: split < 0 ? null : new Uint8Array(kept.rows.map((row, r) => splitOf(kept, r, row[split]))),
    times: time < 0 ? null : timesIn(kept, time),
    splitColumn: split < 0 ? undefined : kept.header?.[split] ?? String(split),
    notes: ratings === null ? undefined : [ratings],
    unused: unusedColumns(table, used),
  };
}

/** Returns the columns of a table that are not read, as a sentence names them. */
export function unusedColumns(table: Table, used: readonly number[]): string[] {
  const width = table.header?.length ?? table.rows[0].length;
  const names = Array.from({ length: width }, (_, c) => c).filter((c) => !used.includes(c))
    .map((c) => columnName(table, c));
  if (names.length === 0) return [];
  return [`${names.length === 1 ? "column" : "columns"} ${few(names)} of "${nameOf(table.path)}"`];
}

/** Returns logs joined in their order; with a split, and with times, only if all logs have them. */
export function joinLogs(logs: readonly Log[]): Log {
  if (logs.length === 1) return logs[0];
  const different = (texts: readonly string[]) => texts.length > 0 ? [...new Set(texts)] : undefined;
  const splits = logs.map(({ split }) => split), times = logs.map((log) => log.times);
  const complete = <T>(columns: readonly (T | null)[]): columns is T[] => !columns.includes(null);
  return {
    users: logs.flatMap(({ users }) => users),
    items: logs.flatMap(({ items }) => items),
    split: complete(splits) ? Uint8Array.from(splits.flatMap((column) => [...column])) : null,
    times: complete(times) ? Float64Array.from(times.flatMap((column) => [...column])) : null,
    notes: different(logs.flatMap(({ notes = [] }) => notes)),
    unused: different(logs.flatMap(({ unused = [] }) => unused)),
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
    notes: [...log.notes ?? [], `Interactions of users without training interactions left out: ${dropped}`],
  };
}

/** Returns whether columns of these names hold users and items. */
export function isLog(header: readonly string[], columns: ColumnNames = {}): boolean {
  return (["user", "item"] as const).every((role) => {
    const wanted = columns[role];
    if (wanted === undefined) return positionIn(header, USUAL[role]) >= 0;
    return typeof wanted === "number" ? wanted < header.length : header.includes(wanted);
  });
}

/** Returns the position of the column of item ids, or −1. */
export function itemColumn(table: Table): number {
  return columnOf(table, "item", undefined);
}

function columnOf(table: Table, role: Role, wanted: string | number | null | undefined): number {
  const width = table.header?.length ?? table.rows[0].length;
  if (wanted === undefined || wanted === null) {
    return table.header ? findColumn(table, USUAL[role]) : positionOf(role, width);
  }
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
  const found = header ? few(header.map((name) => `"${name}"`)) : `${rows[0].length} without names`;
  return unreadable(what, path, `expected a column "${name}", found ${found}${mend}`, { line: 1 });
}

function rated(table: Table, rating: number, least: number): Table {
  if (rating < 0) throw noUsualColumn(table, "rating");
  const kept = table.rows.flatMap((row, r) => numberOf(table, r, row[rating]) >= least ? [r] : []);
  return { ...table, rows: kept.map((r) => table.rows[r]), lines: kept.map((r) => table.lines[r]) };
}

function idOf(table: Table, row: number, role: string, cell: string): string {
  const id = cell.trim();
  if (id === "" || id === "NaN" || id === "nan") throw badCell(table, row, `the ${role} is missing`);
  if (id[0] === "-" && /^-\d+$/.test(id)) throw badCell(table, row, `the ${role} is ${id}; ids are not negative`);
  return id;
}

function numberOf(table: Table, row: number, cell: string): number {
  const value = numberIn(cell);
  if (!Number.isFinite(value)) throw badCell(table, row, `the rating is "${clipped(cell)}"; expected a finite number`);
  return value;
}

/** Returns a sentence about ratings that no option asks for, or `null` if they are all alike, or no numbers. */
function describeRatings(table: Table, column: number): string | null {
  let [least, most] = [Infinity, -Infinity];
  for (const row of table.rows) {
    const value = numberIn(row[column]);
    if (!Number.isFinite(value)) return null;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (least === most) return null;
  return `Every interaction counts, whatever its ${columnName(table, column)}, which is ${least} to ${most}; ` +
    "--min-rating X keeps those of X or more (option minRating)";
}

function timesIn(table: Table, column: number): Float64Array {
  const form = formOf(table.rows[0]?.[column] ?? "0") ?? "number";
  const read = form === "date" ? secondsOf : numberIn;
  const times = new Float64Array(table.rows.length);
  for (let r = 0; r < times.length; r++) {
    const cell = table.rows[r][column];
    times[r] = read(cell);
    if (!Number.isFinite(times[r])) {
      const expected = form === "date" ? "a date, such as 2024-05-01 or 2024-05-01T12:30:00Z" : EXPECTED_TIME;
      throw badCell(
        table,
        r,
        `the time is "${clipped(cell)}"; expected ${expected} (--time-column none reads no times)`,
      );
    }
  }
  return times;
}

function splitOf(table: Table, row: number, cell: string): number {
  const code = SPLIT_CODES.get(cell) ?? SPLIT_CODES.get(cell.trim().toLowerCase());
  if (code === undefined) {
    throw badCell(table, row, `the split is "${clipped(cell)}"; expected 0, 1, 2 or train, validation, test`);
  }
  return code;
}

function badCell({ what, path, lines }: Table, row: number, rule: string): FormatError {
  return unreadable(what, path, rule, { line: lines[row] });
}
