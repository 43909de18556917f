/** Tests of sparse operations beyond the catalogue: adjoints, other shapes, and what is refused. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { entries, type Pattern, patternOf, selection } from "../../src/core/pattern.ts";
import { ShapeError } from "../../src/core/shape.ts";
import type { Csr } from "../../src/core/sparse.ts";
import { fromArray, type Matrix, readSync, type Tensor, tensor, type Vector, zeros } from "../../src/core/tensor.ts";
import * as ops from "../../src/ops/mod.ts";
import { assertClose, numbers, patterns, seeds } from "../support.ts";

const anyPattern = fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 }))
  .chain(([rows, columns]) => patterns(rows, columns));
const draw = (seed: number, rows: number, columns: number): Matrix =>
  fromArray(numbers(seed, rows * columns), [rows, columns]);
const list = (seed: number, count: number): Vector => fromArray(numbers(seed, count), [count]);
const dot = (a: Tensor, b: Tensor) => readSync(ops.sum(ops.mul(a, b)));

Deno.test("spmm() agrees with a dense product, and so does the transpose's", () => {
  fc.assert(fc.property(anyPattern, fc.nat(5), seeds, (pattern, width, seed) => {
    const s: Csr = ops.csr(pattern, list(seed, entries(pattern)));
    const dense: Matrix = ops.toDense(s);
    const [x, y] = [draw(seed + 1, pattern.columns, width), draw(seed + 2, pattern.rows, width)];
    assertClose(readSync(ops.spmm(s, x)), readSync(ops.matmul(dense, x)));
    assertClose(readSync(ops.spmm(ops.transposeCsr(s), y)), readSync(ops.matmulTN(dense, y)));
  }));
});

Deno.test("spmm() and sddmm() are adjoint: ⟨S X, Y⟩ = ⟨s, sddmm(Y, X)⟩", () => {
  fc.assert(fc.property(anyPattern, fc.integer({ min: 1, max: 5 }), seeds, (pattern, width, seed) => {
    const values = list(seed, entries(pattern));
    const [x, y] = [draw(seed + 1, pattern.columns, width), draw(seed + 2, pattern.rows, width)];
    assertClose(dot(ops.spmm(ops.csr(pattern, values), x), y), dot(values, ops.sddmm(pattern, y, x)), 1e-4);
  }));
});

Deno.test("gather() and scatterAdd() are adjoint, of vectors and of matrices", () => {
  const cases = fc.integer({ min: 1, max: 6 }).chain((rows) => fc.tuple(fc.constant(rows), fc.array(fc.nat(rows - 1))));
  fc.assert(fc.property(cases, seeds, ([rows, indices], seed) => {
    const choice: Pattern = selection(Int32Array.from(indices), rows);
    const [x, y] = [draw(seed, rows, 3), draw(seed + 1, indices.length, 3)];
    assertClose(dot(ops.gather(x, choice), y), dot(x, ops.scatterAdd(y, choice)), 1e-4);
    const [v, w] = [list(seed, rows), list(seed + 1, indices.length)];
    assertEquals([...readSync(ops.gather(v, choice))], indices.map((i) => readSync(v)[i]));
    assertClose(dot(ops.gather(v, choice), w), dot(v, ops.scatterAdd(w, choice)), 1e-4);
  }));
});

Deno.test("segmentSum() and segmentSoftmax() take one number per entry too", () => {
  const pattern: Pattern = patternOf([3, 3], [0, 0, 2], [0, 2, 1]);
  assertEquals([...readSync(ops.segmentSum(tensor([1, 2, 4]), pattern))], [3, 0, 4]);
  assertClose(readSync(ops.segmentSoftmax(tensor([0, Math.log(3), -50]), pattern)), [0.25, 0.75, 1], 1e-6);
});

Deno.test("segmentSoftmax() sums to one over each segment, and a shift per segment changes nothing", () => {
  fc.assert(fc.property(anyPattern, seeds, (pattern, seed) => {
    const x = list(seed, entries(pattern));
    const weights = ops.segmentSoftmax(x, pattern);
    const sums = readSync(ops.segmentSum(weights, pattern));
    assertClose(sums, Array.from(sums, (_, r) => pattern.offsets[r + 1] > pattern.offsets[r] ? 1 : 0), 1e-6);
    assertClose(readSync(ops.segmentSoftmax(ops.shift(x, 3), pattern)), readSync(weights));
  }));
});

Deno.test("toDense() puts every value in its place", () => {
  const s = ops.csr(patternOf([2, 3], [0, 1, 1], [2, 0, 1]), tensor([5, 1, 2]));
  assertEquals([...readSync(ops.toDense(s))], [0, 0, 5, 1, 2, 0]);
});

Deno.test("transposeCsr() twice is the same matrix, and copies nothing", () => {
  const s = ops.csr(patternOf([2, 3], [0, 1], [2, 0]), tensor([5, 1]));
  const back = ops.transposeCsr(ops.transposeCsr(s));
  assert(back.pattern === s.pattern && back.values === s.values && back.mirror === s.mirror);
});

Deno.test("shapes that do not fit are refused before any arithmetic, with the shapes", () => {
  const pattern: Pattern = patternOf([2, 3], [0, 1], [2, 0]);
  const s: Csr = ops.csr(pattern, tensor([1, 2]));
  const x = zeros([4, 5]) as Matrix;
  const refused: [() => unknown, string][] = [
    [() => ops.csr(pattern, tensor([1])), "Cannot place [1] on a pattern of 2 entries"],
    [() => ops.spmm(s, x), "Cannot multiply a sparse [2, 3] by [4, 5]: inner axes must match"],
    [
      () => ops.sddmm(pattern, x, x),
      "Cannot multiply [4, 5] by [4, 5]ᵀ at a [2, 3] pattern: rows must match its axes, and inner axes each other",
    ],
    [() => ops.gather(x, pattern), "Cannot collect rows of [4, 5] by a [2, 3] pattern: it must have 3 rows"],
    [() => ops.scatterAdd(x, pattern), "Cannot collect rows of [4, 5] by a [3, 2] pattern: it must have 2 rows"],
    [() => ops.segmentSum(x, pattern), "Cannot collect rows of [4, 5] by a [2, 2] pattern: it must have 2 rows"],
    [() => ops.segmentSoftmax(x, pattern), "Cannot normalise [4, 5] over a pattern of 2 entries"],
  ];
  for (const [body, message] of refused) assertThrows(body, ShapeError, message);
});
