/**
 * Formulas of models that are computed in one pass over memory, with their gradients; see `pointwise`.
 *
 * @module
 */
import { type Algebra, type Formula, formula } from "../../kernels/mod.ts";

/** σ(z), by tanh, which does not overflow. */
const logistic = <V>({ constant, mul, fma, tanh }: Algebra<V>, z: V): V => {
  const half = constant(0.5);
  return fma(half, tanh(mul(half, z)), half);
};
/** x ∘ σ(z + b) */
export const gated: Formula = formula("gate", (a) => (x, z, b) => a.mul(x, logistic(a, a.add(z, b))));
/** w tanh(z + b) */
export const weighed: Formula = formula("attention", ({ add, mul, tanh }) => (z, b, w) => mul(w, tanh(add(z, b))));
/** c + a f */
export const shareAdded: Formula = formula("share", ({ fma }) => (c, f, a) => fma(f, a, c));
/** k (j + σ(z + b) ∘ (f − c)) */
export const ownAdded: Formula = formula(
  "separate",
  (a) => (j, z, b, f, c, k) => a.mul(a.fma(logistic(a, a.add(z, b)), a.sub(f, c), j), k),
);
/** (x − m)² */
export const deviation: Formula = formula("deviation", ({ sub, mul }) => (x, m) => mul(sub(x, m), sub(x, m)));
/** x + s sign x ∘ r */
export const noisy: Formula = formula(
  "noise",
  ({ where, zero, one, neg, mul, add }) => (x, r, s) =>
    add(x, mul(s, mul(r, where(x, zero, one, where(zero, x, neg(one), zero))))),
);
/** tanh(r x + b) */
export const hiddenOf: Formula = formula("attention", ({ add, mul, tanh }) => (x, r, b) => tanh(add(mul(x, r), b)));
/** tanh(r (x + o) + b) */
export const hiddenOfAll: Formula = formula(
  "attention",
  ({ add, mul, tanh }) => (x, r, b, o) => tanh(add(mul(add(x, o), r), b)),
);
/** max(0, r x + b) */
export const logit: Formula = formula("attention", ({ add, mul, where, zero }) => (x, r, b) => {
  const y = add(mul(x, r), b);
  return where(y, zero, y, zero);
});
/** eˣ⁻ᵐ */
export const power: Formula = formula("distance", ({ sub, exp }) => (x, m) => exp(sub(x, m)));
/** (eˣ⁻ᵐ (v − u))² */
export const weighedSquare: Formula = formula("distance", ({ sub, mul, exp }) => (x, m, v, u) => {
  const weighed = mul(exp(sub(x, m)), sub(v, u));
  return mul(weighed, weighed);
});
/** −d² q / s² */
export const nearness: Formula = formula(
  "distance",
  ({ mul, div, neg }) => (q, s, d) => neg(div(mul(d, q), mul(s, s))),
);
/** |z + c − x| */
export const distance: Formula = formula("abs", ({ abs, add, sub }) => (z, c, x) => abs(sub(add(z, c), x)));
/** |z + c| */
export const size: Formula = formula("abs", ({ abs, add }) => (z, c) => abs(add(z, c)));
