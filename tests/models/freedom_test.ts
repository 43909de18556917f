/**
 * FREEDOM: its equations, and its pruned graph.
 *
 * @module
 */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertNotEquals } from "deno-std/assert/not_equals.js";
import { checkGradient } from "../../src/core/check.ts";
import { degree, entries, hasEntry, patternFromCoo, rowIndices, transposed } from "../../src/core/pattern.ts";
import { foldIn, key } from "../../src/core/random.ts";
import { type Config, configure } from "../../src/core/settings.ts";
import { readSync } from "../../src/core/tensor.ts";
import { mapTree, type Tree } from "../../src/core/tree.ts";
import { SAMPLERS } from "../../src/data/batch.ts";
import { type Dataset, histories } from "../../src/data/dataset.ts";
import { garden } from "../../src/data/garden.ts";
import { symmetricAdjacency } from "../../src/data/graph.ts";
import { edgeWeights, freedom, itemGraph, project, pruned } from "../../src/models/freedom.ts";
import { objective } from "../../src/models/mod.ts";
import { scale, toDense } from "../../src/ops/mod.ts";
import { plainNearest, plainNormalized } from "./lattice_plain.ts";
import { dot, plainAdjacency, product, rowsOf } from "./monet_plain.ts";
import { dataset, noise } from "./worlds.ts";
import { assertClose } from "../support.ts";

const small = dataset({
  train: [[0, 2], [1, 2, 5], [3], [0, 4, 5], []],
  modalities: { image: noise(1, 8, 5), text: noise(2, 8, 3), sound: noise(3, 8, 4) },
  items: 8,
});
const uneven = histories(garden(key(1), { users: 60, items: 40 }), "train");
const edges = (history: typeof uneven): string[] =>
  Array.from(rowIndices(history), (user, e) => `${user} ${history.indices[e]}`);

async function ready(data: Dataset, changes: Config = {}) {
  const context = await freedom.prepare(data, configure(freedom.settings, { dim: 6, neighbours: 3, ...changes }));
  const params = mapTree((x) => scale(x, 1.5), freedom.init(key(4), context));
  const batch = SAMPLERS.interaction(histories(data, "train"), { batch: 6 }).batch(key(2), 0);
  return { context, params, batch };
}

Deno.test("prepare() builds (1, 2): the weighted sum of normalised graphs of neighbours", async () => {
  const { context } = await ready(small, { imageShare: 0.1 });
  const parts = Object.values(context.features).map((x) =>
    plainNormalized(
      plainNearest(rowsOf(x as Parameters<typeof rowsOf>[0]), 3).map((row) => row.map((s) => s > 0 ? 1 : 0)),
    )
  );
  const expected = parts[0].map((row, i) =>
    row.map((_, j) => 0.1 * parts[0][i][j] + 0.45 * parts[1][i][j] + 0.45 * parts[2][i][j])
  );
  assertClose(readSync(toDense(context.similar)), expected.flat(), 1e-5);
});

Deno.test("itemGraph() gives equal shares without the modality image, and all to a single one", async () => {
  const { context: { similar } } = await ready(small, { imageShare: 0.3 });
  const sum = (graphs: Parameters<typeof itemGraph>[0]) =>
    readSync(itemGraph(graphs, 0.3).values).reduce((total, x) => total + x, 0);
  const whole = readSync(similar.values).reduce((total, x) => total + x, 0);
  assertClose([sum({ image: similar }), sum({ text: similar, sound: similar })], [whole, whole], 1e-5);
  assertClose([sum({ image: similar, text: similar })], [whole], 1e-5);
});

Deno.test("edgeWeights() are (3): 1 / √(d_u d_i)", () => {
  const owners = transposed(uneven).pattern, users = rowIndices(uneven);
  const expected = Array.from(uneven.indices, (i, e) => (degree(uneven, users[e]) * degree(owners, i)) ** -0.5);
  assertClose([...edgeWeights(uneven)], expected, 1e-6);
});

Deno.test("pruned() keeps its share of the edges, each once", () => {
  for (const rho of [0, 0.3, 0.8, 0.99]) {
    const kept = pruned(key(1), uneven, rho);
    assertEquals(entries(kept), Math.max(1, Math.floor(entries(uneven) * (1 - rho))));
    assertEquals([kept.rows, kept.columns], [uneven.rows, uneven.columns]);
    rowIndices(kept).forEach((user, e) => assert(hasEntry(uneven, user, kept.indices[e])));
    assertEquals(new Set(edges(kept)).size, entries(kept));
  }
});

Deno.test("pruned() depends on the key alone: the same key keeps the same edges, another key others", () => {
  assertEquals(pruned(key(1), uneven, 0.8), pruned(key(1), uneven, 0.8));
  assertNotEquals(edges(pruned(key(1), uneven, 0.8)), edges(pruned(key(2), uneven, 0.8)));
});

