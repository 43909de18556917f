/**
 * The readers that are fuzzed: for each of them the files of a small example, and the reading itself. A reader must
 * return a data set that is whole, or refuse the files with an error of the library.
 *
 * @module
 */
import { ok } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { strToU8, zipSync } from "fflate";
import { parquetWriteBuffer } from "hyparquet-writer";
import jpeg from "jpeg-js";
import { encode as encodePng } from "fast-png";
import { key } from "../../src/core/random.ts";
import { tensor } from "../../src/core/tensor.ts";
import { type Dataset, SPLITS } from "../../src/data/dataset.ts";
import { localFiles } from "../../src/data/files.ts";
import { readDataset, writeDataset } from "../../src/data/formats/mod.ts";
import { encodeNpy } from "../../src/data/formats/npy.ts";
import { unzip } from "../../src/data/formats/zip.ts";
import { garden } from "../../src/data/garden.ts";
import { memoryFiles } from "../../src/data/memory_files.ts";
import { models } from "../../src/models/mod.ts";
import { readJournal } from "../../src/runs/journal.ts";
import { readRecord } from "../../src/runs/record.ts";
import { readSettings } from "../../src/runs/settings.ts";
import { train } from "../../src/runs/train.ts";
import { loadTree, saveTree } from "../../src/train/checkpoint.ts";
import { packed, zip } from "../data/formats/packed.ts";

/** The files of an example by name. */
export type Example = Readonly<Record<string, Uint8Array>>;

/** A reader. */
export interface Reader {
  readonly example: Example;
  /** The files that are mutated, in turn; all by default. */
  readonly targets?: readonly string[];
  /** Reads the files, and checks the result. */
  readonly read: (files: Example) => Promise<void>;
}

const lines = (...rows: string[]): Uint8Array => strToU8(`${rows.join("\n")}\n`);

/** Returns memory with the files of an example in the folder `d`. */
async function placed(example: Example): Promise<ReturnType<typeof memoryFiles>> {
  const files = memoryFiles();
  await files.makeFolder("d");
  for (const [name, bytes] of Object.entries(example)) {
    await files.makeFolder(`d/${name}`.replace(/\/[^/]*$/, ""));
    await files.write(`d/${name}`, bytes);
  }
  return files;
}

/** Checks that a data set is whole: positions are in range, and numbers are numbers. */
function check({ users, items, interactions, modalities, titles, texts, pictures }: Dataset): void {
  const { users: u, items: i, split, times } = interactions;
  ok(u.length === i.length && u.length === split.length && u.length > 0 && (times ?? u).length === u.length, "columns");
  ok(u.every((user) => user >= 0 && user < users.length), "users out of range");
  ok(i.every((item) => item >= 0 && item < items.length), "items out of range");
  ok(split.every((code) => code < SPLITS.length) && split.includes(0), "splits out of range");
  ok((times ?? []).every(Number.isFinite), "times are no numbers");
  ok(new Set(users).size === users.length && new Set(items).size === items.length, "ids are not different");
  for (const list of [titles, texts]) ok(list === undefined || list.length === items.length, "words of other items");
  for (const modality of Object.values(modalities)) {
    ok(modality.known.length === items.length, "features of other items");
    if (modality.kind === "source") continue;
    ok(modality.values.every(Number.isFinite), "features are no numbers");
    if (modality.kind === "dense") {
      ok(modality.values.length === items.length * modality.columns, "features are missing");
    } else ok(modality.pattern.indices.every((c) => c >= 0 && c < modality.pattern.columns), "columns out of range");
  }
  ok(
    !pictures || pictures.pixels.length === items.length * pictures.height * pictures.width * 3,
    "pictures are missing",
  );
}

const folder = (example: Example, targets?: readonly string[]): Reader => ({
  example,
  ...targets ? { targets } : {},
  read: async (files) => check(await readDataset("d", { files: await placed(files) })),
});

