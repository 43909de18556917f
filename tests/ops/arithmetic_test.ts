/** Tests of arithmetic beyond the catalogue: errors. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { ShapeError } from "../../src/core/shape.ts";
import { readSync, type Tensor, tensor, zeros } from "../../src/core/tensor.ts";
import * as ops from "../../src/ops/mod.ts";

Deno.test("operations on two tensors refuse different shapes", () => {
  const [x, y]: [Tensor, Tensor] = [zeros([2]), zeros([3])];
  const refused: [(a: Tensor, b: Tensor) => Tensor, string][] = [
    [ops.add, "add"],
    [ops.sub, "sub"],
    [ops.mul, "mul"],
    [ops.div, "div"],
    [ops.maximum, "maximum"],
  ];
  for (const [op, verb] of refused) {
    assertThrows(() => op(x, y), ShapeError, `Cannot ${verb} [2] and [3]: shapes must match`);
    assertThrows(() => op(zeros([2, 1]), zeros([1, 2]) as Tensor), ShapeError, `Cannot ${verb} [2, 1] and [1, 2]`);
  }
  assertThrows(() => ops.addAll([x, x, y]), ShapeError, "Cannot add [2] and [3]: shapes must match");
});

Deno.test("addAll() of one tensor is that tensor, and an empty list is refused", () => {
  const x = tensor([1]);
  assert(ops.addAll([x]) === x);
  assertThrows(() => ops.addAll([]), ShapeError, "Cannot addAll an empty list of tensors: at least one is needed");
});

Deno.test("addAll() adds each of any number of tensors once", () => {
  for (let count = 1; count <= 11; count++) {
    const xs = Array.from({ length: count }, (_, n) => tensor([2 ** n, -(2 ** n)]));
    assertEquals([...readSync(ops.addAll(xs))], [2 ** count - 1, 1 - 2 ** count]);
  }
});
