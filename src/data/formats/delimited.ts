/**
 * Interactions in delimited text: one CSV, TSV or JSON-lines file with named columns, a folder with one such file, or a
 * folder with `train` and `test` (and `validation`) files.
 *
 * @module
 */
import type { FormatError } from "../../../kernels/errors.ts";
import type { Dataset } from "../dataset.ts";
import { assemble } from "./assemble.ts";
import { filesIn, nameOf, unreadable } from "./files.ts";
import { joinLogs, type Log, logOf } from "./interactions.ts";
import type { ReadOptions } from "./options.ts";
import { NOTHING, readSide } from "./side.ts";
import { readTable } from "./table.ts";

const ENDING = "\\.(?:csv|tsv|txt|dat|data|inter|jsonl|ndjson)";
const PARTS = [["train"], ["validation", "valid", "val"], ["test"]];
const WHOLE = new RegExp(`^(?:interactions|inter|ratings|reviews|events|.+(?=\\.inter))${ENDING}$`);

/**
 * Returns the data set of a file, or of a folder with the files that `side.ts` lists. With files for all three parts
 * these are the split; `train` and `test` alone are read as one log in this order.
 *
 * @throws {FormatError} if a file cannot be read.
 * @throws {ValueError} if features do not fit the items.
 */
export async function readDelimited(path: string, options: ReadOptions = {}): Promise<Dataset> {
  const names = await filesIn(path, options.files);
  if (names === null) {
    return assemble(nameOf(path).replace(/\.[^.]*$/, ""), await readLog(path, options), NOTHING, options);
  }
  const found = interactionFiles(names);
  if (found === null) {
    throw severalFiles(path, names) ??
      unreadable("a data set", path, "expected one file of interactions, or train and test files");
  }
  const logs = await Promise.all(found.map((file) => readLog(`${path}/${file}`, options)));
  const parts = found.length < 3
    ? logs
    : logs.map((log, code) => ({ ...log, split: new Uint8Array(log.users.length).fill(code) }));
  const side = await readSide(path, names.filter((name) => !found.includes(name)), options);
  return assemble(nameOf(path), joinLogs(parts), side, options);
}

/** Returns the files of a folder that hold interactions in the order to read them, or `null` if that is not clear. */
export function interactionFiles(files: readonly string[]): string[] | null {
  const parts = PARTS.flatMap((names) =>
    files.filter((file) => new RegExp(`^(?:${names.join("|")})${ENDING}$`).test(file))
  );
  if (parts.length >= 2) return parts;
  const whole = files.filter((file) => WHOLE.test(file));
  return whole.length === 1 ? whole : parts.length === 1 ? parts : null;
}

/**
 * Returns the error for a folder where each of several files may hold the interactions, or `null` if there are none.
 */
export function severalFiles(path: string, files: readonly string[]): FormatError | null {
  const found = files.filter((file) => WHOLE.test(file)).map((file) => `"${file}"`).join(", ");
  return found === "" ? null : unreadable(
    "a data set",
    path,
    `expected one file of interactions, found ${found}; move the others away, or name the file`,
  );
}

async function readLog(path: string, options: ReadOptions): Promise<Log> {
  return logOf(await readTable(path, "interactions", options), options);
}
