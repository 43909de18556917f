/**
 * LightGCN's and NGCF's lists, `train.txt` and `test.txt`: on each line a user and the items of this user, all of them
 * whole numbers with blanks between.
 *
 * @module
 */
import { readText, withoutGz } from "./files.ts";
import type { Log } from "./interactions.ts";
import type { ReadOptions } from "./options.ts";

/** A line of a list: numbers and blanks. */
const LINE = /^[\d \t]*$/;

/**
 * Returns the lists in text files, a log for each file, or `null` if they are no lists: their lines hold other letters,
 * or all lines have the same number of parts, and are rows.
 *
 * @throws {FormatError} if a file cannot be read.
 */
export async function readLists(paths: readonly string[], options: ReadOptions): Promise<Log[] | null> {
  const { columns = {}, header, separator, minRating } = options;
  if (!paths.every((path) => /\.txt$/i.test(withoutGz(path)))) return null;
  if (Object.keys(columns).length > 0 || header || separator !== undefined || minRating !== undefined) return null;
  const texts = await Promise.all(paths.map((path) => readText(path, "interactions", options.files)));
  const files = texts.map((text) => text.split(/\r\n|\n|\r/));
  if (!files.every((lines) => lines.every((line) => LINE.test(line)))) return null;
  const lists = files.map((lines) => lines.map((line) => line.match(/\d+/g) ?? []).filter((list) => list.length > 0));
  return new Set(lists.flat().map(({ length }) => length)).size > 1 ? lists.map(logOfLists) : null;
}

function logOfLists(lists: readonly (readonly string[])[]): Log {
  return {
    users: lists.flatMap(([user, ...items]) => items.map(() => user)),
    items: lists.flatMap(([, ...items]) => items),
    split: null,
    times: null,
  };
}
