/**
 * Exponentials, logarithms, roots and logistic functions of each element, and custom elementwise operations. Each
 * operation stands with its formula and its pullback. Arithmetic is defined in `arithmetic.ts`, operations with kinks
 * in `piecewise.ts`; this file exports both too.
 *
 * @module
 */
import { type Formula, formula } from "../../kernels/mod.ts";
import { apply, type Primitive } from "../core/autodiff.ts";
import { track } from "../core/scope.ts";
import { sameShape, type Shape, ShapeError, showShape } from "../core/shape.ts";
import { deviceOf, type Tensor, wrap } from "../core/tensor.ts";
import { div, mapElements, mul, scale, shift, unary } from "./arithmetic.ts";
import { step } from "./piecewise.ts";
import { pointwise } from "./pointwise.ts";

export { add, addAll, div, mul, neg, scale, shift, square, sub } from "./arithmetic.ts";
export { abs, leakyRelu, maximum, sign, step } from "./piecewise.ts";

// Y = eˣ  ⇒  X̄ = Ȳ ∘ Y
const EXP = unary("exp", formula("exp", ({ exp }) => exp), (g, { y }) => [mul(g, y)]);

/**
 * Returns eˣ, elementwise.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { exp } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(exp(tensor([0, -Infinity])))], [1, 0]);
 * ```
 */
export function exp<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return apply(EXP, [x], [], x.shape);
}

// Y = log X  ⇒  X̄ = Ȳ / X
const LOG = unary("log", formula("log", ({ log }) => log), (g, { xs: [x] }) => [div(g, x)]);

/**
 * Returns the natural logarithm, elementwise: −∞ at 0, NaN below 0.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { log } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(log(tensor([1, 0])))], [0, -Infinity]);
 * ```
 */
export function log<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return apply(LOG, [x], [], x.shape);
}

// Y = √X  ⇒  X̄ = Ȳ / 2Y
const SQRT = unary("sqrt", formula("sqrt", ({ sqrt }) => sqrt), (g, { y }) => [div(scale(g, 0.5), y)]);

/**
 * Returns √x, elementwise: NaN below 0.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { sqrt } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(sqrt(tensor([4, 9])))], [2, 3]);
 * ```
 */
export function sqrt<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return apply(SQRT, [x], [], x.shape);
}

// Y = 1 / √max(X, c)  ⇒  X̄ = −½ Ȳ ∘ Y³ where X > c
const RSQRT = unary(
  "rsqrt",
  formula("rsqrt", ({ one, div, sqrt, max }) => (x, c) => div(one, sqrt(max(x, c)))),
  (g, { xs: [x], y, p: [c] }) => {
    const slope = mul(mul(y, scale(mul(y, y), -0.5)), step(shift(x, -c)));
    return [mul(g, slope)];
  },
);

/**
 * Returns 1 / √max(x, floor), elementwise: finite at 0. The floor is 10⁻²⁴ by default.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { rsqrt } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(rsqrt(tensor([4, 0]), 0.25))], [0.5, 2]);
 * ```
 */
export function rsqrt<S extends Shape>(x: Tensor<S>, floor = 1e-24): Tensor<S> {
  return apply(RSQRT, [x], [floor], x.shape);
}

const tanhBack = formula("tanh", ({ mul, sub, one }) => (g, y) => mul(g, sub(one, mul(y, y))));

// Y = tanh X  ⇒  X̄ = Ȳ ∘ (1 − Y²)
const TANH = unary(
  "tanh",
  formula("tanh", ({ tanh }) => tanh),
  (g, { y }) => [pointwise(tanhBack, [g, y])],
);

/**
 * Returns tanh x, elementwise.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { tanh } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(tanh(tensor([0, 100])))], [0, 1]);
 * ```
 */
export function tanh<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return apply(TANH, [x], [], x.shape);
}

const sigmoidBack = formula("sigmoid", ({ mul, sub, one }) => (g, y) => mul(g, mul(y, sub(one, y))));

// Y = σ(X) = 1 / (1 + e⁻ˣ)  ⇒  X̄ = Ȳ ∘ Y ∘ (1 − Y)
const SIGMOID = unary(
  "sigmoid",
  formula("sigmoid", ({ one, add, div, exp, neg }) => (x) => div(one, add(one, exp(neg(x))))),
  (g, { y }) => [pointwise(sigmoidBack, [g, y])],
);

/**
 * Returns the logistic function σ(x) = 1 / (1 + e⁻ˣ), elementwise.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { sigmoid } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(sigmoid(tensor([0, -1e4])))], [0.5, 0]);
 * ```
 */
