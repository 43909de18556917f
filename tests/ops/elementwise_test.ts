/** Tests of elementwise operations beyond the catalogue: laws, custom operations, `fused`, and errors. @module */
import { KindError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { formula, reference } from "../../kernels/mod.ts";
import { grad } from "../../src/core/autodiff.ts";
import { checkGradient } from "../../src/core/check.ts";
import { ShapeError } from "../../src/core/shape.ts";
import { fromArray, ones, read, readSync, type Tensor, tensor, type Vector, zeros } from "../../src/core/tensor.ts";
import * as ops from "../../src/ops/mod.ts";
import { assertClose, devices } from "../support.ts";

const vectors = fc.array(fc.float({ min: -30, max: 30, noNaN: true }), { minLength: 1, maxLength: 12 }).map((x) =>
  tensor(x)
);

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

Deno.test("rsqrt() is constant below its floor, and passes no gradient there", () => {
  const f = (x: Vector) => ops.rsqrt(x, 0.25);
  const x = tensor([0, 0.25, 1, 4]);
  assertClose(readSync(f(x)), [2, 2, 1, 0.5], 1e-6);
  assertClose(readSync(grad((x: Vector) => ops.sum(f(x)))(x)), [0, 0, -0.5, -1 / 16], 1e-6);
});

const cube = ops.elementwise(
  formula("cube", (a) => (x) => a.mul(x, a.mul(x, x))),
  (x) => ops.scale(ops.square(x), 3),
);
const hypot = ops.elementwise(
  formula("hypot", (a) => (x, y) => a.sqrt(a.fma(x, x, a.mul(y, y)))),
  (x, y) => ops.div(x, hypot(x, y)),
  (x, y) => ops.div(y, hypot(x, y)),
);

Deno.test("elementwise() makes an operation with a gradient and higher derivatives, on every device", async () => {
  for (const device of devices) {
    const x = tensor([-1, 0.5, 2], { device });
    const first = grad((x: Vector) => ops.sum(cube(x)));
    const second = grad((x: Vector) => ops.sum(first(x)));
    assertClose(await read(cube(x)), [-1, 0.125, 8]);
    assertClose(await read(first(x)), [3, 0.75, 12]);
    assertClose(await read(second(x)), [-6, 3, 12]);
    const at = { a: tensor([3, 5], { device }), b: tensor([4, 12], { device }) };
    assertClose(await read(hypot(at.a, at.b)), [5, 13]);
    const f = ({ a, b }: typeof at) => ops.sum(hypot(a, b));
    assert(await checkGradient(f, at) < 1e-2);
    assert(await checkGradient((at: { a: Vector; b: Vector }) => f({ ...at, b: ops.neg(at.b) }), at) < 1e-2);
  }
});

Deno.test("elementwise() computes no derivative in a constant operand", () => {
  const asked: string[] = [];
  const noted = (name: string, d: Tensor): Tensor => (asked.push(name), d);
  const mul = ops.elementwise(formula("mul", (a) => a.mul), (_, y) => noted("x", y), (x) => noted("y", x));
  const [x, c]: Vector[] = [tensor([1, 2]), tensor([3, 4])];
  assertEquals([...readSync(grad((x: Vector) => ops.sum(mul(x, c)))(x))], [3, 4]);
  assertEquals(asked, ["x"]);
});

Deno.test("elementwise() refuses operands without a derivative, and operands of different shapes", () => {
  assertThrows(
    () => cube(tensor([1]), tensor([2])),
    ShapeError,
    "Cannot cube 2 tensors: it needs one per derivative, 1 in all",
  );
  const [x, y]: Tensor[] = [zeros([2]), zeros([3])];
  assertThrows(() => hypot(x, y), ShapeError, "Cannot hypot [2] and [3]: shapes must match");
});

Deno.test("fused() gives every output of a formula, without history", async () => {
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
