/**
 * Operations on each element that have kinks or jumps. Each operation stands with its formula and its pullback.
 *
 * @module
 */
import { formula } from "../../kernels/mod.ts";
import { apply, type Primitive } from "../core/autodiff.ts";
import type { Shape } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { applyBinary, binary, mapElements, mul, sub, unary } from "./arithmetic.ts";

// Y = 1 where X > 0, else 0. The gradient is zero wherever it exists.
const STEP = unary("step", formula("step", ({ where, zero, one }) => (x) => where(x, zero, one, zero)), () => [null]);

/**
 * Returns 1 where x > 0, else 0. It passes no gradient.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { step } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(step(tensor([-2, 0, 3])))], [0, 0, 1]);
 * ```
 */
export function step<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return apply(STEP, [x], [], x.shape);
}

// Y = sign X. The gradient is zero wherever it exists.
const SIGN = unary(
  "sign",
  formula(
    "sign",
    ({ where, zero, one, neg }) => (x) => where(x, zero, one, where(zero, x, neg(one), zero)),
  ),
  () => [null],
);

/**
 * Returns the sign of x: −1, 0 or 1. It passes no gradient.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { sign } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(sign(tensor([-2, 0, 3])))], [-1, 0, 1]);
 * ```
 */
export function sign<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return apply(SIGN, [x], [], x.shape);
}

// Y = |X|  ⇒  X̄ = Ȳ ∘ sign X
const ABS = unary("abs", formula("abs", ({ abs }) => abs), (g, { xs: [x] }) => [mul(g, sign(x))]);

/**
 * Returns |x|, elementwise. The gradient at 0 is 0.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { abs } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(abs(tensor([-2, 3])))], [2, 3]);
 * ```
 */
export function abs<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return apply(ABS, [x], [], x.shape);
}

// Y = max(A, B)  ⇒  Ā = Ȳ where A > B, B̄ = Ȳ elsewhere
const MAXIMUM = binary("maximum", formula("maximum", ({ max }) => max), (g, { xs: [a, b] }) => {
  const first = mul(g, step(sub(a, b)));
  return [first, sub(g, first)];
});

/**
 * Returns the larger of a and b, elementwise. Where they are equal, the gradient goes to b.
 *
 * @throws {ShapeError} if the shapes differ.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { maximum } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(maximum(tensor([1, 5]), tensor([3, 2])))], [3, 5]);
 * ```
 */
export function maximum<S extends Shape>(a: Tensor<S>, b: Tensor<NoInfer<S>>): Tensor<S> {
  return applyBinary(MAXIMUM, a, b);
}

const gate = formula("leakyRelu", ({ where, zero, mul }) => (a, b, s) => where(b, zero, a, mul(s, a)));

// Y = A where B > 0, else s A  ⇒  Ā = Ȳ where B > 0, else s Ȳ
const GATE: Primitive<readonly [Tensor, Tensor], Tensor, readonly [slope: number]> = {
  name: "leakyRelu",
  forward: (device, xs, slope, shape) => mapElements(device, gate, xs, slope, shape)[0],
  vjp: (g, { xs: [, b], p: slope }) => [apply(GATE, [g, b], slope, g.shape), null],
};

/**
 * Returns x where x > 0, else slope · x. The slope is 0.01 by default; with 0 it is the rectifier (ReLU).
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { leakyRelu } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(leakyRelu(tensor([-2, 3]), 0.5))], [-1, 3]);
 * ```
 */
export function leakyRelu<S extends Shape>(x: Tensor<S>, slope = 0.01): Tensor<S> {
  return apply(GATE, [x, x], [slope], x.shape);
}
