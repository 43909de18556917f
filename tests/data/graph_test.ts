/** Tests of graphs of users and items, graphs of items, and their normalisation. @module */
import { ValueError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { checkGradient } from "../../src/core/check.ts";
import { degree, entries, hasEntry, type Pattern, patternFromCoo, rowIndices, rowOf } from "../../src/core/pattern.ts";
import type { Csr } from "../../src/core/sparse.ts";
import { fromArray, read, readSync, type Tensor, type Vector } from "../../src/core/tensor.ts";
import {
  bipartite,
  enhancedAdjacency,
  patternUnion,
  sharedNeighbours,
  sumSparse,
  symmetricAdjacency,
  symmetricNormalized,
  userBlock,
  walkAdjacency,
} from "../../src/data/graph.ts";
import {
  add,
  addAll,
  csr,
  matmulNT,
  mul,
  normalizeRows,
  reshape,
  segmentSum,
  spmm,
  sqrt,
  sum,
  toDense,
  transpose,
} from "../../src/ops/mod.ts";
import { normal } from "../../src/ops/draw.ts";
import { key } from "../../src/core/random.ts";
import { assertClose, devices, numbers, patterns, seeds } from "../support.ts";

const histories: fc.Arbitrary<Pattern> = fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 8 }))
  .chain(([users, items]) => patterns(users, items));

Deno.test("bipartite() has an entry in both directions for every interaction, users first", () => {
  fc.assert(fc.property(histories, (history) => {
    const graph = bipartite(history);
    assertEquals([graph.rows, graph.columns], [history.rows + history.columns, history.rows + history.columns]);
    assertEquals(entries(graph), 2 * entries(history));
    for (let user = 0; user < history.rows; user++) {
      assertEquals([...rowOf(graph, user)], [...rowOf(history, user)].map((item) => item + history.rows));
    }
    for (let item = 0; item < history.columns; item++) {
      const users = [...Array(history.rows).keys()].filter((user) => rowOf(history, user).includes(item));
      assertEquals([...rowOf(graph, history.rows + item)], users);
    }
  }));
});

Deno.test("symmetricAdjacency() has the weight 1 / √(degree of the user · degree of the item)", () => {
  fc.assert(fc.property(histories, (history) => {
    const { pattern, values } = symmetricAdjacency(history);
    const weights = readSync(values);
    const popularity = (item: number) => history.indices.filter((other) => other === item).length;
    for (let user = 0; user < history.rows; user++) {
      rowOf(pattern, user).forEach((node, k) => {
        const expected = 1 / Math.sqrt(degree(history, user) * popularity(node - history.rows));
        assertClose([weights[pattern.offsets[user] + k]], [expected], 1e-6);
      });
    }
  }));
});

Deno.test("symmetricAdjacency() is symmetric, and empty in the rows of isolated nodes", () => {
  fc.assert(fc.property(histories, (history) => {
    const adjacency = symmetricAdjacency(history);
    const dense = toDense(adjacency);
    assertEquals(readSync(transpose(dense)), readSync(dense));
    assertEquals(readSync(adjacency.transposedValues), readSync(adjacency.values));
    for (let user = 0; user < history.rows; user++) {
      assertEquals(degree(adjacency.pattern, user) === 0, degree(history, user) === 0);
    }
    for (let item = 0; item < history.columns; item++) {
      assertEquals(degree(adjacency.pattern, history.rows + item) === 0, !history.indices.includes(item));
    }
  }));
});

Deno.test("symmetricAdjacency() has no eigenvalue beyond 1 in size, and 1 where there is an interaction", () => {
  fc.assert(
    fc.property(histories, (history) => {
      const adjacency = symmetricAdjacency(history);
      // Power iteration with A + I, because −λ is an eigenvalue of A if λ is.
      let x: Tensor<readonly [number, number]> = normal(key(0), [adjacency.pattern.rows, 1]);
      for (let n = 0; n < 300; n++) x = transpose(normalizeRows(transpose(addAll([spmm(adjacency, x), x]))));
      const [largest] = readSync(sum(mul(x, spmm(adjacency, x))));
      assert(largest <= 1 + 1e-5, `${largest}`);
      if (entries(history) > 0) assert(largest > 1 - 1e-4, `${largest}`);
      const y = normal(key(1), [adjacency.pattern.rows, 3]);
      const [before, after] = [y, spmm(adjacency, y)].map((z) => readSync(matmulNT(transpose(z), transpose(z))));
      for (const n of [0, 4, 8]) assert(after[n] <= before[n] * (1 + 1e-5), "no vector grows");
    }),
    { numRuns: 40 },
  );
});

Deno.test("symmetricAdjacency() is on the given device", async () => {
  await fc.assert(
    fc.asyncProperty(histories, async (history) => {
      const [specified, ...others] = await Promise.all(devices.map((device) => {
        const { values, transposedValues } = symmetricAdjacency(history, { device });
        assert(values.storage.device === device && transposedValues.storage.device === device);
        return read(values);
      }));
      for (const other of others) assertEquals(other, specified);
    }),
    { numRuns: 10 },
  );
});

