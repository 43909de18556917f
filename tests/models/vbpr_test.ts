/**
 * VBPR: its equations against plain arrays, kinds and numbers of modalities, biases, and initial parameters.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { valueAndGrad } from "../../src/core/autodiff.ts";
import { checkGradient } from "../../src/core/check.ts";
import { key } from "../../src/core/random.ts";
import { type Config, configure } from "../../src/core/settings.ts";
import { type Matrix, readSync, tensor } from "../../src/core/tensor.ts";
import { leaves, mapTree } from "../../src/core/tree.ts";
import type { Triples } from "../../src/data/batch.ts";
import { histories, type Modality } from "../../src/data/dataset.ts";
import { encode, loss, project, vbpr, type VbprContext, type VbprParams } from "../../src/models/vbpr.ts";
import { add, normal } from "../../src/ops/mod.ts";
import { rankItems } from "../../src/rank/recommend.ts";
import { assertClose } from "../support.ts";
import { testSparse } from "./content.ts";
import { dot, range, type Rows, rowsOf, triplesOf } from "./monet_plain.ts";
import { checkerboard, dataset, everyone, noise, trained, type World, worlds } from "./worlds.ts";

function setup(world: World, changes: Config = {}): { context: VbprContext; params: VbprParams } {
  const context = vbpr.prepare(dataset(world), configure(vbpr.settings, { dim: 3, l2: 0.1, ...changes }));
  let n = 0;
  // Biases begin at 0; here they have other values.
  const params = mapTree((x) => add(x, normal(key(n++), x.shape, { deviation: 0.3 })), vbpr.init(key(5), context));
  return { context, params };
}

const runs = { numRuns: 40 };
const biases = fc.constantFrom("projection", "items");
const norm = fc.constantFrom("squared", "unsquared");
const anyWorld = fc.constantFrom(["image"], ["image", "text"], ["image", "text", "sound"]).chain(worlds);

/** (3) E f_i of every item, a modality after the other. */
function plainProject({ E }: VbprParams, { features }: VbprContext): Rows {
  const all = Object.entries(E).map(([modality, W]) => ({ x: rowsOf(features[modality] as Matrix), W: rowsOf(W) }));
  return all[0].x.map((_, item) => all[0].W.map((_, d) => all.reduce((sum, { x, W }) => sum + dot(W[d], x[item]), 0)));
}

/** (4) ŷ of every user and item, with those of b, β and β′ that exist. */
function plainScores(params: VbprParams, context: VbprContext): Rows {
  const { users, items, b, beta, B = {} } = params;
  const gamma = rowsOf(items);
  const theta = plainProject(params, context).map((row) => row.map((x, d) => x + (b ? readSync(b)[d] : 0)));
  const bias = gamma.map((_, item) =>
    Object.entries(B).reduce(
      (sum, [modality, weights]) => sum + dot(rowsOf(weights)[0], rowsOf(context.features[modality] as Matrix)[item]),
      beta ? readSync(beta)[item] : 0,
    )
  );
  return rowsOf(users).map((u) =>
    gamma.map((own, item) => dot(u.slice(0, own.length), own) + dot(u.slice(own.length), theta[item]) + bias[item])
  );
}

/** ½ Σ x², or √ Σ x², of the numbers of a matrix. */
const norms = {
  squared: (x: Rows) => x.reduce((sum, row) => sum + dot(row, row), 0) / 2,
  unsquared: (x: Rows) => Math.sqrt(x.reduce((sum, row) => sum + dot(row, row), 0)),
};

/** The objective: λ weighs final embeddings with a biased E, and parameters with the paper's biases. */
function plainLoss(params: VbprParams, { users, positives, negatives }: Triples, context: VbprContext): number {
  const { l2, l2Projection, norm } = context.config;
  const scores = plainScores(params, context);
  const size = users.length;
  const bpr = range(size).reduce((sum, n) => {
    const [u, p, q] = [users, positives, negatives].map((ids) => ids[n]);
    return sum + Math.log1p(Math.exp(scores[u][q] - scores[u][p]));
  }, 0);
  const { b, beta, E, B = {} } = params;
  const theta = plainProject(params, context);
  const weighed = rowsOf(params.items).map((row, item) => [
    ...row,
    ...b ? theta[item].map((x, d) => x + readSync(b)[d]) : [readSync(beta!)[item]],
  ]);
  const rows = [rowsOf(params.users), weighed, weighed].map((table, n) =>
    Array.from([users, positives, negatives][n], (row) => table[row])
  );
  const penalty = rows.reduce((sum, x) => sum + norms[norm](x), 0);
  const projections = [...Object.values(E), ...Object.values(B)].reduce((sum, x) => sum + norms.squared(rowsOf(x)), 0);
  return (bpr + l2 * penalty) / size + l2Projection * projections;
}

function resultsOf({ context, params }: ReturnType<typeof setup>): number[] {
  const batch = triplesOf(context.history);
  const [value, gradient] = valueAndGrad((p: VbprParams) => loss(p, batch, context))(params);
  const scores = vbpr.score(encode(params, context), everyone(context.history), context.config);
  return [value, scores, ...leaves(gradient).map(([, leaf]) => leaf)].flatMap((x) => [...readSync(x)]);
}