const LOG = lines("user,item,rating,timestamp", "u1,0,4,100", "u2,1,5,200", "u1,2,1,300", "u3,0,3,2024-05-01");
const ITEMS = { "interactions.csv": lines("user,item,date", "a,0,2024-05-01", "b,1,2024-05-02", "a,2,2024-05-03") };
const VALUES = Float32Array.of(1, 2, 3, 4, 5, 6);
const floats = encodeNpy({ shape: [3, 2], values: VALUES });

async function readers(): Promise<Record<string, Reader>> {
  const own = memoryFiles();
  const small = garden(key(1), { users: 8, items: 20 });
  await writeDataset("d", { ...small, pictures: undefined }, { files: own });
  await writeDataset("p", { ...small, modalities: {} }, { files: own });
  await train(models.lightgcn, small, {
    folder: "run",
    files: own,
    epochs: 2,
    settings: { dim: 2 },
    device: "reference",
  });
  await saveTree("tree.safetensors", { a: tensor([[1, 2], [3, 4]]), b: [tensor([5])] }, {
    files: own,
    metadata: { x: "y" },
  });
  const from = async (path: string, names: readonly string[]): Promise<Example> =>
    Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await own.read(`${path}/${name}`)] as const)),
    );
  const namesIn = async (path: string) => (await own.list(path)).map(({ name }) => name);
  const parquet = new Uint8Array(parquetWriteBuffer({
    columnData: [
      { name: "user_id", data: [7n, 7n, 9n], type: "INT64" },
      { name: "item_id", data: ["a", "b", "a"], type: "STRING" },
      { name: "timestamp", data: [1, 2, 3].map((day) => new Date(Date.UTC(2024, 4, day))), type: "TIMESTAMP" },
    ],
  }));
  const pixels = Uint8Array.from({ length: 8 * 8 * 4 }, (_, k) => k * 7 % 256);
  const ids = encodeNpy({ shape: [3], values: Uint8Array.of(2, 1, 0) });
  return {
    csv: folder({ "ratings.csv": LOG.slice() }),
    quoted: folder({
      "train.csv": lines('"user","item"', '"a ""b""","x, y"', '"c\nd",z'),
      "test.csv": lines("user,item", "c,x"),
    }),
    tsv: folder({
      "inter.tsv": lines("user\titem\tsplit", "0\t0\t0", "1\t1\t1", "1\t2\t0"),
      "attributes.tsv": lines("item\tids", "0\t3 4", "2\t3"),
    }),
    jsonl: folder({
      "ratings.jsonl": lines('{"user": "a", "item": 1, "time": 5}', '{"user": "b", "item": [1, 2], "time": 6}'),
    }),
    json: folder({ "ratings.json": lines('[{"user": "a", "items": [1, 2]}, {"user": "b", "items": [2]}]') }),
    python: folder({
      "ratings.json": lines(
        "{'reviewerID': 'a', 'asin': \"it's\", 'unixReviewTime': 5, 'helpful': [0, (1, None)]}",
        "{'reviewerID': u'b', 'asin': 'y', 'unixReviewTime': 6}",
      ),
    }),
    lists: folder({ "train.txt": lines("0 0 1", "1 2 0", "2"), "test.txt": lines("0 2", "1 1") }),
    recbole: folder({
      "x.inter": lines("user_id:token\titem_id:token\ttimestamp:float", "a\tx\t1", "b\ty\t2"),
      "x.item": lines("item_id:token\ttitle:token_seq", "x\tEx"),
    }),
    mmrec: folder({
      "x.inter": lines("userID\titemID\tx_label", "0\t0\t0", "0\t1\t1", "1\t1\t0"),
      "text_feat.npy": encodeNpy({ shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) }),
    }),
    lattice: folder({
      "train.json": lines('{"0": [0, 1], "1": [2]}'),
      "val.json": lines('{"0": [2]}'),
      "test.json": lines('{"1": [0]}'),
    }),
    movielens: folder({
      "ratings.dat": lines("1::10::5::978300760", "2::20::3::978302109"),
      "movies.dat": lines("10::One (1999)::Drama|War", "20::Two::Comedy"),
    }),
    words: folder({ ...ITEMS, "items.csv": lines("id,title,description", '0,"A, b",long', "1,B,", "2,C,x") }, [
      "items.csv",
    ]),
    tags: folder({ ...ITEMS, "title_entities.tsv": lines("item\tids", "0\tp q", "1\tq", "2\t") }, [
      "title_entities.tsv",
    ]),
    npy: folder({ ...ITEMS, "image_feat.npy": floats, "image_ids.txt": lines("2", "0", "1") }, [
      "image_feat.npy",
      "image_ids.txt",
    ]),
    npz: folder({ ...ITEMS, "clip.npz": await zip({ "values.npy": floats, "ids.npy": ids }, true) }, ["clip.npz"]),
    numbers: folder({ ...ITEMS, "audio_feat.csv": lines("0,1,2", "1,3,4", "2,5,6") }, ["audio_feat.csv"]),
    parquet: folder({ "ratings.parquet": parquet }),
    gzip: folder({ "ratings.csv.gz": new Uint8Array([...await packed(LOG.slice()), ...await packed("u9,1,1,1\n")]) }),
    thumbs: folder(
      { ...ITEMS, "pictures.npy": encodeNpy({ shape: [3, 2, 2, 3], values: new Uint8Array(36).fill(7) }) },
      ["pictures.npy"],
    ),
    png: folder({ ...ITEMS, "images/0.png": encodePng({ width: 8, height: 8, channels: 4, data: pixels }) }, [
      "images/0.png",
    ]),
    jpeg: folder({
      ...ITEMS,
      "images/0.jpg": Uint8Array.from(jpeg.encode({ width: 8, height: 8, data: pixels }, 80).data),
    }, ["images/0.jpg"]),
    own: folder(await from("d", await namesIn("d"))),
    pictured: folder(await from("p", await namesIn("p")), ["pictures.npy", "items.jsonl", "dataset.json"]),
    zip: {
      example: { "a.zip": zipSync({ "d/a.csv": LOG.slice(), "b": [LOG.slice(), { level: 0 }] }) },
      read: async (example) => await unzip("d/a.zip", "out", await placed(example)),
    },
    sqlite: { example: { "x.db": await database() }, read: readDatabaseFile },
    checkpoint: {
      example: { "a.safetensors": await own.read("tree.safetensors") },
      read: async (example) => void await loadTree("d/a.safetensors", { files: await placed(example) }),
    },
    record: {
      example: await from("run", ["run.json"]),
      read: async (example) => void await readRecord("d", await placed(example)),
    },
    journal: {
      example: await from("run", ["metrics.jsonl"]),
      read: async (example) => void await readJournal("d/metrics.jsonl", await placed(example)),
    },
    settings: {
      example: await from("run", ["config.toml"]),
      read: async (example) => void await readSettings(models.lightgcn, "d/config.toml", await placed(example)),
    },
  };
}

const made: { all?: Promise<Record<string, Reader>> } = {};

/** Returns all readers by name. */
export function allReaders(): Promise<Record<string, Reader>> {
  return made.all ??= readers();
}

async function onDisk<T>(use: (path: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir();
  try {
    return await use(`${folder}/x.db`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function database(): Promise<Uint8Array> {
  return onDisk(async (path) => {
    const made = new DatabaseSync(path);
    made.exec("PRAGMA page_size = 512; CREATE TABLE log (user TEXT, item INTEGER, time REAL)");
    made.exec("INSERT INTO log VALUES ('a', 1, 1.5), ('b', 2, 2.5), ('a', 3, 3.5)");
    made.exec(
      "CREATE TABLE items (id INTEGER PRIMARY KEY, title TEXT); INSERT INTO items VALUES (1, 'One'), (2, 'Two')",
    );
    made.close();
    return await Deno.readFile(path);
  });
}

/** SQLite reads files of this machine only. */
function readDatabaseFile({ "x.db": bytes }: Example): Promise<void> {
  return onDisk(async (path) => {
    await localFiles.write(path, bytes);
    check(await readDataset(path));
  });
}
