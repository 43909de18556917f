/** GRCN: its steps, its settings, and properties under all settings. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { rowIndices, rowOf, rowSelector } from "../../src/core/pattern.ts";
import { key, split } from "../../src/core/random.ts";
import type { Config } from "../../src/core/settings.ts";
import { readSync, type Tensor, tensor } from "../../src/core/tensor.ts";
import { leaves } from "../../src/core/tree.ts";
import { bipartite } from "../../src/data/graph.ts";
import { histories } from "../../src/data/dataset.ts";
import {
  affinities,
  byModality,
  convolve,
  encode,
  grcn,
  type GrcnParams,
  loss,
  project,
  refine,
  route,
  weigh,
} from "../../src/models/grcn.ts";
import { normal } from "../../src/ops/draw.ts";
import { rankItems } from "../../src/rank/recommend.ts";
import { assertClose, patterns, seeds } from "../support.ts";
import { contentWorlds, outcome, readyFor, scoresFor, testGradient, testRenumbering, testSparse } from "./content.ts";
import { dot, range, type Rows, rowsOf } from "./monet_plain.ts";
import { checkerboard, noise, trained, type World } from "./worlds.ts";

const runs = { numRuns: 50 };

/** Draws settings that change the computation. */
const configs: fc.Arbitrary<Config> = fc.record({
  routing: fc.constantFrom("paper", "code"),
  routings: fc.nat(3),
  weights: fc.constantFrom("confidence", "max", "mean"),
  pruning: fc.constantFrom("soft", "hard"),
  layers: fc.nat(2),
  l2: fc.constantFrom(0, 0.1),
}).map((drawn) => ({ dim: 3, ...drawn }));

/** Draws a history, its graph, and nodes of two numbers for it. */
const graphs = fc.tuple(patterns(3, 4), seeds).map(([history, seed]) => ({
  history,
  graph: bipartite(history),
  x: normal(key(seed), [7, 2]),
  keys: split(key(seed + 1), 4),
}));

const plus = (a: readonly number[], b: readonly number[], c = 1): number[] => a.map((x, d) => x + c * b[d]);
const unit = (a: readonly number[]): number[] => a.map((x) => x / Math.max(Math.sqrt(dot(a, a)), 1e-12));
/** softmax ⟨x, y⟩ over some rows y. */
const shares = (x: readonly number[], near: readonly (readonly number[])[]): number[] => {
  const powers = near.map((y) => Math.exp(dot(x, y)));
  return powers.map((power) => power / powers.reduce((sum, other) => sum + other, 0));
};
/** Σ a y over some rows y. */
const gathered = (a: readonly number[], near: readonly (readonly number[])[], width: number): number[] =>
  near.reduce<number[]>((sum, y, n) => plus(sum, y, a[n]), Array(width).fill(0));

Deno.test("(1) project() rectifies, then scales rows to length 1", () => {
  const [X, W, b] = [tensor([[1, 2], [0, 0]]), tensor([[1, 1], [-1, 0]]), tensor([1, 0])];
  assertClose(readSync(project(X, { W, b })), [...unit([4, -0.01]), 1, 0]);
});

Deno.test("(2) route() adds to users the softmax-weighted mean of their items, and scales to length 1", () => {
  fc.assert(
    fc.property(graphs, ({ history, keys }) => {
      const [P, F] = [normal(keys[0], [3, 2]), normal(keys[1], [4, 2])];
      const items = rowsOf(F);
      const expected = rowsOf(P).map((p, user) => {
        const near = [...rowOf(history, user)].map((item) => items[item]);
        return unit(plus(p, gathered(shares(p, near), near, 2)));
      });
      assertClose(readSync(route(history, P, F)), expected.flat());
    }),
    runs,
  );
});

Deno.test("(3) affinities() are softmaxes of inner products, (4) refine() adds neighbours by them", () => {
  fc.assert(
    fc.property(graphs, ({ graph, x }) => {
      const rows = rowsOf(x);
      const near = (node: number) => [...rowOf(graph, node)].map((other) => rows[other]);
      const alpha = affinities(graph, x);
      assertClose(readSync(alpha), rows.flatMap((row, node) => shares(row, near(node))));
      const expected = rows.map((row, node) => plus(row, gathered(shares(row, near(node)), near(node), 2)));
      assertClose(readSync(refine(graph, x, alpha)), expected.flat());
    }),
    runs,
  );
});

