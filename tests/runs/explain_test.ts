/** Reasons: the parts of a score sum to it, for every model and every person. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { UsageError, ValueError } from "../../kernels/errors.ts";
import { key } from "../../src/core/random.ts";
import { readSync } from "../../src/core/tensor.ts";
import { garden } from "../../src/data/garden.ts";
import { memoryFiles } from "../../src/data/memory_files.ts";
import { models, type MonetParams } from "../../src/models/mod.ts";
import { explain } from "../../src/runs/explain.ts";
import { openRun } from "../../src/runs/open.ts";
import type { Person } from "../../src/runs/people.ts";
import { recommend } from "../../src/runs/recommend.ts";
import { similar } from "../../src/runs/similar.ts";
import { train } from "../../src/runs/train.ts";
import { assertClose } from "../support.ts";

const data = garden(key(3), { users: 24, items: 30 });
const [USER, NEW, ITEM] = [data.users[3], [data.items[1], data.items[8], data.items[20]], data.items[12]];
const people: readonly Person[] = [{ user: USER }, { user: USER, items: NEW }, { items: NEW }];

const VARIANTS: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>> = {
  "monet": { dim: 4 },
  "monet excludeTarget": { dim: 4, excludeTarget: true },
  "monet cf": { dim: 4, cf: "lightgcn" },
  "monet sum": { dim: 4, fusion: "sum" },
  "mario": { dim: 4 },
  "mario additive": { dim: 4, attention: "additive", without: "text" },
  "mario max": { dim: 4, fusion: "max" },
  "vbpr": { dim: 4, biases: "items" },
  "grcn": { dim: 4 },
  "ngcf": { dim: 4 },
  "lightgcn": { dim: 4 },
  "bprmf": { dim: 4 },
  "lattice": { dim: 4 },
  "gume": { dim: 4 },
  "mmgcn": { dim: 4 },
  "maml": { dim: 4, hidden: 8 },
  "monet cosine": { dim: 4, scores: "cosine" },
  "mmgcn cosine": { dim: 4, scores: "cosine" },
  "lightgcn cosine": { dim: 4, scores: "cosine" },
  "itemknn": {},
  "ease": {},
  "freedom": { dim: 4 },
  "bm3": { dim: 4 },
  "mgcn": { dim: 4 },
  "popularity": {},
};

for (const [variant, settings] of Object.entries(VARIANTS)) {
  Deno.test(`explain() of ${variant} gives parts that sum to the score that recommend() gives`, async () => {
    const run = await train(models[variant.split(" ")[0]], data, { settings, epochs: 2, test: false });
    for (const person of people) {
      const [{ items }] = await recommend(run, { users: [person], k: 30, includeSeen: true });
      for (const item of [ITEM, data.items[1]]) {
        const { score, parts, kinds } = await explain(run, person, item);
        assertClose([score], [items.find((one) => one.item === item)!.score!], 1e-5);
        assertClose([parts.reduce((sum, { value }) => sum + value, 0)], [score], 1e-5);
        assertClose([Object.values(kinds).reduce((sum, value) => sum + value, 0)], [score], 1e-5);
      }
    }
  });
}

const NAMED: Readonly<Record<string, readonly string[]>> = {
  mmgcn: ["image", "text"],
  grcn: ["image", "interactions", "text"],
  mario: ["image", "interactions", "text"],
  vbpr: ["interactions", "text + image"],
  ngcf: ["interactions"],
  gume: [],
};

for (const [name, names] of Object.entries(NAMED)) {
  Deno.test(`the reasons of ${name} have the modalities ${names.join(", ") || "of none"}`, async () => {
    const run = await train(models[name], data, { settings: { dim: 4 }, epochs: 1, test: false });
    const { modalities, similar } = await explain(run, USER, ITEM);
    assertEquals(Object.keys(modalities).sort(), names);
    assert(similar.every(({ similarity }) => Math.abs(similarity) <= 1.00001));
  });
}

const monet = await train(models.monet, data, { settings: { dim: 4, beta: 0.4 }, epochs: 2, test: false });

Deno.test("explain() of monet gives attention to every item of the history, and parts to modalities by their names", async () => {
  const { items, modalities, kinds } = await explain(monet, { items: NEW }, ITEM);
  assertEquals(items.map(({ item }) => item).sort(), [...NEW].sort());
  assertClose([items.reduce((sum, { attention }) => sum + attention!, 0)], [1]);
  assertEquals(Object.keys(kinds).sort(), ["general", "target-aware"]);
  assertEquals(Object.keys(modalities).sort(), ["image", "text"]);
  // The names are those of the parameters, in whose order the embeddings lie side by side.
  const one = await train(models.monet, { ...data, modalities: { text: data.modalities.text } }, {
    settings: { dim: 4, beta: 0, layers: 0 },
    epochs: 1,
    test: false,
  });
  const { modalities: { text: P } } = one.params as unknown as MonetParams;
  const own = readSync(P.P).slice(12, 16);
  const { users } = one.embeddings as { users: typeof P.P };
  assertClose(readSync(users).slice(12, 16), own);
  const { modalities: of } = await explain(one, USER, ITEM);
  assertEquals(Object.keys(of), ["text"]);
});

Deno.test("a weight of 0 removes a modality from a score, and β of 0 the history, also in the reasons", async () => {
  const weighed: Person = { user: USER, beta: 0.7, modalities: { image: 0, text: 2 } };
  const whole = await explain(monet, { user: USER, modalities: { text: 2, image: 1 } }, ITEM);
  const { score, parts, modalities } = await explain(monet, weighed, ITEM);
  assertClose([parts.reduce((sum, { value }) => sum + value, 0)], [score]);
  assertEquals(Math.abs(modalities.image), 0);
  assert(whole.modalities.image !== 0);
  const general = await explain(monet, { user: USER, beta: 0 }, ITEM);
  assertEquals(Math.abs(general.kinds["target-aware"]), 0);
  // People with other weights are scored in the same block.
  const [a, b, c] = await recommend(monet, { users: [USER, weighed, { items: NEW }], k: 30, includeSeen: true });
  const of = (list: typeof a) => list.items.find(({ item }) => item === ITEM)!.score!;
  assertClose([of(b), of(a), of(c)], [
    score,
    (await explain(monet, USER, ITEM)).score,
    (await explain(monet, { items: NEW }, ITEM)).score,
  ]);
});

Deno.test("weights and β that a model does not have are refused, and so are unknown ids", async () => {
  const run = await train(models.gume, data, { settings: { dim: 4 }, epochs: 1, test: false });
  await assertRejects(() => explain(run, { user: USER, beta: 0.5 }, ITEM), UsageError, "has none");
  await assertRejects(() => explain(run, { user: USER, modalities: { text: 0 } }, ITEM), UsageError, "fused");
  await assertRejects(() => explain(monet, { user: USER, modalities: { sound: 0 } }, ITEM), ValueError, "image");
  await assertRejects(() => explain(monet, { user: USER, beta: 2 }, ITEM), ValueError, "from 0 to 1");
  await assertRejects(() => explain(monet, USER, "no item"), ValueError, "no item");
  await assertRejects(() => explain(monet, "stranger", ITEM), ValueError, "stranger");
  await assertRejects(() => explain(monet, { items: ["?"] }, ITEM), ValueError, '"?"');
});

Deno.test("similar() finds items by cosine, in all and by modality, and neighbours for item-kNN", async () => {
  const { all, modalities } = await similar(monet, ITEM, { k: 4 });
  assertEquals([all.length, modalities.image.length, modalities.text.length], [4, 4, 4]);
  assert(all.every(({ item, similarity }) => item !== ITEM && similarity <= 1.00001));
  const { items } = monet.embeddings as unknown as { items: { shape: number[] } };
  const rows = readSync(items as never);
  const row = (n: number) => rows.slice(8 * n, 8 * n + 8);
  const cosine = (a: Float32Array, b: Float32Array) => {
    const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, v, n) => sum + v * y[n], 0);
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  };
  const best = data.items.map((id, n) => ({ id, s: id === ITEM ? -2 : cosine(row(12), row(n)) }))
    .sort((a, b) => b.s - a.s).slice(0, 4);
  assertClose(all.map(({ similarity }) => similarity), best.map(({ s }) => s));
  const knn = await train(models.itemknn, data, { test: false });
  assert((await similar(knn, ITEM)).all.every(({ similarity }) => similarity > 0 && similarity <= 1));
  const popular = await train(models.popularity, data, { test: false });
  await assertRejects(() => similar(popular, ITEM), UsageError, "no embeddings");
});

Deno.test("similar() by modality reads the vectors in the folder of a run", async () => {
  const files = memoryFiles();
  await train(models.mmgcn, data, { settings: { dim: 4 }, epochs: 1, folder: "run", files, test: false });
  const run = await openRun("run", { files });
  assertEquals(Object.keys((await similar(run, ITEM, { k: 2, files })).modalities).sort(), ["image", "text"]);
});
