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
import { itemColumn } from "./interactions.ts";
import { floats, readNpy, readOrOpenNpy } from "./npy.ts";
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
}

/** No descriptions. */
export const NOTHING: Side = { features: {}, tags: {}, pictures: null, words: null };

const FIELDS = ["title", "name", "description", "brand", "categories", "category", "genres", "summary"];

/**
 * Returns the descriptions of items in the named files of a folder.
 *
 * @throws {FormatError} if one of them cannot be read.
 */
export async function readSide(folder: string, names: readonly string[], options: ReadOptions = {}): Promise<Side> {
  const named = <T>(form: RegExp, read: (path: string, name: string) => Promise<T>): Promise<[string, T][]> =>
    Promise.all(
      names.map((file) => form.exec(file)).filter((found) => found !== null)
        .map(async ([file, name]): Promise<[string, T]> => [name, await read(`${folder}/${file}`, name)]),
    );
  const { files } = options;
  const pictures = names.find((file) => /^(?:.+_thumb(?:_\d+x\d+)?|pictures)\.npy$/.test(file));
  const items = ["items.jsonl", "item_text.jsonl", "items.csv", "items.tsv"].find((file) => names.includes(file));
  return {
    features: Object.fromEntries([
      ...await named(/^(.+)_feat\.npy$/, (path, name) => {
        const ids = `${name}_ids.txt`;
        return readDense(path, names.includes(ids) ? `${folder}/${ids}` : null, options);
      }),
      ...await named(/^(.+)_feat\.(?:csv|tsv)$/, (path) => readDenseText(path, files)),
    ]),
    tags: Object.fromEntries(
      await named(/^(attributes|.+(?=_entities))(?:_entities)?\.tsv$/, (path) => readTags(path, files)),
    ),
    pictures: pictures === undefined ? null : await readPictures(`${folder}/${pictures}`, files),
    words: items === undefined ? null : await readWords(`${folder}/${items}`, files),
  };
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

async function readWords(path: string, files: Files | undefined): Promise<ReadonlyMap<string, Words> | null> {
  const table = await readTable(path, "items", { files });
  const id = itemColumn(table), title = findColumn(table, ["title", "name"]);
  const fields = FIELDS.map((name) => findColumn(table, [name])).filter((column) => column >= 0);
  if (table.header === null || id < 0 || fields.length === 0) return null;
  return new Map(table.rows.map((row) => [row[id].trim(), wordsOf(row, title, fields)]));
}

function wordsOf(row: Table["rows"][number], title: number, fields: readonly number[]): Words {
  const text = fields.map((column) => row[column]).filter((words) => words !== "").join("\n");
  return { title: title < 0 ? "" : row[title], text };
}