Deno.test("walkAdjacency() has equal weights in a row, and its rows sum to 1 or are empty", () => {
  fc.assert(fc.property(histories, fc.boolean(), (history, self) => {
    const [graph, { pattern, values }] = [bipartite(history), walkAdjacency(history, { self })];
    const weights = readSync(values);
    for (let node = 0; node < graph.rows; node++) {
      const neighbours = [...rowOf(graph, node), ...self ? [node] : []];
      assertEquals([...rowOf(pattern, node)], neighbours.sort((a, b) => a - b));
      const row = weights.subarray(pattern.offsets[node], pattern.offsets[node + 1]);
      assertClose(row, neighbours.map(() => 1 / neighbours.length), 1e-6);
    }
  }));
});

Deno.test("symmetricAdjacency() with self loops is (D + I)^(−½) (A + I) (D + I)^(−½)", () => {
  fc.assert(fc.property(histories, (history) => {
    const { pattern, values } = symmetricAdjacency(history, { self: true });
    assertEquals(pattern, walkAdjacency(history, { self: true }).pattern);
    const expected = Array.from(
      rowIndices(pattern),
      (row, e) => 1 / Math.sqrt(degree(pattern, row) * degree(pattern, pattern.indices[e])),
    );
    assertClose(readSync(values), expected, 1e-6);
  }));
});

/** A history, and semantic neighbours of its items: no item is its own. */
const enhanced = histories.chain((history) =>
  patterns(history.columns, history.columns).map((graph) => {
    const rows = rowIndices(graph);
    const kept = [...rows.keys()].filter((e) => rows[e] !== graph.indices[e]);
    const semantic: Pattern = patternFromCoo(
      [graph.rows, graph.columns],
      kept.map((e) => rows[e]),
      kept.map((e) => graph.indices[e]),
    );
    return { history, semantic };
  })
);

Deno.test("enhancedAdjacency() has entries from items to their semantic neighbours, with weights by row sums", () => {
  fc.assert(fc.property(enhanced, ({ history, semantic }) => {
    const { pattern, values } = enhancedAdjacency(history, semantic);
    const { rows: users, columns: items } = history;
    const linked = (a: number, b: number) =>
      a < users
        ? b >= users && hasEntry(history, a, b - users)
        : b < users
        ? hasEntry(history, b, a - users)
        : hasEntry(semantic, a - users, b - users);
    const nodes = [...Array(users + items).keys()];
    const sums = nodes.map((a) => nodes.filter((b) => linked(a, b)).length);
    const expected = nodes.flatMap((a) =>
      nodes.map((b) => linked(a, b) && sums[b] > 0 ? 1 / Math.sqrt(sums[a] * sums[b]) : 0)
    );
    assertClose(readSync(toDense({ pattern, values })), expected, 1e-6);
    assertEquals(entries(pattern), 2 * entries(history) + entries(semantic));
  }));
});

Deno.test("enhancedAdjacency() without semantic neighbours is symmetricAdjacency()", () => {
  fc.assert(fc.property(histories, (history) => {
    const none = patternFromCoo([history.columns, history.columns], [], []);
    const [found, plain] = [enhancedAdjacency(history, none), symmetricAdjacency(history)];
    assertEquals(found.pattern, plain.pattern);
    assertClose(readSync(found.values), readSync(plain.values), 1e-6);
  }));
});

Deno.test("userBlock() is the part of a graph that leads from users to items", () => {
  fc.assert(fc.property(enhanced, ({ history, semantic }) => {
    const graph = enhancedAdjacency(history, semantic);
    const { rows: users, columns: items } = history;
    const block = userBlock(graph, users);
    assertEquals(block.pattern, history);
    const dense = readSync(toDense(graph));
    const part = Array.from({ length: users }, (_, u) => [...dense.subarray((u + 1) * (users + items) - items)])
      .flatMap((row) => row.slice(0, items));
    assertEquals([...readSync(toDense(block))], part);
  }));
});

/** A square sparse matrix with positive numbers, of which some rows may be empty. */
const weighted: fc.Arbitrary<Csr> = fc.tuple(fc.integer({ min: 1, max: 8 }), seeds).chain(([size, seed]) =>
  patterns(size, size).map((pattern) => {
    const values = numbers(seed, entries(pattern)).map((z) => 0.2 + Math.abs(z));
    return csr(pattern, fromArray(values, [values.length]));
  })
);

Deno.test("symmetricNormalized() divides entry (i, j) by the roots of the sums of row i and row j", () => {
  fc.assert(fc.property(weighted, ({ pattern, values }) => {
    const weights = readSync(values);
    const sums = Array.from(
      { length: pattern.rows },
      (_, r) => weights.subarray(pattern.offsets[r], pattern.offsets[r + 1]).reduce((a, b) => a + b, 0),
    );
    const expected = Array.from(rowIndices(pattern), (r, e) => {
      const other = sums[pattern.indices[e]];
      return other > 0 ? weights[e] / Math.sqrt(sums[r] * other) : 0;
    });
    const found = symmetricNormalized({ pattern, values, transposedValues: values });
    assertEquals(found.pattern, pattern);
    assertClose(readSync(found.values), expected, 1e-6);
  }));
});

