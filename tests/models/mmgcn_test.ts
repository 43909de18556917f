/** MMGCN: its equations, its settings, and properties under all settings. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertNotEquals } from "deno-std/assert/not_equals.js";
import { fc } from "../fc.ts";
import { valueAndGrad } from "../../src/core/autodiff.ts";
import { type Pattern, rowOf } from "../../src/core/pattern.ts";
import { key, split } from "../../src/core/random.ts";
import type { Config } from "../../src/core/settings.ts";
import { type Matrix, readSync, type Tensor, tensor, zeros } from "../../src/core/tensor.ts";
import { leaves } from "../../src/core/tree.ts";
import { bipartite, walkAdjacency } from "../../src/data/graph.ts";
import { histories } from "../../src/data/dataset.ts";
import { pairSquares } from "../../src/models/factors.ts";
import {
  aggregate,
  byModality,
  combine,
  connect,
  encode,
  loss,
  mmgcn,
  type MmgcnParams,
  start,
} from "../../src/models/mmgcn.ts";
import { normal } from "../../src/ops/draw.ts";
import { rankItems } from "../../src/rank/recommend.ts";
import { assertClose, patterns, seeds } from "../support.ts";
import { outcome, readyFor, testGradient, testRenumbering, testSparse, twins } from "./content.ts";
import { dot, range, type Rows, rowsOf } from "./monet_plain.ts";
import { checkerboard, dataset, noise, trained, type World } from "./worlds.ts";

const runs = { numRuns: 50 };
const lrelu = (x: number) => x > 0 ? x : 0.01 * x;
const small = { dim: 3, latent: 5, raw: 3 };
const propagations = ["full", "linear", "neighbours", "combined", "none"];

/** Draws settings that change the computation. */
const configs: fc.Arbitrary<Config> = fc.record({
  layers: fc.integer({ min: 1, max: 3 }),
  raw: fc.constantFrom(0, 3),
  propagation: fc.constantFrom(...propagations),
  l2: fc.constantFrom(0, 0.1),
}).map((drawn) => ({ ...small, ...drawn }));

/** W x + b, row by row. */
const mapped = (x: Rows, W: Matrix, b?: Tensor): Rows => {
  const [weights, bias] = [rowsOf(W), b ? readSync(b) : []];
  return x.map((row) => weights.map((w, d) => dot(row, w) + (bias[d] ?? 0)));
};

/** Draws a history, and nodes of four numbers for it. */
const graphs = fc.tuple(patterns(3, 4), seeds).map(([history, seed]) => ({
  history,
  x: normal(key(seed), [7, 4]),
  keys: split(key(seed + 1), 4),
}));

const neighboursOf = (history: Pattern, node: number): number[] => [...rowOf(bipartite(history), node)];

Deno.test("(2) aggregate() rectifies the mean of neighbours times W1, and is 0 without neighbours", () => {
  fc.assert(
    fc.property(graphs, ({ history, x, keys }) => {
      const W1 = normal(keys[0], [2, 4]);
      const theirs = mapped(rowsOf(x), W1);
      const expected = range(7).map((node) => {
        const near = neighboursOf(history, node);
        return [0, 1].map((d) => lrelu(near.reduce((sum, j) => sum + theirs[j][d] / near.length, 0)));
      });
      assertClose(readSync(aggregate(walkAdjacency(history), x, { W1 })), expected.flat());
    }),
    runs,
  );
});

Deno.test("(5) connect() adds the ID embedding, (6) combine() rectifies a product of both parts", () => {
  fc.assert(
    fc.property(graphs, ({ x, keys }) => {
      const [W2, b2, ID, W3] = [
        normal(keys[0], [2, 4]),
        normal(keys[1], [2]),
        normal(keys[2], [7, 2]),
        normal(keys[3], [3, 6]),
      ];
      const [rows, own] = [rowsOf(x), rowsOf(ID)];
      const self = mapped(rows, W2, b2).map((row, n) => row.map((value, d) => lrelu(value) + own[n][d]));
      assertClose(readSync(connect(x, { W2, b2 }, ID)), self.flat());
      const b3 = tensor([1, -1, 0.5]);
      const side = rows.map((row, n) => [...row, ...own[n]]);
      assertClose(readSync(combine([x, ID], { W3, b3 })), mapped(side, W3, b3).flat().map(lrelu));
    }),
    runs,
  );
});

Deno.test("start() scales rows to length 1: users by their table, items by their features, projected or not", () => {
  const [X, P, W, b] = [tensor([[3, 4], [0, 0]]), tensor([[0, -2]]), tensor([[2, 0], [0, 1]]), tensor([1, 0])];
  assertClose(readSync(start(X, P, {})), [0, -1, 0.6, 0.8, 0, 0]);
  assertClose(readSync(start(X, P, { W, b })), [0, -1, ...[7, 4].map((x) => x / Math.hypot(7, 4)), 1, 0]);
});

