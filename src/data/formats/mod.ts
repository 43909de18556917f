/**
 * Reads any data set: finds out which format a path holds, and leaves the rest to the reader of that format.
 *
 * @module
 */
import type { Dataset } from "../dataset.ts";
import { resplit } from "../split.ts";
import { interactionFiles, readDelimited, severalFiles } from "./delimited.ts";
import { filesIn, unreadable } from "./files.ts";
import { readGiverny } from "./giverny.ts";
import { readLattice } from "./lattice.ts";
import { isMmrec, readMmrec } from "./mmrec.ts";
import type { ReadOptions } from "./options.ts";
import { readTsvFolder } from "./tsv_folder.ts";

export { writeDataset, type WriteOptions } from "./giverny_write.ts";
export type { ColumnNames, ReadOptions } from "./options.ts";

/**
 * Returns the data set that a file or folder holds. A folder is known by its files:
 *
 * | files | format |
 * |---|---|
 * | `dataset.json` | this project's own, as {@link writeDataset} writes it |
 * | `inter.tsv` | tab-separated `user item split …` |
 * | `NAME.inter` with a column `x_label` | MMRec's |
 * | `train.json`, or `5-core/train.json` | LATTICE's and MONET's |
 * | one of `interactions.csv`, `ratings.csv` …, or `train.csv` and `test.csv` | delimited text or JSON lines |
 *
 * A single file is delimited text or JSON lines. In a folder, `NAME_feat.npy` or `NAME_feat.csv` are features of the
 * modality NAME, `items.jsonl` says what items are called, and `pictures.npy` shows them; `side.ts` lists all of these.
 *
 * @throws {FormatError} if a file cannot be read, naming the line where there is one.
 * @throws {ValueError} if features do not fit the items, or nothing is in training.
 */
export async function readDataset(path: string, options: ReadOptions = {}): Promise<Dataset> {
  const files = await filesIn(path);
  if (files === null) return await readDelimited(path, options);
  if (files.includes("dataset.json")) {
    const data = await readGiverny(path);
    return options.split ? resplit(data, options.split) : data;
  }
  if (files.includes("inter.tsv")) return await readTsvFolder(path, options);
  if (await isMmrec(path, files)) return await readMmrec(path, options);
  if (files.includes("train.json") || await filesIn(`${path}/5-core`).catch(() => null)) {
    return await readLattice(path, options);
  }
  if (interactionFiles(files)) return await readDelimited(path, options);
  throw severalFiles(path, files) ?? unreadable(
    "a data set",
    path,
    "expected dataset.json, inter.tsv, NAME.inter, 5-core/train.json, interactions.csv, or train.csv and test.csv",
  );
}