Deno.test("(5) weigh() takes the largest affinity times confidence; hard pruning leaves none below 0", () => {
  fc.assert(
    fc.property(graphs, fc.integer({ min: 1, max: 3 }), ({ graph, keys }, modalities) => {
      const count = graph.indices.length;
      const alphas = range(modalities).map((m) => normal(split(keys[0], modalities)[m], [count]));
      const C = normal(keys[1], [7, modalities]);
      const sources = rowSelector(graph.indices, 7);
      const [values, confidence] = [alphas.map((alpha) => readSync(alpha)), rowsOf(C)];
      const expected = {
        confidence: range(count).map((e) => Math.max(...values.map((a, m) => a[e] * confidence[graph.indices[e]][m]))),
        max: range(count).map((e) => Math.max(...values.map((a) => a[e]))),
        mean: range(count).map((e) => values.reduce((sum, a) => sum + a[e] / modalities, 0)),
      };
      for (const weights of ["confidence", "max", "mean"] as const) {
        const by = (pruning: "soft" | "hard") => readSync(weigh(alphas, { weights, pruning, sources, C }));
        assertClose(by("soft"), expected[weights]);
        assertClose(by("hard"), expected[weights].map((w) => Math.max(w, 0)));
      }
    }),
    runs,
  );
});

Deno.test("(6) convolve() adds up the layers of unit ID embeddings along weighed interactions", () => {
  fc.assert(
    fc.property(graphs, fc.nat(3), ({ graph, x, keys }, layers) => {
      const w = normal(keys[0], [graph.indices.length]);
      const [weights, owners] = [readSync(w), rowIndices(graph)];
      const step = (e: Rows): Rows => {
        const out = e.map((row) => row.map(() => 0));
        owners.forEach((row, n) => out[row] = plus(out[row], e[graph.indices[n]], weights[n]));
        return out;
      };
      let layer: Rows = rowsOf(x).map(unit);
      let sum = layer;
      for (let l = 0; l < layers; l++) {
        layer = step(layer);
        sum = sum.map((row, node) => plus(row, layer[node]));
      }
      assertClose(readSync(convolve(graph, w, x, layers)), sum.flat());
    }),
    runs,
  );
});

const world: World = {
  train: [[0, 2], [1, 2, 5], [3], [0, 4, 5]],
  items: 7,
  modalities: { image: noise(1, 7, 5), text: noise(2, 7, 3), sound: noise(3, 7, 2) },
};
const embeddings = (settings: Config, at: World = world): number[] => {
  const { context, params } = readyFor(grcn, at, { dim: 3, ...settings });
  return leaves(encode(params, context)).flatMap(([, leaf]) => [...readSync(leaf)]);
};

Deno.test("grcn does nothing in any number of the code's routings, and moves users in each of the paper's", () => {
  const often = (routing: string) => [0, 1, 2, 3].map((routings) => embeddings({ routing, routings }));
  const [none, ...idle] = often("code");
  for (const same of idle) assertClose(same, none, 1e-6);
  const moved = often("paper");
  assertClose(moved[0], none, 1e-6);
  const distance = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((x, n) => x - b[n]));
  for (let n = 1; n < 4; n++) assert(distance(moved[n], moved[n - 1]) > 0.05);
});

Deno.test("grcn puts ID embeddings and each modality side by side, and items without users keep unit rows", () => {
  const { context, params } = readyFor(grcn, world, { dim: 3 });
  const { users, items } = encode(params, context);
  assertEquals([users.shape, items.shape], [[4, 12], [7, 12]]);
  const cold = rowsOf(items)[6];
  for (let part = 0; part < 4; part++) {
    const row = cold.slice(3 * part, 3 * part + 3);
    assertClose([dot(row, row)], [1]);
  }
});

Deno.test("byModality() gives the parts of items that grcn puts side by side", () => {
  const { context, params } = readyFor(grcn, world, { dim: 3 });
  const whole = rowsOf(encode(params, context).items);
  Object.values(byModality(params, context)).forEach((part, n) => {
    assertEquals(rowsOf(part), whole.map((row) => row.slice(3 * n + 3, 3 * n + 6)));
  });
});

