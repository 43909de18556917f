/** Inner products and their losses against plain sums, and nodes against their parts. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { patternFromCoo, rowIndices } from "../../src/core/pattern.ts";
import { key } from "../../src/core/random.ts";
import { readSync } from "../../src/core/tensor.ts";
import { symmetricAdjacency } from "../../src/data/graph.ts";
import {
  batchL2,
  batchNorms,
  batchRows,
  dotBpr,
  dotScore,
  type Factors,
  factorsOf,
  layersOf,
  meanOfLayers,
  nodesOf,
} from "../../src/models/factors.ts";
import { normal } from "../../src/ops/mod.ts";
import { assertClose, patterns } from "../support.ts";
import { dot, plainAdjacency, plainPropagate, range, rowsOf, triplesOf } from "./monet_plain.ts";
import { everyone } from "./worlds.ts";

const size = fc.integer({ min: 1, max: 6 });
const drawn = fc.tuple(size, fc.integer({ min: 2, max: 7 }), size, fc.nat(1e6)).chain(([users, items, dim, seed]) =>
  patterns(users, items).filter(({ indices, offsets }) =>
    indices.length > 0 && range(users).every((user) => offsets[user + 1] - offsets[user] < items)
  ).map((history) => ({
    history,
    factors: { users: normal(key(seed), [users, dim]), items: normal(key(seed + 1), [items, dim]) } as Factors,
  }))
);

Deno.test("dotScore() is ⟨e_u, e_c⟩", () => {
  fc.assert(fc.property(drawn, ({ history, factors }) => {
    const [users, items] = [rowsOf(factors.users), rowsOf(factors.items)];
    const expected = users.flatMap((u) => items.map((c) => dot(u, c)));
    assertClose(readSync(dotScore(factors, everyone(history))), expected);
  }));
});

Deno.test("dotBpr(), batchL2() and batchNorms() are what they say of the rows of a batch", () => {
  fc.assert(fc.property(drawn, ({ history, factors }) => {
    const batch = triplesOf(history);
    const rows = batchRows(factors, batch);
    const [users, items] = [rowsOf(factors.users), rowsOf(factors.items)];
    const [u, p, n] = [
      [...batch.users].map((r) => users[r]),
      [...batch.positives].map((r) => items[r]),
      [...batch.negatives].map((r) => items[r]),
    ];
    assertEquals([rows.users, rows.positives, rows.negatives].map(rowsOf), [u, p, n]);
    const b = u.length;
    const bpr = u.reduce((sum, row, k) => sum + Math.log1p(Math.exp(dot(row, n[k]) - dot(row, p[k]))), 0) / b;
    const squares = [u, p, n].map((rows) => rows.reduce((sum, row) => sum + dot(row, row), 0));
    assertClose(readSync(dotBpr(rows)), [bpr], 2e-5);
    assertClose(readSync(batchL2(0.3, rows)), [0.3 / b * squares.reduce((sum, x) => sum + x / 2, 0)], 2e-5);
    assertClose(readSync(batchNorms(0.3, rows)), [0.3 / b * squares.reduce((sum, x) => sum + Math.sqrt(x), 0)], 2e-5);
  }));
});

Deno.test("factorsOf() takes apart what nodesOf() joins, users first", () => {
  fc.assert(fc.property(drawn, ({ history, factors }) => {
    const nodes = nodesOf(factors);
    assertEquals(rowsOf(nodes), [...rowsOf(factors.users), ...rowsOf(factors.items)]);
    const { users, items } = factorsOf(nodes, history);
    assertEquals([rowsOf(users), rowsOf(items)], [rowsOf(factors.users), rowsOf(factors.items)]);
  }));
});

Deno.test("layersOf() multiplies by the graph once a layer, and meanOfLayers() is their mean", () => {
  fc.assert(fc.property(drawn, fc.nat(3), ({ history, factors }, layers) => {
    const known = patternFromCoo([history.rows, history.columns], rowIndices(history), history.indices);
    const [graph, h] = [symmetricAdjacency(known), nodesOf(factors)];
    const all = layersOf(graph, h, layers);
    const options = { propagation: "megcn", alpha: 0 } as Parameters<typeof plainPropagate>[2];
    all.forEach((layer, l) => {
      const expected = plainPropagate(plainAdjacency(known), rowsOf(h), { ...options, layers: l });
      assertClose(readSync(layer), expected.flat());
    });
    const sums = all.map((layer) => readSync(layer)).reduce((a, b) => a.map((x, i) => x + b[i]));
    assertClose(readSync(meanOfLayers(graph, h, layers)), sums.map((x) => x / (layers + 1)));
  }));
});
