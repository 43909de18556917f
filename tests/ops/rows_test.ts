/** Tests of operations on rows beyond the catalogue: adjoints, vectors, and errors. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { vjp } from "../../src/core/autodiff.ts";
import { degree, entries, type Pattern, patternFromCoo, rowIndices, rowSelector } from "../../src/core/pattern.ts";
import { ShapeError } from "../../src/core/shape.ts";
import { ValueError } from "../../kernels/errors.ts";
import { fromArray, type Matrix, readSync, tensor, zeros } from "../../src/core/tensor.ts";
import * as ops from "../../src/ops/mod.ts";
import { assertClose, numbers, seeds } from "../support.ts";
import { anyPattern, dot, draw, list } from "./drawn.ts";

Deno.test("gather() and scatterAdd() are adjoint, of vectors and of matrices", () => {
  const cases = fc.integer({ min: 1, max: 6 }).chain((rows) => fc.tuple(fc.constant(rows), fc.array(fc.nat(rows - 1))));
  fc.assert(fc.property(cases, seeds, ([rows, indices], seed) => {
    const choice: Pattern = rowSelector(Int32Array.from(indices), rows);
    const [x, y] = [draw(seed, rows, 3), draw(seed + 1, indices.length, 3)];
    assertClose(dot(ops.gather(x, choice), y), dot(x, ops.scatterAdd(y, choice)), 1e-4);
    const [v, w] = [list(seed, rows), list(seed + 1, indices.length)];
    assertEquals([...readSync(ops.gather(v, choice))], indices.map((i) => readSync(v)[i]));
    assertClose(dot(ops.gather(v, choice), w), dot(v, ops.scatterAdd(w, choice)), 1e-4);
  }));
});

Deno.test("gather() accepts numbers in an Int32Array, an array or a pattern, with the same rows and gradients", () => {
  const cases = fc.integer({ min: 1, max: 6 }).chain((rows) => fc.tuple(fc.constant(rows), fc.array(fc.nat(rows - 1))));
  fc.assert(fc.property(cases, seeds, ([rows, numbers], seed) => {
    const [x, y] = [draw(seed, rows, 3), draw(seed + 1, numbers.length, 3)];
    const ids = Int32Array.from(numbers);
    const [expected, ...others] = [rowSelector(ids, rows) as Pattern, ids, numbers].map((chosen) => {
      const [picked, back] = vjp((x: Matrix) => ops.gather(x, chosen as Int32Array), x);
      return [readSync(picked), readSync(back(y))];
    });
    for (const other of others) assertEquals(other, expected);
  }));
});

Deno.test("gather() copies its numbers: the array may change before the gradient is taken", () => {
  const ids = Int32Array.of(2, 0);
  const [, back] = vjp((x: Matrix) => ops.gather(x, ids), tensor([[1], [2], [3]]));
  ids.fill(1);
  assertEquals([...readSync(back(tensor([[5], [7]])))], [7, 0, 5]);
});

Deno.test("gather() refuses numbers of rows that do not exist", () => {
  const refused = (x: Matrix, ids: readonly number[], message: string) =>
    assertEquals(assertThrows(() => ops.gather(x, ids), ValueError).message, message);
  const x = zeros([5, 3]);
  refused(x, [0, 5], "Cannot gather row 5 of [5, 3]: rows are numbered from 0 to 4");
  refused(x, [-1], "Cannot gather row -1 of [5, 3]: rows are numbered from 0 to 4");
  refused(x, [1.5], "Cannot gather row 1.5 of [5, 3]: rows are numbered from 0 to 4");
  refused(x, [NaN], "Cannot gather row NaN of [5, 3]: rows are numbered from 0 to 4");
  refused(zeros([0, 3]), [0], "Cannot gather row 0 of [0, 3]: there are no rows");
  assertThrows(() => ops.gather(x, Int32Array.of(7)), ValueError, "Cannot gather row 7 of [5, 3]");
});

Deno.test("segmentSum() and segmentSoftmax() also accept one number per entry", () => {
  const pattern: Pattern = patternFromCoo([3, 3], [0, 0, 2], [0, 2, 1]);
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

Deno.test("segmentSoftmaxMean() also accepts one number per entry, and gives 0 for rows without entries", () => {
  const pattern: Pattern = patternFromCoo([4, 3], [0, 0, 3], [0, 2, 1]);
  const mean = ops.segmentSoftmaxMean(tensor([0, Math.log(3), -50]), tensor([4, 8, 5]), pattern);
  assertClose(readSync(mean), [7, 0, 0, 5], 1e-6);
});

Deno.test("segmentSoftmaxMean() is the sum of values weighted by segmentSoftmax(), and its gradients agree", () => {
  fc.assert(fc.property(anyPattern, fc.nat(5), seeds, (pattern, width, seed) => {
    const at = [seed, seed + 1].map((seed) => draw(seed, entries(pattern), width));
    const g = draw(seed + 2, pattern.rows, width);
    const [mean, meanBack] = vjp(([s, v]: Matrix[]) => ops.segmentSoftmaxMean(s, v, pattern), at);
    const weighted = ([s, v]: Matrix[]) => ops.segmentSum(ops.mul(ops.segmentSoftmax(s, pattern), v), pattern);
    const [sum, sumBack] = vjp(weighted, at);
    assertClose(readSync(mean), readSync(sum));
    meanBack(g).forEach((part, n) => assertClose(readSync(part), readSync(sumBack(g)[n]), 3e-5));
  }));
});

Deno.test("segmentSoftmaxMean() of equal scores is the plain mean, and a shift per segment changes nothing", () => {
  fc.assert(fc.property(anyPattern, seeds, fc.constantFrom(-1e4, -3, 0, 88, 1e4), (pattern, seed, shift) => {
    const values = list(seed, entries(pattern));
    const equal = fromArray(new Float32Array(entries(pattern)).fill(shift), [entries(pattern)]);
    const sums = readSync(ops.segmentSum(values, pattern));
    const plain = Array.from(sums, (sum, r) => sum / Math.max(1, degree(pattern, r)));
    assertClose(readSync(ops.segmentSoftmaxMean(equal, values, pattern)), plain);
    const scores = numbers(seed + 1, entries(pattern)).map((score) => Math.round(8 * score) / 8);
    const rows = rowIndices(pattern);
    const moved = scores.map((score, e) => score + 16 * rows[e]);
    const [first, second] = [scores, moved].map((s) =>
      ops.segmentSoftmaxMean(fromArray(s, [s.length]), values, pattern)
    );
    assertEquals(readSync(first), readSync(second));
  }));
});

Deno.test("operations on rows refuse shapes that do not fit", () => {
  const pattern: Pattern = patternFromCoo([2, 3], [0, 1], [2, 0]);
  const x = zeros([4, 5]) as Matrix;
  const refused: [() => unknown, string][] = [
    [
      () => ops.gather(x, pattern),
      "Cannot gather rows of [4, 5] by a [2, 3] pattern: the pattern must have 4 columns, one for each row",
    ],
    [
      () => ops.scatterAdd(x, pattern),
      "Cannot scatterAdd [4, 5] by a [2, 3] pattern: the pattern must have 4 rows, one for each row",
    ],
    [
      () => ops.segmentSum(x, pattern),
      "Cannot segmentSum [4, 5] over a pattern of 2 entries: one row per entry is needed",
    ],
    [() => ops.segmentSoftmax(x, pattern), "Cannot segmentSoftmax [4, 5] over a pattern of 2 entries"],
    [
      () => ops.segmentSoftmaxMean(x, x, pattern),
      "Cannot segmentSoftmaxMean [4, 5] and [4, 5] over a pattern of 2 entries: one row per entry is needed",
    ],
    [
      () => ops.segmentSoftmaxMean(zeros([2, 5]), zeros([2, 4]) as Matrix as Matrix<2, 5>, pattern),
      "Cannot segmentSoftmaxMean [2, 5] and [2, 4] over a pattern of 2 entries: one row per entry is needed",
    ],
  ];
  for (const [body, message] of refused) assertThrows(body, ShapeError, message);
});
