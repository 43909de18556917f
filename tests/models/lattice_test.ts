/** LATTICE: its equations in plain arrays, and its item graph in special cases. @module */
import { KindError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { wasmDevice } from "../../kernels/wasm/device.ts";
import { grad } from "../../src/core/autodiff.ts";
import { checkGradient } from "../../src/core/check.ts";
import { degree, rowOf } from "../../src/core/pattern.ts";
import { key } from "../../src/core/random.ts";
import type { Config } from "../../src/core/settings.ts";
import { type Matrix, type Placement, readSync, zeros } from "../../src/core/tensor.ts";
import { leaves } from "../../src/core/tree.ts";
import { SAMPLERS, type Triples } from "../../src/data/batch.ts";
import { histories, type Modality } from "../../src/data/dataset.ts";
import type { Factors } from "../../src/models/mod.ts";
import {
  encode,
  itemGraph,
  lattice,
  type LatticeContext,
  type LatticeParams,
  loss,
  project,
  refresh,
} from "../../src/models/lattice.ts";
import { toDense } from "../../src/ops/sparse.ts";
import { fc } from "../fc.ts";
import { assertClose, numbers } from "../support.ts";
import { contentWorlds, grownTo, outcome, readyLater, SHORT_STEPS, testSparse } from "./content.ts";
import { plainEncode, plainItemGraph, plainNearest, plainOriginal, plainProjected } from "./lattice_plain.ts";
import { range } from "./monet_plain.ts";
import { permuted, renumbered } from "./renumbered.ts";
import { dataset, everyone, noise, type World, worlds } from "./worlds.ts";
import { dot, sum } from "../../src/ops/mod.ts";

const runs = { numRuns: 40 };
const modalities = fc.constantFrom(["image"], ["image", "text"], ["image", "text", "sound"]);
const anyWorld: fc.Arbitrary<World> = modalities.chain(worlds);
const configs: fc.Arbitrary<Config> = fc.record({
  neighbours: fc.integer({ min: 1, max: 5 }),
  original: fc.constantFrom(0, 0.4, 1),
  mix: fc.constantFrom("before", "after"),
  itemLayers: fc.nat(2),
});

const ready = (world: World, changes: Config = {}, place: Placement = {}) =>
  readyLater(lattice, world, { dim: 3, ...changes }, place);

Deno.test("prepare() is (1, 2, 3): the normalised graphs of nearest neighbours in raw features", async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, configs, async (world, config) => {
      const { context } = await ready(world, config);
      const found = Object.values(context.original).map((graph) => [...readSync(toDense(graph))]);
      assertClose(found.flat(), plainOriginal(context).flat(2));
    }),
    runs,
  );
});

Deno.test("project() is (4), also of trained features", async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, fc.boolean(), async (world, freeze) => {
      const { context, params } = await ready(world, { freeze });
      // Trained features are a parameter, which here differs from the features of the data set.
      const features = Object.entries(context.features).map(([name, x]) => [name, params.modalities[name].X ?? x]);
      const expected = plainProjected(params, { ...context, features: Object.fromEntries(features) });
      const found = Object.values(project(params, context));
      assertClose(found.flatMap((x) => [...readSync(x)]), expected.flat(2));
    }),
    runs,
  );
});

Deno.test("itemGraph() is (5, 6): λ of the raw features' graphs, 1 − λ of the learned one", async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, configs, async (world, config) => {
      const { context, params } = await ready(world, config);
      const found = itemGraph(project(params, context), params.weights, context);
      const expected = plainItemGraph(plainProjected(params, context), params, context);
      assertClose(readSync(toDense(found)), expected.flat(), 1e-4);
      assertEquals(readSync(toDense(context.graph!)), readSync(toDense(found)));
    }),
    runs,
  );
});

Deno.test("refresh() finds at most k neighbours in projected features, the item itself among them", async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, configs, async (world, config) => {
      const { context } = await ready(world, config);
      const { neighbours = {}, graph, original } = context;
      const most = 2 * Object.keys(original).length * (config.neighbours as number);
      for (const item of range(world.items)) {
        for (const near of Object.values(neighbours)) {
          assert(rowOf(near, item).includes(item) && degree(near, item) <= (config.neighbours as number));
        }
        assert(degree(graph!.pattern, item) <= most);
      }
    }),
    runs,
  );
});

Deno.test("itemGraph() of one modality does not depend on the order of mixing and normalising", async () => {
  await fc.assert(
    fc.asyncProperty(worlds(["image"]), async (world) => {
      const [before, after] = await Promise.all(["before", "after"].map((mix) => ready(world, { mix })));
      assertClose(readSync(toDense(before.context.graph!)), readSync(toDense(after.context.graph!)));
      const { context } = await ready(world, { original: 1 });
      assertClose(readSync(toDense(context.graph!)), readSync(toDense(context.original.image)));
    }),
    runs,
  );
});

