/** Tests of operations with kinks beyond the catalogue: gradients of ties, and the rectifier. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { grad } from "../../src/core/autodiff.ts";
import { readSync, tensor } from "../../src/core/tensor.ts";
import * as ops from "../../src/ops/mod.ts";
import { assertClose } from "../support.ts";

Deno.test("maximum() gives the gradient of equal elements to its second operand", () => {
  const at = { a: tensor([1, 2, 3]), b: tensor([3, 2, 1]) };
  const { a, b } = grad(({ a, b }: typeof at) => ops.sum(ops.maximum(a, b)))(at);
  assertEquals([[...readSync(a)], [...readSync(b)]], [[0, 0, 1], [1, 1, 0]]);
});

Deno.test("leakyRelu() with slope 0 is the rectifier", () => {
  assertEquals([...readSync(ops.leakyRelu(tensor([-2, 0, 3]), 0))].map((x) => x + 0), [0, 0, 3]);
  assertClose(readSync(ops.leakyRelu(tensor([-2, 3]))), [-0.02, 3]);
});
