/**
 * The files of a folder that describe its items: feature tables, tags, pictures, titles and other words.
 *
 * - `NAME_feat.npy` (row r belongs to item id r, or to line r of `NAME_ids.txt`), `NAME_feat.csv` or `.tsv` (the item
 *   id, then numbers): the modality NAME;
 * - `attributes.tsv`, `NAME_entities.tsv` (the item id, then ids separated by blanks): a sparse modality;
 * - `NAME_thumb_48x32.npy` or `pictures.npy` (items × height × width × 3 bytes): pictures;
 * - `items.jsonl`, `item_text.jsonl`, `items.csv`, `items.tsv`: titles and other words.
 *
 * @module
 */
import type { FeatureTable, TagTable } from "../features.ts";
import type { Files } from "../files.ts";
import type { FeatureSource } from "../sources.ts";
import { readText, unreadable } from "./files.ts";
import { itemColumn, unusedColumns } from "./interactions.ts";
import { floats, openNpy, readNpy } from "./npy.ts";
import type { ReadOptions } from "./options.ts";
import { findColumn, readTable, type Table } from "./table.ts";

/** Pictures in the order of a file: row r belongs to the item whose id is the number r. */
export interface PictureTable {
  readonly source: string;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array;
}

/** The words about one item. */
export interface Words {
  readonly title: string;
  /** Title, description and all other fields, one per line. */
  readonly text: string;
}

/** The descriptions of items that a folder has. */
export interface Side {
  readonly features: Readonly<Record<string, FeatureTable | FeatureSource>>;
  readonly tags: Readonly<Record<string, TagTable>>;
  readonly pictures: PictureTable | null;
  /** By item id; `null` where the folder has none. */
  readonly words: ReadonlyMap<string, Words> | null;
  /** The files and columns that were not read, as a sentence names them. */
  readonly unused: readonly string[];
}

/** No descriptions. */
export const NOTHING: Side = { features: {}, tags: {}, pictures: null, words: null, unused: [] };

const FIELDS = ["title", "name", "description", "brand", "categories", "category", "genres", "summary"];

/** The files of items, the first of them that a folder has. */
const WORDS = ["items.jsonl", "item_text.jsonl", "items.csv", "items.tsv"];

/** The files of a folder. */
interface Folder {
  readonly names: readonly string[];
  /** Returns the path of a file, which counts as read from then on. */
  readonly take: (name: string) => string;
}

/**
 * Returns the descriptions of items in the named files of a folder, and the names of the other files.
 *
 * @throws {FormatError} if one of them cannot be read.
 */
export async function readSide(folder: string, names: readonly string[], options: ReadOptions = {}): Promise<Side> {
  const taken = new Set<string>();
  const from: Folder = { names, take: (name) => (taken.add(name), `${folder}/${name}`) };
  const { files } = options;
  const features = await readFeatures(from, options);
  const tags = await each(from, /^(attributes|.+(?=_entities))(?:_entities)?\.tsv$/, (path) => readTags(path, files));
  const pictures = names.find((file) => /^(?:.+_thumb(?:_\d+x\d+)?|pictures)\.npy$/.test(file));
  const table = pictures === undefined ? null : await readPictures(from.take(pictures), files);
  const items = WORDS.find((file) => names.includes(file));
  const described = items === undefined ? null : await readWords(`${folder}/${items}`, files);
  if (described) taken.add(items!);
  const rest = names.filter((name) => !taken.has(name)).map((name) => `"${name}"`);
  return {
    features: Object.fromEntries(features),
    tags: Object.fromEntries(tags),
    pictures: table,
    words: described?.words ?? null,
    unused: [...rest, ...described?.unused ?? []],
  };
}

/** Returns the contents of the files whose names have a form. Its first group is the name of the modality. */
function each<T>(
  { names, take }: Folder,
  form: RegExp,
  read: (path: string, modality: string) => Promise<T>,
): Promise<[string, T][]> {
  return Promise.all(
    names.map((file) => form.exec(file)).filter((found) => found !== null)
      .map(async ([file, name]): Promise<[string, T]> => [name, await read(take(file), name)]),
  );
}

async function readFeatures(
  from: Folder,
  options: ReadOptions,
): Promise<[string, FeatureTable | FeatureSource][]> {
  const idsOf = (modality: string) => from.names.find((name) => name === `${modality}_ids.txt`);
  return [
    ...await each(from, /^(.+)_feat\.npy$/, (path, modality) => {
      const ids = idsOf(modality);
      return readDense(path, ids === undefined ? null : from.take(ids), options);
    }),
    ...await each(from, /^(.+)_feat\.(?:csv|tsv)$/, (path) => readDenseText(path, options.files)),
  ];
}

async function readDense(
  path: string,
  idsPath: string | null,
  { files, features }: ReadOptions,
): Promise<FeatureTable | FeatureSource> {
  const array = features === "source" ? await openNpy(path, files) : await readNpy(path, files);
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
  const columns = table.rows[0].length - 1;
  if (columns < 1) throw unreadable("features", path, "expected an item id and then numbers", { line: table.lines[0] });
  const values = Float32Array.from(
    table.rows.flatMap((row) => row.slice(1)),
    (cell) => cell.trim() === "" ? NaN : Number(cell),
  );
  return { source: path, ids: table.rows.map(([id]) => id.trim()), columns, values };
}

async function readTags(path: string, files: Files | undefined): Promise<TagTable> {
  const { rows, lines } = await readTable(path, "tags", { separator: "\t", files });
  if (rows[0].length < 2) throw unreadable("tags", path, "expected 2 columns, found 1", { line: lines[0] });
  return {
    source: path,
    ids: rows.map(([id]) => id.trim()),
    tags: rows.map(([, tags]) => tags.split(" ").filter((tag) => tag !== "")),
  };
}

async function readPictures(path: string, files: Files | undefined): Promise<PictureTable> {
  const { shape, values } = await readNpy(path, files);
  const [count, height, width, colours] = shape;
  if (!(values instanceof Uint8Array) || shape.length !== 4 || colours !== 3) {
    throw unreadable("pictures", path, `expected items × height × width × 3 bytes, found shape [${shape.join(", ")}]`);
  }
  return { source: path, count, height, width, pixels: values };
}

/** Returns the words of a table of items and its other columns, or `null` if it has no words. */
async function readWords(
  path: string,
  files: Files | undefined,
): Promise<{ readonly words: ReadonlyMap<string, Words>; readonly unused: readonly string[] } | null> {
  const table = await readTable(path, "items", { files });
  const id = itemColumn(table), title = findColumn(table, ["title", "name"]);
  const fields = FIELDS.map((name) => findColumn(table, [name])).filter((column) => column >= 0);
  if (table.header === null || id < 0 || fields.length === 0) return null;
  return {
    words: new Map(table.rows.map((row) => [row[id].trim(), wordsOf(row, title, fields)])),
    unused: unusedColumns(table, [id, ...fields]),
  };
}

function wordsOf(row: Table["rows"][number], title: number, fields: readonly number[]): Words {
  const text = fields.map((column) => row[column]).filter((words) => words !== "").join("\n");
  return { title: title < 0 ? "" : row[title], text };
}
