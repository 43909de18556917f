/** Tests of the project's own format. @module */
import { ValueError } from "../../../kernels/errors.ts";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { fc } from "../../fc.ts";
import { patternFromCoo } from "../../../src/core/pattern.ts";
import type { Dataset, Modality } from "../../../src/data/dataset.ts";
import { readGiverny } from "../../../src/data/formats/giverny.ts";
import { readDataset } from "../../../src/data/formats/mod.ts";
import { writeDataset } from "../../../src/data/formats/giverny_write.ts";
import { refusal, withFolder } from "./folder.ts";

const small: Dataset = {
  name: "small",
  users: ["ann", "bob"],
  items: ["x", "y", "z"],
  interactions: {
    users: Int32Array.of(1, 0, 1),
    items: Int32Array.of(2, 0, 0),
    split: Uint8Array.of(0, 1, 2),
    times: Float64Array.of(1.5, -2, 1e12),
  },
  modalities: {
    image: {
      kind: "dense",
      columns: 2,
      values: Float32Array.of(0.1, 1, 2, 3, 1 / 3, -0),
      known: Uint8Array.of(1, 0, 1),
    },
    words: {
      kind: "sparse",
      pattern: patternFromCoo([3, 9], [0, 0, 2], [8, 1, 4]),
      values: Float32Array.of(0.7, 1, 3),
      known: Uint8Array.of(1, 1, 1),
    },
  },
  titles: ["Lilies\tat dawn", "", 'A "bridge"'],
  texts: ["Lilies\nin a pond", "fog", ""],
  pictures: { height: 1, width: 1, pixels: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9) },
  notes: ["2 duplicate interactions left out"],
};

/** Returns a data set, written and read again. */
const again = (data: Dataset): Promise<Dataset> =>
  withFolder({}, async (folder) => {
    await writeDataset(`${folder}/data`, data);
    return await readGiverny(`${folder}/data`);
  });

Deno.test("writeDataset() and readGiverny() are inverse", async () => {
  assertEquals(await again(small), small);
  const { titles: _, texts: __, pictures: ___, notes: ____, ...bare } = small;
  const plain: Dataset = { ...bare, interactions: { ...small.interactions, times: null }, modalities: {} };
  assertEquals(await again(plain), plain);
});

Deno.test("writeDataset() and readGiverny() bring odd ids back as they were", () => {
  const fit = (id: string): boolean => !/[\t\n\r\0]/.test(id);
  const ids = fc.uniqueArray(fc.string({ unit: "grapheme", minLength: 1 }).filter(fit), { minLength: 3, maxLength: 3 });
  return fc.assert(
    fc.asyncProperty(ids, ids, async (users, items) => {
      const data = { ...small, users, items };
      assertEquals(await again(data), data);
    }),
    { numRuns: 20, examples: [[[" ", '"', "\ufeff"], ["#", "a b", ","]]] },
  );
});

Deno.test("writeDataset() can leave the features out", () =>
  withFolder({}, async (folder) => {
    await writeDataset(folder, small, { modalities: false });
    const names = (await Array.fromAsync(Deno.readDir(folder))).map((entry) => entry.name).sort();
    assertEquals(names, ["dataset.json", "interactions.tsv", "items.jsonl", "users.tsv"]);
    const { pictures: _, ...rest } = small;
    assertEquals(await readGiverny(folder), { ...rest, modalities: {} });
  }));

Deno.test("writeDataset() replaces an earlier data set, and leaves no other file", () =>
  withFolder({}, async (folder) => {
    await writeDataset(`${folder}/data`, small);
    await writeDataset(`${folder}/data/`, { ...small, name: "second" }, { modalities: false });
    assertEquals((await readGiverny(`${folder}/data`)).name, "second");
    assertEquals((await Array.fromAsync(Deno.readDir(folder))).map((entry) => entry.name), ["data"]);
  }));

Deno.test("writeDataset() refuses data it cannot write, and leaves all files as they were", async () => {
  for (const [id, shown] of [["a\tb", '"a\\tb"'], ["a\nb", '"a\\nb"'], ["", '""'], ["\ud800", '"\\ud800"']]) {
    await withFolder({ "kept.txt": "kept" }, async (folder) => {
      await assertRejects(
        () => writeDataset(`${folder}/data`, { ...small, users: ["ann", id] }),
        ValueError,
        `Cannot write user ${shown}: an id is text without tabs and line breaks, and not empty`,
      );
      await assertRejects(
        () => writeDataset(folder, small),
        ValueError,
        `Cannot write a data set to "${folder}": the folder holds "kept.txt", which is no file of a data set; move it away`,
      );
      await assertRejects(
        () => writeDataset(`${folder}/data`, { ...small, modalities: { "../image": small.modalities.image } }),
        ValueError,
        'Cannot write modality "../image": its name must be fit for the name of a file',
      );
      const image: Modality = { kind: "dense", columns: 3, values: new Float32Array(1), known: new Uint8Array(3) };
      await assertRejects(
        () => writeDataset(`${folder}/data`, { ...small, modalities: { image } }),
        ValueError,
        "Cannot write 1 numbers as an array of shape [3, 3]: they must fill it",
      );
      await assertRejects(() => writeDataset(`${folder}/kept.txt`, small), Error, "Cannot write a data set to");
      assertEquals((await Array.fromAsync(Deno.readDir(folder))).map((entry) => entry.name), ["kept.txt"]);
    });
  }
});

