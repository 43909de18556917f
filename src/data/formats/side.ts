/**
 * The files of a folder that describe its items: feature tables, tags, pictures, titles and other words.
 *
 * - `NAME_feat.npy` (row r belongs to item id r, or to line r of `NAME_ids.txt`), `NAME_feat.csv` or `.tsv` (the item
 *   id, then numbers): the modality NAME;
 * - `attributes.tsv`, `NAME_entities.tsv` (the item id, then ids separated by blanks): a sparse modality;
 * - `NAME_thumb_48x32.npy` or `pictures.npy` (items × height × width × 3 bytes): pictures; or, without these, a folder
 *   `images` or of a name like this with JPEG and PNG files that are named by item ids;
 * - `items.jsonl`, `item_text.jsonl`, `items.csv`, `NAME.item`, `movies.csv` and others: titles and other words;
 * - any other `.npy` or `.npz` file with a row for each item: a modality of the name of the file.
 *
 * @module
 */
import type { FeatureTable, TagTable } from "../features.ts";
import type { Files } from "../files.ts";
import type { FeatureSource } from "../sources.ts";
import { each, type Folder, readArrays, readFeatures } from "./feature_files.ts";
import { unreadable, withoutGz } from "./files.ts";
import type { Log } from "./interactions.ts";
import { readWords, type Words, wordsFile } from "./item_words.ts";
import { readNpy } from "./npy.ts";
import type { ReadOptions } from "./options.ts";
import { pictureFolder, readPictureFolder } from "./picture_folder.ts";
import { readTable } from "./table.ts";

/** Pictures in the order of a file. */
export interface PictureTable {
  readonly source: string;
  /** The item id of each row; without them, row r belongs to the item whose id is the number r. */
  readonly ids?: readonly string[] | undefined;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array;
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

/**
 * Returns the descriptions of items in the named files of a folder, and the names of the other files.
 *
 * @throws {FormatError} if one of them cannot be read.
 */
export async function readSide(
  folder: string,
  names: readonly string[],
  log: Pick<Log, "items">,
  options: ReadOptions = {},
): Promise<Side> {
  const taken = new Set<string>();
  const path = (name: string) => `${folder}/${name}`;
  const from: Folder = { names, path, take: (name) => (taken.add(name), path(name)) };
  const { files } = options;
  const features = await readFeatures(from, options);
  const tags = await each(from, /^(attributes|.+(?=_entities))(?:_entities)?\.tsv$/, (path) => readTags(path, files));
  const pictures = names.find((file) => /^(?:.+_thumb(?:_\d+x\d+)?|pictures)\.npy$/.test(withoutGz(file)));
  const table = pictures === undefined ? null : await readPictures(from.take(pictures), files);
  const gallery = table ? undefined : pictureFolder(names);
  const shown = gallery === undefined
    ? { pictures: table, unused: [] }
    : await readPictureFolder(from.take(gallery).slice(0, -1), log.items, files);
  const items = wordsFile(names);
  const described = items === undefined ? null : await readWords(`${folder}/${items}`, { files });
  if (described) taken.add(items!);
  const arrays = await readArrays({ ...from, names: names.filter((name) => !taken.has(name)) }, log.items, options);
  const rest = names.filter((name) => !taken.has(name))
    .map((name) => `"${name}"${name in arrays.refused ? ` (${arrays.refused[name]})` : ""}`);
  return {
    features: { ...Object.fromEntries(features), ...Object.fromEntries(arrays.features) },
    tags: Object.fromEntries(tags),
    pictures: shown.pictures,
    words: described?.words ?? null,
    unused: [...rest, ...shown.unused, ...described?.unused ?? []],
  };
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
