/**
 * Layers: linear maps, softmax over rows, dropout. All but dropout are compositions of other operations.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { formula } from "../../kernels/mod.ts";
import { apply, type Primitive } from "../core/autodiff.ts";
import type { Key } from "../core/random.ts";
import { asMatrix, type Shape } from "../core/shape.ts";
import type { Csr } from "../core/sparse.ts";
import { isTensor, type Matrix, stopGradient, type Tensor, type Vector } from "../core/tensor.ts";
import { uniform } from "./draw.ts";
import { add, exp, log, neg } from "./elementwise.ts";
import { matmulNT, transpose } from "./matrix.ts";
import { addColumn, addRow, rowMax, rowSums } from "./reduce.ts";
import { spmm } from "./sparse.ts";

/**
 * Returns X Wᵀ + b: one row of outputs per row of features, dense or sparse. Without a bias, X Wᵀ.
 *
 * @throws {ShapeError} if the features are not as wide as the weights, or the bias does not match them.
 */
export function linear<R extends number, F extends number, D extends number>(
  x: Matrix<R, F> | Csr<R, F>,
  weight: Matrix<D, F>,
  bias?: Vector<D>,
): Matrix<R, D> {
  const y = isTensor(x) ? matmulNT(x, weight) : spmm(x, transpose(weight));
  return bias ? addRow(y, bias) : y;
}

/** Returns log Σ eˣ of each row, without overflow. */
export function logSumExpRows<R extends number>(x: Matrix<R, number>): Vector<R> {
  const largest = stopGradient(rowMax(x));
  return add(log(rowSums(exp(addColumn(x, neg(largest))))), largest);
}

/** Returns the logarithm of {@link softmaxRows}: each row less its log Σ eˣ. */
export function logSoftmaxRows<R extends number, C extends number>(x: Matrix<R, C>): Matrix<R, C> {
  // Less the maximum first, so that large numbers do not swallow the logarithm.
  const z = addColumn(x, neg(stopGradient(rowMax(x))));
  return addColumn(z, neg(log(rowSums(exp(z)))));
}

/**
 * Returns eˣ divided by its sum within each row.
 *
 * @example
 * ```ts
 * import { readSync, softmaxRows, tensor } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * assertEquals([...readSync(softmaxRows(tensor([[1e4, 1e4]])))], [0.5, 0.5]);
 * ```
 */
export function softmaxRows<R extends number, C extends number>(x: Matrix<R, C>): Matrix<R, C> {
  return exp(logSoftmaxRows(x));
}

const drop = formula("drop", ({ mul, where, zero }) => (x, u, rate, kept) => mul(x, where(rate, u, zero, kept)));

// Y = X ∘ M with M = 0 where U < rate, else 1 / (1 − rate)  ⇒  X̄ = Ȳ ∘ M
const DROP: Primitive<readonly [Tensor, Tensor], Tensor, readonly number[]> = {
  name: drop.name,
  forward: ({ kernels }, xs, numbers, shape) => {
    const operands = xs.map(({ storage }) => ({ storage, extent: "both" } as const));
    return kernels.map(drop, operands, numbers, asMatrix(shape))[0];
  },
  vjp: (g, { xs: [, u], p }) => [apply(DROP, [g, u], p, g.shape), null],
};

/**
 * Returns x with each element zeroed with probability `rate` and the others divided by 1 − rate, so that the expectation
 * stays (Srivastava et al., 2014).
 *
 * @throws {ValueError} if the rate is not in [0, 1).
 */
export function dropout<S extends Shape>(key: Key, x: Tensor<S>, rate: number): Tensor<S> {
  if (!(rate >= 0 && rate < 1)) throw new ValueError(`Cannot drop with rate ${rate}: it must be in [0, 1)`);
  if (rate === 0) return x;
  // The least multiple of 2⁻²⁴, as draws are, that is not below the rate: exact in 32 bits, where the rate may not be.
  const least = Math.ceil(rate * 2 ** 24) * 2 ** -24;
  const u = uniform(key, x.shape, { device: x.storage.device });
  return apply(DROP, [x, u], [least, Math.fround(1 / (1 - rate))], x.shape);
}