Deno.test("pairSquares() is the mean of u² + i² over pairs of users with positives and with negatives", () => {
  const rows = {
    users: tensor([[1, 2], [0, 3]]),
    positives: tensor([[1, 1], [2, 0]]),
    negatives: tensor([[5, 0], [1, 1]]),
  };
  // Pairs: (1, 2 | 1, 1), (0, 3 | 2, 0), (1, 2 | 5, 0), (0, 3 | 1, 1).
  assertClose(readSync(pairSquares(rows)), [((5 + 2) + (9 + 4) + (5 + 25) + (9 + 2)) / 8]);
});

const world: World = {
  train: [[0, 2], [1, 2, 5], [3], [0, 4, 5]],
  items: 7,
  modalities: { image: noise(1, 7, 5), text: noise(2, 7, 3), sound: noise(3, 7, 2) },
};
const shapesOf = (params: MmgcnParams) =>
  Object.fromEntries(leaves(params).map(([path, { shape }]) => [path, [...shape]]));

Deno.test("mmgcn projects wide features and sparse ones to `latent`, and uses narrow ones as they are", () => {
  const { sparse } = twins(world);
  const shapes = shapesOf(readyFor(mmgcn, sparse, { dim: 4, latent: 6, raw: 4, layers: 2 }).params);
  assertEquals([shapes["networks.image.W"], shapes["networks.tags.W"]], [[6, 5], [6, 4]]);
  assertEquals([shapes["networks.text.W"], shapes["networks.sound.W"]], [undefined, undefined]);
  for (const [modality, width] of Object.entries({ image: 6, tags: 6, text: 3, sound: 2 })) {
    assertEquals(shapes[`tables.P.${modality}`], [4, width]);
    const at = (l: number, name: string) => shapes[`networks.${modality}.layers.${l}.${name}`];
    assertEquals([at(0, "W1"), at(0, "W2"), at(0, "W3")], [[width, width], [4, width], [4, width + 4]]);
    assertEquals([at(1, "W1"), at(1, "W2"), at(1, "W3")], [[4, 4], [4, 4], [4, 8]]);
  }
  assertEquals(shapes["tables.ID"], [11, 4]);
});

Deno.test("mmgcn has layers, the self-connection and IDs where its propagation uses them", () => {
  const learned = (propagation: string) => {
    const names = Object.keys(shapesOf(readyFor(mmgcn, world, { ...small, propagation }).params));
    return ["W1", "W2", "W3", "ID"].filter((part) => names.some((name) => name.endsWith(part)));
  };
  assertEquals(learned("full"), ["W1", "W2", "W3", "ID"]);
  assertEquals(learned("linear"), ["ID"]);
  assertEquals(learned("neighbours"), ["W1", "W3"]);
  assertEquals(learned("combined"), ["W1", "W3"]);
  assertEquals(learned("none"), []);
});

Deno.test("mmgcn by linear propagation without IDs is (D⁻¹A + I)ᴸ H⁰, and without layers H⁰", () => {
  const one = { ...world, modalities: { image: world.modalities.image } };
  const embeddings = (settings: Config) => {
    const { context, params } = readyFor(mmgcn, one, { dim: 3, layers: 2, ...settings });
    const tables = { ...params.tables, ...(params.tables.ID && { ID: zeros([11, 3]) }) };
    const { users, items } = encode({ ...params, tables }, context);
    return [...rowsOf(users), ...rowsOf(items)];
  };
  const h = embeddings({ propagation: "none" });
  for (const row of h) assertClose([dot(row, row)], [1]);
  const step = (x: Rows) =>
    x.map((row, node) => {
      const near = neighboursOf(histories(dataset(one), "train"), node);
      return row.map((value, d) => value + near.reduce((sum, j) => sum + x[j][d] / near.length, 0));
    });
  assertClose(embeddings({ propagation: "linear" }).flat(), step(step(h)).flat());
});

Deno.test("mmgcn takes the mean of modalities: two equal modalities count as one", () => {
  const { image } = world.modalities;
  const embeddings = (names: readonly string[], settings: Config) => {
    const modalities = Object.fromEntries(names.map((name) => [name, image]));
    const { context, params } = readyFor(mmgcn, { ...world, modalities }, { ...small, ...settings });
    const first = <T>(parts: Readonly<Record<string, T>>) => Object.fromEntries(names.map((name) => [name, parts.a]));
    const { tables, networks } = params;
    const same = { tables: { ...tables, P: first(tables.P) }, networks: first(networks) };
    return leaves(encode(same, context)).flatMap(([, leaf]) => [...readSync(leaf)]);
  };
  for (const propagation of propagations) {
    assertClose(embeddings(["a", "b", "c"], { propagation }), embeddings(["a"], { propagation }));
  }
});

