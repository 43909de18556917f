/** MGCN: its objective and the contrast, and its kinship with GUME. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { checkGradient } from "../../src/core/check.ts";
import { type Config, configure } from "../../src/core/settings.ts";
import { readSync } from "../../src/core/tensor.ts";
import { gume, views as gumeViews } from "../../src/models/gume.ts";
import { contrast, encode, loss, mgcn, type MgcnParams, views } from "../../src/models/mgcn.ts";
import { fc } from "../fc.ts";
import { assertClose } from "../support.ts";
import { contentWorlds, outcome, readyLater, SHORT_STEPS, testSparse } from "./content.ts";
import { plainInfoNce } from "./gume_plain.ts";
import { dot, rowsOf } from "./monet_plain.ts";
import { dataset, noise, type World } from "./worlds.ts";

const ready = (world: World, changes: Config = {}) => readyLater(mgcn, world, { dim: 3, neighbours: 3, ...changes });
const configs: fc.Arbitrary<Config> = fc.record({
  neighbours: fc.integer({ min: 1, max: 4 }),
  layers: fc.nat(2),
  itemLayers: fc.nat(2),
  contrast: fc.constantFrom(0, 0.5),
  l2: fc.constantFrom(0, 0.1),
  freeze: fc.boolean(),
});
const world: World = {
  train: [[0, 1, 3], [1, 2, 5], [0, 4], [2, 3, 4, 5], [1]],
  modalities: { image: noise(1, 7, 4), text: noise(2, 7, 3) },
  items: 7,
};

Deno.test("views() are those of GUME without further edges, for the same parameters", async () => {
  const { context, params } = await ready(world, { layers: 2, itemLayers: 2 });
  const same = { dim: 3, neighbours: 3, layers: 2, itemLayers: 2, enhance: false };
  const other = await gume.prepare(dataset(world), configure(gume.settings, same));
  const found = views(params, context);
  const modalities = Object.entries(params.modalities).map(([name, part]) => [name, { ...part, Q: params.users }]);
  const { ids, joint } = gumeViews({ ...params, modalities: Object.fromEntries(modalities) }, other);
  assertEquals([readSync(found.ids), readSync(found.fused)], [readSync(ids), readSync(joint)]);
});

Deno.test("loss() is (8), with the contrast (7) of users and of items", async () => {
  const { context, params, batch } = await ready(world, { contrast: 0.7, temperature: 0.5, l2: 0.3 });
  const users = world.train.length;
  const [x, j] = [views(params, context).ids, views(params, context).fused].map(rowsOf);
  const of = (rows: typeof x, ids: ArrayLike<number>, from: number) => Array.from(ids, (id) => rows[from + id]);
  const apart = plainInfoNce(of(j, batch.users, 0), of(x, batch.users, 0), 0.5) +
    plainInfoNce(of(j, batch.positives, users), of(x, batch.positives, users), 0.5);
  assertClose(readSync(contrast(views(params, context), batch, context)), [apart], 1e-5);
  const e = encode(params, context);
  const [left, right] = [rowsOf(e.users), rowsOf(e.items)];
  const terms = Array.from(batch.users, (user, n) => {
    const [u, p, q] = [left[user], right[batch.positives[n]], right[batch.negatives[n]]];
    return Math.log1p(Math.exp(dot(u, q) - dot(u, p))) + 0.15 * (dot(u, u) + dot(p, p) + dot(q, q));
  });
  const expected = terms.reduce((sum, term) => sum + term, 0) / terms.length + 0.7 * apart;
  assertClose(readSync(loss(params, batch, context)), [expected], 2e-5);
});

Deno.test("MGCN has the right gradient under all settings", async () => {
  await fc.assert(
    fc.asyncProperty(contentWorlds, configs, async (world, config) => {
      const { context, params, batch } = await ready(world, config);
      const f = (p: MgcnParams) => loss(p, batch, context);
      assert(await checkGradient(f, params, { directions: 2, steps: SHORT_STEPS }) < 2e-2);
    }),
    { numRuns: 12 },
  );
});

testSparse("MGCN", {
  configs,
  results: async (world, config) => outcome(mgcn, await ready(world, { ...config, freeze: true })),
  tolerance: 2e-5,
  numRuns: 30,
});