Deno.test("readGiverny() refuses folders it cannot read, with the reason", async () => {
  const cases: [file: string, change: (text: string) => string, sentence: string][] = [
    ["dataset.json", () => "{", 'a data set from "dataset.json": the text is not JSON, or is truncated'],
    [
      "dataset.json",
      (t) => t.replace('"small"', "5"),
      'a data set from "dataset.json": "name": expected text, found 5',
    ],
    ["dataset.json", (t) => t.replace('"name"', '"nome"'), 'a data set from "dataset.json": "name": it is missing'],
    ["dataset.json", () => "[]", 'a data set from "dataset.json": expected an object, found a list'],
    [
      "dataset.json",
      (t) => t.replace('"dense"', '"thick"'),
      'a data set from "dataset.json": "modalities.image.kind": expected "dense" or "sparse", found "thick"',
    ],
    [
      "dataset.json",
      (t) => t.replace('"columns": 9', '"columns": -1'),
      'a data set from "dataset.json": "modalities.words.columns": expected a whole number from 0 on',
    ],
    [
      "dataset.json",
      (t) => t.replace('"image"', '"../image"'),
      'a data set from "dataset.json": "modalities.../image": expected a name fit for the name of a file',
    ],
    [
      "items.jsonl",
      (t) => t.replace('"x"', "5"),
      'a data set from "items.jsonl" line 1: "item": expected text, found 5',
    ],
    [
      "dataset.json",
      (t) => t.replace("giverny", "other"),
      'a data set from "dataset.json": "format": expected "giverny"',
    ],
    [
      "dataset.json",
      (t) => t.replace('"version": 1', '"version": 2'),
      'a data set from "dataset.json": "version": expected 1, the only version there is',
    ],
    [
      "users.tsv",
      (t) => t.replace("user", "name"),
      'a data set from "users.tsv" line 1: expected the header "user", found "name"',
    ],
    ["users.tsv", () => "user\nann\nann\nbob\n", 'a data set from "interactions.tsv": user "ann" is listed twice'],
    ["users.tsv", () => "user\nann\n", 'a data set from "interactions.tsv" line 2: user "bob" is not listed'],
    [
      "items.jsonl",
      (t) => t.slice(0, -9),
      'a data set from "items.jsonl" line 3: the text is not JSON, or is truncated',
    ],
    [
      "dataset.json",
      (t) => t.replace(/"filled": \[\s*1/, '"filled": [3'),
      'a data set from "dataset.json": "filled" of "image_feat.npy" lists item 3; there are 3 items',
    ],
    ...["8 8", "8 1", "1 9", "-1 8", "1 1.5"].map((columns): [string, (text: string) => string, string] => [
      "words_feat.tsv",
      (t) => t.replace("1 8", columns),
      'features from "words_feat.tsv": item "x" needs ascending columns, each once, from 0 to 8',
    ]),
    [
      "interactions.tsv",
      (t) => t.slice(0, -1),
      'a data set from "interactions.tsv" line 4: the last line is truncated',
    ],
    [
      "interactions.tsv",
      (t) => t.replace("train", "tren"),
      'a data set from "interactions.tsv" line 2: split "tren" is not',
    ],
    [
      "interactions.tsv",
      (t) => t.replace("\t-2", ""),
      'a data set from "interactions.tsv" line 3: expected 4 columns, found 3',
    ],
    [
      "interactions.tsv",
      (t) => t.replace("-2", "x"),
      'a data set from "interactions.tsv" line 3: the time is "x"; expected a number, such as seconds since 1970',
    ],
    [
      "words_feat.tsv",
      (t) => t.replace("\t1 8\t", "\t1\t"),
      'features from "words_feat.tsv": item "x" needs a finite number for every column it lists',
    ],
    [
      "words_feat.tsv",
      (t) => t.replace("0.699", "?"),
      'features from "words_feat.tsv": item "x" needs a finite number for every column it lists',
    ],
    [
      "items.jsonl",
      (t) => t.split("\n").slice(0, 1).join(),
      'a data set from "interactions.tsv" line 2: item "z" is not',
    ],
  ];
  for (const [file, change, sentence] of cases) {
    const found = await refusal({}, async (folder) => {
      await writeDataset(folder, small);
      await Deno.writeTextFile(`${folder}/${file}`, change(await Deno.readTextFile(`${folder}/${file}`)));
      await readGiverny(folder);
    });
    assertEquals(/Invalid|column \d|position/.test(found), false, found);
    assertEquals(found.slice(0, `FormatError: Cannot read ${sentence}`.length), `FormatError: Cannot read ${sentence}`);
  }
});

Deno.test("readDataset() notes pairs that occur twice in the own format, and refuses data without training", async () => {
  const { interactions } = small;
  const read = (split: number[]) =>
    withFolder({}, async (folder) => {
      const pairs = { users: Int32Array.of(1, 0, 1), items: Int32Array.of(2, 0, 2), split: Uint8Array.from(split) };
      await writeDataset(`${folder}/data`, { ...small, notes: undefined, interactions: { ...interactions, ...pairs } });
      return await readDataset(`${folder}/data`);
    });
  const first = 'Duplicate interactions: 1; first: user "bob", item "z"';
  assertEquals((await read([0, 1, 0])).notes, [first]);
  const shared = "; 1 of them in another split, so that training and evaluation share them";
  assertEquals((await read([0, 0, 2])).notes, [first + shared]);
  await assertRejects(() => read([1, 2, 2]), ValueError, "no interaction is in training; choose another split");
});
