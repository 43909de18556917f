/** BM3: its targets, the gradient with targets fixed, its distances, and sparse features. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { grad } from "../../src/core/autodiff.ts";
import { checkGradient } from "../../src/core/check.ts";
import { key } from "../../src/core/random.ts";
import type { Config } from "../../src/core/settings.ts";
import { ones, readSync } from "../../src/core/tensor.ts";
import { leaves } from "../../src/core/tree.ts";
import {
  alignment,
  bm3,
  type Bm3Params,
  type Bm3Rows,
  loss,
  reconstruction,
  targets,
  targetsOf,
} from "../../src/models/bm3.ts";
import { fc } from "../fc.ts";
import { assertClose } from "../support.ts";
import { contentWorlds, outcome, readyFor, SHORT_STEPS, testSparse } from "./content.ts";
import { dot, rowsOf } from "./monet_plain.ts";
import { noise, type World } from "./worlds.ts";

const ready = (world: World, changes: Config = {}) => readyFor(bm3, world, { dim: 4, ...changes });
const configs: fc.Arbitrary<Config> = fc.record({
  layers: fc.nat(2),
  rate: fc.constantFrom(0, 0.3),
  align: fc.constantFrom(0, 2),
  l2: fc.constantFrom(0, 0.1),
  freeze: fc.boolean(),
});
const world: World = {
  train: [[0, 1, 3], [1, 2, 5], [0, 4], [2, 3, 4, 5], [1]],
  modalities: { image: noise(1, 7, 4), text: noise(2, 7, 3) },
  items: 7,
};

Deno.test("targets() leave a share of the numbers out, others in each part, and scale the rest", () => {
  const rows: Bm3Rows = {
    users: ones([40, 50]),
    items: ones([40, 50]),
    modalities: { image: ones([40, 50]), text: ones([40, 50]) },
  };
  const found = leaves(targets(rows, 0.3, key(1))).map(([, leaf]) => readSync(leaf));
  found.forEach((x, n) => {
    const kept = x.filter((value) => value !== 0);
    assert(kept.every((value) => value === Math.fround(1 / 0.7)));
    assert(Math.abs(kept.length / x.length - 0.7) < 0.05, `${kept.length} of ${x.length}`);
    for (const other of found.slice(0, n)) assert(other.some((value, at) => value !== x[at]), "the same mask");
  });
  assertEquals(leaves(targets(rows, 0, key(1))).map(([, leaf]) => readSync(leaf)), found.map((x) => x.map(() => 1)));
});

Deno.test("loss() has the gradient of its objective with the targets fixed, under all settings", async () => {
  await fc.assert(
    fc.asyncProperty(contentWorlds, configs, async (world, config) => {
      const { context, params, batch } = ready(world, config);
      const target = targetsOf(params, batch, context, key(3));
      const f = (p: Bm3Params) => loss(p, batch, context, key(3), target);
      assert(await checkGradient(f, params, { directions: 2, steps: SHORT_STEPS }) < 2e-2);
      const drawn = grad((p: Bm3Params) => loss(p, batch, context, key(3)))(params);
      leaves(grad(f)(params)).forEach(([path, leaf], n) =>
        assertEquals(readSync(leaves(drawn)[n][1]), readSync(leaf), path)
      );
    }),
    { numRuns: 8 },
  );
});

Deno.test("reconstruction() and alignment() are (5) and (6): mean distances by angle", () => {
  const { context, params, batch } = ready(world, { rate: 0.3 });
  const rows = targetsOf(params, batch, { ...context, config: { ...context.config, rate: 0 } }, key(3));
  const target = targetsOf(params, batch, context, key(3));
  const { W, b } = params.predictor;
  const predicted = (x: readonly number[]) => rowsOf(W).map((w, d) => dot(w, x) + readSync(b)[d]);
  const distance = (online: Bm3Rows["users"], to: Bm3Rows["users"]) => {
    const each = rowsOf(online).map((row, n) => {
      const [x, y] = [predicted(row), rowsOf(to)[n]];
      return 1 - dot(x, y) / Math.max(Math.sqrt(dot(x, x) * dot(y, y)), 1e-12);
    });
    return each.reduce((sum, x) => sum + x, 0) / each.length;
  };
  assertClose(readSync(reconstruction(rows, target, params)), [
    distance(rows.users, target.items) + distance(rows.items, target.users),
  ], 1e-5);
  const { image, text } = rows.modalities;
  assertClose(readSync(alignment(rows, target, params)), [
    distance(image, target.items) + distance(image, target.modalities.image) +
    distance(text, target.items) + distance(text, target.modalities.text),
  ], 1e-5);
});

Deno.test("loss() does not depend on the negatives", () => {
  const { context, params, batch } = ready(world);
  const other = { ...batch, negatives: batch.negatives.map(() => 6) };
  assertEquals(readSync(loss(params, other, context, key(3))), readSync(loss(params, batch, context, key(3))));
});

testSparse("BM3", {
  configs,
  results: (world, config) => outcome(bm3, ready(world, { ...config, freeze: true })),
  tolerance: 2e-5,
  numRuns: 30,
});
