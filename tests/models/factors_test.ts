/** Tests of the helpers that models share: scores, losses, nodes and fusions. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { ValueError } from "../../kernels/errors.ts";
import { fc } from "../fc.ts";
import { patternFromCoo, rowIndices } from "../../src/core/pattern.ts";
import { key, normalArray } from "../../src/core/random.ts";
import { fromArray, readSync, tensor } from "../../src/core/tensor.ts";
import { symmetricAdjacency } from "../../src/data/graph.ts";
import {
  average,
  batchL2,
  batchNorms,
  batchRows,
  dotBpr,
  dotScore,
  drawFactors,
  drawFusion,
  type Factors,
  factorsOf,
  type FusionName,
  FUSIONS,
  layersOf,
  meanOfLayers,
  nodesOf,
  withinBatch,
} from "../../src/models/factors.ts";
import { concatColumns, normal } from "../../src/ops/mod.ts";
import { assertClose, patterns } from "../support.ts";
import { dot, plainAdjacency, plainFuse, plainPropagate, range, rowsOf, triplesOf } from "./monet_plain.ts";
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

Deno.test("dotBpr(), batchL2() and batchNorms() are their formulas on the rows of a batch", () => {
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

Deno.test("factorsOf() separates users and items that nodesOf() joins, users first", () => {
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

const names = Object.keys(FUSIONS) as FusionName[];

/** Parts of equal width, and parameters of a fusion, drawn so that every number counts. */
const sides = fc.record({ count: fc.integer({ min: 1, max: 4 }), rows: fc.nat(5), dim: fc.integer({ min: 1, max: 4 }) })
  .map(({ count, rows, dim }) => {
    const parts = range(count).map((n) => fromArray(normalArray(key(n), rows * dim), [rows, dim]));
    const params = (name: FusionName) => {
      const { fusion = {} } = drawFusion(name, key(9), { parts: count, dim });
      return name === "weighted" ? { weights: fromArray(normalArray(key(8), count), [count]) } : fusion;
    };
    return { parts, params, dim };
  });

Deno.test("FUSIONS are their formulas, for any number of parts", () => {
  fc.assert(
    fc.property(sides, fc.constantFrom(...names), ({ parts, params }, name) => {
      const fused = FUSIONS[name](concatColumns(parts), parts.length, params(name));
      assertClose(readSync(fused), plainFuse(parts.map(rowsOf), name, params(name)).flat());
    }),
  );
});

Deno.test("FUSIONS except fc leave a single part as it is", () => {
  const x = tensor([[1, -2], [3, 0.5]]);
  for (const name of names.filter((name) => name !== "fc")) {
    const { fusion = {} } = drawFusion(name, key(1), { parts: 1, dim: 2 });
    assertEquals(readSync(FUSIONS[name](x, 1, fusion)), readSync(x), name);
  }
});

Deno.test("drawFusion() begins with equal weights, and draws nothing for fusions without parameters", () => {
  fc.assert(
    fc.property(sides, ({ parts, dim }) => {
      const size = { parts: parts.length, dim };
      const { fusion = {} } = drawFusion("weighted", key(1), size);
      const side = concatColumns(parts);
      assertClose(
        readSync(FUSIONS.weighted(side, parts.length, fusion)),
        readSync(FUSIONS.mean(side, parts.length, {})),
        1e-6,
      );
      for (const name of ["concat", "sum", "mean", "max"] as const) assertEquals(drawFusion(name, key(1), size), {});
    }),
  );
});

Deno.test("drawFactors() refuses a distribution that there is not", () => {
  const history = patternFromCoo([2, 3], [0], [0]);
  const message = 'Cannot draw embeddings with the distribution "undefined": there are uniform, normal, small';
  assertThrows(() => drawFactors(key(1), history, { dim: 2, init: undefined as never }), ValueError, message);
});

Deno.test("withinBatch() selects the rows that the batch's own ids select, and keeps which ids are equal", () => {
  fc.assert(fc.property(drawn, fc.nat(1e6), ({ history, factors }, seed) => {
    const ids = (n: number, below: number) =>
      Int32Array.from(normalArray(key(seed + n), 9), (z) => Math.floor(Math.abs(z) * 99) % below);
    const [users, positives, negatives] = [history.rows, history.columns, history.columns].map((m, n) => ids(n, m));
    const batch = { users, positives, negatives, shared: false, step: 0 };
    const { batch: own, rowsOf: rows } = withinBatch(batch, history);
    const [found, expected] = [batchRows(rows(nodesOf(factors)), own), batchRows(factors, batch)];
    assertEquals(
      [found.users, found.positives, found.negatives].map((x) => [...readSync(x)]),
      [
        expected.users,
        expected.positives,
        expected.negatives,
      ].map((x) => [...readSync(x)]),
    );
    assertEquals(new Set(own.users).size, new Set(users).size);
    assertEquals(
      own.positives.map((p, n) => Number(p === own.negatives[n])),
      positives.map((p, n) => Number(p === negatives[n])),
    );
  }));
});

Deno.test("average() is the mean of few tensors and of many", () => {
  for (const count of [1, 2, 6, 7, 9]) {
    assertClose(readSync(average(range(count).map((n) => tensor([n, 2 * n])))), [(count - 1) / 2, count - 1]);
  }
});
