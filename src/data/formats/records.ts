/**
 * Tables of records: objects of JSON, rows of Parquet or of a database, whose keys are the names of the columns.
 *
 * @module
 */
import { unreadable } from "./files.ts";

/** Rows of text cells. */
export interface Table {
  readonly path: string;
  /** The content of the file, as errors name it: `interactions` for example. */
  readonly what: string;
  /** The names of the columns, or `null` where the file has none. */
  readonly header: readonly string[] | null;
  /** The cells of each row. All rows have equally many. */
  readonly rows: readonly (readonly string[])[];
  /** The line on which each row begins, from 1. */
  readonly lines: readonly number[];
}

/** A record, and the line or number from which it is, from 1. */
export interface Numbered {
  readonly record: Readonly<Record<string, unknown>>;
  readonly line: number;
}

/** The most columns of a table, the most cells of records, and the deepest nesting of a value. */
const MOST_COLUMNS = 2 ** 16, MOST_CELLS = 2 ** 28, DEEPEST = 50;

/**
 * Returns the table of records: a column for every key that any of them has, in the order of their appearance.
 *
 * @throws {FormatError} if there are no records, they have too many columns, or a value is nested too deeply.
 */
export function tableOf(path: string, what: string, records: readonly Numbered[]): Table {
  if (records.length === 0) throw unreadable(what, path, "there are no records");
  const columns = new Map<string, number>();
  for (const { record } of records) {
    for (const name of Object.keys(record)) if (!columns.has(name)) columns.set(name, columns.size);
  }
  checkWidth(path, what, columns.size);
  if (columns.size * records.length > MOST_CELLS) {
    throw unreadable(what, path, `${records.length} records have ${columns.size} different keys; expected fewer`);
  }
  const header = [...columns.keys()];
  return {
    path,
    what,
    header,
    rows: records.map(({ record, line }) =>
      header.map((name) =>
        Object.hasOwn(record, name)
          ? cellOf(record[name], DEEPEST, () => unreadable(what, path, "a value is nested too deeply", { line }))
          : ""
      )
    ),
    lines: records.map(({ line }) => line),
  };
}

/**
 * Checks the number of columns of a table.
 *
 * @throws {FormatError} if there are too many.
 */
export function checkWidth(path: string, what: string, columns: number): void {
  if (columns <= MOST_COLUMNS) return;
  throw unreadable(what, path, `expected at most ${MOST_COLUMNS} columns, found ${columns}`, { line: 1 });
}

/**
 * Returns records in which lists of items are taken apart: a record for each item of the list. Lists of the same length
 * in the other columns, of times for example, are taken apart with it.
 */
export function explode(records: readonly Numbered[], items: string): readonly Numbered[] {
  if (!records.some(({ record }) => isList(record[items]))) return records;
  return records.flatMap(({ record, line }) => {
    const list = record[items];
    if (!isList(list)) return [{ record, line }];
    const parallel = Object.entries(record).filter(([, value]) => isList(value) && value.length === list.length);
    return Array.from(list, (_, k) => ({
      record: { ...record, ...Object.fromEntries(parallel.map(([name, value]) => [name, (value as unknown[])[k]])) },
      line,
    }));
  });
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || ArrayBuffer.isView(value) && "length" in value;
}

/** Returns the text of a value: the parts of a list with commas between, and other values as JSON has them. */
function cellOf(value: unknown, depth: number, refuse: () => Error): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return String(value);
  if (depth === 0) throw refuse();
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "" : value.toISOString();
  if (isList(value)) return Array.from(value, (part) => cellOf(part, depth - 1, refuse)).join(", ");
  return jsonOf(value, depth, refuse);
}

function jsonOf(value: object, depth: number, refuse: () => Error): string {
  const deeper = (part: unknown, left: number): boolean =>
    typeof part === "object" && part !== null &&
    (left === 0 || Object.values(part).some((inner) => deeper(inner, left - 1)));
  if (deeper(value, depth)) throw refuse();
  return JSON.stringify(value, (_, part) => typeof part === "bigint" ? String(part) : part);
}
