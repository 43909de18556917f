/** Tests of nearest neighbours against a comparison of all pairs, and their laws. @module */
import { ValueError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { degree, entries, type Pattern, patternFromCoo, rowIndices, rowOf } from "../../src/core/pattern.ts";
import type { Csr } from "../../src/core/sparse.ts";
import { fromArray, type Matrix, type Placement, read, readSync } from "../../src/core/tensor.ts";
import { nearestNeighbours } from "../../src/data/neighbours.ts";
import { csr } from "../../src/ops/sparse.ts";
import { fc } from "../fc.ts";
import { assertClose, devices, numbers, runsOn, seeds } from "../support.ts";

type Rows = readonly (readonly number[])[];

const sizes = fc.record({
  count: fc.integer({ min: 1, max: 30 }),
  width: fc.integer({ min: 2, max: 20 }),
  seed: seeds,
});
/** Rows of normal numbers, about a third of them 0 if the rows are to be sparse. */
const rowsOf = (sparse: boolean): fc.Arbitrary<Rows> =>
  sizes.map(({ count, width, seed }) => {
    const x = numbers(seed, count * width).map((z) => sparse && Math.abs(z) < 0.43 ? 0 : z);
    return Array.from({ length: count }, (_, r) => [...x.subarray(r * width, (r + 1) * width)]);
  });
const neighbourCount = fc.integer({ min: 1, max: 12 });

const dense = (rows: Rows, place?: Placement): Matrix => fromArray(rows.flat(), [rows.length, rows[0].length], place);
function sparse(rows: Rows, place?: Placement): Csr {
  const cells = rows.flatMap((row, r) => row.flatMap((x, c) => x === 0 ? [] : [{ r, c, x }]));
  const where = patternFromCoo([rows.length, rows[0].length], cells.map(({ r }) => r), cells.map(({ c }) => c));
  return csr(where, fromArray(cells.map(({ x }) => x), [cells.length], place));
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, d) => sum + x * b[d], 0);
const cosine = (a: readonly number[], b: readonly number[]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)) || 0;

/** The neighbours of each row with their similarities, best first, by a comparison of all pairs. */
function compared(rows: Rows, k: number): { c: number; s: number }[][] {
  return rows.map((row, r) => {
    const others = rows.map((other, c) => ({ c, s: cosine(row, other) })).filter(({ c, s }) => c !== r && s > 0);
    return [{ c: r, s: 1 }, ...others.sort((a, b) => b.s - a.s || a.c - b.c).slice(0, k - 1)];
  });
}

