/**
 * The project's own folder format. It holds a whole {@link Dataset}, or one without its features:
 *
 * - `dataset.json`: format, version, name, notes, and the kinds of the modalities;
 * - `users.tsv`: a header `user`, then one id a line; `items.jsonl`: `{"item": id, "title": …, "text": …}` a line;
 * - `interactions.tsv`: a header `user item split` or `user item split time`, then external ids and `train`,
 *   `validation` or `test`;
 * - `NAME_feat.npy` for a dense modality; `NAME_feat.tsv` for a sparse one: `item columns values`, known items only;
 * - `pictures.npy`: items × height × width × 3 bytes.
 *
 * @module
 */
import { patternFromCsr } from "../../core/pattern.ts";
import {
  type Dataset,
  datasetOf,
  type DenseModality,
  type Modality,
  type Pictures,
  type SourceModality,
  type SparseModality,
  SPLITS,
} from "../dataset.ts";
import { matchFeatures, positions } from "../features.ts";
import type { Files } from "../files.ts";
import { firstOfPairs } from "../pairs.ts";
import { matchSource } from "../sources.ts";
import { readText, unreadable } from "./files.ts";
import { isLarge, lineBlocks } from "./line_blocks.ts";
import type { Item, Manifest } from "./manifest.ts";
import { floats, readNpy, readOrOpenNpy } from "./npy.ts";
import type { ReadOptions } from "./options.ts";

/** How {@link readGiverny} reads. */
export type GivernyOptions = Pick<ReadOptions, "features" | "files">;

/** Returns the data set of a folder: see `readGiverny` of `mod.ts`, which loads this module late. */
export async function readGiverny(path: string, { features, files }: GivernyOptions = {}): Promise<Dataset> {
  const manifest = await readManifest(`${path}/dataset.json`, files);
  const users = (await readRows(`${path}/users.tsv`, ["user"], files)).rows.map(([user]) => user);
  const described = await readItems(`${path}/items.jsonl`, files);
  const items = described.map(({ item }) => item);
  const interactions = await readInteractions(`${path}/interactions.tsv`, users, items, files);
  const modalities = await Promise.all(
    Object.entries(manifest.modalities).map(async ([name, shape]): Promise<[string, Modality]> => [
      name,
      shape.kind === "dense"
        ? await readDense(`${path}/${name}_feat.npy`, items, shape.filled, { features, files })
        : await readSparse(`${path}/${name}_feat.tsv`, items, shape.columns, files),
    ]),
  );
  return datasetOf({
    name: manifest.name,
    users,
    items,
    interactions,
    modalities: Object.fromEntries(modalities),
    titles: fieldOf(described, "title"),
    texts: fieldOf(described, "text"),
    pictures: manifest.pictures ? await readPictures(`${path}/pictures.npy`, items.length, files) : undefined,
    notes: manifest.notes,
  });
}

/** Returns a field of every item, empty where an item lacks it, or `undefined` if all items lack it. */
function fieldOf(items: readonly Item[], field: "title" | "text"): string[] | undefined {
  return items.some((item) => item[field] !== undefined) ? items.map((item) => item[field] ?? "") : undefined;
}

async function readManifest(path: string, files: Files | undefined): Promise<Manifest> {
  const { manifestSchema, parsed } = await import("./manifest_schema.ts");
  return parsed(
    manifestSchema(),
    await readText(path, "a data set", files),
    (rule, cause) => unreadable("a data set", path, rule, { cause }),
  );
}

/** Returns the rows below the header. Nothing is quoted, and every line counts, so that ids come back as they were. */
async function readRows(
  path: string,
  header: readonly string[],
  files: Files | undefined,
): Promise<{ header: string[]; rows: string[][] }> {
  const lines = (await readText(path, "a data set", files)).split("\n");
  if (lines.pop() !== "") {
    throw unreadable("a data set", path, "the last line is truncated", { line: lines.length + 1 });
  }
  return checkedRows(path, header, lines, 1);
}

/** Returns rows after checking their header and their columns; the header is on line `first`. */
function checkedRows(
  path: string,
  header: readonly string[],
  lines: readonly string[],
  first: number,
): { header: string[]; rows: string[][] } {
  const [found, ...rows] = lines.map((line) => line.split("\t"));
  if (header.some((name, c) => found[c] !== name)) {
    throw unreadable("a data set", path, `expected the header "${header.join(" ")}", found "${found.join(" ")}"`, {
      line: 1,
    });
  }
  const bad = rows.findIndex((row) => row.length !== found.length);
  if (bad >= 0) {
    throw unreadable("a data set", path, `expected ${found.length} columns, found ${rows[bad].length}`, {
      line: first + bad + 1,
    });
  }
  return { header: found, rows };
}

async function readItems(path: string, files: Files | undefined): Promise<Item[]> {
  const { itemSchema, parsed } = await import("./manifest_schema.ts");
  const schema = itemSchema();
  return (await readText(path, "a data set", files)).trimEnd().split("\n").map((line, l) =>
    parsed(schema, line, (rule, cause) => unreadable("a data set", path, rule, { line: l + 1, cause }))
  );
}

