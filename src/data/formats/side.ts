/**
 * What a folder holds beside its interactions: feature tables, tags, pictures, and what is said about the items.
 *
 * - `NAME_feat.npy` (row r belongs to item id r, or to line r of `NAME_ids.txt`), `NAME_feat.csv` or `.tsv` (the item id,
 *   then numbers): the modality NAME;
 * - `attributes.tsv`, `NAME_entities.tsv` (the item id, then ids separated by blanks): a sparse modality;
 * - `NAME_thumb_48x32.npy` or `pictures.npy` (items × height × width × 3 bytes): pictures;
 * - `items.jsonl`, `item_text.jsonl`, `items.csv`, `items.tsv`: titles and other words.
 *
 * @module
 */
import type { FeatureTable, TagTable } from "../features.ts";
import { readText, unreadable } from "./files.ts";
import { itemColumn } from "./interactions.ts";
import { floatsOf, readNpy } from "./npy.ts";
import { findColumn, readTable, type Table } from "./table.ts";

/** Pictures in the order of a file: row r belongs to the item whose id is the number r. */
export interface PictureTable {
  readonly source: string;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array;
}

/** What is said about one item. */
export interface Words {
  readonly title: string;
  /** Title, description and all other words, one field a line. */
  readonly text: string;
}

/** Everything a folder says about its items. */
export interface Side {
  readonly features: Readonly<Record<string, FeatureTable>>;
  readonly tags: Readonly<Record<string, TagTable>>;
  readonly pictures: PictureTable | null;
  /** By item id; `null` where the folder says nothing. */
  readonly words: ReadonlyMap<string, Words> | null;
}

/** Nothing beside the interactions. */
export const NOTHING: Side = { features: {}, tags: {}, pictures: null, words: null };

const FIELDS = ["title", "name", "description", "brand", "categories", "category", "genres", "summary"];

/**
 * Returns what the named files of a folder say about its items.
 *
 * @throws {FormatError} if one of them cannot be read.
 */
export async function readSide(folder: string, files: readonly string[]): Promise<Side> {
  const named = <T>(form: RegExp, read: (path: string, name: string) => Promise<T>): Promise<[string, T][]> =>
    Promise.all(
      files.map((file) => form.exec(file)).filter((found) => found !== null)
        .map(async ([file, name]): Promise<[string, T]> => [name, await read(`${folder}/${file}`, name)]),
    );
  const pictures = files.find((file) => /^(?:.+_thumb(?:_\d+x\d+)?|pictures)\.npy$/.test(file));
  const items = ["items.jsonl", "item_text.jsonl", "items.csv", "items.tsv"].find((file) => files.includes(file));
  return {
    features: Object.fromEntries([
      ...await named(/^(.+)_feat\.npy$/, (path, name) => {
        const ids = `${name}_ids.txt`;
        return readDense(path, files.includes(ids) ? `${folder}/${ids}` : null);
      }),
      ...await named(/^(.+)_feat\.(?:csv|tsv)$/, readDenseText),
    ]),
    tags: Object.fromEntries(await named(/^(attributes|.+(?=_entities))(?:_entities)?\.tsv$/, readTags)),
    pictures: pictures === undefined ? null : await readPictures(`${folder}/${pictures}`),
    words: items === undefined ? null : await readWords(`${folder}/${items}`),
  };
}

async function readDense(path: string, idsPath: string | null): Promise<FeatureTable> {
  const array = await readNpy(path);
  const { shape } = array;
  if (shape.length !== 2 || array.values.length === 0) {
    throw unreadable("features", path, `expected items × columns, found shape [${shape.join(", ")}]`);
  }
  const ids = idsPath === null ? null : (await readText(idsPath, "item ids")).trimEnd().split(/\r?\n/);
  if (ids && ids.length !== shape[0]) {
    throw unreadable("item ids", idsPath!, `expected ${shape[0]}, one per row of "${path}", found ${ids.length}`);
  }
  return { source: path, ids, columns: shape[1], values: floatsOf(array) };
}

async function readDenseText(path: string): Promise<FeatureTable> {
  const table = await readTable(path, "features");
  const columns = table.rows[0].length - 1;
  if (columns < 1) throw unreadable("features", path, "expected an item id and then numbers", { line: table.lines[0] });
  const values = Float32Array.from(
    table.rows.flatMap((row) => row.slice(1)),
    (cell) => cell.trim() === "" ? NaN : Number(cell),
  );
  return { source: path, ids: table.rows.map(([id]) => id.trim()), columns, values };
}

async function readTags(path: string): Promise<TagTable> {
  const { rows, lines } = await readTable(path, "tags", { separator: "\t" });
  if (rows[0].length < 2) throw unreadable("tags", path, "expected 2 columns, found 1", { line: lines[0] });
  return {
    source: path,
    ids: rows.map(([id]) => id.trim()),
    tags: rows.map(([, tags]) => tags.split(" ").filter((tag) => tag !== "")),
  };
}

async function readPictures(path: string): Promise<PictureTable> {
  const { shape, values } = await readNpy(path);
  const [count, height, width, colours] = shape;
  if (!(values instanceof Uint8Array) || shape.length !== 4 || colours !== 3) {
    throw unreadable("pictures", path, `expected items × height × width × 3 bytes, found shape [${shape.join(", ")}]`);
  }
  return { source: path, count, height, width, pixels: values };
}

async function readWords(path: string): Promise<ReadonlyMap<string, Words> | null> {
  const table = await readTable(path, "items");
  const id = itemColumn(table), title = findColumn(table, ["title", "name"]);
  const fields = FIELDS.map((name) => findColumn(table, [name])).filter((column) => column >= 0);
  if (table.header === null || id < 0 || fields.length === 0) return null;
  return new Map(table.rows.map((row) => [row[id].trim(), wordsOf(row, title, fields)]));
}

function wordsOf(row: Table["rows"][number], title: number, fields: readonly number[]): Words {
  const text = fields.map((column) => row[column]).filter((words) => words !== "").join("\n");
  return { title: title < 0 ? "" : row[title], text };
}