for (const [kind, made] of [["dense", dense], ["sparse", sparse]] as const) {
  for (const device of devices) {
    const where = `${device.name}, ${device.threads} threads`;
    Deno.test(`nearestNeighbours() of ${kind} rows agrees with comparing all with all, on ${where}`, async () => {
      await fc.assert(
        fc.asyncProperty(rowsOf(kind === "sparse"), neighbourCount, async (rows, k) => {
          const { pattern, values } = await nearestNeighbours(made(rows, { device }), k);
          const owners = rowIndices(pattern);
          const similar = await read(values);
          assertClose(similar, Array.from(owners, (r, e) => cosine(rows[r], rows[pattern.indices[e]]) || 1));
          // Rounding may exchange neighbours of equal similarity, so the similarities are compared.
          compared(rows, k).forEach((list, r) => {
            const found = similar.subarray(pattern.offsets[r], pattern.offsets[r + 1]);
            assertClose(found.toSorted((a, b) => b - a), list.map(({ s }) => s));
          });
          assert(values.storage.device === device);
        }),
        runsOn(device, 40),
      );
    });
  }

  Deno.test(`nearestNeighbours() of ${kind} rows gives the same bits for blocks of any size`, async () => {
    await fc.assert(
      fc.asyncProperty(rowsOf(kind === "sparse"), neighbourCount, fc.nat(2000), async (rows, k, budget) => {
        const [whole, cut] = [
          await nearestNeighbours(made(rows), k),
          await nearestNeighbours(made(rows), k, { budget: budget + 1 }),
        ];
        assertEquals(cut.pattern, whole.pattern);
        assertEquals(readSync(cut.values), readSync(whole.values));
      }),
      { numRuns: 40 },
    );
  });

  Deno.test(`nearestNeighbours() gives ${kind} rows of zeros themselves alone, and no other row a row of zeros`, async () => {
    await fc.assert(
      fc.asyncProperty(rowsOf(kind === "sparse"), neighbourCount, fc.nat(29), async (rows, k, where) => {
        const empty = where % rows.length;
        const { pattern, values } = await nearestNeighbours(
          made(rows.map((row, r) => r === empty ? row.map(() => 0) : row)),
          k,
        );
        assertEquals([...rowOf(pattern, empty)], [empty]);
        assertEquals(pattern.indices.filter((column) => column === empty).length, 1);
        assert(readSync(values).every(Number.isFinite));
      }),
      { numRuns: 40 },
    );
  });

  Deno.test(`nearestNeighbours() of ${kind} rows prefers the lower number among equals`, async () => {
    const copies = fc.array(fc.nat(2), { minLength: 1, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(seeds, neighbourCount, copies, async (seed, k, kinds) => {
        const rows = kinds.map((which) => [...numbers(seed + which, 5)]);
        const { pattern } = await nearestNeighbours(made(rows), k);
        const expected = compared(rows, k).map((list) => list.map(({ c }) => c).sort((a, b) => a - b));
        assertEquals(rows.map((_, r) => [...rowOf(pattern, r)]), expected);
      }),
      { numRuns: 60 },
    );
  });
}

Deno.test("nearestNeighbours() has the row itself with value 1, at most k entries, ascending, and sums of 1 or more", async () => {
  await fc.assert(fc.asyncProperty(rowsOf(true), neighbourCount, async (rows, k) => {
    const { pattern, values } = await nearestNeighbours(dense(rows), k);
    const similarities = readSync(values);
    for (let row = 0; row < rows.length; row++) {
      const [list, found] = [
        rowOf(pattern, row),
        similarities.subarray(pattern.offsets[row], pattern.offsets[row + 1]),
      ];
      assertEquals(found[list.indexOf(row)], 1);
      assert(degree(pattern, row) <= k);
      assertEquals([...list], [...list].sort((a, b) => a - b));
      assert(found.every((s) => s > 0 && s < 1 + 1e-6) && found.reduce((sum, s) => sum + s, 0) >= 1);
    }
  }));
});

Deno.test("nearestNeighbours() are the k nearest rows without those whose similarity is not above 0", async () => {
  await fc.assert(fc.asyncProperty(rowsOf(false), neighbourCount, async (rows, k) => {
    const { pattern } = await nearestNeighbours(dense(rows), k);
    rows.forEach((row, r) => {
      const similar = rows.map((other, c) => c === r ? Infinity : cosine(row, other));
      const nearest = [...rows.keys()].sort((a, b) => similar[b] - similar[a]).slice(0, k);
      const left = nearest.filter((c) => similar[c] > 0);
      assertEquals([...rowOf(pattern, r)], left.sort((a, b) => a - b));
    });
  }));
  // The two nearest of opposite rows have similarities of 1 and −1: a row sum of 0, by which division is impossible.
  assertEquals(entries((await nearestNeighbours(dense([[1, 2], [-1, -2]]), 2)).pattern), 2);
});

Deno.test("nearestNeighbours() does not depend on the lengths of rows", async () => {
  await fc.assert(fc.asyncProperty(rowsOf(false), neighbourCount, seeds, async (rows, k, seed) => {
    const lengths = numbers(seed, rows.length).map((z) => 2 ** Math.round(3 * z));
    const [plain, stretched] = [rows, rows.map((row, r) => row.map((x) => x * lengths[r]))];
    const [a, b] = [await nearestNeighbours(dense(plain), k), await nearestNeighbours(dense(stretched), k)];
    assertEquals(a.pattern, b.pattern);
    assertClose(readSync(a.values), readSync(b.values));
  }));
});

Deno.test("nearestNeighbours() follows the rows when they are renumbered", async () => {
  await fc.assert(fc.asyncProperty(rowsOf(false), neighbourCount, seeds, async (rows, k, seed) => {
    const draws = numbers(seed, rows.length);
    const order = rows.map((_, r) => r).sort((a, b) => draws[a] - draws[b]);
    const { pattern, values } = await nearestNeighbours(dense(rows), k);
    const moved = await nearestNeighbours(dense(order.map((r) => rows[r])), k);
    // Entry (r, c) of the renumbered graph is entry (order[r], order[c]) of the other.
    const cells = (graph: Pattern, s: Float32Array, name: (r: number) => number) =>
      Array.from(rowIndices(graph), (r, e) => [name(r), name(graph.indices[e]), s[e]])
        .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const [before, after] = [
      cells(pattern, readSync(values), (r) => r),
      cells(moved.pattern, readSync(moved.values), (r) => order[r]),
    ];
    assertEquals(after.map(([r, c]) => [r, c]), before.map(([r, c]) => [r, c]));
    assertClose(after.map(([, , s]) => s), before.map(([, , s]) => s));
  }));
});

Deno.test("nearestNeighbours() of no rows is empty, and a wrong k or budget is refused", async () => {
  assertEquals(entries((await nearestNeighbours(fromArray([], [0, 3]), 2)).pattern), 0);
  for (
    const [k, budget, message] of [
      [0, 1, "Cannot find the 0 nearest neighbours: k must be a whole number from 1"],
      [1.5, 1, "Cannot find the 1.5 nearest neighbours: k must be a whole number from 1"],
      [2, 0, "Cannot find the nearest neighbours with a budget of 0 bytes: it must be above 0"],
    ] as const
  ) {
    await assertRejects(() => nearestNeighbours(dense([[1]]), k, { budget }), ValueError, message);
  }
});
