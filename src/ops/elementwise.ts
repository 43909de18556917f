/**
 * Operations on each element by itself.
 *
 * @module
 */
import { type Formula, formula } from "../../kernels/mod.ts";
import { add, apply, type Primitive } from "../core/autodiff.ts";
import { asMatrix, sameShape, type Shape, ShapeError, showShape } from "../core/shape.ts";
import { deviceOf, type Tensor, wrap } from "../core/tensor.ts";
import { track } from "../core/scope.ts";

export { add } from "../core/autodiff.ts";

type Unary = Primitive<readonly [Tensor], Tensor, readonly number[]>;
type Binary = Primitive<readonly [Tensor, Tensor], Tensor, null>;

const gate = formula("rectify", ({ where, zero, mul }) => (a, b, s) => where(b, zero, a, mul(s, a)));

/** A primitive of one operand and some plain numbers. */
function unary(f: Formula, vjp: Unary["vjp"]): Unary {
  return {
    name: f.name,
    forward: ({ kernels }, [x], numbers, shape) =>
      kernels.map(f, [{ storage: x.storage, extent: "both" }], numbers, asMatrix(shape))[0],
    vjp,
  };
}

/** A primitive of two operands of one shape. */
function binary(f: Formula, vjp: Binary["vjp"]): Binary {
  return {
    name: f.name,
    forward: ({ kernels }, xs, _, shape) => {
      const operands = xs.map(({ storage }) => ({ storage, extent: "both" } as const));
      return kernels.map(f, operands, [], asMatrix(shape))[0];
    },
    vjp,
  };
}

function pair<S extends Shape>(primitive: Binary, a: Tensor<S>, b: Tensor<NoInfer<S>>): Tensor<S> {
  if (!sameShape(a.shape, b.shape)) {
    throw new ShapeError(`Cannot ${primitive.name} ${showShape(a.shape)} and ${showShape(b.shape)}: shapes must match`);
  }
  return apply(primitive, [a, b], null, a.shape);
}

// Y = A − B  ⇒  Ā = Ȳ, B̄ = −Ȳ
const SUB = binary(formula("subtract", ({ sub }) => sub), (g, { wants }) => [g, wants[1] ? neg(g) : null]);

// Y = A ∘ B  ⇒  Ā = Ȳ ∘ B, B̄ = Ȳ ∘ A
const MUL = binary(
  formula("multiply", ({ mul }) => mul),
  (g, { xs: [a, b], wants }) => [wants[0] ? mul(g, b) : null, wants[1] ? mul(g, a) : null],
);

// Y = A / B  ⇒  Ā = Ȳ / B, B̄ = −Ȳ ∘ Y / B
const DIV = binary(formula("divide", ({ div }) => div), (g, { xs: [, b], y, wants }) => {
  const share = div(g, b);
  return [share, wants[1] ? neg(mul(share, y)) : null];
});

// Y = max(A, B)  ⇒  Ā = Ȳ where A > B, B̄ = Ȳ elsewhere
const MAXIMUM = binary(formula("take the larger of", ({ max }) => max), (g, { xs: [a, b] }) => {
  const first = mul(g, step(sub(a, b)));
  return [first, sub(g, first)];
});

// Y = c X + d  ⇒  X̄ = c Ȳ
const AFFINE = unary(formula("scale", ({ fma }) => (x, c, d) => fma(x, c, d)), (g, { p: [c] }) => [scale(g, c)]);

// Y = eˣ  ⇒  X̄ = Ȳ ∘ Y
const EXP = unary(formula("exponentiate", ({ exp }) => exp), (g, { y }) => [mul(g, y)]);

// Y = log X  ⇒  X̄ = Ȳ / X
const LOG = unary(formula("take the logarithm of", ({ log }) => log), (g, { xs: [x] }) => [div(g, x)]);

// Y = √X  ⇒  X̄ = Ȳ / 2Y
const SQRT = unary(formula("take the square root of", ({ sqrt }) => sqrt), (g, { y }) => [div(scale(g, 0.5), y)]);

// Y = 1 / √max(X, c)  ⇒  X̄ = −½ Ȳ ∘ Y³ where X > c
const INVERSE_SQRT = unary(
  formula("take the inverse square root of", ({ one, div, sqrt, max }) => (x, c) => div(one, sqrt(max(x, c)))),
  (g, { xs: [x], y, p: [c] }) => {
    const slope = mul(mul(y, scale(mul(y, y), -0.5)), step(shift(x, -c)));
    return [mul(g, slope)];
  },
);

// Y = |X|  ⇒  X̄ = Ȳ ∘ sign X
const ABS = unary(formula("take the size of", ({ abs }) => abs), (g, { xs: [x] }) => [mul(g, sign(x))]);

// Y = tanh X  ⇒  X̄ = Ȳ ∘ (1 − Y²)
const TANH = unary(
  formula("take the hyperbolic tangent of", ({ tanh }) => tanh),
  (g, { y }) => [mul(g, shift(neg(mul(y, y)), 1))],
);

// Y = σ(X) = 1 / (1 + e⁻ˣ)  ⇒  X̄ = Ȳ ∘ Y ∘ (1 − Y)
const SIGMOID = unary(
  formula("take the logistic of", ({ one, add, div, exp, neg }) => (x) => div(one, add(one, exp(neg(x))))),
  (g, { y }) => [mul(g, mul(y, shift(neg(y), 1)))],
);

// Y = log(1 + eˣ), written so that no branch overflows  ⇒  X̄ = Ȳ ∘ σ(X)
const SOFTPLUS = unary(
  formula(
    "take the softplus of",
    ({ add, max, log1p, exp, neg, abs, zero }) => (x) => add(max(x, zero), log1p(exp(neg(abs(x))))),
  ),
  (g, { xs: [x] }) => [mul(g, sigmoid(x))],
);

