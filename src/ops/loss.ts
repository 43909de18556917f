/**
 * Training objectives. Well-known libraries use one name for different formulas, so each function here states its
 * formula.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { formula } from "../../kernels/mod.ts";
import { full, type Matrix, ones, type Scalar, stopGradient, type Tensor, type Vector } from "../core/tensor.ts";
import { add, addAll, log, scale, softplus, sub } from "./elementwise.ts";
import { matmulNT } from "./matrix.ts";
import { normalizeRows } from "./normalize.ts";
import { pointwiseSum } from "./pointwise.ts";
import { dot, mean, rowDots, rowMax } from "./reduce.ts";

/**
 * Returns the mean of −log σ(positive − negative) over pairs of scores (Rendle et al., UAI 2009, without its
 * regulariser).
 *
 * @throws {ShapeError} if the vectors differ in length, or are empty.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { bprLoss } from "@giverny/giverny/ops";
 * import { ok } from "node:assert/strict";
 * const [loss] = readSync(bprLoss(tensor([2]), tensor([2])));
 * ok(Math.abs(loss - Math.log(2)) < 1e-6);
 * ```
 */
export function bprLoss<N extends number>(positive: Vector<N>, negative: Vector<NoInfer<N>>): Scalar {
  return mean(softplus(sub(negative, positive)));
}

/**
 * Returns the InfoNCE loss (van den Oord et al., 2018): the mean over rows i of −log (e^{⟨aᵢ, bᵢ⟩/τ} / Σⱼ e^{⟨aᵢ,
 * bⱼ⟩/τ}) with all rows scaled to length 1. The partner of a row of `a` is the same row of `b`; the other rows of `b`
 * are negatives. Only this direction is computed.
 *
 * @throws {ValueError} if the temperature is not above 0.
 * @throws {ShapeError} if the shapes differ.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { infoNce } from "@giverny/giverny/ops";
 * import { ok } from "node:assert/strict";
 * const x = tensor([[1, 0], [0, 1]]);
 * ok(readSync(infoNce(x, x, 0.05))[0] < 1e-6);
 * ```
 */
export function infoNce<N extends number, D extends number>(
  a: Matrix<N, D>,
  b: Matrix<NoInfer<N>, NoInfer<D>>,
  temperature: number,
): Scalar {
  if (!(temperature > 0)) {
    throw new ValueError(`Cannot infoNce with the temperature ${temperature}: it must be above 0`);
  }
  const [x, y] = [normalizeRows(a), normalizeRows(b)];
  const cosines = matmulNT(x, y);
  // eˣ⁻ᵐ with m = 1/τ, which no cosine exceeds, where it cannot underflow to 0 for a whole row.
  const most = temperature < LEAST_BOUNDED ? stopGradient(rowMax(cosines)) : ones([a.shape[0]], a.storage);
  const c = 1 / temperature;
  const sums = pointwiseSum(powers, [cosines, [most, "rows"], [full([], c, a.storage), "none"]], "rows", [a.shape[0]]);
  return mean(add(log(sums), scale(sub(most, rowDots(x, y)), c)));
}

/** The temperature above which e⁻²ᐟᵗ is a normal number of 32 bits. */
const LEAST_BOUNDED = 0.025;

/** eᶜ⁽ˣ⁻ᵐ⁾ */
const powers = formula("infoNce", ({ sub, mul, exp }) => (x, m, c) => exp(mul(c, sub(x, m))));

/**
 * Returns ½ Σ x² over all elements of the given tensors.
 *
 * @throws {ShapeError} if no tensor is given.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { l2 } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(l2(tensor([1, 2]), tensor([[3]])))], [7]);
 * ```
 */
export function l2(...xs: readonly Tensor[]): Scalar {
  return scale(addAll(xs.map((x) => dot(x, x))), 0.5);
}
