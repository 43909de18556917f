/**
 * Files of features: `NAME_feat.npy` and `.csv`, and arrays of any other name that have a row for each item.
 *
 * @module
 */
import { FormatError } from "../../../kernels/errors.ts";
import type { FeatureTable } from "../features.ts";
import type { Files } from "../files.ts";
import type { FeatureSource } from "../sources.ts";
import { readText, unreadable, withoutGz } from "./files.ts";
import { floats, readOrOpenNpy } from "./npy.ts";
import { readNpz } from "./npz.ts";
import type { ReadOptions } from "./options.ts";
import { readTable } from "./table.ts";
import { numberIn } from "./times.ts";

/** The files of a folder. */
export interface Folder {
  readonly names: readonly string[];
  readonly path: (name: string) => string;
  /** Returns the path of a file, which counts as read from then on. */
  readonly take: (name: string) => string;
}

/** Features by the names of their modalities. */
export type NamedFeatures = [modality: string, table: FeatureTable | FeatureSource][];

/** The ends of names that are not part of the name of the modality. */
const SUFFIX = /[_-](?:feats?|features?|embs?|embeddings?)$/i;

/** Returns the contents of the files whose names have a form. Its first group is the name of the modality. */
export function each<T>(
  { names, take }: Folder,
  form: RegExp,
  read: (path: string, modality: string) => Promise<T>,
): Promise<[string, T][]> {
  return Promise.all(
    names.flatMap((file) => {
      const found = form.exec(withoutGz(file));
      return found ? [read(take(file), found[1]).then((content): [string, T] => [found[1], content])] : [];
    }),
  );
}

/**
 * Returns the features in the files that are named as such.
 *
 * @throws {FormatError} if one of them cannot be read.
 */
export async function readFeatures(from: Folder, options: ReadOptions): Promise<NamedFeatures> {
  return [
    ...await each(from, /^(.+)_feat\.npy$/, (path, modality) => readDense(path, idsOf(from, modality), options)),
    ...await each(from, /^(.+)_feat\.(?:csv|tsv|parquet)$/, (path) => readDenseText(path, options.files)),
  ];
}

/**
 * Returns the arrays of other names that have a row for each item, row r for item id r, or the ids of their rows in
 * `NAME_ids.txt` or in the file; and the reasons why other arrays are no features.
 */
export async function readArrays(
  from: Folder,
  items: readonly string[],
  options: ReadOptions,
): Promise<{ readonly features: NamedFeatures; readonly refused: Readonly<Record<string, string>> }> {
  const features: NamedFeatures = [];
  const refused: Record<string, string> = {};
  const names = from.names.filter((name) => /\.np[yz]$/i.test(withoutGz(name)));
  const count = names.length > 0 ? countOf(items) : null;
  for (const name of names) {
    try {
      const stem = withoutGz(name).replace(/\.np[yz]$/i, "");
      const ids = idsOf(from, stem);
      const path = from.path(name);
      const found: NamedFeatures = /\.npz$/i.test(withoutGz(name))
        ? await readNpz(path, stem, options.files)
        : [[stem, await readDense(path, ids, options)]];
      const fitting = found.filter(([, table]) => table.ids || rowsOf(table) === count);
      if (fitting.length > 0) from.take(name);
      else refused[name] = refusalOf(found, stem, count);
      features.push(...fitting.map(([modality, table]): NamedFeatures[number] => [plain(modality), table]));
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      refused[name] = error.message.slice(error.message.indexOf(": ") + 2);
    }
  }
  return { features, refused };
}

function plain(modality: string): string {
  return modality.replace(SUFFIX, "").replaceAll(/[^\p{L}\p{N}_. -]/gu, "_") || modality;
}

/** Returns one more than the largest id of an item, or `null` if not all ids are whole numbers. */
function countOf(items: readonly string[]): number | null {
  let most = 0;
  for (const id of items) {
    if (!/^\d{1,9}$/.test(id)) return null;
    most = Math.max(most, Number(id) + 1);
  }
  return most;
}

function refusalOf([first]: NamedFeatures, stem: string, count: number | null): string {
  if (!first) return "no array of items × numbers";
  const rows = `${rowsOf(first[1])} rows`;
  return count === null ? `${rows} without ids; list them in "${stem}_ids.txt"` : `${rows}, ${count} items`;
}

function rowsOf(table: FeatureTable | FeatureSource): number {
  return "read" in table ? table.rows : table.values.length / table.columns;
}

/** Returns the path of the file with the ids of the rows of a modality, or `null` if there is none. */
function idsOf({ names, take }: Folder, modality: string): string | null {
  const name = names.find((name) => withoutGz(name) === `${modality}_ids.txt`);
  return name === undefined ? null : take(name);
}

async function readDense(
  path: string,
  idsPath: string | null,
  { files, features }: ReadOptions,
): Promise<FeatureTable | FeatureSource> {
  const array = await readOrOpenNpy(path, { features, files });
  const { shape: [rows, columns, ...others] } = array;
  if (!(rows > 0 && columns > 0) || others.length > 0) {
    throw unreadable("features", path, `expected items × columns, found shape [${array.shape.join(", ")}]`);
  }
  const ids = idsPath === null ? null : (await readText(idsPath, "item ids", files)).trimEnd().split(/\r?\n/);
  if (ids && ids.length !== rows) {
    throw unreadable("item ids", idsPath!, `expected ${rows}, one per row of "${path}", found ${ids.length}`);
  }
  return "read" in array
    ? { source: path, ids, rows, columns, read: array.read }
    : { source: path, ids, columns, values: floats(array.values) };
}

async function readDenseText(path: string, files: Files | undefined): Promise<FeatureTable> {
  const table = await readTable(path, "features", { files });
  // A list in a cell of Parquet is a row of its own.
  const numbersOf = ([, ...cells]: readonly string[]) =>
    /\.parquet$/i.test(withoutGz(path)) ? cells.flatMap((cell) => cell.split(", ")) : cells;
  const columns = numbersOf(table.rows[0]).length;
  if (columns < 1) throw unreadable("features", path, "expected an item id and then numbers", { line: table.lines[0] });
  const values = new Float32Array(table.rows.length * columns);
  table.rows.forEach((row, r) => {
    const cells = numbersOf(row);
    if (cells.length !== columns) {
      throw unreadable("features", path, `expected ${columns} numbers, found ${cells.length}`, {
        line: table.lines[r],
      });
    }
    cells.forEach((cell, c) => values[r * columns + c] = numberIn(cell));
  });
  return { source: path, ids: table.rows.map(([id]) => id.trim()), columns, values };
}
