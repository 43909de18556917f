/**
 * Interactions in delimited text: one CSV, TSV or JSON-lines file with named columns, a folder with one such file, or a
 * folder with `train` and `test` (and `validation`) files.
 *
 * @module
 */
import type { FormatError } from "../../../kernels/errors.ts";
import { type Dataset, type Split, SPLITS } from "../dataset.ts";
import { assemble } from "./assemble.ts";
import { filesIn, nameOf, unreadable } from "./files.ts";
import { joinLogs, type Log, logOf } from "./interactions.ts";
import type { ReadOptions } from "./options.ts";
import { NOTHING, readSide } from "./side.ts";
import { readTable } from "./table.ts";

const ENDING = "\\.(?:csv|tsv|txt|dat|data|inter|jsonl|ndjson)";
const PARTS: Readonly<Record<Split, string>> = { train: "train", validation: "validation|valid|val", test: "test" };
const WHOLE = new RegExp(`^(?:interactions|inter|ratings|reviews|events|.+(?=\\.inter))${ENDING}$`);

/** A file of interactions, and the part of the split that it is; `null` for a file of all parts. */
export interface InteractionFile {
  readonly name: string;
  readonly part: Split | null;
}

/**
 * Returns the data set of a file, or of a folder with the files that `side.ts` lists. Files for training and for one or
 * two other parts are the split.
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
  const logs = await Promise.all(found.map(async ({ name, part }) => {
    const log = await readLog(`${path}/${name}`, options);
    return part === null ? log : { ...log, split: new Uint8Array(log.users.length).fill(SPLITS.indexOf(part)) };
  }));
  const others = names.filter((name) => !found.some((file) => file.name === name));
  return assemble(nameOf(path), joinLogs(logs), await readSide(path, others, options), options);
}

/**
 * Returns the files of a folder that hold interactions, those of a split in the order of {@link SPLITS}, or `null` if
 * they are not clear. A file for one part alone has all interactions.
 */
export function interactionFiles(files: readonly string[]): InteractionFile[] | null {
  const parts = SPLITS.flatMap((part) =>
    files.filter((file) => new RegExp(`^(?:${PARTS[part]})${ENDING}$`).test(file)).map((name) => ({ name, part }))
  );
  if (parts.length >= 2) return parts;
  const whole = files.filter((file) => WHOLE.test(file));
  const [name] = whole.length === 1 ? whole : parts.map(({ name }) => name);
  return name === undefined ? null : [{ name, part: null }];
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
