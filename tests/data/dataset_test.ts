/** Tests of data sets as values. @module */
import { deepEqual, equal, match } from "node:assert/strict";
import { inspect } from "node:util";
import { key } from "../../src/core/random.ts";
import { type Dataset, datasetOf, hasContent } from "../../src/data/dataset.ts";
import { kCore } from "../../src/data/filter.ts";
import { readDataset, writeDataset } from "../../src/data/formats/mod.ts";
import { garden } from "../../src/data/garden.ts";
import { memoryFiles } from "../../src/data/memory_files.ts";
import { loadFeatures } from "../../src/data/sources.ts";
import { official, resplit } from "../../src/data/split.ts";
import { withEncodings } from "../../src/data/encode.ts";

const data = garden(key(0));
const SHOWN =
  /^Dataset "garden": 600 users, 400 items, [\d,]+ interactions \([\d,]+ train, [\d,]+ validation, [\d,]+ test\)\n {2}text: sparse, 4,096 columns\n {2}image: dense, [\d,]+ columns\n {2}titles, texts, pictures$/;

Deno.test("a data set shows itself as a short text in console.log of Deno and Node, and in a notebook", () => {
  match(Deno.inspect(data), SHOWN);
  match(inspect(data), SHOWN);
  const display: unknown = Reflect.get(data, Symbol.for("Jupyter.display"));
  if (typeof display !== "function") throw new TypeError("it has no display");
  match(display.call(data)["text/plain"], SHOWN);
});

Deno.test("every function that returns a data set returns one that shows itself", async () => {
  const files = memoryFiles();
  await writeDataset("data", data, { files });
  const made: Dataset[] = [
    await readDataset("data", { files }),
    resplit(data, official()),
    kCore(data, 1),
    withEncodings(data),
    await loadFeatures(data),
  ];
  for (const one of made) match(Deno.inspect(one), /^Dataset "garden": /);
});

Deno.test("a data set is a plain value: copies, comparisons and JSON have its parts alone", () => {
  const copy = { ...data, modalities: {} };
  deepEqual(Object.keys(data).sort(), Object.keys(copy).sort());
  deepEqual({ ...data }, data);
  equal(JSON.stringify({ ...data, users: [] }).includes("Dataset"), false);
});

Deno.test("datasetOf() leaves out parts that are undefined", () => {
  const bare = datasetOf({ ...data, titles: undefined, pictures: undefined });
  deepEqual([Object.hasOwn(bare, "titles"), Object.hasOwn(bare, "pictures"), Object.hasOwn(bare, "texts")], [
    false,
    false,
    true,
  ]);
});

Deno.test("hasContent() sees features, words and pictures", () => {
  const bare: Dataset = { ...data, modalities: {}, titles: undefined, texts: undefined, pictures: undefined };
  equal(hasContent(bare), false);
  equal(hasContent({ ...bare, modalities: data.modalities }), true);
  for (const part of ["titles", "texts", "pictures"] as const) {
    const some = { ...bare, [part]: data[part] };
    equal(hasContent(some), true);
    equal(Object.keys(withEncodings(some).modalities).length, 1);
  }
});