const world: World = {
  train: [[0, 1, 3], [1, 2, 5], [0, 4], [2, 3, 4, 5], [1]],
  modalities: { image: noise(1, 7, 4), text: noise(2, 7, 3) },
  items: 7,
};

Deno.test("loss() has a gradient in the item graph in the steps of the setting", async () => {
  const batch: Triples = SAMPLERS.interaction(histories(dataset(world), "train"), { batch: 6 }).batch(key(2), 0);
  for (const [graphGradient, steps] of [["first", [0]], ["every", [0, 1, 5]], ["none", []]] as const) {
    const { context, params } = await ready(world, { graphGradient, neighbours: 3 });
    for (const step of [0, 1, 5]) {
      const gradient = grad((p: LatticeParams) => loss(p, { ...batch, step }, context))(params);
      const moved = leaves({ weights: gradient.weights, modalities: gradient.modalities });
      const taught = (steps as readonly number[]).includes(step);
      for (const [path, leaf] of moved) {
        assertEquals(readSync(leaf).some((x) => x !== 0), taught, `${path} in step ${step}`);
      }
      assert(readSync(gradient.items).some((x) => x !== 0));
    }
  }
});

Deno.test("encode() refuses a context without the item graph", async () => {
  const { context: { graph: _, ...bare }, params } = await ready(world);
  assertThrows(
    () => encode(params, bare),
    KindError,
    "Cannot encode with LATTICE: the context must have an item graph",
  );
});

Deno.test("LATTICE follows items when they are renumbered", async () => {
  const order = [3, 0, 6, 2, 5, 1, 4];
  const [here, there] = [await ready(world), await ready(renumbered(world, order))];
  const chosen = (x: Matrix): Matrix => permuted(x, order);
  const params: LatticeParams = { ...here.params, items: chosen(here.params.items) };
  const context = { ...there.context, ...await refresh(params, there.context) };
  const [a, b]: Factors[] = [encode(here.params, here.context), encode(params, context)];
  assertClose(readSync(b.users), readSync(a.users));
  assertClose(readSync(b.items), readSync(chosen(a.items)));
});

const everySetting: fc.Arbitrary<Config> = fc.tuple(
  configs,
  fc.record({
    encoder: fc.constantFrom("lightgcn", "ngcf", "mf"),
    layers: fc.nat(2),
    dropout: fc.constantFrom(0, 0.3),
    slope: fc.constantFrom(0.2, 0.01),
    adjacency: fc.constantFrom("walk", "symmetric"),
    graphGradient: fc.constantFrom("first", "every", "none"),
    l2: fc.constantFrom(0, 0.1),
    freeze: fc.boolean(),
  }),
).map(([some, others]) => ({ ...some, ...others }));

Deno.test("encode() is (7, 8): Aᴸ E_i with rows of length 1, added to the encoder's embeddings", async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, everySetting, async (world, config) => {
      const { context, params } = await ready(world, { ...config, freeze: true });
      const [found, expected] = [encode(params, context), plainEncode(params, context)];
      assertClose(readSync(found.users), expected.users.flat(), 1e-4);
      assertClose(readSync(found.items), expected.items.flat(), 1e-4);
    }),
    runs,
  );
});

Deno.test("LATTICE has the right gradient under all settings", async () => {
  await fc.assert(
    fc.asyncProperty(contentWorlds, everySetting, fc.nat(1), async (world, config, step) => {
      const { context, params, batch } = await ready(world, config);
      const f = (p: LatticeParams) => loss(p, { ...batch, step }, context, key(3));
      assert(await checkGradient(f, params, { directions: 2, steps: SHORT_STEPS }) < 2e-2);
    }),
    { numRuns: 25 },
  );
});

testSparse("LATTICE", {
  configs: everySetting,
  results: async (world, config) => outcome(lattice, await ready(world, { ...config, freeze: true })),
  tolerance: 2e-5,
});

Deno.test("LATTICE never allocates items × items numbers", async () => {
  const items = 7000;
  const device = wasmDevice({ threads: 1 });
  const crowd: World = {
    train: [[0, 1, 3], [1, 2, 5], range(300)],
    modalities: { image: noise(1, items, 4), text: noise(2, items, 3) },
    items,
  };
  const { context, params, history, config } = await ready(crowd, {}, { device });
  const batch = SAMPLERS.user(history, { batch: 3 }).batch(key(2), 0);
  grad((p: LatticeParams) => loss(p, batch, context))(params);
  assertEquals(lattice.score(lattice.encode(params, context), everyone(history), config).shape, [3, items]);
  const bytes = grownTo(device);
  assert(bytes < 4 * items * items, `${bytes} bytes, items × items are ${4 * items * items}`);
});

