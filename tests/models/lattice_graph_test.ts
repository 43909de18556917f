/** LATTICE's graph of items where features say nothing, or the same of several items. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { grad } from "../../src/core/autodiff.ts";
import { rowOf } from "../../src/core/pattern.ts";
import type { Config } from "../../src/core/settings.ts";
import { readSync, zeros } from "../../src/core/tensor.ts";
import { leaves } from "../../src/core/tree.ts";
import type { Modality } from "../../src/data/dataset.ts";
import {
  itemGraph,
  lattice,
  type LatticeContext,
  type LatticeParams,
  project,
  refresh,
} from "../../src/models/lattice.ts";
import { dot, sum } from "../../src/ops/mod.ts";
import { toDense } from "../../src/ops/sparse.ts";
import { fc } from "../fc.ts";
import { assertClose, numbers } from "../support.ts";
import { readyLater } from "./content.ts";
import { plainItemGraph, plainNearest, plainProjected } from "./lattice_plain.ts";
import { range } from "./monet_plain.ts";

/** Which item is of which kind: those of a kind are alike, and kind 0 is a vector of zeros. */
type Kinds = readonly number[];
const kinds: fc.Arbitrary<Kinds> = fc.array(fc.nat(3), { minLength: 2, maxLength: 12 });
const configs: fc.Arbitrary<Config> = fc.record({
  neighbours: fc.integer({ min: 1, max: 6 }),
  original: fc.constantFrom(0, 0.4),
  mix: fc.constantFrom("before", "after"),
});

function featuresOf(kinds: Kinds, seed: number, columns: number): Modality {
  const rows = kinds.flatMap((kind) => [...numbers(seed + kind, columns)].map((x) => kind === 0 ? 0 : x));
  return { kind: "dense", columns, values: Float32Array.from(rows), known: new Uint8Array(kinds.length).fill(1) };
}

/** LATTICE with projections that have no bias, so that zeros are projected to zeros. */
async function ready(
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

Deno.test("refresh() gives items of zeros themselves alone, and nobody them; among equals the lower number comes first", async () => {
  await fc.assert(
    fc.asyncProperty(kinds, configs, async (kinds, config) => {
      const { context, params } = await ready({ image: kinds }, config);
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

Deno.test("itemGraph() keeps items of zeros to themselves: they are what they are, whatever the mix", async () => {
  await fc.assert(
    fc.asyncProperty(kinds, configs, fc.nat(2), async (kinds, config, turn) => {
      // In the second modality others are of zeros, and some in both.
      const others = kinds.map((_, item) => kinds[(item + turn) % kinds.length]);
      const { context, params } = await ready({ image: kinds, text: others }, config);
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

Deno.test("itemGraph() gives like items like rows where no neighbour is left out", async () => {
  await fc.assert(
    fc.asyncProperty(kinds, fc.constantFrom("before", "after"), async (kinds, mix) => {
      // With as many neighbours as there are items, nobody is left out for the number that he has.
      const { context } = await ready({ image: kinds }, { mix, neighbours: kinds.length });
      const graph = [...readSync(toDense(context.graph!))];
      const row = (item: number) => graph.slice(item * kinds.length, (item + 1) * kinds.length);
      for (const item of range(kinds.length).filter((i) => kinds[i] !== 0)) {
        assertClose(row(item), row(kinds.indexOf(kinds[item])));
      }
    }),
    { numRuns: 40 },
  );
});

Deno.test("itemGraph() has a gradient that is a number where some items are of zeros", async () => {
  const { context, params } = await ready({ image: [1, 0, 2, 1, 0, 3], text: [0, 0, 2, 3, 1, 1] }, { neighbours: 4 });
  const gradient = grad((p: LatticeParams) => {
    const { values } = itemGraph(project(p, context), p.weights, context);
    return dot(values, values);
  })(params);
  for (const [path, leaf] of leaves(gradient)) assert(readSync(leaf).every(Number.isFinite), path);
  for (const { W } of Object.values(gradient.modalities)) assert(readSync(sum(W))[0] !== 0);
});
