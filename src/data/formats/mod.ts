/**
 * Reads a data set of any format: recognizes the format of a path and calls its reader.
 *
 * @module
 */
import { ValueError } from "../../../kernels/errors.ts";
import { type Dataset, datasetOf } from "../dataset.ts";
import { resplit } from "../split.ts";
import { few, filesIn, nameOf, unreadable, withoutGz } from "./files.ts";
import type { GivernyOptions } from "./giverny.ts";
import { FOLDER } from "./manifest.ts";
import type { ReadOptions } from "./options.ts";

export type { GivernyOptions } from "./giverny.ts";
export { writeDataset, type WriteOptions } from "./giverny_write.ts";
export type { ColumnNames, ReadOptions } from "./options.ts";

/**
 * Returns the data set of a file or folder. The format of a folder follows from its files:
 *
 * | files | format |
 * |---|---|
 * | `dataset.json` | this project's own, as {@link writeDataset} writes it |
 * | `inter.tsv` | tab-separated `user item split …` |
 * | `NAME.inter` with a column `x_label` | MMRec's |
 * | `train.json`, or `5-core/train.json` | LATTICE's and MONET's |
 * | one of `interactions.csv`, `ratings.csv` …, or `train.csv` and `test.csv` | delimited text or JSON lines |
 * | `NAME.sqlite` or `NAME.db`, and none of these | a database of SQLite |
 *
 * A single file is delimited text, JSON lines, or a database. In a folder, `NAME_feat.npy` or `NAME_feat.csv` has the
 * features of the modality NAME, `items.jsonl` the titles of the items, and `pictures.npy` their pictures.
 *
 * @throws {FormatError} if a file cannot be read, naming the line where there is one.
 * @throws {ValueError} if features do not match the items, or there are no training interactions.
 *
 * @example
 * ```ts
 * import { memoryFiles, readDataset } from "@giverny/giverny/data";
 * import { deepEqual } from "node:assert/strict";
 * const files = memoryFiles();
 * await files.write("log.csv", new TextEncoder().encode("user,item\nann,lily\nbob,lily\nbob,poplar\n"));
 * deepEqual((await readDataset("log.csv", { files })).items, ["lily", "poplar"]);
 * ```
 */
export async function readDataset(path: string, options: ReadOptions = {}): Promise<Dataset> {
  const { files, features } = options;
  const names = await filesIn(path, files);
  if (names?.includes("dataset.json")) {
    const { describeRepeats } = await import("./giverny.ts");
    const read = await readGiverny(path, { features, files });
    refuseQuery(path, options);
    const strangers = names.filter((name) => !belongs(name, read)).map((name) => `"${name}"`);
    const found = [strangers.length > 0 && `Not used: ${few(strangers)}`, describeRepeats(read)]
      .filter((note) => typeof note === "string");
    const notes = [...new Set([...read.notes ?? [], ...found])];
    const noted = found.length > 0 ? datasetOf({ ...read, notes }) : read;
    const data = options.split ? resplit(noted, options.split) : noted;
    if (data.interactions.split.includes(0)) return data;
    throw new ValueError(
      `Cannot make a data set of "${path}": no interaction is in training; choose another split (--split ratio, option split)`,
    );
  }
  const foreign = await import("./foreign.ts");
  const { interactionFiles, isLattice, isMmrec, readDelimited, readLattice, readMmrec, readTsvFolder } = foreign;
  if (names === null) {
    if (await foreign.isDatabase(path, files)) return await foreign.readDatabase(path, options);
    refuseQuery(path, options);
    const name = nameOf(path), folder = path.slice(0, path.length - name.length - 1) || ".";
    if (await isMmrec(folder, [name], files)) return await readMmrec(folder, options, name);
    return await readDelimited(path, options);
  }
  const database = foreign.databaseIn(names);
  if (database !== undefined && (options.table ?? options.query ?? !interactionFiles(names))) {
    const others = names.filter((name) => name !== database);
    return await foreign.readDatabase(`${path}/${database}`, options, others);
  }
  refuseQuery(path, options);
  if (names.some((name) => withoutGz(name) === "inter.tsv")) return await readTsvFolder(path, options);
  if (await isMmrec(path, names, files)) return await readMmrec(path, options);
  if (await isLattice(path, names, files)) return await readLattice(path, options);
  if (interactionFiles(names)) return await readDelimited(path, options);
  throw foreign.severalFiles(path, names) ?? unreadable(
    "a data set",
    path,
    "expected dataset.json, inter.tsv, NAME.inter, 5-core/train.json, interactions.csv, or train.csv and test.csv",
  );
}

/**
 * Returns the data set of a folder that {@link writeDataset} wrote.
 *
 * @throws {FormatError} if a file cannot be read, or does not fit the others.
 *
 * @example
 * ```ts
 * import { garden, memoryFiles, readGiverny, writeDataset } from "@giverny/giverny/data";
 * import { key } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * const [files, data] = [memoryFiles(), garden(key(0))];
 * await writeDataset("data", data, { files });
 * deepEqual(await readGiverny("data", { files }), data);
 * ```
 */
export async function readGiverny(path: string, options: GivernyOptions = {}): Promise<Dataset> {
  return await (await import("./giverny.ts")).readGiverny(path, options);
}

function refuseQuery(path: string, { table, query }: ReadOptions): void {
  if (table === undefined && query === undefined) return;
  throw new ValueError(`Cannot read a table or a query from "${path}": it is no SQLite database`);
}

/** Returns whether a file is part of a data set in the project's own format. */
function belongs(name: string, { modalities, pictures }: Dataset): boolean {
  const modality = /^(.+)_feat\.(?:npy|tsv)$/.exec(name)?.[1];
  if (name === "pictures.npy") return pictures !== undefined;
  return modality === undefined ? FOLDER.names.test(name) : modality in modalities;
}
