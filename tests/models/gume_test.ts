/** GUME: its equations one by one against plain arrays, the effect of each weight, and its memory. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { wasmDevice } from "../../kernels/wasm/device.ts";
import { grad } from "../../src/core/autodiff.ts";
import { checkGradient } from "../../src/core/check.ts";
import { key } from "../../src/core/random.ts";
import type { Config } from "../../src/core/settings.ts";
import { fromArray, type Matrix, type Placement, readSync, type Scalar } from "../../src/core/tensor.ts";
import { leaves } from "../../src/core/tree.ts";
import type { Csr } from "../../src/core/sparse.ts";
import { SAMPLERS, type Triples } from "../../src/data/batch.ts";
import { histories } from "../../src/data/dataset.ts";
import { symmetricAdjacency } from "../../src/data/graph.ts";
import { type Factors, factorsOf, nodesOf } from "../../src/models/factors.ts";
import {
  encode,
  explicit,
  external,
  gume,
  type GumeParams,
  interest,
  internal,
  loss,
  moments,
  perturbed,
  purify,
  separate,
  userModality,
  views,
} from "../../src/models/gume.ts";
import { scale } from "../../src/ops/elementwise.ts";
import { toDense } from "../../src/ops/sparse.ts";
import { fc } from "../fc.ts";
import { assertClose, numbers, seeds } from "../support.ts";
import { contentWorlds, grownTo, outcome, readyLater, SHORT_STEPS, testSparse } from "./content.ts";
import {
  plainEncode,
  plainEnhanced,
  plainExternal,
  plainLoss,
  plainPurify,
  plainSeparate,
  plainUserModality,
  plainViews,
} from "./gume_plain.ts";
import { range, rowsOf } from "./monet_plain.ts";
import { permuted, renumbered } from "./renumbered.ts";
import { dataset, everyone, noise, type World, worlds } from "./worlds.ts";

const runs = { numRuns: 40 };
const modalities = fc.constantFrom(["image"], ["image", "text"], ["image", "text", "sound"]);
const anyWorld: fc.Arbitrary<World> = modalities.chain(worlds);
const normal = (seed: number, rows: number, columns = 3): Matrix =>
  fromArray(numbers(seed, rows * columns), [rows, columns]);

const ready = (world: World, changes: Config = {}, place: Placement = {}) =>
  readyLater(gume, world, { dim: 3, neighbours: 3, ...changes }, place);

Deno.test("purify() is (1): ids times a gate computed from the features", async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, async (world) => {
      const { context: { features }, params } = await ready(world);
      for (const [modality, p] of Object.entries(params.modalities)) {
        const expected = plainPurify(rowsOf(features[modality] as Matrix), p, rowsOf(params.items));
        assertClose(readSync(purify(features[modality], p, params.items)), expected.flat());
      }
    }),
    runs,
  );
});

Deno.test("explicit() is (3): items after n steps along similar items, and users as sums of their items", async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, fc.nat(3), async (world, itemLayers) => {
      const { context } = await ready(world, { itemLayers });
      const m = normal(1, world.items);
      const plain = (graph: Csr, x: readonly (readonly number[])[]) => {
        const { rows, offsets, indices } = graph.pattern;
        const weights = readSync(graph.values);
        return range(rows).map((r) =>
          range(3).map((d) =>
            range(offsets[r + 1] - offsets[r]).reduce(
              (sum, e) => sum + weights[offsets[r] + e] * x[indices[offsets[r] + e]][d],
              0,
            )
          )
        );
      };
      for (const graph of Object.values(context.graphs)) {
        let items = rowsOf(m);
        for (let n = 0; n < itemLayers; n++) items = plain(graph, items);
        const found = explicit(m, graph, context);
        assertClose(readSync(found.items), items.flat());
        assertClose(readSync(found.users), plain(context.block, items).flat());
      }
    }),
    runs,
  );
});

Deno.test("separate() halves the features of one modality, and shares equal features of several", async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, seeds, async (world, seed) => {
      const { params } = await ready(world);
      const count = Object.keys(world.modalities).length;
      const [ids, f] = [normal(seed, 5), normal(seed + 1, 5)];
      // Equal features leave no modality anything of its own.
      const found = separate(ids, range(count).map(() => f), params);
      assertClose(readSync(found), readSync(scale(f, 1 / (count + 1))));
    }),
    runs,
  );
});

Deno.test("separate() is (4, 5): features that modalities share, and a gated share of their own", async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, seeds, async (world, seed) => {
      const { params } = await ready(world);
      const count = Object.keys(params.modalities).length;
      const [ids, ...features] = range(count + 1).map((n) => normal(seed + n, 5));
      const expected = plainSeparate(rowsOf(ids), features.map(rowsOf), params);
      assertClose(readSync(separate(ids, features, params)), expected.flat());
    }),
    runs,
  );
});

const depths = fc.record({
  layers: fc.nat(3),
  itemLayers: fc.nat(2),
  neighbours: fc.integer({ min: 1, max: 4 }),
  enhance: fc.boolean(),
});

Deno.test("prepare() joins users with their items, and items that are near in every modality", async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, depths, async (world, config) => {
      const { context } = await ready(world, config);
      assertClose(readSync(toDense(context.adjacency)), plainEnhanced(context).flat());
    }),
    runs,
  );
});

Deno.test("views() are (1) to (5), from raw features to joint ones", async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, depths, async (world, config) => {
      const { context, params } = await ready(world, config);
      const [found, expected] = [views(params, context), plainViews(params, context)];
      assertClose(readSync(found.ids), expected.ids.flat());
      assertClose(found.explicit.flatMap((f) => [...readSync(nodesOf(f))]), expected.explicit.flat(2));
      assertClose(readSync(found.joint), expected.joint.flat());
    }),
    runs,
  );
});

Deno.test("encode() is (6): the sum of extended ids and joint features", async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, depths, async (world, config) => {
      const { context, params } = await ready(world, config);
      const [found, expected] = [encode(params, context), plainEncode(params, context)];
      assertClose(readSync(found.users), expected.users.flat());
      assertClose(readSync(found.items), expected.items.flat());
    }),
    runs,
  );
});

Deno.test("interest() is (7): the mean of the propagated modalities", async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, depths, async (world, config) => {
      const { context, params } = await ready(world, config);
      const found = factorsOf(interest(params.modalities, views(params, context).explicit, context), context.history);
      assertClose(readSync(nodesOf(found)), plainViews(params, context).interest.flat());
    }),
    runs,
  );
});

Deno.test("moments() are one mean and one unbiased variance of all numbers", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 1, max: 4 }), seeds, (rows, columns, seed) => {
      const all = [...numbers(seed, rows * columns)];
      const mean = all.reduce((a, b) => a + b) / all.length;
      const variance = all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (all.length - 1);
      const found = moments(fromArray(all, [rows, columns]));
      assertClose([...readSync(found.mean), ...readSync(found.variance)], [mean, variance]);
    }),
  );
});

Deno.test("internal() is (9): nothing for one modality, and the mean over pairs for several", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 4 }), seeds, (count, seed) => {
    const features = range(count).map((n) => normal(seed + n, 4));
    const all = features.map((f) => {
      const { mean, variance } = moments(f);
      return [readSync(mean)[0], readSync(variance)[0]];
    });
    const pairs = all.flatMap((a, n) => all.slice(n + 1).map((b) => Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1])));
    const found = internal(features, { internal: 0.3 }).flatMap((term) => [...readSync(term)]);
    assertClose(found, pairs.length === 0 ? [] : [0.3 * pairs.reduce((a, b) => a + b) / pairs.length]);
    assertEquals(internal(features, { internal: 0 }), []);
  }));
});

const someBatch: fc.Arbitrary<Triples> = fc.array(fc.tuple(fc.nat(4), fc.nat(5)), { minLength: 1, maxLength: 9 })
  .map((pairs) => ({
    users: Int32Array.from(pairs, ([user]) => user),
    positives: Int32Array.from(pairs, ([, item]) => item),
    negatives: Int32Array.from(pairs, ([, item]) => 5 - item),
    shared: false,
    step: 0,
  }));
const temperatures = fc.constantFrom(0.1, 0.4, 1);
const factors = (seed: number): Factors => ({ users: normal(seed, 5), items: normal(seed + 1, 6) });
const plain = ({ users, items }: Factors) => ({ users: rowsOf(users), items: rowsOf(items) });
const total = (terms: readonly Scalar[]) => terms.reduce((sum, term) => sum + readSync(term)[0], 0);

Deno.test("external() is (10): users and positives are identified within a batch by their own ids", () => {
  fc.assert(fc.property(seeds, someBatch, temperatures, (seed, batch, externalTemperature) => {
    const [x, j] = [factors(seed), factors(seed + 2)];
    const config = { external: 0.3, externalTemperature };
    assertClose([total(external(x, j, batch, config))], [plainExternal(plain(x), plain(j), batch, config)]);
    assertEquals(external(x, j, batch, { ...config, external: 0 }), []);
  }));
});

Deno.test("userModality() is (11) and λ_G: users are identified by joint features, and despite noise", () => {
  const weights = fc.record({
    user: fc.constantFrom(0, 0.3),
    userTemperature: temperatures,
    noise: fc.constantFrom(0, 0.1, 1),
    interestL2: fc.constantFrom(0, 0.2),
  });
  fc.assert(fc.property(seeds, someBatch, weights, (seed, batch, config) => {
    const [g, j] = [factors(seed), factors(seed + 2)];
    const found = userModality(() => g, j, batch, key(seed), config);
    assertClose([total(found)], [plainUserModality(plain(g), plain(j), batch, key(seed), config)]);
  }));
});

Deno.test("perturbed() moves rows by the given length, away from 0, and repeated users equally", () => {
  fc.assert(fc.property(seeds, fc.array(fc.nat(4), { minLength: 1, maxLength: 9 }), (seed, list) => {
    const e = normal(seed, 5, 4);
    const users = Int32Array.from(list);
    const [rows, moved] = [rowsOf(e), rowsOf(perturbed(key(seed), e, users, 0.1))];
    list.forEach((user, n) => {
      const steps = moved[n].map((x, d) => x - rows[user][d]);
      assertClose([Math.hypot(...steps)], [0.1], 1e-4);
      steps.forEach((step, d) => assert(step * rows[user][d] >= 0, "away from 0"));
      assertEquals(moved[n], moved[list.indexOf(user)]);
      const sizes = (n: number) => moved[n].map((x, d) => Math.abs(x - rows[list[n]][d]));
      const other = list.findIndex((one) => one !== user);
      if (other >= 0) assert(sizes(n).some((x, d) => Math.abs(x - sizes(other)[d]) > 1e-4), "users differ");
    });
    assertEquals(readSync(perturbed(key(seed), scale(e, 0), users, 0.1)).every((x) => x === 0), true);
  }));
});

const world: World = {
  train: [[0, 1, 3], [1, 2, 5], [0, 4], [2, 3, 4, 5], [1]],
  modalities: { image: noise(1, 7, 4), text: noise(2, 7, 3) },
  items: 7,
};
const batch: Triples = SAMPLERS.interaction(histories(dataset(world), "train"), { batch: 6 }).batch(key(2), 0);
const value = (x: Scalar) => readSync(x)[0];

Deno.test("loss() is the sum of its terms, and a weight of 0 removes a term", async () => {
  const weights = { internal: 0.7, external: 0.3, user: 0.2, interestL2: 0.1, l2: 0.1 };
  const { context, params } = await ready(world, weights);
  const total = value(loss(params, batch, context, key(3)));
  const { ids, explicit, joint } = views(params, context);
  const [x, j]: Factors[] = [ids, joint].map((nodes) => factorsOf(nodes, context.history));
  const g = () => factorsOf(interest(params.modalities, explicit, context), context.history);
  const { config } = context;
  const parts: [Config, readonly Scalar[]][] = [
    [{ internal: 0 }, internal(explicit.map(nodesOf), config)],
    [{ external: 0 }, external(x, j, batch, config)],
    [{ user: 0, interestL2: 0 }, userModality(g, j, batch, key(3), config)],
  ];
  for (const [change, terms] of parts) {
    const without = value(
      loss(params, batch, { ...context, config: { ...config, ...change } as typeof config }, key(3)),
    );
    const part = terms.reduce((sum, term) => sum + value(term), 0);
    assert(part > 1e-3);
    assertClose([total - without], [part]);
  }
});

Deno.test("loss() without the enhancement of user modalities does not depend on Q", async () => {
  for (const [config, taught] of [[{}, true], [{ user: 0, interestL2: 0 }, false]] as const) {
    const { context, params } = await ready(world, config);
    const gradient = grad((p: GumeParams) => loss(p, batch, context, key(3)))(params);
    for (const [path, leaf] of leaves(gradient)) {
      assertEquals(readSync(leaf).some((x) => x !== 0), taught || !path.endsWith("Q"), path);
    }
  }
});

Deno.test("enhance adds entries between items alone; without it the graph is LightGCN's", async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, async (world) => {
      const [with_, without] = [await ready(world), await ready(world, { enhance: false })];
      const plain = symmetricAdjacency(without.context.history);
      assertEquals(without.context.adjacency.pattern, plain.pattern);
      assertEquals(readSync(without.context.adjacency.values), readSync(plain.values));
      const [users, { pattern }] = [world.train.length, with_.context.adjacency];
      assertEquals(
        pattern.indices.slice(0, pattern.offsets[users]),
        plain.pattern.indices.slice(0, plain.pattern.offsets[users]),
      );
      assertEquals(with_.context.block.pattern, with_.context.history);
    }),
    runs,
  );
});

Deno.test("GUME follows items when they are renumbered", async () => {
  const order = [3, 0, 6, 2, 5, 1, 4];
  const [here, there] = [await ready(world), await ready(renumbered(world, order))];
  const [a, b] = [
    encode(here.params, here.context),
    encode({ ...here.params, items: permuted(here.params.items, order) }, there.context),
  ];
  assertClose(readSync(b.users), readSync(a.users));
  assertClose(readSync(b.items), readSync(permuted(a.items, order)));
});

const configs: fc.Arbitrary<Config> = fc.record({
  neighbours: fc.integer({ min: 1, max: 4 }),
  enhance: fc.boolean(),
  layers: fc.nat(2),
  itemLayers: fc.nat(2),
  internal: fc.constantFrom(0, 0.5),
  external: fc.constantFrom(0, 0.5),
  user: fc.constantFrom(0, 0.5),
  noise: fc.constantFrom(0, 0.1),
  interestL2: fc.constantFrom(0, 0.1),
  l2: fc.constantFrom(0, 0.1),
  freeze: fc.boolean(),
});

Deno.test("loss() is (8), from raw features on, under all settings", async () => {
  await fc.assert(
    fc.asyncProperty(contentWorlds, configs, async (world, config) => {
      const { context, params, batch } = await ready(world, { ...config, freeze: true });
      assertClose(readSync(loss(params, batch, context, key(3))), [plainLoss(params, batch, context, key(3))], 2e-5);
    }),
    runs,
  );
});

Deno.test("GUME has the right gradient under all settings", async () => {
  await fc.assert(
    fc.asyncProperty(contentWorlds, configs, async (world, config) => {
      const { context, params, batch } = await ready(world, config);
      const f = (p: GumeParams) => loss(p, batch, context, key(3));
      assert(await checkGradient(f, params, { directions: 2, steps: SHORT_STEPS }) < 2e-2);
    }),
    { numRuns: 25 },
  );
});

testSparse("GUME", {
  configs,
  results: async (world, config) => outcome(gume, await ready(world, { ...config, freeze: true })),
  tolerance: 2e-5,
});

Deno.test("GUME never allocates items × items numbers", async () => {
  const items = 7000;
  const device = wasmDevice({ threads: 1 });
  const crowd: World = {
    train: [[0, 1, 3], [1, 2, 5], range(300)],
    modalities: { image: noise(1, items, 4), text: noise(2, items, 3) },
    items,
  };
  const { context, params, history, config } = await ready(crowd, { neighbours: 10 }, { device });
  const batch = SAMPLERS.user(history, { batch: 300 }).batch(key(2), 0);
  grad((p: GumeParams) => loss(p, batch, context, key(3)))(params);
  assertEquals(gume.score(gume.encode(params, context), everyone(history), config).shape, [3, items]);
  const bytes = grownTo(device);
  assert(bytes < 4 * items * items, `${bytes} bytes, items × items are ${4 * items * items}`);
});
