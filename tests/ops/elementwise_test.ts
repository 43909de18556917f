/** Tests of elementwise operations beyond the catalogue: laws, `fused`, and what is refused. @module */
import { KindError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { formula, reference } from "../../kernels/mod.ts";
import { grad } from "../../src/core/autodiff.ts";
import { ShapeError } from "../../src/core/shape.ts";
import { fromArray, ones, read, readSync, type Tensor, tensor, type Vector, zeros } from "../../src/core/tensor.ts";
import * as ops from "../../src/ops/mod.ts";
import { assertClose, devices } from "../support.ts";

const vectors = fc.array(fc.float({ min: -30, max: 30, noNaN: true }), { minLength: 1, maxLength: 12 }).map((x) =>
  tensor(x)
);

Deno.test("operations on two tensors refuse different shapes, and say which", () => {
  const [x, y]: [Tensor, Tensor] = [zeros([2]), zeros([3])];
  const refused: [(a: Tensor, b: Tensor) => Tensor, string][] = [
    [ops.add, "add"],
    [ops.sub, "subtract"],
    [ops.mul, "multiply"],
    [ops.div, "divide"],
    [ops.maximum, "take the larger of"],
  ];
  for (const [op, verb] of refused) {
    assertThrows(() => op(x, y), ShapeError, `Cannot ${verb} [2] and [3]: shapes must match`);
    assertThrows(() => op(zeros([2, 1]), zeros([1, 2]) as Tensor), ShapeError, `Cannot ${verb} [2, 1] and [1, 2]`);
  }
  assertThrows(() => ops.addAll([x, x, y]), ShapeError, "Cannot add [2] and [3]: shapes must match");
});

Deno.test("addAll() of one tensor is that tensor, and of none is refused", () => {
  const x = tensor([1]);
  assert(ops.addAll([x]) === x);
  assertThrows(() => ops.addAll([]), ShapeError, "Cannot add up no tensors: at least one is needed");
});

Deno.test("softplus(x) − softplus(−x) is x, and its slope is sigmoid(x)", () => {
  fc.assert(fc.property(vectors, (x) => {
    const difference = ops.sub(ops.softplus(x), ops.softplus(ops.neg(x)));
    assertClose(readSync(difference), readSync(x), 1e-5);
    assertClose(readSync(grad((x: Vector) => ops.sum(ops.softplus(x)))(x)), readSync(ops.sigmoid(x)), 1e-6);
  }));
});

Deno.test("tanh(x) is 2 sigmoid(2x) − 1", () => {
  fc.assert(fc.property(vectors, (x) => {
    const other = ops.shift(ops.scale(ops.sigmoid(ops.scale(x, 2)), 2), -1);
    assertClose(readSync(ops.tanh(x)), readSync(other), 1e-6);
  }));
});

Deno.test("maximum() gives the gradient of equal elements to its second operand", () => {
  const at = { a: tensor([1, 2, 3]), b: tensor([3, 2, 1]) };
  const { a, b } = grad(({ a, b }: typeof at) => ops.sum(ops.maximum(a, b)))(at);
  assertEquals([[...readSync(a)], [...readSync(b)]], [[0, 0, 1], [1, 1, 0]]);
});

Deno.test("rsqrt() stops at its floor, where no gradient passes", () => {
  const f = (x: Vector) => ops.rsqrt(x, 0.25);
  const x = tensor([0, 0.25, 1, 4]);
  assertClose(readSync(f(x)), [2, 2, 1, 0.5], 1e-6);
  assertClose(readSync(grad((x: Vector) => ops.sum(f(x)))(x)), [0, 0, -0.5, -1 / 16], 1e-6);
});

Deno.test("leakyRelu() with slope 0 is the plain rectifier", () => {
  assertEquals([...readSync(ops.leakyRelu(tensor([-2, 0, 3]), 0))].map((x) => x + 0), [0, 0, 3]);
  assertClose(readSync(ops.leakyRelu(tensor([-2, 3]))), [-0.02, 3]);
});

Deno.test("fused() gives every output of a formula in one pass, without history", async () => {
  const momentum = formula("move", ({ fma, mul, sub }) => (x, m, g, rate, decay) => {
    const next = fma(m, decay, g);
    return [sub(x, mul(next, rate)), next];
  }, 2);
  for (const device of devices) {
    const [x, m, g] = [[1, 2], [10, 20], [0.5, 1]].map((values) => fromArray(values, [2], { device }));
    const [y, next] = ops.fused(momentum, [x, m, g], [0.1, 0.5]);
    assertClose([...await read(y), ...await read(next)], [0.45, 0.9, 5.5, 11]);
    assertEquals([...await read(x), ...await read(m), ...await read(g)], [1, 2, 10, 20, 0.5, 1]);
    assertEquals([y.node, next.shape, next.storage.device.name], [null, [2], device.name]);
  }
});

Deno.test("fused() refuses tensors of different shapes, on different devices, or freed", () => {
  const plus = formula("add up", ({ add }) => add);
  const x: Tensor = ones([2]);
  assertThrows(() => ops.fused(plus, [x, ones([3])], []), ShapeError, "Cannot add up [2] and [3]: shapes must match");
  const there: Tensor = ones([2], { device: reference });
  assertThrows(
    () => ops.fused(plus, [there, x], []),
    KindError,
    "Cannot add up tensors on two devices, reference and wasm on",
  );
  const lost: Tensor = ones([2]);
  lost.storage.device.free(lost.storage);
  assertThrows(() => ops.fused(plus, [x, lost], []), KindError, "Cannot add up a freed tensor of shape [2]");
});
