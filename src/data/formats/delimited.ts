/**
 * Interactions in delimited text: one CSV, TSV or JSON-lines file with named columns, a folder with one such file, or a
 * folder with `train` and `test` (and `validation`) files.
 *
 * @module
 */
import type { FormatError } from "../../../kernels/errors.ts";
import { type Dataset, type Split, SPLITS } from "../dataset.ts";
import { assemble } from "./assemble.ts";
import { few, filesIn, nameOf, unreadable, withoutGz } from "./files.ts";
import { joinLogs, type Log } from "./interactions.ts";
import { readLog } from "./read_log.ts";
import { readLists } from "./lists.ts";
import type { ReadOptions } from "./options.ts";
import { NOTHING, readSide } from "./side.ts";

const ENDING = "\\.(?:csv|tsv|txt|dat|data|inter|jsonl|ndjson|json|parquet)(?:\\.gz)?$";
/** The names of files for parts of a split: `train.csv`, and `NAME.train.inter` of RecBole. */
const PARTS = mapParts({ train: "train", validation: "validation|valid|val", test: "test" });
const WHOLE = new RegExp(
  `^(?:interactions|inter|ratings|reviews|events|user_artists|u(?=\\.data)|.+(?=\\.inter))${ENDING}`,
);

function mapParts(names: Readonly<Record<Split, string>>): readonly (readonly [part: Split, name: RegExp])[] {
  return SPLITS.map((part) => [part, new RegExp(`^(?:.+\\.(?=[^.]+\\.inter))?(?:${names[part]})${ENDING}`)]);
}

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
  if (names !== null) {
    const found = interactionFiles(names);
    if (found !== null) return await readFiles(`${path}/`, found, { names, title: nameOf(path) }, options);
    throw severalFiles(path, names) ??
      unreadable("a data set", path, "expected one file of interactions, or train and test files");
  }
  const name = nameOf(path), prefix = path.slice(0, path.length - name.length);
  const title = withoutGz(name).replace(/\.[^.]*$/, "");
  // The files next to a .inter file belong to it.
  const siblings = /\.inter(\.gz)?$/i.test(name) ? await filesIn(prefix || ".", options.files) ?? [] : [];
  return await readFiles(prefix, [{ name, part: null }], { names: siblings, title }, options);
}

/** Returns the data set of files of interactions, and of the other files of their folder, which ends the prefix. */
async function readFiles(
  prefix: string,
  found: readonly InteractionFile[],
  { names, title }: { readonly names: readonly string[]; readonly title: string },
  options: ReadOptions,
): Promise<Dataset> {
  const logs = await readLogs(found.map(({ name }) => prefix + name), options);
  const log = joinLogs(logs.map((log, f) => {
    const { part } = found[f];
    return part === null ? log : { ...log, split: new Uint8Array(log.users.length).fill(SPLITS.indexOf(part)) };
  }));
  const others = names.filter((name) => !found.some((file) => file.name === name));
  return assemble(
    title,
    log,
    others.length > 0 ? await readSide(prefix.slice(0, -1) || ".", others, log, options) : NOTHING,
    options,
  );
}

/**
 * Returns the files of a folder that hold interactions, those of a split in the order of {@link SPLITS}, or `null` if
 * they are not clear. A file for one part alone has all interactions.
 */
export function interactionFiles(files: readonly string[]): InteractionFile[] | null {
  const parts = PARTS.flatMap(([part, form]) =>
    files.filter((file) => form.test(file)).map((name) => ({ name, part }))
  );
  if (parts.length >= 2) return new Set(parts.map(({ part }) => part)).size === parts.length ? parts : null;
  const whole = files.filter((file) => WHOLE.test(file));
  const [name] = whole.length === 1 ? whole : parts.map(({ name }) => name);
  return name === undefined ? null : [{ name, part: null }];
}

/**
 * Returns the error for a folder where each of several files may hold the interactions, or `null` if there are none.
 */
export function severalFiles(path: string, files: readonly string[]): FormatError | null {
  const named = [WHOLE, ...PARTS.map(([, form]) => form)];
  const found = few(files.filter((file) => named.some((form) => form.test(file))).map((file) => `"${file}"`));
  return found === "" ? null : unreadable(
    "a data set",
    path,
    `expected one file of interactions, found ${found}; move the others away, or name the file`,
  );
}

async function readLogs(paths: readonly string[], options: ReadOptions): Promise<readonly Log[]> {
  return await readLists(paths, options) ?? await Promise.all(paths.map((path) => readLog(path, options)));
}