async function readInteractions(
  path: string,
  userIds: readonly string[],
  itemIds: readonly string[],
  files: Files | undefined,
): Promise<Dataset["interactions"]> {
  const numbers = [["user", userIds], ["item", itemIds], ["split", SPLITS]].map(([role, ids]) => {
    const known = positions(ids as readonly string[]);
    const twice = (ids as readonly string[]).find((id, position) => known.get(id) !== position);
    if (twice !== undefined) throw unreadable("a data set", path, `${role} "${twice}" is listed twice`);
    return { role: role as string, known };
  });
  const columns: [users: number[], items: number[], split: number[]] = [[], [], []];
  const times: number[] = [];
  let timed = false;
  for await (const { header, rows, first } of blocksOf(path, ["user", "item", "split"], files)) {
    timed = header[3] === "time";
    numbers.forEach(({ role, known }, column) =>
      rows.forEach((row, r) => {
        const found = known.get(row[column]);
        if (found === undefined) {
          throw unreadable("a data set", path, `${role} "${row[column]}" is not listed`, { line: first + r });
        }
        columns[column].push(found);
      })
    );
    if (timed) rows.forEach((row, r) => times.push(timeOf(row[3], path, first + r)));
  }
  const [users, items, split] = columns;
  return {
    users: new Int32Array(users),
    items: new Int32Array(items),
    split: new Uint8Array(split),
    times: timed ? new Float64Array(times) : null,
  };
}

/** Returns the rows below the header, in blocks if the file is large, and the line of the first row of each. */
async function* blocksOf(
  path: string,
  header: readonly string[],
  files: Files | undefined,
): AsyncGenerator<{ header: readonly string[]; rows: string[][]; first: number }> {
  if (!await isLarge(path, files)) {
    yield { ...await readRows(path, header, files), first: 2 };
    return;
  }
  let found: readonly string[] | null = null;
  for await (const { lines, first } of lineBlocks(path, "a data set", files)) {
    const block = found ? [found.join("\t"), ...lines] : lines;
    const checked = checkedRows(path, header, block, found ? first - 1 : 1);
    found = checked.header;
    yield { ...checked, first: first === 1 ? 2 : first };
  }
}

function timeOf(cell: string, path: string, line: number): number {
  const time = Number(cell);
  if (cell !== "" && Number.isFinite(time)) return time;
  throw unreadable("a data set", path, `the time is "${cell}"; expected a number, such as seconds since 1970`, {
    line,
  });
}

async function readDense(
  path: string,
  items: readonly string[],
  filled: readonly number[],
  { features, files }: GivernyOptions,
): Promise<DenseModality | SourceModality> {
  const array = await readOrOpenNpy(path, { features, files });
  const [rows, columns] = array.shape;
  if (rows !== items.length) {
    throw unreadable("features", path, `expected ${items.length} rows, one per item, found ${rows}`);
  }
  const table = { source: path, ids: items, rows, columns };
  const { modality } = "read" in array
    ? matchSource({ ...table, read: array.read }, items)
    : matchFeatures({ ...table, values: floats(array.values) }, items);
  for (const item of filled) {
    if (item >= items.length) {
      const manifest = path.replace(/[^/]*$/, "dataset.json");
      throw unreadable(
        "a data set",
        manifest,
        `"filled" of "${path}" lists item ${item}; there are ${items.length} items`,
      );
    }
    modality.known[item] = 0;
  }
  return modality;
}

async function readSparse(
  path: string,
  items: readonly string[],
  columns: number,
  files: Files | undefined,
): Promise<SparseModality> {
  const { rows } = await readRows(path, ["item", "columns", "values"], files);
  const rowOf = new Map(rows.map((row) => [row[0], row]));
  const numbers = (cell: string): number[] => cell === "" ? [] : cell.split(" ").map(Number);
  const lists = items.map((item) => (rowOf.get(item) ?? ["", "", ""]).slice(1).map(numbers));
  const bad = items.find((_, i) =>
    lists[i][0].length !== lists[i][1].length || !lists[i].flat().every(Number.isFinite)
  );
  if (bad !== undefined) {
    throw unreadable("features", path, `item "${bad}" needs a finite number for every column it lists`);
  }
  const unfit = items.find((_, i) =>
    lists[i][0].some((column, k, all) => !Number.isInteger(column) || column >= columns || column <= (all[k - 1] ?? -1))
  );
  if (unfit !== undefined) {
    throw unreadable("features", path, `item "${unfit}" needs ascending columns, each once, from 0 to ${columns - 1}`);
  }
  const offsets = new Int32Array(items.length + 1);
  lists.forEach(([columns], i) => offsets[i + 1] = offsets[i] + columns.length);
  return {
    kind: "sparse",
    pattern: patternFromCsr([items.length, columns], offsets, Int32Array.from(lists.flatMap(([columns]) => columns))),
    values: new Float32Array(lists.flatMap(([, values]) => values)),
    known: Uint8Array.from(items, (item) => rowOf.has(item) ? 1 : 0),
  };
}

async function readPictures(path: string, items: number, files: Files | undefined): Promise<Pictures> {
  const { shape, values } = await readNpy(path, files);
  const [rows, height, width, colours] = shape;
  if (!(values instanceof Uint8Array) || rows !== items || colours !== 3) {
    throw unreadable(
      "pictures",
      path,
      `expected ${items} × height × width × 3 bytes, found shape [${shape.join(", ")}]`,
    );
  }
  return { height, width, pixels: values };
}

/** Returns a sentence about pairs of a user and an item that occur twice, or `null` if there are none. */
export function describeRepeats({ users, items, interactions }: Dataset): string | null {
  const first = firstOfPairs(interactions.users, interactions.items);
  const repeats = first.map((_, e) => e).filter((e) => first[e] !== e);
  const leaks = repeats.filter((e) => interactions.split[first[e]] !== interactions.split[e]).length;
  if (repeats.length === 0) return null;
  const [user, item] = [users[interactions.users[repeats[0]]], items[interactions.items[repeats[0]]]];
  return `Duplicate interactions: ${repeats.length}; first: user "${user}", item "${item}"` +
    (leaks > 0 ? `; ${leaks} of them in another split, so that training and evaluation share them` : "");
}
