/** Tests of reductions and repetitions beyond the catalogue: adjoints, ties, and what is refused. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { grad } from "../../src/core/autodiff.ts";
import { ShapeError } from "../../src/core/shape.ts";
import { fromArray, type Matrix, ones, readSync, tensor, zeros } from "../../src/core/tensor.ts";
import * as ops from "../../src/ops/mod.ts";
import { assertClose, numbers, seeds } from "../support.ts";

const size = fc.nat(6);

Deno.test("repeating is the adjoint of summing: ⟨repeat v, X⟩ = ⟨v, sums of X⟩", () => {
  fc.assert(fc.property(size, size, seeds, (rows, columns, seed) => {
    const x = fromArray(numbers(seed, rows * columns), [rows, columns]);
    const [byRow, byColumn] = [rows, columns].map((n) => fromArray(numbers(seed + 1, n), [n]));
    const inner = (a: Matrix, b: Matrix) => readSync(ops.sum(ops.mul(a, b)));
    const dot = (a: typeof byRow, b: typeof byRow) => readSync(ops.sum(ops.mul(a, b)));
    assertClose(inner(ops.repeatRows(byColumn, rows), x), dot(byColumn, ops.columnSums(x)), 1e-4);
    assertClose(inner(ops.repeatColumns(byRow, columns), x), dot(byRow, ops.rowSums(x)), 1e-4);
  }));
});

Deno.test("rowMax() shares the gradient among equals", () => {
  const slope = grad((x: Matrix) => ops.sum(ops.rowMax(x)))(tensor([[1, 3, 3], [2, 2, 2], [5, 0, 1]]));
  assertClose(readSync(slope), [0, 0.5, 0.5, 1 / 3, 1 / 3, 1 / 3, 1, 0, 0]);
});

Deno.test("a vector against a matrix must have one number per row or column", () => {
  const x = zeros([2, 3]);
  const refused: [() => unknown, string][] = [
    [() => ops.addRow(x, zeros([2])), "Cannot add [2, 3] by [2]: one number per column is needed"],
    [() => ops.addColumn(x, zeros([3])), "Cannot add [2, 3] by [3]: one number per row is needed"],
    [() => ops.scaleRows(x, zeros([3])), "Cannot scale [2, 3] by [3]: one number per row is needed"],
    [() => ops.scaleColumns(x, zeros([2])), "Cannot scale [2, 3] by [2]: one number per column is needed"],
    [() => ops.rowDots(x, zeros([3, 2])), "Cannot multiply [2, 3] and [3, 2]: shapes must match"],
    [() => ops.mean(zeros([0, 3])), "Cannot take the mean of [0, 3]: it has no elements"],
  ];
  for (const [body, message] of refused) assertThrows(body, ShapeError, message);
});

Deno.test("sums keep what a million additions of 32-bit floats would lose", () => {
  assertEquals([...readSync(ops.sum(ops.scale(ones([1000, 1001]), 0.1)))], [Math.fround(Math.fround(0.1) * 1_001_000)]);
});
