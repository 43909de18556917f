/** Items that came later enter a run by their features. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { UsageError, ValueError } from "../../kernels/errors.ts";
import { key } from "../../src/core/random.ts";
import { type Matrix, readSync } from "../../src/core/tensor.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { garden } from "../../src/data/garden.ts";
import { memoryFiles } from "../../src/data/memory_files.ts";
import { models } from "../../src/models/mod.ts";
import { addItems } from "../../src/runs/add_items.ts";
import { openRun } from "../../src/runs/open.ts";
import { recommend } from "../../src/runs/recommend.ts";
import { similar } from "../../src/runs/similar.ts";
import { train } from "../../src/runs/train.ts";
import { assertClose } from "../support.ts";
import { dataset, noise } from "../models/worlds.ts";

const data = garden(key(3), { users: 24, items: 30 });
const COPIED = data.items[7];

/** The data in another order, with an item that has the features of another. */
const more: Dataset = (() => {
  const whole = garden(key(3), { users: 24, items: 30 });
  const order = [7, ...whole.items.keys()].reverse();
  const picked = Object.entries(whole.modalities).map(([name, m]) => {
    if (m.kind !== "dense") return [name, m] as const;
    const values = order.flatMap((row) => [...m.values.slice(row * m.columns, (row + 1) * m.columns)]);
    return [name, { ...m, values: Float32Array.from(values), known: new Uint8Array(order.length).fill(1) }] as const;
  });
  const items = order.map((row, n) => n === order.length - 1 ? "new" : whole.items[row]);
  return { ...whole, items, titles: undefined, modalities: { image: Object.fromEntries(picked).image } };
})();
const pictures: Dataset = { ...data, modalities: { image: data.modalities.image } };

for (const name of ["monet", "vbpr", "mmgcn", "grcn", "mario", "maml", "lattice", "gume", "freedom", "bm3", "mgcn"]) {
  Deno.test(`${name} takes an item that came later, in a new run that ranks as the run in memory does`, async () => {
    const files = memoryFiles();
    const settings = name === "maml" ? { dim: 4, hidden: 8 } : { dim: 4 };
    await train(models[name], pictures, { settings, epochs: 2, folder: "run", files, test: false });
    const notes: string[] = [];
    const run = await openRun("run", { files });
    const added = await addItems(run, more, { folder: "more", files, note: (text) => notes.push(text) });
    assertEquals(notes, []);
    assertEquals(added.data.items, [...data.items, "new"]);
    const [items, before] = [added, run].map(({ embeddings }) => (embeddings as { items: Matrix }).items);
    // Models with graphs of similar items, and MARIO with a table of each modality, are not compared by rows.
    if (!["lattice", "gume", "mario", "freedom", "mgcn"].includes(name)) {
      assertClose(readSync(items).slice(0, before.shape[0] * before.shape[1]), readSync(before), 1e-6);
    }
    const opened = await openRun("more", { files });
    const asked = { users: [data.users[2], { items: [COPIED] }], k: 31, includeSeen: true };
    const [one, other] = [await recommend(added, asked), await recommend(opened, asked)];
    assertEquals(one, other);
    assert(one.every((list) => list.items.some(({ item }) => item === "new")));
  });
}

Deno.test("a new item with the features of another has its embedding, where no graph and no ids tell them apart", async () => {
  const run = await train(models.monet, pictures, { settings: { dim: 4, layers: 0 }, epochs: 2, test: false });
  const added = await addItems(run, more);
  const [first] = (await similar(added, "new")).all;
  assertEquals(first.item, COPIED);
  assertClose([first.similarity], [1]);
});

Deno.test("trained features of new items begin as their features", async () => {
  const settings = { dim: 4, layers: 0, freeze: false };
  const run = await train(models.monet, pictures, { settings, epochs: 1, test: false });
  assert((await similar(await addItems(run, more), "new")).all[0].similarity > 0.9);
});

Deno.test("items are refused with the remedy, and changed features are noted", async () => {
  const run = await train(models.monet, pictures, { settings: { dim: 4 }, epochs: 1, test: false });
  const knn = await train(models.itemknn, pictures, { test: false });
  await assertRejects(() => addItems(run, pictures), UsageError, "knows them all");
  await assertRejects(() => addItems(knn, more), UsageError, "does not learn from features");
  await assertRejects(
    () => addItems(run, { ...more, items: more.items.map((id) => `${id}!`) }),
    ValueError,
    "they lack",
  );
  await assertRejects(() => addItems(run, { ...more, modalities: {} }), ValueError, '"image"');
  const odd = { ...more, modalities: { image: noise(1, 31, 3) } };
  await assertRejects(() => addItems(run, odd), ValueError, "with 3 columns");
  const later = more.modalities.image;
  if (later.kind !== "dense") throw new Error("pictures are dense");
  const changed = { ...later, values: later.values.map((x) => x + 1) };
  const notes: string[] = [];
  await addItems(run, { ...more, modalities: { image: changed } }, { note: (text) => notes.push(text) });
  assertEquals(notes.length, 1);
});

Deno.test("sparse features of items that came later are read by rows", async () => {
  const text = garden(key(3), { users: 24, items: 30 }).modalities.text;
  if (text.kind !== "sparse") throw new Error("texts are sparse");
  const world = dataset({ train: [[0, 1], [2], [1]], modalities: {}, items: 3 });
  const rows = (count: number) => {
    const { pattern } = text;
    const entries = pattern.offsets[count];
    const some = { ...pattern, rows: count, offsets: pattern.offsets.slice(0, count + 1) };
    return {
      ...text,
      pattern: { ...some, indices: pattern.indices.slice(0, entries) },
      values: text.values.slice(0, entries),
      known: new Uint8Array(count).fill(1),
    };
  };
  const run = await train(models.vbpr, { ...world, modalities: { text: rows(3) } }, { epochs: 1, test: false });
  const later = { ...world, items: [...world.items, "item 3"], modalities: { text: rows(4) } };
  assertEquals((await addItems(run, later)).data.items.length, 4);
});