Deno.test("project() is (3): the sum of the projections of all modalities", () => {
  fc.assert(
    fc.property(anyWorld, (world) => {
      const { context, params } = setup(world);
      assertClose(readSync(project(context.features, params.E)), plainProject(params, context).flat());
    }),
    runs,
  );
});

Deno.test("encode() and the inner product are (4), with either kind of biases", () => {
  fc.assert(
    fc.property(anyWorld, biases, (world, biases) => {
      const { context, params } = setup(world, { biases });
      const found = vbpr.score(encode(params, context), everyone(context.history), context.config);
      assertClose(readSync(found), plainScores(params, context).flat());
    }),
    runs,
  );
});

Deno.test("loss() is the objective, for both norms and both kinds of biases", () => {
  fc.assert(
    fc.property(anyWorld, biases, norm, fc.constantFrom(0, 0.2), (world, biases, norm, l2Projection) => {
      const { context, params } = setup(world, { biases, norm, l2Projection });
      const batch = triplesOf(context.history);
      assertClose(readSync(loss(params, batch, context)), [plainLoss(params, batch, context)]);
    }),
    runs,
  );
});

testSparse("vbpr", {
  configs: fc.record({ biases, norm }),
  results: (world, config) => resultsOf(setup(world, config)),
  numRuns: 100,
});

Deno.test("vbpr treats several modalities as one with all features side by side", () => {
  const sides = [noise(1, 6, 2), noise(2, 6, 3)] as const;
  const values = range(6).flatMap((item) =>
    sides.flatMap((m) => m.kind === "dense" ? [...m.values.subarray(item * m.columns, (item + 1) * m.columns)] : [])
  );
  const train = [[0, 2], [1, 2, 5], [3], [0, 4, 5]];
  const whole: Modality = {
    kind: "dense",
    columns: 5,
    values: Float32Array.from(values),
    known: new Uint8Array(6).fill(1),
  };
  for (const biases of ["projection", "items"]) {
    const two = setup({ train, items: 6, modalities: { image: sides[0], text: sides[1] } }, { biases });
    const one = setup({ train, items: 6, modalities: { all: whole } }, { biases });
    const joined = ({ image, text }: VbprParams["E"]) => {
      const [a, b] = [image, text].map((x) => [...readSync(x)]);
      return range(image.shape[0]).flatMap((d) => [...a.slice(2 * d, 2 * d + 2), ...b.slice(3 * d, 3 * d + 3)]);
    };
    const like = (x: VbprParams["E"][string], numbers: number[]) => {
      const rows = range(x.shape[0]).map((r) => numbers.slice(r * x.shape[1], (r + 1) * x.shape[1]));
      return tensor(rows);
    };
    const params: VbprParams = {
      ...two.params,
      E: { all: like(one.params.E.all, joined(two.params.E)) },
      ...two.params.B && { B: { all: like(one.params.B!.all, joined(two.params.B)) } },
    };
    const found = [encode(two.params, two.context), encode(params, one.context)]
      .map(({ users, items }) => [users, items].flatMap((x) => [...readSync(x)]));
    assertClose(found[0], found[1]);
  }
});

Deno.test("vbpr has the right gradient under all settings", async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, biases, norm, fc.constantFrom(0, 0.1), async (world, biases, norm, l2Projection) => {
      const { context, params } = setup(world, { biases, norm, l2Projection });
      const batch = triplesOf(context.history);
      assert(await checkGradient((p: VbprParams) => loss(p, batch, context), params, { directions: 2 }) < 2e-2);
    }),
    { numRuns: 20 },
  );
});

Deno.test("vbpr with the paper's biases and λ_E finds the withheld items of the checkerboard", async () => {
  const board = checkerboard(24);
  for (const seed of [1, 2, 3]) {
    const { score } = await trained(vbpr, board, {
      settings: { biases: "items", l2Projection: 0.1 },
      training: { epochs: 20, batch: 32, lr: 0.01, seed },
    });
    const found = await rankItems(score, { history: histories(board, "train"), k: 1 });
    assertEquals(found.map(({ items }) => items[0]), range(24));
  }
});

Deno.test("vbpr begins with biases of 0 and a projection drawn as one matrix", () => {
  const data = dataset({
    train: [[0], [1]],
    items: 3,
    modalities: { image: noise(1, 3, 700), text: noise(2, 3, 300) },
  });
  for (const [biases, named] of [["projection", ["b"]], ["items", ["beta", "B.image", "B.text"]]] as const) {
    const context = vbpr.prepare(data, configure(vbpr.settings, { dim: 30, biases }));
    const params = new Map(leaves(vbpr.init(key(1), context)));
    assertEquals([...params.keys()], ["users", "items", "E.image", "E.text", ...named]);
    for (const name of named) assert(readSync(params.get(name)!).every((x) => x === 0));
    for (const name of ["E.image", "E.text"]) {
      const numbers = [...readSync(params.get(name)!)];
      const variance = numbers.reduce((sum, x) => sum + x * x, 0) / numbers.length;
      assert(Math.abs(variance / (2 / 1030) - 1) < 0.08, `${variance}`);
    }
  }
});

Deno.test("vbpr refuses a data set without features", () => {
  const data = dataset({ train: [[0], [1]], items: 3, modalities: {} });
  assertThrows(() => vbpr.prepare(data, configure(vbpr.settings, {})), ValueError, "it has no item features");
});