// Y = A where B > 0, else s A  ⇒  Ā = Ȳ where B > 0, else s Ȳ
const GATE: Primitive<readonly [Tensor, Tensor], Tensor, readonly [slope: number]> = {
  name: "rectify",
  forward: ({ kernels }, xs, slope, shape) => {
    const operands = xs.map(({ storage }) => ({ storage, extent: "both" } as const));
    return kernels.map(gate, operands, slope, asMatrix(shape))[0];
  },
  vjp: (g, { xs: [, b], p: slope }) => [apply(GATE, [g, b], slope, g.shape), null],
};

// Steps: their gradient is zero wherever it exists.
const POSITIVE = unary(formula("compare", ({ where, zero, one }) => (x) => where(x, zero, one, zero)), () => [null]);
const SIGN = unary(
  formula(
    "take the sign of",
    ({ where, zero, one, neg }) => (x) => where(x, zero, one, where(zero, x, neg(one), zero)),
  ),
  () => [null],
);

/** Returns a − b, elementwise. A {@link ShapeError} if the shapes differ. */
export function sub<S extends Shape>(a: Tensor<S>, b: Tensor<NoInfer<S>>): Tensor<S> {
  return pair(SUB, a, b);
}

/** Returns a · b, elementwise. A {@link ShapeError} if the shapes differ. */
export function mul<S extends Shape>(a: Tensor<S>, b: Tensor<NoInfer<S>>): Tensor<S> {
  return pair(MUL, a, b);
}

/** Returns a / b, elementwise. A {@link ShapeError} if the shapes differ. */
export function div<S extends Shape>(a: Tensor<S>, b: Tensor<NoInfer<S>>): Tensor<S> {
  return pair(DIV, a, b);
}

/** Returns the larger of a and b, elementwise. Where they are equal, the gradient goes to b. A {@link ShapeError} if the shapes differ. */
export function maximum<S extends Shape>(a: Tensor<S>, b: Tensor<NoInfer<S>>): Tensor<S> {
  return pair(MAXIMUM, a, b);
}

/** Returns c · x for a plain number c. */
export function scale<S extends Shape>(x: Tensor<S>, c: number): Tensor<S> {
  return apply(AFFINE, [x], [c, 0], x.shape);
}

/** Returns x + d for a plain number d. */
export function shift<S extends Shape>(x: Tensor<S>, d: number): Tensor<S> {
  return apply(AFFINE, [x], [1, d], x.shape);
}

/** Returns −x. */
export function neg<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return scale(x, -1);
}

/** Returns x², elementwise. */
export function square<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return mul(x, x);
}

/** Returns eˣ, elementwise. */
export function exp<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return apply(EXP, [x], [], x.shape);
}

/** Returns the natural logarithm, elementwise: −∞ at 0, NaN below. */
export function log<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return apply(LOG, [x], [], x.shape);
}

/** Returns √x, elementwise. */
export function sqrt<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return apply(SQRT, [x], [], x.shape);
}

/** Returns 1 / √max(x, floor), elementwise: finite at 0. `floor` is 10⁻²⁴ unless given. */
export function rsqrt<S extends Shape>(x: Tensor<S>, floor = 1e-24): Tensor<S> {
  return apply(INVERSE_SQRT, [x], [floor], x.shape);
}

/** Returns |x|, elementwise. */
export function abs<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return apply(ABS, [x], [], x.shape);
}

/** Returns tanh x, elementwise. */
export function tanh<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return apply(TANH, [x], [], x.shape);
}

/** Returns the logistic function 1 / (1 + e⁻ˣ), elementwise. */
export function sigmoid<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return apply(SIGMOID, [x], [], x.shape);
}

/** Returns log(1 + eˣ), elementwise, without overflow. */
export function softplus<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return apply(SOFTPLUS, [x], [], x.shape);
}

/** Returns x where it is positive, else slope · x. `slope` is 0.01 unless given; with 0 it is the plain rectifier. */
export function leakyRelu<S extends Shape>(x: Tensor<S>, slope = 0.01): Tensor<S> {
  return apply(GATE, [x, x], [slope], x.shape);
}

/** Returns 1 where x > 0, else 0. No gradient passes. */
export function step<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return apply(POSITIVE, [x], [], x.shape);
}

/** Returns −1, 0 or 1 with the sign of x. No gradient passes. */
export function sign<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return apply(SIGN, [x], [], x.shape);
}

/**
 * Applies a formula of several outputs to tensors of one shape and some numbers, in one pass over memory. For updates that
 * nobody differentiates: no history is kept.
 *
 * @throws {ShapeError} if the shapes differ.
 */
export function fused<S extends Shape>(f: Formula, xs: readonly Tensor<S>[], numbers: readonly number[]): Tensor<S>[] {
  const device = deviceOf(f.name, xs);
  const [{ shape }] = xs;
  const odd = xs.find((x) => !sameShape(x.shape, shape));
  if (odd) throw new ShapeError(`Cannot ${f.name} ${showShape(shape)} and ${showShape(odd.shape)}: shapes must match`);
  const operands = xs.map(({ storage }) => ({ storage, extent: "both" } as const));
  return device.kernels.map(f, operands, numbers, asMatrix(shape)).map((storage) => wrap(track(storage), shape));
}

/** Returns the sum of one or more tensors of one shape. A {@link ShapeError} if there is none, or the shapes differ. */
export function addAll<S extends Shape>([first, ...rest]: readonly Tensor<S>[]): Tensor<S> {
  if (!first) throw new ShapeError("Cannot add up no tensors: at least one is needed");
  return rest.reduce((sum, x) => add(sum, x), first);
}
