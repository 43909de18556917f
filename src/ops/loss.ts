/**
 * Training objectives. Several well-known libraries mean different formulas by one name; each function here states its own.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { Matrix, Scalar, Tensor, Vector } from "../core/tensor.ts";
import { addAll, scale, softplus, sub } from "./elementwise.ts";
import { matmulNT } from "./matrix.ts";
import { logSumExpRows } from "./nn.ts";
import { normalizeRows } from "./normalize.ts";
import { dot, mean, rowDots } from "./reduce.ts";

/**
 * Returns the mean of −log σ(positive − negative) over pairs of scores (Rendle et al., UAI 2009, without its regulariser).
 *
 * @example
 * ```ts
 * import { bprLoss, readSync, tensor } from "@giverny/giverny";
 * import { assertAlmostEquals } from "deno-std/assert/almost_equals.js";
 * assertAlmostEquals(readSync(bprLoss(tensor([2]), tensor([2])))[0], Math.log(2), 1e-6);
 * ```
 */
export function bprLoss<N extends number>(positive: Vector<N>, negative: Vector<NoInfer<N>>): Scalar {
  return mean(softplus(sub(negative, positive)));
}

/**
 * Returns the mean over rows i of −log (e^{⟨aᵢ, bᵢ⟩/τ} / Σⱼ e^{⟨aᵢ, bⱼ⟩/τ}) with rows scaled to length 1: each row of `a` is to
 * find its partner among all rows of `b` (van den Oord et al., 2018). One direction only.
 *
 * @throws {ValueError} if the temperature is not above 0.
 * @throws {ShapeError} if the shapes differ.
 */
export function infoNce<N extends number, D extends number>(
  a: Matrix<N, D>,
  b: Matrix<NoInfer<N>, NoInfer<D>>,
  temperature: number,
): Scalar {
  if (!(temperature > 0)) throw new ValueError(`Cannot divide by the temperature ${temperature}: it must be above 0`);
  const [x, y] = [scale(normalizeRows(a), 1 / temperature), normalizeRows(b)];
  return mean(sub(logSumExpRows(matmulNT(x, y)), rowDots(x, y)));
}

/** Returns ½ Σ x² over all elements of the given tensors. */
export function l2(...xs: readonly Tensor[]): Scalar {
  return scale(addAll(xs.map((x) => dot(x, x))), 0.5);
}
