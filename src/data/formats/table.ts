/**
 * Files of rows and columns: CSV, TSV, other separators, and JSON. The separator is guessed, and every row keeps the
 * number of its line for errors.
 *
 * @module
 */
import { parse } from "deno-std/csv/parse.js";
import { readText, unreadable, withoutGz } from "./files.ts";
import { recordsOf } from "./json.ts";
import type { ReadOptions } from "./options.ts";
import { checkWidth, explode, type Numbered, type Table, tableOf } from "./records.ts";

export type { Table } from "./records.ts";

const SEPARATORS = ["\t", "::", ";", "|", ",", " "];
const SAMPLE = 10;
const LONGEST_LINE = 2 ** 24;

/** The options of {@link readTable}. */
export interface TableOptions extends Pick<ReadOptions, "header" | "separator" | "files"> {
  /** The names of a column whose lists are taken apart, so that every row has one of their parts. */
  readonly lists?: readonly string[] | undefined;
  /** Whether text that is not UTF-8 is Windows-1252. */
  readonly latin?: boolean | undefined;
}

/**
 * Returns the rows of a file. The cells of delimited text may be quoted, except where tabs or `::` separate them; blank
 * lines do not count. A file named `….jsonl`, `….ndjson` or `….json` has an object on every line, or a list of objects,
 * and their keys name the columns. `….parquet` is Parquet. A file named `….gz` is decompressed.
 *
 * @throws {FormatError} if the file cannot be read, is empty, or a row has more or fewer cells than the first.
 */
export async function readTable(path: string, what: string, options: TableOptions = {}): Promise<Table> {
  const { latin, files } = options;
  const name = withoutGz(path);
  if (/\.parquet$/i.test(name)) {
    const { readParquet } = await import("./parquet.ts");
    return fromRecords(path, what, await readParquet(path, what, files), options);
  }
  const text = await readText(path, what, files, { latin });
  if (/\.(jsonl|ndjson|json)$/i.test(name)) {
    return fromRecords(path, what, recordsOf(path, what, text), options);
  }
  const lines = text.split(/\r\n|\n|\r/);
  if (lines.every(isBlank)) throw unreadable(what, path, "the file is empty");
  const long = lines.findIndex((line) => line.length > LONGEST_LINE);
  if (long >= 0) throw unreadable(what, path, "the line has more than 16 million letters", { line: long + 1 });
  return tableOfLines(path, what, lines, options);
}

/** Returns the table of records, the lists of a column taken apart. */
function fromRecords(path: string, what: string, records: readonly Numbered[], { lists = [] }: TableOptions): Table {
  const header = [...new Set(records.slice(0, SAMPLE).flatMap(({ record }) => Object.keys(record)))];
  const column = header[positionIn(header, lists)];
  return tableOf(path, what, column === undefined ? records : explode(records, column));
}

/**
 * Returns the position of the column with one of the given names, earlier names first, or −1 if there is none. Names
 * are compared without case, punctuation and a RecBole type suffix: `user_id`, `userID` and `user_id:token` are the
 * same.
 */
export function findColumn({ header }: Table, names: readonly string[]): number {
  return positionIn(header ?? [], names);
}

/** Returns the position of the first of some names in a header, compared as {@link findColumn} does, or −1. */
export function positionIn(header: readonly string[], names: readonly string[]): number {
  const plain = header.map(plainName);
  return names.map((name) => plain.indexOf(plainName(name))).find((position) => position >= 0) ?? -1;
}

/** Returns the name of a column as a sentence has it. */
export function columnName({ header }: Table, column: number): string {
  return header ? `"${header[column]}"` : `${column} (from 0)`;
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/:.*$/, "").replace(/[^\p{L}\p{N}]/gu, "");
}

/** Returns the table of lines of delimited text, and its separator. Lines are numbered from `first`; 1 by default. */
export function tableOfLines(
  path: string,
  what: string,
  lines: readonly string[],
  options: Pick<TableOptions, "header" | "separator"> & { readonly first?: number | undefined },
): Table & { readonly separator: string } {
  const separator = options.separator ?? sniff(lines.filter((text) => !isBlank(text)).slice(0, SAMPLE));
  const quoted = separator !== "\t" && separator !== "::";
  const rows: string[][] = [], starts: number[] = [];
  checkWidth(path, what, lines.find((line) => !isBlank(line))!.split(separator).length);
  for (let l = 0; l < lines.length; l++) {
    if (isBlank(lines[l])) continue;
    const line = l + (options.first ?? 1);
    let text = lines[l];
    for (let open = quoted && isOdd(text); open && l + 1 < lines.length; open = open !== isOdd(lines[l])) {
      text += `\n${lines[++l]}`;
    }
    const row = quoted && text.includes('"') ? unquote(path, what, line, text, separator) : text.split(separator);
    if (rows.length > 0 && row.length !== rows[0].length) {
      throw unreadable(what, path, `expected ${rows[0].length} columns, found ${row.length}`, { line });
    }
    rows.push(row);
    starts.push(line);
  }
  const named = options.header ?? !rows[0].some((cell) => cell !== "" && Number.isFinite(Number(cell)));
  if (!named) return { path, what, header: null, rows, lines: starts, separator };
  if (rows.length === 1) throw unreadable(what, path, "no line follows the header");
  return {
    path,
    what,
    header: rows[0].map((name) => name.trim()),
    rows: rows.slice(1),
    lines: starts.slice(1),
    separator,
  };
}

/** Returns the first separator that splits all sampled lines into equally many cells, or at least the first line. */
function sniff(sample: readonly string[]): string {
  const splits = SEPARATORS.filter((separator) => sample[0].includes(separator));
  const alike = (separator: string) => new Set(sample.map((line) => line.split(separator).length)).size === 1;
  return splits.find(alike) ?? splits[0] ?? "\t";
}

function isBlank(text: string): boolean {
  return text === "" || text.trim() === "";
}

/** Returns whether a text opens or closes a quoted cell: it holds an odd number of quotes. */
function isOdd(text: string): boolean {
  return text.includes('"') && (text.split('"').length - 1) % 2 === 1;
}

function unquote(path: string, what: string, line: number, text: string, separator: string): string[] {
  try {
    return (parse(text, { separator }) as string[][])[0];
  } catch (cause) {
    throw unreadable(what, path, 'a quote is out of place; write a cell with quotes as "…", the inner ones doubled', {
      line,
      cause,
    });
  }
}
