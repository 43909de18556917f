/**
 * The project's own folder format. It holds a whole {@link Dataset}, or one without its features:
 *
 * - `dataset.json`: format, version, name, notes, and which modalities there are;
 * - `users.tsv`: a header `user`, then one id a line; `items.jsonl`: `{"item": id, "title": …, "text": …}` a line;
 * - `interactions.tsv`: a header `user item split`, maybe `time`, then external ids and `train`, `validation` or `test`;
 * - `NAME_feat.npy` for a dense modality; `NAME_feat.tsv` for a sparse one: `item columns values`, known items only;
 * - `pictures.npy`: items × height × width × 3 bytes.
 *
 * @module
 */
import { patternFromCsr } from "../../core/pattern.ts";
import {
  type Dataset,
  type DenseModality,
  type Modality,
  type Pictures,
  type SparseModality,
  SPLITS,
} from "../dataset.ts";
import { matchFeatures, positions } from "../features.ts";
import { readText, unreadable } from "./files.ts";
import { Item, Manifest, parsed } from "./manifest.ts";
import { floatsOf, readNpy } from "./npy.ts";

/**
 * Returns the data set of such a folder.
 *
 * @throws {FormatError} if a file cannot be read, or does not fit the others.
 */
export async function readGiverny(path: string): Promise<Dataset> {
  const manifest = await readManifest(`${path}/dataset.json`);
  const users = (await readRows(`${path}/users.tsv`, ["user"])).rows.map(([user]) => user);
  const described = await readItems(`${path}/items.jsonl`);
  const items = described.map(({ item }) => item);
  const interactions = await readInteractions(`${path}/interactions.tsv`, users, items);
  const modalities = await Promise.all(
    Object.entries(manifest.modalities).map(async ([name, shape]): Promise<[string, Modality]> => [
      name,
      shape.kind === "dense"
        ? await readDense(`${path}/${name}_feat.npy`, items, shape.filled)
        : await readSparse(`${path}/${name}_feat.tsv`, items, shape.columns),
    ]),
  );
  return {
    name: manifest.name,
    users,
    items,
    interactions,
    modalities: Object.fromEntries(modalities),
    ...described.some(({ title }) => title !== undefined) && { titles: described.map(({ title }) => title ?? "") },
    ...described.some(({ text }) => text !== undefined) && { texts: described.map(({ text }) => text ?? "") },
    ...manifest.pictures && { pictures: await readPictures(`${path}/pictures.npy`, items.length) },
    ...manifest.notes && { notes: manifest.notes },
  };
}

async function readManifest(path: string): Promise<Manifest> {
  return parsed(
    Manifest,
    await readText(path, "a data set"),
    (rule, cause) => unreadable("a data set", path, rule, { cause }),
  );
}

/** Returns the rows below the header. Nothing is quoted, and every line counts, so that ids come back as they were. */
async function readRows(path: string, header: readonly string[]): Promise<{ header: string[]; rows: string[][] }> {
  const lines = (await readText(path, "a data set")).split("\n");
  if (lines.pop() !== "") {
    throw unreadable("a data set", path, "the last line is truncated", { line: lines.length + 1 });
  }
  const [found, ...rows] = lines.map((line) => line.split("\t"));
  if (header.some((name, c) => found[c] !== name)) {
    throw unreadable("a data set", path, `expected the header "${header.join(" ")}", found "${found.join(" ")}"`, {
      line: 1,
    });
  }
  const bad = rows.findIndex((row) => row.length !== found.length);
  if (bad >= 0) {
    throw unreadable("a data set", path, `expected ${found.length} columns, found ${rows[bad].length}`, {
      line: bad + 2,
    });
  }
  return { header: found, rows };
}

async function readItems(path: string): Promise<Item[]> {
  return (await readText(path, "a data set")).trimEnd().split("\n").map((line, l) =>
    parsed(Item, line, (rule, cause) => unreadable("a data set", path, rule, { line: l + 1, cause }))
  );
}

async function readInteractions(
  path: string,
  userIds: readonly string[],
  itemIds: readonly string[],
): Promise<Dataset["interactions"]> {
  const { header, rows } = await readRows(path, ["user", "item", "split"]);
  const at = (role: string, ids: readonly string[], column: number): number[] => {
    const known = positions(ids);
    const twice = ids.find((id, position) => known.get(id) !== position);
    if (twice !== undefined) throw unreadable("a data set", path, `${role} "${twice}" is listed twice`);
    return rows.map((row, r) => {
      const found = known.get(row[column]);
      if (found === undefined) {
        throw unreadable("a data set", path, `${role} "${row[column]}" is not listed`, { line: r + 2 });
      }
      return found;
    });
  };
  return {
    users: new Int32Array(at("user", userIds, 0)),
    items: new Int32Array(at("item", itemIds, 1)),
    split: new Uint8Array(at("split", SPLITS, 2)),
    times: header[3] === "time" ? new Float64Array(rows.map((row, r) => timeOf(row[3], path, r + 2))) : null,
  };
}

function timeOf(cell: string, path: string, line: number): number {
  const time = Number(cell);
  if (cell !== "" && Number.isFinite(time)) return time;
  throw unreadable("a data set", path, `the time is "${cell}"; expected a number, such as seconds since 1970`, {
    line,
  });
}

async function readDense(path: string, items: readonly string[], filled: readonly number[]): Promise<DenseModality> {
  const array = await readNpy(path);
  const [rows, columns] = array.shape;
  if (rows !== items.length) {
    throw unreadable("features", path, `expected ${items.length} rows, one per item, found ${rows}`);
  }
  const table = { source: path, ids: items, columns, values: floatsOf(array) };
  const { modality } = matchFeatures(table, items);
  filled.forEach((item) => modality.known[item] = 0);
  return modality;
}

async function readSparse(path: string, items: readonly string[], columns: number): Promise<SparseModality> {
  const { rows } = await readRows(path, ["item", "columns", "values"]);
  const rowOf = new Map(rows.map((row) => [row[0], row]));
  const numbers = (cell: string): number[] => cell === "" ? [] : cell.split(" ").map(Number);
  const lists = items.map((item) => (rowOf.get(item) ?? ["", "", ""]).slice(1).map(numbers));
  const bad = items.find((_, i) =>
    lists[i][0].length !== lists[i][1].length || !lists[i].flat().every(Number.isFinite)
  );
  if (bad !== undefined) {
    throw unreadable("features", path, `item "${bad}" needs a finite number for every column it lists`);
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

async function readPictures(path: string, items: number): Promise<Pictures> {
  const { shape, values } = await readNpy(path);
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