export function sigmoid<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return apply(SIGMOID, [x], [], x.shape);
}

// Y = log(1 + eˣ), written so that no branch overflows  ⇒  X̄ = Ȳ ∘ σ(X)
const SOFTPLUS = unary(
  "softplus",
  formula(
    "softplus",
    ({ add, max, log1p, exp, neg, abs, zero }) => (x) => add(max(x, zero), log1p(exp(neg(abs(x))))),
  ),
  (g, { xs: [x] }) => [mul(g, sigmoid(x))],
);

/**
 * Returns log(1 + eˣ), elementwise, without overflow.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { softplus } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(softplus(tensor([1e4, -1e4])))], [1e4, 0]);
 * ```
 */
export function softplus<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return apply(SOFTPLUS, [x], [], x.shape);
}

/** Fails unless all tensors have one shape; returns that shape. */
function commonShape<S extends Shape>(name: string, [first, ...rest]: readonly Tensor<S>[]): S {
  const odd = rest.find((x) => !sameShape(x.shape, first.shape));
  if (!odd) return first.shape;
  throw new ShapeError(`Cannot ${name} ${showShape(first.shape)} and ${showShape(odd.shape)}: shapes must match`);
}

/**
 * Returns a custom differentiable operation: a formula of one or more operands of the same shape. Every device
 * compiles the formula for itself.
 *
 * @param f The formula. It has one output, and no parameters except its operands.
 * @param derivatives The partial derivative in each operand, as a function of all operands. Derivatives are made of
 * operations, so that second derivatives work; `checkGradient` checks them.
 * @throws {ShapeError} when the operation is called, if the shapes differ or the number of operands is not the number
 * of derivatives.
 *
 * @example The logarithm of a hyperbolic cosine, whose derivative is tanh
 * ```ts
 * import { formula } from "@giverny/giverny/kernels";
 * import { checkGradient, tensor, type Vector } from "@giverny/giverny/core";
 * import { elementwise, sum, tanh } from "@giverny/giverny/ops";
 * import { ok } from "node:assert/strict";
 * const value = formula("logCosh", (a) => (x) => a.log(a.div(a.add(a.exp(x), a.exp(a.neg(x))), a.constant(2))));
 * const logCosh = elementwise(value, tanh);
 * ok(await checkGradient((x: Vector) => sum(logCosh(x)), tensor([-1, 0.5, 3])) < 1e-2);
 * ```
 */
export function elementwise(
  f: Formula,
  ...derivatives: readonly ((...xs: Tensor[]) => Tensor)[]
): <S extends Shape>(...xs: Tensor<S>[]) => Tensor<S> {
  // y = f(x₁, …, xₙ)  ⇒  x̄ᵢ = ȳ ∘ ∂f/∂xᵢ
  const primitive: Primitive<readonly Tensor[], Tensor, null> = {
    name: f.name,
    forward: (device, xs, _, shape) => mapElements(device, f, xs, [], shape)[0],
    vjp: (g, { xs, wants }) => xs.map((_, n) => wants[n] ? mul(g, derivatives[n](...xs)) : null),
  };
  return <S extends Shape>(...xs: Tensor<S>[]) => {
    if (xs.length === 0 || xs.length !== derivatives.length) {
      const rule = `it needs one per derivative, ${derivatives.length} in all`;
      throw new ShapeError(`Cannot ${f.name} ${xs.length} tensors: ${rule}`);
    }
    return apply(primitive, xs, null, commonShape(f.name, xs));
  };
}

/**
 * Returns the outputs of a formula of tensors of one shape and some numbers, computed in one pass over memory. It keeps
 * no history and passes no gradient: optimizers use it for their updates.
 *
 * @throws {ShapeError} if the shapes differ.
 *
 * @example
 * ```ts
 * import { formula } from "@giverny/giverny/kernels";
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { fused } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const swap = formula("swap", () => (a, b) => [b, a], 2);
 * const [first] = fused(swap, [tensor([1, 2]), tensor([3, 4])], []);
 * deepEqual([...readSync(first)], [3, 4]);
 * ```
 */
export function fused<S extends Shape>(f: Formula, xs: readonly Tensor<S>[], numbers: readonly number[]): Tensor<S>[] {
  const device = deviceOf(f.name, xs);
  const shape = commonShape(f.name, xs);
  return mapElements(device, f, xs, numbers, shape).map((storage) => wrap(track(storage), shape));
}
