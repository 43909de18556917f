/**
 * Text files of rows and columns: CSV, TSV, other separators, and JSON lines. The separator is guessed, and every row
 * keeps the number of its line for errors.
 *
 * @module
 */
import { parse } from "deno-std/csv/parse.js";
import { readText, unreadable } from "./files.ts";
import type { ReadOptions } from "./options.ts";

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

const SEPARATORS = ["\t", "::", ";", "|", ",", " "];
const SAMPLE = 10;

/**
 * Returns the rows of a text file. Cells may be quoted, except where tabs or `::` separate them; blank
 * lines do not count. In a file named `….jsonl` every line is an object, and its keys name the columns.
 *
 * @throws {FormatError} if the file cannot be read, is empty, or a row has more or fewer cells than the first.
 */
export async function readTable(path: string, what: string, options: ReadOptions = {}): Promise<Table> {
  const text = await readText(path, what, options.files);
  const lines = text.split(/\r\n|\n|\r/);
  if (lines.every(isBlank)) throw unreadable(what, path, "the file is empty");
  return /\.(jsonl|ndjson)$/i.test(path) ? objects(path, what, lines) : cells(path, what, lines, options);
}

/**
 * Returns the position of the column with one of the given names, earlier names first, or −1 if there is none. Names
 * are compared without case, punctuation and a RecBole type suffix: `user_id`, `userID` and `user_id:token` are the
 * same.
 */
export function findColumn({ header }: Table, names: readonly string[]): number {
  const plain = (header ?? []).map(plainName);
  return names.map((name) => plain.indexOf(plainName(name))).find((position) => position >= 0) ?? -1;
}

/** Returns the name of a column as a sentence has it. */
export function columnName({ header }: Table, column: number): string {
  return header ? `"${header[column]}"` : `${column} (from 0)`;
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/:.*$/, "").replace(/[^\p{L}\p{N}]/gu, "");
}

function cells(path: string, what: string, lines: readonly string[], options: ReadOptions): Table {
  const separator = options.separator ?? sniff(lines.filter((text) => !isBlank(text)).slice(0, SAMPLE));
  const quoted = separator !== "\t" && separator !== "::";
  const rows: string[][] = [], starts: number[] = [];
  for (let l = 0; l < lines.length; l++) {
    if (isBlank(lines[l])) continue;
    const line = l + 1;
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
  if (!named) return { path, what, header: null, rows, lines: starts };
  if (rows.length === 1) throw unreadable(what, path, "no line follows the header");
  return { path, what, header: rows[0].map((name) => name.trim()), rows: rows.slice(1), lines: starts.slice(1) };
}

function objects(path: string, what: string, texts: readonly string[]): Table {
  const lines = texts.flatMap((text, l) => isBlank(text) ? [] : [l + 1]);
  const records = lines.map((line) => new Map(Object.entries(objectOf(path, what, line, texts[line - 1]))));
  const header = [...new Set(records.flatMap((record) => [...record.keys()]))];
  return { path, what, header, rows: records.map((record) => header.map((name) => cellOf(record.get(name)))), lines };
}

function objectOf(path: string, what: string, line: number, text: string): Record<string, unknown> {
  const refuse = (cause?: unknown) => unreadable(what, path, "expected a JSON object", { line, cause });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refuse(cause);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw refuse();
  return value as Record<string, unknown>;
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(cellOf).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
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
