/** Tests of differentiation. @module */
import { KindError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { describeDevice, reference, wasm } from "../../kernels/mod.ts";
import { wasmDevice } from "../../kernels/wasm/device.ts";
import { apply, grad, type Primitive, valueAndGrad, vjp } from "../../src/core/autodiff.ts";
import { free, scope } from "../../src/core/scope.ts";
import { ShapeError } from "../../src/core/shape.ts";
import { readSync, type Scalar, stopGradient, type Tensor, tensor, type Vector } from "../../src/core/tensor.ts";
import { leaves, type Tree } from "../../src/core/tree.ts";
import { add, exp, matmul, mul, scale, shift, square, sum } from "../../src/ops/mod.ts";
import { assertClose } from "../support.ts";

const values = (tree: Tree): number[][] => leaves(tree).map(([, leaf]) => [...readSync(leaf)]);
const cube = (x: Scalar): Scalar => mul(x, mul(x, x));

/** Returns the identity. It records which pullbacks ran, and which gradients they were asked for. */
function spy(log: (readonly boolean[])[]): (...xs: Vector[]) => Vector {
  const primitive: Primitive<readonly Vector[], Vector, null> = {
    name: "watch",
    forward: (device, [{ storage }]) => device.upload(device.view(storage)!),
    vjp: (g, { xs, wants }) => {
      log.push(wants);
      return xs.map(() => g);
    },
  };
  return (...xs) => apply(primitive, xs, null, xs[0].shape);
}

Deno.test("grad() of grad() is the second derivative, and the grad() of that the third", () => {
  const x = tensor(2);
  const first = grad(cube), second = grad(first), third = grad(second);
  assertEquals([first, second, third].map((f) => readSync(f(x))[0]), [12, 12, 6]);
  assertClose(readSync(grad(grad(grad((x: Scalar) => exp(x))))(x)), [Math.E ** 2], 1e-6);
});

Deno.test("grad() differentiates through a variable of the enclosing function", () => {
  // d/dx [ x · d/dy (x y²) at y = 3 ] = d/dx [ x · 6x ] = 12 x
  const inner = (x: Scalar) => grad((y: Scalar) => mul(x, square(y)))(tensor(3));
  assertEquals([...readSync(grad((x: Scalar) => mul(x, inner(x)))(tensor(5)))], [60]);
});

Deno.test("grad() does not confuse the variables of nested differentiations", () => {
  // d/dx [ x · d/dy (x + y) at y = 1 ] = 1; it would be 2 if the two perturbations were confused
  const f = (x: Scalar) => mul(x, grad((y: Scalar) => add(x, y))(tensor(1)));
  assertEquals([...readSync(grad(f)(tensor(3)))], [1]);
  // d/dx [ d/dy (x y) at y = x ] = d/dx x = 1
  const g = (x: Scalar) => grad((y: Scalar) => mul(x, y))(x);
  assertEquals([...readSync(grad(g)(tensor(3)))], [1]);
});

Deno.test("results carry no history, and those of an inner gradient lose it when the outer one ends", () => {
  const x = tensor(2);
  const seen: Scalar[] = [];
  const [value, gradient] = valueAndGrad((x: Scalar) => {
    const [inner, slope] = valueAndGrad(cube)(x);
    seen.push(inner, slope);
    return add(inner, slope);
  })(x);
  assert(seen.every(({ node }) => node !== null), "the outer gradient goes through the inner one");
  assertEquals([value.node, gradient.node], [null, null]);
  assertEquals([...readSync(value), ...readSync(gradient)], [20, 24]);
  const [y, back] = vjp(cube, x);
  assertEquals([y.node, back(tensor(1)).node], [null, null]);
});

Deno.test("grad() keeps history only where it leads to a variable of a differentiation that goes on", () => {
  grad((x: Scalar) => {
    const apart = grad(cube)(tensor(2));
    assertEquals(apart.node, null);
    return mul(x, apart);
  })(tensor(1));
});

Deno.test("grad() adds up over every use of a variable, and treats equal variables separately", () => {
  const x = tensor([1, 2, 3]);
  assertEquals(values(grad((x: Vector) => sum(add(mul(x, x), add(x, scale(x, 2)))))(x)), [[5, 7, 9]]);
  const f = ({ a, b }: { a: Vector; b: Vector }) => sum(add(scale(a, 2), scale(b, 3)));
  assertEquals(values(grad(f)({ a: x, b: x })), [[2, 2, 2], [3, 3, 3]]);
});

Deno.test("grad() is zeros where the value does not depend on a variable", () => {
  const at = { used: tensor([1, 2]), unused: tensor([[3, 4], [5, 6]]) };
  const gradient = grad(({ used }: typeof at) => sum(used))(at);
  assertEquals(values(gradient), [[1, 1], [0, 0, 0, 0]]);
  assertEquals(gradient.unused.shape, [2, 2]);
  assertEquals(values(grad((_: Vector) => tensor(7))(tensor([1, 2]))), [[0, 0]]);
});

Deno.test("grad() of the identity is 1", () => {
  assertEquals([...readSync(grad((x: Scalar) => x)(tensor(3)))], [1]);
});

Deno.test("stopGradient() makes a constant", () => {
  assertEquals([...readSync(grad((x: Scalar) => mul(x, stopGradient(x)))(tensor(3)))], [3]);
  const x = tensor([1]);
  assert(stopGradient(x) === x);
});

Deno.test("constants cost nothing: their pullbacks do not run, and their gradients are not asked for", () => {
  const log: boolean[][] = [];
  const watch = spy(log as (readonly boolean[])[]);
  const [x, c] = [tensor([1, 2]), tensor([3, 4])];
  assertEquals(watch(c).node, null);
  assertEquals(values(grad((x: Vector) => sum(mul(x, watch(c))))(x)), [[3, 4]]);
  assertEquals(log, []);
  grad((x: Vector) => sum(watch(x, c)))(x);
  grad((x: Vector) => grad((y: Vector) => sum(watch(x, y)))(c) && sum(x))(x);
  assertEquals(log, [[true, false], [false, true]]);
});

Deno.test("vjp() gives a pullback that may be called more than once, and is linear", () => {
  const [y, back] = vjp((x: Vector) => mul(x, x), tensor([1, 2, 3]));
  assertEquals([...readSync(y)], [1, 4, 9]);
  const one = tensor([1, 1, 1]);
  assertEquals([back(one), back(one), back(scale(one, 3))].map((g) => [...readSync(g)]), [[2, 4, 6], [2, 4, 6], [
    6,
    12,
    18,
  ]]);
});

Deno.test("vjp() refuses a gradient whose shape is not that of the value", () => {
  const [, back] = vjp((x: Vector) => shift(x, 1), tensor([1, 2, 3]));
  const message = "Cannot carry a gradient of shape [2] back from a result of shape [3]: shapes must match";
  assertThrows(() => back(tensor([1, 2])), ShapeError, message);
});

Deno.test("grad() of a chain of 20,000 additions does not exhaust the stack", () => {
  const gradient = scope(() =>
    grad((x: Vector) => {
      let y = x;
      for (let n = 0; n < 20_000; n++) y = add(y, x);
      return sum(y);
    })(tensor([1, 2]))
  );
  assertEquals([...readSync(gradient)], [20_001, 20_001]);
});

Deno.test("grad() of a diamond visits each node once", () => {
  // 2⁵⁰ paths lead from the result to x.
  const gradient = grad((x: Scalar) => {
    let y = x;
    for (let n = 0; n < 50; n++) y = scale(add(y, y), 0.5);
    return y;
  })(tensor(3));
  assertEquals([...readSync(gradient)], [1]);
});

Deno.test("a gradient frees its intermediate tensors, also outside a scope", () => {
  const device = wasmDevice({ threads: 1 });
  const x = tensor([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], { device });
  const [y, pullback] = vjp(
    (x) => Array.from({ length: 50 }).reduce<Tensor>((y) => add(mul(y, y), scale(y, 0.5)), x),
    x,
  );
  const before = device.bytesUsed();
  const gradient = pullback(y);
  assertEquals(device.bytesUsed() - before, 64);
  free(gradient);
});

Deno.test("a gradient that is differentiated keeps its intermediate tensors", () => {
  // f = x⁴ as products, so that parts of the first gradient are operands of the second.
  const f = (x: Vector) => sum(mul(mul(x, x), mul(x, x)));
  const slope = (x: Vector) => sum(mul(grad(f)(x), x)); // 4 Σ x⁴
  assertClose(readSync(grad(slope)(tensor([1, 2, -1]))), [16, 128, -16]);
});

Deno.test("grad() recovers from a function that throws", () => {
  const fail = grad((x: Vector): Scalar => sum(matmul(x as never, x as never)));
  assertThrows(() => fail(tensor([1, 2])));
  assertEquals([...readSync(grad(cube)(tensor(1)))], [3]);
});

Deno.test("valueAndGrad() refuses a function whose value is not a scalar", () => {
  const f = (x: Vector) => x as Tensor as Scalar;
  const message = "Cannot take the gradient of a value of shape [2]: it must be a scalar";
  assertThrows(() => grad(f)(tensor([1, 2])), ShapeError, message);
});

Deno.test("operations refuse operands on different devices, also on two devices of one name", () => {
  const [here, there] = [tensor([1]), tensor([1], { device: reference })];
  assertThrows(
    () => add(there, here),
    KindError,
    `Cannot add tensors on two devices, reference and ${describeDevice(wasm())}: copy one with toDevice()`,
  );
  const other = tensor([1], { device: wasmDevice({ threads: 1 }) });
  assertThrows(
    () => add(here, other),
    KindError,
    `Cannot add tensors on two devices, ${
      wasm().threads === 1 ? "both wasm on 1 thread" : `${describeDevice(wasm())} and wasm on 1 thread`
    }: copy one with toDevice()`,
  );
});

Deno.test("gradients of a tensor with many uses add up, whatever their number, and so do second derivatives", () => {
  for (let uses = 1; uses <= 12; uses++) {
    const f = (x: Vector) => {
      const kept = scale(x, 1);
      const terms = Array.from({ length: uses }, (_, n) => sum(scale(square(kept), n + 1)));
      return terms.reduce((total, term) => add(total, term));
    };
    const factor = uses * (uses + 1);
    assertEquals([...readSync(grad(f)(tensor([3, -1])))], [3 * factor, -factor]);
    assertEquals([...readSync(grad((x: Vector) => sum(grad(f)(x)))(tensor([3, -1])))], [factor, factor]);
  }
});
