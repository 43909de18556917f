/** Tests of training objectives beyond the catalogue: each agrees with its stated formula. @module */
import { ValueError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { ShapeError } from "../../src/core/shape.ts";
import { fromArray, type Matrix, readSync, tensor, type Vector, zeros } from "../../src/core/tensor.ts";
import { bprLoss, infoNce, l2, scale, shift } from "../../src/ops/mod.ts";
import { assertClose, numbers, seeds } from "../support.ts";

const draw = (seed: number, rows: number, columns: number): Matrix =>
  fromArray(numbers(seed, rows * columns), [rows, columns]);

Deno.test("bprLoss() is the mean of −log σ(difference), and depends on differences only", () => {
  const [p, n] = [tensor([2, 0]), tensor([1, 3])];
  const expected = (Math.log1p(Math.exp(-1)) + Math.log1p(Math.exp(3))) / 2;
  assertClose(readSync(bprLoss(p, n)), [expected], 1e-6);
  assertClose(readSync(bprLoss(shift(p, 5), shift(n, 5))), [expected], 1e-6);
});

Deno.test("bprLoss() is finite where the order is completely wrong", () => {
  assertClose(readSync(bprLoss(tensor([-1e4]), tensor([1e4]))), [2e4]);
});

Deno.test("infoNce() does not depend on the lengths of rows", () => {
  fc.assert(fc.property(seeds, (seed) => {
    const [a, b] = [draw(seed, 4, 3), draw(seed + 1, 4, 3)];
    assertClose(readSync(infoNce(scale(a, 7), scale(b, 0.1), 0.2)), readSync(infoNce(a, b, 0.2)), 1e-4);
  }));
});

Deno.test("infoNce() is log N for equal rows, and near 0 where each row resembles only its partner", () => {
  const alike: Matrix = tensor(Array(5).fill([1, 2]) as number[][]);
  assertClose(readSync(infoNce(alike, alike, 0.1)), [Math.log(5)]);
  const apart: Matrix = tensor([[1, 0, 0], [0, 1, 0], [0, 0, 1]]);
  assert(readSync(infoNce(apart, apart, 0.05))[0] < 1e-6);
  // Of opposite rows no power with the bound 1/τ would be above 0 here.
  assertClose(readSync(infoNce(alike, scale(alike, -1), 0.01)), [Math.log(5)]);
});

Deno.test("l2() is half the sum of all squares", () => {
  assertClose(readSync(l2(tensor([1, 2]), tensor([[3]]))), [7]);
});

Deno.test("losses refuse empty operands, different shapes and temperatures that are not above 0", () => {
  const none: Vector = zeros([0]);
  assertThrows(() => bprLoss(none, none), ShapeError, "Cannot take the mean of [0]: it has no elements");
  const message = "Cannot sub [2] and [3]: shapes must match";
  assertThrows(() => bprLoss(zeros([3]) as Vector, zeros([2]) as Vector), ShapeError, message);
  for (const temperature of [0, -1, NaN]) {
    const message = `Cannot infoNce with the temperature ${temperature}: it must be above 0`;
    assertThrows(() => infoNce(draw(1, 2, 2), draw(2, 2, 2), temperature), ValueError, message);
  }
  assertThrows(() => l2(), ShapeError, "Cannot addAll an empty list of tensors: at least one is needed");
});