Deno.test("grcn has a confidence per node and modality, and none where the weights do not need it", () => {
  const shape = (weights: string) => readyFor(grcn, world, { weights }).params.C?.shape;
  assertEquals([shape("confidence"), shape("max"), shape("mean")], [[11, 3], undefined, undefined]);
});

Deno.test("grcn regularises the batch's rows of its tables, by mean squares", () => {
  fc.assert(
    fc.property(contentWorlds, configs, (world, config) => {
      const [plain, weighed] = [0, 0.5].map((l2) => readyFor(grcn, world, { ...config, l2 }));
      const [without, whole] = [plain, weighed].map(({ params, context, batch }) =>
        readSync(loss(params, batch, context))[0]
      );
      const { ID, modalities } = plain.params;
      const { users, positives, negatives } = plain.batch;
      const square = (x: Tensor & { readonly shape: readonly [number, number] }, row: number) =>
        dot(rowsOf(x)[row], rowsOf(x)[row]) / x.shape[1];
      const terms = Array.from(users).flatMap((user, n) =>
        [positives, negatives].map((ids) => {
          const item = ids[n] + plain.history.rows;
          const own = Object.values(modalities).reduce((sum, { P }) => sum + square(P, user), 0);
          return square(ID, user) + square(ID, item) + own;
        })
      );
      const expected = terms.reduce((sum, term) => sum + term / terms.length, 0);
      assertClose([whole - without], [0.5 * expected], 2e-5);
    }),
    runs,
  );
});

testGradient(grcn, configs);

testSparse("grcn", {
  configs,
  results: (world, config) => outcome(grcn, readyFor(grcn, world, config)),
  tolerance: 2e-5,
});

testRenumbering(grcn, configs, { dim: 13 });

const variants: readonly Config[] = [{ routing: "code" }, { pruning: "hard" }, { weights: "max" }, { weights: "mean" }];

for (const settings of variants) {
  const [[name, value]] = Object.entries(settings);
  Deno.test(`grcn finds the withheld items of the checkerboard with ${name} ${value}`, async () => {
    const board = checkerboard(16);
    const history = histories(board, "train"), heldOut = histories(board, "test");
    const { score } = await trained(grcn, board, {
      settings: { dim: 16, ...settings },
      training: { epochs: 10, batch: 32, lr: 0.01 },
    });
    const found = await rankItems(score, { history, k: 1 });
    assertEquals(found.map(({ items }) => items[0]), board.users.map((_, user) => rowOf(heldOut, user)[0]));
  });
}

Deno.test("grcn draws tables as Glorot and Bengio's normal, W and b as PyTorch's linear layers", () => {
  const [users, items, dim, columns] = [300, 200, 20, 50];
  const crowd: World = {
    train: range(users).map((user) => [user % 9]),
    items,
    modalities: { image: noise(1, items, columns), text: noise(2, items, 7) },
  };
  const { ID, C, modalities: { image } } = readyFor(grcn, crowd, { dim }).params;
  for (const x of [ID, C!, image.P]) {
    const deviation = Math.sqrt(readSync(x).reduce((sum, v) => sum + v * v, 0) / readSync(x).length) / 1.5;
    assert(Math.abs(deviation / Math.sqrt(2 / (x.shape[0] + x.shape[1])) - 1) < 0.1, `${x.shape}`);
  }
  for (const x of [image.W, image.b]) {
    const sizes = readSync(x).map((value) => Math.abs(value) * Math.sqrt(columns) / 1.5);
    assert(Math.max(...sizes) <= 1 + 1e-6 && Math.max(...sizes) > 0.8, `${x.shape}`);
  }
});

Deno.test("grcn gives the same scores in any order of the modalities", () => {
  const { context, params, history, config, batch } = readyFor(grcn, world, { dim: 3 });
  const turned = (parts: Readonly<Record<string, unknown>>) => Object.fromEntries(Object.entries(parts).toReversed());
  const C = tensor(rowsOf(params.C!).map((row) => row.toReversed()));
  const other = { ...params, C, modalities: turned(params.modalities) as GrcnParams["modalities"] };
  const ready = { context, params: other, history, config, batch };
  assertClose(scoresFor(grcn, ready), scoresFor(grcn, { ...ready, params }), 2e-5);
});