/** The kind of each item: items of a kind have equal features, and kind 0 has zeros. */
type Kinds = readonly number[];
const kinds: fc.Arbitrary<Kinds> = fc.array(fc.nat(3), { minLength: 2, maxLength: 12 });
const graphConfigs: fc.Arbitrary<Config> = fc.record({
  neighbours: fc.integer({ min: 1, max: 6 }),
  original: fc.constantFrom(0, 0.4),
  mix: fc.constantFrom("before", "after"),
});

function featuresOf(kinds: Kinds, seed: number, columns: number): Modality {
  const rows = kinds.flatMap((kind) => [...numbers(seed + kind, columns)].map((x) => kind === 0 ? 0 : x));
  return { kind: "dense", columns, values: Float32Array.from(rows), known: new Uint8Array(kinds.length).fill(1) };
}

/** LATTICE with projections that have no bias, so that zeros are projected to zeros. */
async function readyOf(
  modalities: Readonly<Record<string, Kinds>>,
  changes: Config,
): Promise<{ context: LatticeContext; params: LatticeParams }> {
  const all = Object.entries(modalities);
  const world = {
    train: [[0], [1]],
    items: all[0][1].length,
    modalities: Object.fromEntries(all.map(([name, kinds], n) => [name, featuresOf(kinds, 10 * n, n + 3)])),
  };
  const { context, params } = await readyLater(lattice, world, { dim: 4, ...changes });
  const plain = Object.entries(params.modalities).map(([name, { W, b }]) => [name, { W, b: zeros(b.shape) }]);
  const unbiased = { ...params, modalities: Object.fromEntries(plain) };
  return { params: unbiased, context: { ...context, ...await refresh(unbiased, context) } };
}

Deno.test("refresh() gives items of zeros themselves alone; among equals the lower number is first", async () => {
  await fc.assert(
    fc.asyncProperty(kinds, graphConfigs, async (kinds, config) => {
      const { context, params } = await readyOf({ image: kinds }, config);
      const [z] = plainProjected(params, context);
      const found = kinds.map((_, item) => [...rowOf(context.neighbours!.image, item)]);
      assertEquals(
        found,
        plainNearest(z, context.config.neighbours).map((row) => range(row.length).filter((j) => row[j] > 0)),
      );
      found.forEach((near, item) => {
        if (kinds[item] === 0) assertEquals(near, [item]);
        else assert(near.includes(item) && near.every((other) => kinds[other] !== 0));
      });
    }),
    { numRuns: 60 },
  );
});

Deno.test("itemGraph() joins items of zeros with themselves only, in every order of mixing", async () => {
  await fc.assert(
    fc.asyncProperty(kinds, graphConfigs, fc.nat(2), async (kinds, config, turn) => {
      // In the second modality other items are zeros, and some items in both.
      const others = kinds.map((_, item) => kinds[(item + turn) % kinds.length]);
      const { context, params } = await readyOf({ image: kinds, text: others }, config);
      const found = [...readSync(toDense(context.graph!))];
      assertClose(found, plainItemGraph(plainProjected(params, context), params, context).flat(), 1e-4);
      for (const item of range(kinds.length).filter((i) => kinds[i] === 0 && others[i] === 0)) {
        const row = found.slice(item * kinds.length, (item + 1) * kinds.length);
        assertClose(row, row.map((_, other) => other === item ? 1 : 0));
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("itemGraph() gives equal items equal rows where no neighbour is left out", async () => {
  await fc.assert(
    fc.asyncProperty(kinds, fc.constantFrom("before", "after"), async (kinds, mix) => {
      // With as many neighbours as there are items, no item is left out because of its number.
      const { context } = await readyOf({ image: kinds }, { mix, neighbours: kinds.length });
      const graph = [...readSync(toDense(context.graph!))];
      const row = (item: number) => graph.slice(item * kinds.length, (item + 1) * kinds.length);
      for (const item of range(kinds.length).filter((i) => kinds[i] !== 0)) {
        assertClose(row(item), row(kinds.indexOf(kinds[item])));
      }
    }),
    { numRuns: 40 },
  );
});

Deno.test("itemGraph() has a finite gradient where some items are zeros", async () => {
  const { context, params } = await readyOf({ image: [1, 0, 2, 1, 0, 3], text: [0, 0, 2, 3, 1, 1] }, { neighbours: 4 });
  const gradient = grad((p: LatticeParams) => {
    const { values } = itemGraph(project(p, context), p.weights, context);
    return dot(values, values);
  })(params);
  for (const [path, leaf] of leaves(gradient)) assert(readSync(leaf).every(Number.isFinite), path);
  for (const { W } of Object.values(gradient.modalities)) assert(readSync(sum(W))[0] !== 0);
});
