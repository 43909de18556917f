/** Tests of folders with `inter.tsv`. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { rowOf } from "../../../src/core/pattern.ts";
import { encodeNpy } from "../../../src/data/formats/npy.ts";
import { readTsvFolder } from "../../../src/data/formats/tsv_folder.ts";
import { type Content, refusal, withFolder } from "./folder.ts";

const inter = "user\titem\tsplit\ttimestamp\n2\t1\t0\t30\n0\t0\t1\t10\n0\t1\t0\t20\n";
const array = (shape: number[], ...values: number[]): Uint8Array =>
  encodeNpy({ shape, values: Float32Array.from(values) });

Deno.test("readTsvFolder() numbers ids in ascending order and keeps the order of rows", async () => {
  const data = await withFolder({ "inter.tsv": inter }, readTsvFolder);
  assertEquals([data.users, data.items], [["0", "2"], ["0", "1"]]);
  assertEquals(data.interactions, {
    users: Int32Array.of(1, 0, 0),
    items: Int32Array.of(1, 0, 1),
    split: Uint8Array.of(0, 1, 0),
    times: Float64Array.of(30, 10, 20),
  });
});

Deno.test("readTsvFolder() gives row r of the features to item id r, and has items without interactions", async () => {
  const files = {
    "inter.tsv": inter,
    "image_feat.npy": array([3, 2], 1, 2, 3, 4, 5, 6),
    "items.jsonl": '{"item": 2, "title": "Cold"}\n{"item": 0, "title": "First"}\n',
    "poster_thumb_1x2.npy": encodeNpy({ shape: [3, 1, 2, 3], values: Uint8Array.from({ length: 18 }, (_, i) => i) }),
    "image_knn10.tsv": "item\tneighbour\tweight\n0\t0\t0.5\n",
  };
  const data = await withFolder(files, readTsvFolder);
  assertEquals(data.items, ["0", "1", "2"]);
  assertEquals(Object.keys(data.modalities), ["image"]);
  assertEquals(data.modalities.image, {
    kind: "dense",
    columns: 2,
    values: Float32Array.of(1, 2, 3, 4, 5, 6),
    known: Uint8Array.of(1, 1, 1),
  });
  assertEquals(data.titles, ["First", "", "Cold"]);
  assertEquals(data.pictures, { height: 1, width: 2, pixels: Uint8Array.from({ length: 18 }, (_, i) => i) });
  assertEquals(data.notes, [
    'Not used: "image_knn10.tsv"',
    'Items without any interaction, known by a row of features or pictures alone: 1 of 3 ("2")',
  ]);
});

Deno.test("readTsvFolder() reads attributes and entities as sparse modalities", async () => {
  const files = {
    "inter.tsv": inter,
    "attributes.tsv": "item\tattribute_ids\tattribute_names\n0\t7 3\tFog|Pond\n1\t3\tPond\n",
    "title_entities.tsv": "1\t20 10\n9\t10\n",
  };
  const { modalities: { attributes, title }, notes } = await withFolder(files, readTsvFolder);
  assertEquals(attributes.kind === "sparse" && [0, 1].map((i) => [...rowOf(attributes.pattern, i)]), [[0, 1], [0]]);
  assertEquals(title.kind === "sparse" && [0, 1].map((i) => [...rowOf(title.pattern, i)]), [[], [0, 1]]);
  assertEquals(notes, ['Modality "title": items without a row of their own: 1 of 2 ("0"); rows of no item: 1']);
});

Deno.test("readTsvFolder() reads the given columns", async () => {
  const inter = "who\tother\titem\n7\t1\t0\n8\t1\t1\n";
  const data = await withFolder(
    { "inter.tsv": inter },
    (folder) => readTsvFolder(folder, { columns: { user: "who" } }),
  );
  assertEquals(data.users, ["7", "8"]);
});

Deno.test("readTsvFolder() refuses folders it cannot read, with the reason", async () => {
  const cases: [Record<string, Content>, string][] = [
    [{}, 'FormatError: Cannot read interactions from "inter.tsv": there is no such file or folder'],
    [{ "inter.tsv": "" }, 'FormatError: Cannot read interactions from "inter.tsv": the file is empty'],
    [
      { "inter.tsv": "0\t0\t0\n1\t1\t0\n" },
      'FormatError: Cannot read interactions from "inter.tsv" line 1: expected a column "user", found "0", "0", "0"; name ' +
      "it, or its position from 0 (--user-column 0, option columns), or say that there is no header (--no-header, option header)",
    ],
    [
      { "inter.tsv": "user\titem\tsplit\n0\t0\t0\n1\t-3\t0\n" },
      'FormatError: Cannot read interactions from "inter.tsv" line 3: the item is -3; ids are not negative',
    ],
    [
      { "inter.tsv": "user\titem\tsplit\n0\t0\t0\n1\t1" },
      'FormatError: Cannot read interactions from "inter.tsv" line 3: expected 3 columns, found 2',
    ],
    [
      { "inter.tsv": inter, "image_feat.npy": array([1, 1], 5) },
      'ValueError: Cannot match features of "image_feat.npy" to items: expected 2 rows, one per item, found 1; list the ' +
      'id of each row in "image_ids.txt" if some items have none',
    ],
    [
      { "inter.tsv": inter, "image_feat.npy": array([2, 1], 5, 6), "text_feat.npy": array([3, 1], 5, 6, 7) },
      'ValueError: Cannot match features of "image_feat.npy" to items: expected 3 rows, one per item, found 2; list the ' +
      'id of each row in "image_ids.txt" if some items have none',
    ],
    [
      { "inter.tsv": inter, "pictures.npy": encodeNpy({ shape: [1, 1, 1, 3], values: new Uint8Array(3) }) },
      'ValueError: Cannot match features of "pictures.npy" to items: expected 2 rows, one per item, found 1; add a row ' +
      "for each item",
    ],
    [
      { "inter.tsv": inter, "image_feat.npy": array([2, 1], 5, 6).subarray(0, -1) },
      'FormatError: Cannot read an array from "image_feat.npy": shape [2, 1] of f4 takes 8 bytes, found 7',
    ],
    [
      { "inter.tsv": inter, "poster_thumb.npy": encodeNpy({ shape: [2, 3], values: new Uint8Array(6) }) },
      'FormatError: Cannot read pictures from "poster_thumb.npy": expected items × height × width × 3 bytes, found ' +
      "shape [2, 3]",
    ],
    [
      { "inter.tsv": inter, "words_entities.tsv": "7\t1\n" },
      'ValueError: Cannot match features of "words_entities.tsv" to items: no item has a row; its first id is "7", the ' +
      'first item "0"',
    ],
    [
      { "inter.tsv": inter, "words_entities.tsv": "0\n1\n" },
      'FormatError: Cannot read tags from "words_entities.tsv" line 1: expected 2 columns, found 1',
    ],
  ];
  for (const [files, sentence] of cases) assertEquals(await refusal(files, readTsvFolder), sentence);
});
