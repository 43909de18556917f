/**
 * Layers of networks: linear maps, softmax over rows, and dropout.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { formula } from "../../kernels/mod.ts";
import { apply, type Primitive } from "../core/autodiff.ts";
import { checkedKey, type Key } from "../core/random.ts";
import type { Shape } from "../core/shape.ts";
import type { Csr } from "../core/sparse.ts";
import { isTensor, type Matrix, stopGradient, type Tensor, type Vector } from "../core/tensor.ts";
import { add, mapElements, neg } from "./arithmetic.ts";
import { uniform } from "./draw.ts";
import { exp, log } from "./elementwise.ts";
import { matmulNT, transpose } from "./matrix.ts";
import { addColumn, addRow, rowMax } from "./reduce.ts";
import { spmm } from "./sparse.ts";
import { rowSums } from "./sums.ts";

/**
 * Returns X Wᵀ + b: one row of outputs per row of features, which may be dense or sparse. Without a bias, X Wᵀ.
 *
 * @throws {ShapeError} if the features do not have the width of the weights, or the bias does not match the weights.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { linear } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const [x, w, b] = [tensor([[1, 2]]), tensor([[3, 4]]), tensor([5])];
 * deepEqual([...readSync(linear(x, w, b))], [16]);
 * ```
 */
export function linear<R extends number, F extends number, D extends number>(
  x: Matrix<R, F> | Csr<R, F>,
  weight: Matrix<D, F>,
  bias?: Vector<D>,
): Matrix<R, D> {
  const y = isTensor(x) ? matmulNT(x, weight) : spmm(x, transpose(weight));
  return bias ? addRow(y, bias) : y;
}

/**
 * Returns log Σ eˣ of each row, without overflow.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { logSumExpRows } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(logSumExpRows(tensor([[1e4, -1e4]])))], [1e4]);
 * ```
 */
export function logSumExpRows<R extends number>(x: Matrix<R, number>): Vector<R> {
  const largest = stopGradient(rowMax(x));
  return add(log(rowSums(exp(addColumn(x, neg(largest))))), largest);
}

/**
 * Returns the logarithm of {@link softmaxRows}: x − log Σ eˣ in each row, without overflow.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { logSoftmaxRows } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(logSoftmaxRows(tensor([[0, -1e4]])))], [0, -1e4]);
 * ```
 */
export function logSoftmaxRows<R extends number, C extends number>(x: Matrix<R, C>): Matrix<R, C> {
  // The maximum is subtracted first: added to a large number, the logarithm would be lost in rounding.
  const z = addColumn(x, neg(stopGradient(rowMax(x))));
  return addColumn(z, neg(log(rowSums(exp(z)))));
}

/**
 * Returns the softmax of each row: eˣ divided by its sum.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { softmaxRows } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(softmaxRows(tensor([[1e4, 1e4]])))], [0.5, 0.5]);
 * ```
 */
export function softmaxRows<R extends number, C extends number>(x: Matrix<R, C>): Matrix<R, C> {
  return exp(logSoftmaxRows(x));
}

const drop = formula("dropout", ({ mul, where, zero }) => (x, u, rate, kept) => mul(x, where(rate, u, zero, kept)));

// Y = X ∘ M with M = 0 where U < rate, else 1 / (1 − rate)  ⇒  X̄ = Ȳ ∘ M
const DROP: Primitive<readonly [Tensor, Tensor], Tensor, readonly number[]> = {
  name: "dropout",
  forward: (device, xs, numbers, shape) => mapElements(device, drop, xs, numbers, shape)[0],
  vjp: (g, { xs: [, u], p }) => [apply(DROP, [g, u], p, g.shape), null],
};

/**
 * Returns x with each element set to zero with probability `rate`, and the others divided by 1 − rate (Srivastava et
 * al., 2014). The expectation of each element is unchanged.
 *
 * @throws {ValueError} if the rate is not in [0, 1).
 * @throws {KindError} if the key is no key.
 *
 * @example
 * ```ts
 * import { key, ones, readSync } from "@giverny/giverny/core";
 * import { dropout } from "@giverny/giverny/ops";
 * import { ok } from "node:assert/strict";
 * const y = readSync(dropout(key(1), ones([100]), 0.5));
 * ok(y.every((value) => value === 0 || value === 2));
 * ```
 */
export function dropout<S extends Shape>(key: Key, x: Tensor<S>, rate: number): Tensor<S> {
  checkedKey("dropout", key);
  if (!(rate >= 0 && rate < 1)) throw new ValueError(`Cannot dropout with the rate ${rate}: it must be in [0, 1)`);
  if (rate === 0) return x;
  // Draws are multiples of 2⁻²⁴. The rate is rounded up to such a multiple, which is exact in 32 bits.
  const least = Math.ceil(rate * 2 ** 24) * 2 ** -24;
  const u = uniform(key, x.shape, { device: x.storage.device });
  return apply(DROP, [x, u], [least, Math.fround(1 / (1 - rate))], x.shape);
}