Deno.test("symmetricNormalized() keeps symmetry, and has the roots of the row sums as an eigenvector of 1", () => {
  fc.assert(fc.property(weighted, (k) => {
    const symmetric = sumSparse([k, transposedOf(k)]);
    const dense = toDense(symmetricNormalized(symmetric));
    assertClose(readSync(transpose(dense)), readSync(dense), 1e-6);
    const roots = reshape(sqrt(segmentSum(symmetric.values, symmetric.pattern)), [k.pattern.rows, 1]);
    assertClose(readSync(spmm(symmetricNormalized(symmetric), roots)), readSync(roots), 1e-5);
  }));
});

/** The transpose of a sparse matrix, built from its entries. */
function transposedOf({ pattern, values }: Csr): { pattern: Pattern; values: Vector } {
  const weights = readSync(values);
  const cells = Array.from(rowIndices(pattern), (r, e) => ({ r: pattern.indices[e], c: r, x: weights[e] }))
    .sort((a, b) => a.r - b.r || a.c - b.c);
  const flipped = patternFromCoo([pattern.columns, pattern.rows], cells.map(({ r }) => r), cells.map(({ c }) => c));
  return { pattern: flipped, values: fromArray(cells.map(({ x }) => x), [cells.length]) };
}

Deno.test("symmetricNormalized() and sumSparse() have the right gradients", async () => {
  await fc.assert(
    fc.asyncProperty(weighted, weighted, seeds, async (a, b, seed) => {
      fc.pre(a.pattern.rows === b.pattern.rows && entries(a.pattern) > 0);
      const count = entries(patternUnion([a.pattern, b.pattern]));
      const weights = fromArray(numbers(seed, count), [count]);
      // The plain sum is added because the normalised matrix of a single entry has no slope.
      const f = (values: Vector) =>
        add(sum(values), sum(mul(weights, symmetricNormalized(sumSparse([{ ...a, values }, b])).values)));
      assert(await checkGradient(f, a.values) < 5e-3);
    }),
    { numRuns: 30 },
  );
});

Deno.test("sumSparse() is the sum, with an entry wherever a part has one", () => {
  const several = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }))
    .chain(([rows, columns]) => fc.array(patterns(rows, columns), { minLength: 1, maxLength: 3 }));
  fc.assert(fc.property(several, seeds, (parts, seed) => {
    const sparse = parts.map((pattern, n) => {
      const values = numbers(seed + n, entries(pattern));
      return csr(pattern, fromArray(values, [values.length]));
    });
    const total = sumSparse(sparse);
    assertClose(readSync(toDense(total)), readSync(addAll(sparse.map(toDense))), 1e-6);
    assertEquals(total.pattern, patternUnion(parts));
    for (let r = 0; r < total.pattern.rows; r++) {
      for (let c = 0; c < total.pattern.columns; c++) {
        assertEquals(hasEntry(total.pattern, r, c), parts.some((part) => hasEntry(part, r, c)));
      }
    }
  }));
});

Deno.test("sharedNeighbours() are neighbours in every graph, other than the item itself", () => {
  const several = fc.integer({ min: 1, max: 6 })
    .chain((size) => fc.array(patterns(size, size), { minLength: 1, maxLength: 3 }));
  fc.assert(fc.property(several, (graphs) => {
    const shared = sharedNeighbours(graphs);
    for (let r = 0; r < shared.rows; r++) {
      for (let c = 0; c < shared.rows; c++) {
        assertEquals(hasEntry(shared, r, c), r !== c && graphs.every((graph) => hasEntry(graph, r, c)));
      }
    }
    assertEquals(sharedNeighbours([...graphs, ...graphs.toReversed()]), shared);
  }));
});

Deno.test("patternUnion() with a shape takes an empty list, and refuses patterns of another shape", () => {
  assertEquals(patternUnion([], [2, 3]), patternFromCoo([2, 3], [], []));
  const pattern = patternFromCoo([2, 3], [0, 1], [2, 0]);
  assertEquals(patternUnion([pattern], [2, 3]), pattern);
  assertThrows(
    () => patternUnion([pattern], [2, 4]),
    ValueError,
    "Cannot take the union of [2, 3] patterns: all must be [2, 4]",
  );
});

Deno.test("graphs of different sizes and empty lists of graphs are refused", () => {
  const [small, large] = [patternFromCoo([2, 2], [], []), patternFromCoo([3, 3], [], [])];
  for (
    const [attempt, message] of [
      [
        () => patternUnion([small, large]),
        "Cannot take the union of [2, 2] and [3, 3] patterns: at least one is needed, and all must have one size",
      ],
      [
        () => patternUnion([]),
        "Cannot take the union of no patterns: at least one is needed, and all must have one size",
      ],
      [
        () => sharedNeighbours([large, small]),
        "Cannot find shared neighbours in [3, 3] and [2, 2] patterns: at least one is needed, and all must have one size",
      ],
    ] as const
  ) assertThrows(attempt, ValueError, message);
});