Deno.test("byModality() gives the parts whose mean is mmgcn's embedding of items", () => {
  const { context, params } = readyFor(mmgcn, world, small);
  const parts = Object.values(byModality(params, context)).map((part) => readSync(part));
  assertEquals(Object.keys(byModality(params, context)), ["image", "text", "sound"]);
  const mean = parts[0].map((_, n) => parts.reduce((sum, part) => sum + part[n] / 3, 0));
  assertClose(readSync(encode(params, context).items), mean);
});

Deno.test("mmgcn with trainTables false has no gradient in tables, and leaves them as drawn", async () => {
  for (const [trainTables, moves] of [[true, true], [false, false]]) {
    const { context, params, batch } = readyFor(mmgcn, world, { ...small, trainTables, l2: 0.1 });
    const [value, gradient] = valueAndGrad((p: MmgcnParams) => loss(p, batch, context))(params);
    const other = readyFor(mmgcn, world, { ...small, trainTables: !trainTables, l2: 0.1 });
    assertClose(readSync(value), readSync(loss(other.params, batch, other.context)));
    for (const [path, leaf] of leaves(gradient.tables)) assertEquals(readSync(leaf).some((g) => g !== 0), moves, path);
    for (const [path, leaf] of leaves(gradient.networks)) assert(readSync(leaf).some((g) => g !== 0), path);

    const data = dataset(world);
    const go = async (epochs: number) =>
      (await trained(mmgcn, data, { settings: { ...small, trainTables }, training: { epochs, batch: 4, lr: 0.1 } }))
        .params;
    const [before, after] = [await go(0), await go(3)].map(({ tables }) => leaves(tables).map(([, x]) => readSync(x)));
    (moves ? assertNotEquals : assertEquals)(after, before);
  }
});

testGradient(mmgcn, configs);

testSparse("mmgcn", {
  configs,
  results: (world, config) => outcome(mmgcn, readyFor(mmgcn, world, { ...config, raw: 0 })),
  tolerance: 2e-5,
});

testRenumbering(mmgcn, configs, { dim: 13, latent: 17, raw: 0 });

// Features that distinguish items: without a graph, only these do.
const board = { ...checkerboard(16), modalities: { image: noise(1, 16, 48), text: noise(2, 16, 3) } };

for (const settings of [...propagations.map((propagation) => ({ propagation })), { trainTables: false }]) {
  Deno.test(`mmgcn finds the withheld items of the checkerboard with ${Object.entries(settings).join().replace(",", " ")}`, async () => {
    const history = histories(board, "train"), heldOut = histories(board, "test");
    const { score } = await trained(mmgcn, board, {
      settings: { dim: 16, ...settings },
      training: { epochs: 10, batch: 32, lr: 0.01 },
    });
    const found = await rankItems(score, { history, k: 1 });
    assertEquals(found.map(({ items }) => items[0]), board.users.map((_, user) => rowOf(heldOut, user)[0]));
  });
}

Deno.test("mmgcn draws tables and first weights from a normal distribution, the rest as PyTorch does", () => {
  const [users, items, dim, columns] = [300, 200, 20, 50];
  const modalities = { image: noise(1, items, columns) };
  const crowd = { train: range(users).map((user) => [user % 9]), items, modalities };
  const { tables, networks: { image } } = readyFor(mmgcn, crowd, { dim, latent: 30, raw: 0, layers: 2 }).params;
  const [first, second] = image.layers!;
  const deviation = (x: Tensor) => Math.sqrt(readSync(x).reduce((sum, v) => sum + v * v, 0) / readSync(x).length) / 1.5;
  const glorot = ([rows, columns]: readonly number[]) => Math.sqrt(2 / (rows + columns));
  for (const x of [tables.ID!, tables.P.image, first.W1, first.W2!, first.W3, second.W1, second.W2!]) {
    assert(Math.abs(deviation(x) / glorot(x.shape) - 1) < 0.15, `${x.shape}`);
  }
  for (
    const [x, inputs] of [[image.W!, 50], [first.b2!, 30], [first.b3, 50], [second.W3, 40], [second.b3, 40]] as const
  ) {
    const sizes = readSync(x).map((value) => Math.abs(value) * Math.sqrt(inputs) / 1.5);
    assert(Math.max(...sizes) <= 1 + 1e-6 && Math.max(...sizes) > 0.8, `${x.shape}`);
  }
});