Deno.test("pruned() draws the first edge in proportion to (3), and so keeps edges of low degrees more often", () => {
  // Three edges of weights 1/√2, 1/√4 and 1/√2: a path of two users and two items.
  const path = patternFromCoo([2, 2], [0, 0, 1], [0, 1, 1]);
  const weights = edgeWeights(path);
  const total = weights.reduce((sum, w) => sum + w, 0);
  const counts = [0, 0, 0], draws = 6000;
  for (let n = 0; n < draws; n++) counts[edges(path).indexOf(edges(pruned(foldIn(key(7), n), path, 0.6))[0])]++;
  counts.forEach((count, e) => {
    const share = weights[e] / total;
    assert(Math.abs(count / draws - share) < 4 * Math.sqrt(share * (1 - share) / draws), `edge ${e}: ${count}`);
  });
  assert(counts[0] > counts[1] && counts[2] > counts[1]);
});

Deno.test("refresh() normalises the edges of an epoch by its key, and none for an encoding", async () => {
  const { context, params } = await ready(small, { rho: 0.5 });
  const at = (n: number, purpose: "epoch" | "encode") =>
    freedom.refresh!(params, context, { key: key(n), epoch: n, purpose });
  const { kept } = await at(1, "epoch");
  const expected = symmetricAdjacency(pruned(key(1), context.history, 0.5));
  assertEquals(readSync(toDense(kept!)), readSync(toDense(expected)));
  assertEquals((await at(1, "epoch")).kept!.pattern, kept!.pattern);
  assertNotEquals((await at(2, "epoch")).kept!.pattern, kept!.pattern);
  assertEquals(await at(1, "encode"), {});
  const none = await ready(small, { rho: 0 });
  assertEquals(await freedom.refresh!(none.params, none.context, { key: key(1), epoch: 0, purpose: "epoch" }), {});
});

Deno.test("encode() is (5, 6): the mean of layers along interactions, and items along the item graph", async () => {
  const { context, params } = await ready(small, { layers: 2, itemLayers: 1 });
  const [users, items] = [rowsOf(params.users), rowsOf(params.items)];
  const adjacency = plainAdjacency(context.history);
  const one = product(adjacency, [...users, ...items]), two = product(adjacency, one);
  const mean = [...users, ...items].map((row, n) => row.map((x, d) => (x + one[n][d] + two[n][d]) / 3));
  const similar = product(rowsOf(toDense(context.similar)), items);
  const expected = mean.slice(users.length).map((row, i) => row.map((x, d) => x + similar[i][d]));
  const e = freedom.encode(params, context);
  assertClose(readSync(e.users), mean.slice(0, users.length).flat(), 1e-5);
  assertClose(readSync(e.items), expected.flat(), 1e-5);
});

Deno.test("loss() is (8): BPR of final embeddings, and λ times BPR of each modality", async () => {
  const { context, params, batch } = await ready(small, { lambda: 0.3 });
  const e = freedom.encode(params, context);
  const tables = [e.items, ...Object.values(project(params, context))].map(rowsOf);
  const users = rowsOf(e.users);
  const bpr = tables.map((items) => {
    const terms = Array.from(batch.users, (user, n) => {
      const [p, q] = [batch.positives, batch.negatives].map((ids) => dot(users[user], items[ids[n]]));
      return Math.log1p(Math.exp(q - p));
    });
    return terms.reduce((sum, x) => sum + x, 0) / terms.length;
  });
  const expected = bpr[0] + 0.3 * (bpr[1] + bpr[2] + bpr[3]);
  assertClose(readSync(freedom.loss(params, batch, context, key(0))), [expected], 1e-5);
});

Deno.test("loss() has the right gradient, along the pruned graph of an epoch", async () => {
  const { context, params, batch } = await ready(small, { rho: 0.5, lambda: 0.3 });
  const { loss, refresh } = objective(freedom, context);
  const fresh = await refresh(params, { key: key(6), epoch: 0 });
  assert(await checkGradient((p: Tree) => loss(p as typeof params, batch, key(0), fresh), params) < 2e-2);
});

Deno.test("freedom gives sparse features the scores and the loss of the same features when dense", async () => {
  const values = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const at = Array.from({ length: 8 }, (_, item) => [item, item % 3]);
  const pattern = patternFromCoo([8, 3], at.map(([i]) => i), at.map(([, c]) => c));
  const written = new Float32Array(24);
  at.forEach(([item, column], e) => written[3 * item + column] = values[e]);
  const known = new Uint8Array(8).fill(1);
  const results = await Promise.all([
    { kind: "sparse", pattern, values, known } as const,
    { kind: "dense", columns: 3, values: written, known } as const,
  ].map(async (tags) => {
    const { context, params, batch } = await ready({ ...small, modalities: { tags } });
    const e = freedom.encode(params, context);
    return [e.users, e.items, freedom.loss(params, batch, context, key(0))].flatMap((x) => [...readSync(x)]);
  }));
  assertClose(results[0], results[1], 1e-5);
});
