/** Tests of sums and repeats beyond the catalogue: adjoints, precision, and errors. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { ShapeError } from "../../src/core/shape.ts";
import { fromArray, type Matrix, ones, readSync, zeros } from "../../src/core/tensor.ts";
import * as ops from "../../src/ops/mod.ts";
import { assertClose, numbers, seeds } from "../support.ts";

const size = fc.nat(6);

Deno.test("repeats are the adjoints of sums: ⟨repeat v, X⟩ = ⟨v, sums of X⟩", () => {
  fc.assert(fc.property(size, size, seeds, (rows, columns, seed) => {
    const x = fromArray(numbers(seed, rows * columns), [rows, columns]);
    const [byRow, byColumn] = [rows, columns].map((n) => fromArray(numbers(seed + 1, n), [n]));
    const inner = (a: Matrix, b: Matrix) => readSync(ops.sum(ops.mul(a, b)));
    const dot = (a: typeof byRow, b: typeof byRow) => readSync(ops.sum(ops.mul(a, b)));
    assertClose(inner(ops.repeatRows(byColumn, rows), x), dot(byColumn, ops.columnSums(x)), 1e-4);
    assertClose(inner(ops.repeatColumns(byRow, columns), x), dot(byRow, ops.rowSums(x)), 1e-4);
  }));
});

Deno.test("sum() does not lose digits in a million additions", () => {
  assertEquals([...readSync(ops.sum(ops.scale(ones([1000, 1001]), 0.1)))], [Math.fround(Math.fround(0.1) * 1_001_000)]);
});

Deno.test("mean() refuses a tensor without elements", () => {
  assertThrows(() => ops.mean(zeros([0, 3])), ShapeError, "Cannot take the mean of [0, 3]: it has no elements");
});
