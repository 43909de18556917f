/** Tests of Parquet files. @module */
import { deepEqual, equal } from "node:assert/strict";
import { parquetWriteBuffer } from "hyparquet-writer";
import { readDataset } from "../../../src/data/formats/mod.ts";
import { inMemory } from "../in_memory.ts";
import { refusal, withFolder } from "./folder.ts";

type Columns = Parameters<typeof parquetWriteBuffer>[0]["columnData"];
const parquet = (columnData: Columns, codec: "SNAPPY" | "UNCOMPRESSED" = "SNAPPY") =>
  new Uint8Array(parquetWriteBuffer({ columnData, codec }));
const LOG: Columns = [
  { name: "user_id", data: [7n, 7n, 9n], type: "INT64" },
  { name: "item_id", data: ["a", "b", "a"], type: "STRING" },
  { name: "timestamp", data: [1, 2, 3].map((day) => new Date(Date.UTC(2024, 4, day))), type: "TIMESTAMP" },
  { name: "price", data: [1.5, 2.5, 3.5], type: "DOUBLE" },
];

Deno.test("readDataset() reads Parquet: columns by name, whole numbers, dates, items and features", async () => {
  for (const codec of ["SNAPPY", "UNCOMPRESSED"] as const) {
    const data = await withFolder({
      "ratings.parquet": parquet(LOG, codec),
      "items.parquet": parquet([{ name: "item_id", data: ["b", "a"] }, { name: "title", data: ["B", "A"] }], codec),
      "image_feat.parquet": parquet([{ name: "item", data: ["b", "a"] }, { name: "x", data: [1.5, 2.5] }], codec),
    }, readDataset);
    const { users, items, interactions, titles, modalities: { image }, notes } = data;
    deepEqual([users, items, titles], [["7", "9"], ["a", "b"], ["A", "B"]]);
    deepEqual([...interactions.times!], [1714521600, 1714608000, 1714694400]);
    deepEqual([...inMemory(image).values], [2.5, 1.5]);
    equal(notes?.[0], 'Not used: column "price" of "ratings.parquet"');
  }
});

Deno.test("readDataset() reads features in Parquet that are lists, and refuses lists of different lengths", async () => {
  const files = (rows: number[][]) => ({
    "ratings.parquet": parquet(LOG),
    "clip_feat.parquet": parquet([
      { name: "item", data: ["b", "a"] },
      { name: "embedding", data: rows, type: "JSON" },
    ]),
  });
  const { modalities: { clip } } = await withFolder(files([[1, 2.5], [3, 4]]), readDataset);
  deepEqual([...inMemory(clip).values], [3, 4, 1, 2.5]);
  equal(
    await refusal(files([[1, 2], [3]]), readDataset),
    'FormatError: Cannot read features from "clip_feat.parquet" line 2: expected 2 numbers, found 1',
  );
});

Deno.test("readDataset() takes nested lists of ids in Parquet apart", async () => {
  const lists = parquet([
    { name: "user", data: ["u", "v"] },
    { name: "item_ids", data: [[3, 1, 2], [2]], type: "JSON" },
  ]);
  const nested = parquetWriteBuffer({
    columnData: [{ name: "user", data: ["u", "v"] }, { name: "items", data: [[3, 1, 2], [2]] }],
    schema: [
      { name: "root", num_children: 2 },
      { name: "user", type: "BYTE_ARRAY", repetition_type: "REQUIRED", converted_type: "UTF8" },
      { name: "items", repetition_type: "OPTIONAL", num_children: 1, converted_type: "LIST" },
      { name: "list", repetition_type: "REPEATED", num_children: 1 },
      { name: "element", type: "INT32", repetition_type: "OPTIONAL" },
    ],
  });
  for (const bytes of [lists, new Uint8Array(nested)]) {
    const { users, items, interactions } = await withFolder(
      { "x.parquet": bytes },
      (folder) => readDataset(`${folder}/x.parquet`),
    );
    deepEqual([users, items, [...interactions.items]], [["u", "v"], ["1", "2", "3"], [2, 0, 1, 1]]);
  }
});

Deno.test("readDataset() refuses Parquet that is damaged, cut off, or states rows that it cannot have", async () => {
  const whole = parquet(LOG);
  const read = (bytes: Uint8Array) => refusal({ "x.parquet": bytes }, (folder) => readDataset(`${folder}/x.parquet`));
  for (const bytes of [whole.slice(0, 60), whole.slice(100), new TextEncoder().encode("user,item\na,b\n")]) {
    equal((await read(bytes)).startsWith('FormatError: Cannot read interactions from "x.parquet": '), true);
  }
  const many = parquet([
    { name: "user", data: new Array(3_000_000).fill("u") },
    { name: "item", data: new Array(3_000_000).fill("i") },
  ]);
  equal(many.length < 20_000, true, `${many.length}`);
  equal(
    await read(many),
    `FormatError: Cannot read interactions from "x.parquet": ${many.length} bytes cannot have 3000000 rows of ` +
      "interactions or items; the file may be damaged",
  );
});
