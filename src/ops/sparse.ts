/**
 * Products with sparse matrices, and products computed only at the entries of a pattern. Each primitive stands with its
 * pullback and its functions.
 *
 * @module
 */
import type { Entries } from "../core/axis.ts";
import { apply, type Primitive } from "../core/autodiff.ts";
import { entries, type Pattern, rowIndices, rowSelector, transposed } from "../core/pattern.ts";
import { scope, tieTo } from "../core/scope.ts";
import { ShapeError, showShape } from "../core/shape.ts";
import { type Csr, deviceCopy } from "../core/sparse.ts";
import type { Matrix, Vector } from "../core/tensor.ts";
import { reshape } from "./layout.ts";
import { gather, scatterAdd } from "./rows.ts";

/**
 * Returns the sparse matrix with these values at the entries of a pattern. Products with it and with its transpose run
 * on the device of the values.
 *
 * @throws {ShapeError} if there is not one value per entry.
 *
 * @example
 * ```ts
 * import { patternFromCoo, readSync, tensor } from "@giverny/giverny/core";
 * import { csr, toDense } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const ratings = csr(patternFromCoo([2, 3], [0, 1], [2, 0]), tensor([5, 1]));
 * deepEqual([...readSync(toDense(ratings))], [0, 0, 5, 1, 0, 0]);
 * ```
 */
export function csr<R extends number, C extends number>(pattern: Pattern<R, C>, values: Vector<Entries>): Csr<R, C> {
  if (values.shape[0] !== entries(pattern)) {
    const operands = `of ${showShape(values.shape)} and a pattern of ${entries(pattern)} entries`;
    throw new ShapeError(`Cannot make a csr ${operands}: one value per entry is needed`);
  }
  const { device } = values.storage;
  const flipped = transposed(pattern);
  deviceCopy(pattern, device);
  const { offsets, indices } = deviceCopy(flipped.pattern, device);
  tieTo(pattern, [offsets, indices]);
  const order = orderSelector(flipped.order);
  // In a scope, so that the copy of the selector on the device is freed.
  const transposedValues = scope(() => gather(values, order) as Vector<Entries>);
  return { pattern, values, transposedValues };
}

const selectors = new WeakMap<Int32Array, Pattern<Entries, Entries>>();

/** Returns the selector of entries in an order, made on the first call: graphs with other values share it. */
export function orderSelector(order: Int32Array): Pattern<Entries, Entries> {
  const known = selectors.get(order);
  if (known) return known;
  const made: Pattern<Entries, Entries> = rowSelector(order, order.length);
  selectors.set(order, made);
  return made;
}

/**
 * Returns the transpose of a sparse matrix. Nothing is copied.
 *
 * @example
 * ```ts
 * import { patternFromCoo, readSync, tensor } from "@giverny/giverny/core";
 * import { csr, toDense, transposeCsr } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const ratings = csr(patternFromCoo([2, 3], [0, 1], [2, 0]), tensor([5, 1]));
 * deepEqual([...readSync(toDense(transposeCsr(ratings)))], [0, 1, 0, 0, 5, 0]);
 * ```
 */
export function transposeCsr<R extends number, C extends number>(matrix: Csr<R, C>): Csr<C, R> {
  const { pattern, values, transposedValues } = matrix;
  return { pattern: transposed(pattern).pattern, values: transposedValues, transposedValues: values };
}

/** The parameters of a product with a sparse matrix. */
interface Weighted {
  readonly pattern: Pattern;
  readonly transposedValues: Vector<Entries>;
  /** α, the share of itself that each row keeps. */
  readonly self: number;
}

// Y = S X + α X  ⇒  S̄ = sddmm(Ȳ, X), X̄ = Sᵀ Ȳ + α Ȳ
const multiplying = (name: string): Primitive<readonly [Vector<Entries>, Matrix], Matrix, Weighted> => ({
  name,
  forward: (device, [values, x], { pattern, self }) =>
    device.kernels.spmm(deviceCopy(pattern, device), values.storage, x.storage, x.shape[1], self),
  vjp: (g, { xs: [values, x], p: { pattern, transposedValues, self }, wants }) => {
    const flipped = { pattern: transposed(pattern).pattern, values: transposedValues, transposedValues: values };
    return [wants[0] ? sddmm(pattern, g, x) : null, wants[1] ? multiply(SPMM, flipped, g, self) : null];
  },
});

const [SPMM, PROPAGATE] = ["spmm", "propagate"].map(multiplying);

function multiply<R extends number, K extends number, C extends number>(
  primitive: typeof SPMM,
  matrix: Csr<R, K>,
  x: Matrix<K, C>,
  self: number,
): Matrix<R, C> {
  const { pattern, values, transposedValues } = matrix;
  if (pattern.columns !== x.shape[0]) {
    const operands = `a sparse [${pattern.rows}, ${pattern.columns}] by ${showShape(x.shape)}`;
    throw new ShapeError(`Cannot ${primitive.name} ${operands}: inner axes must match`);
  }
  return apply(primitive, [values, x], { pattern, transposedValues, self }, [pattern.rows, x.shape[1]]);
}

/**
 * Returns the product of a sparse matrix and a dense matrix. Gradients flow to the sparse values and to the dense
 * matrix.
 *
 * @throws {ShapeError} if the inner axes differ.
 *
 * @example
 * ```ts
 * import { patternFromCoo, readSync, tensor } from "@giverny/giverny/core";
 * import { csr, spmm } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const ratings = csr(patternFromCoo([2, 3], [0, 1, 1], [2, 0, 1]), tensor([5, 1, 2]));
 * deepEqual([...readSync(spmm(ratings, tensor([[1], [10], [100]])))], [500, 21]);
 * ```
 */
export function spmm<R extends number, K extends number, C extends number>(
  a: Csr<R, K>,
  x: Matrix<K, C>,
): Matrix<R, C> {
  return multiply(SPMM, a, x, 0);
}

/**
 * Returns S X + α X for a square S: one step of propagation along a graph, in which every node keeps a share α of its
 * own features.
 *
 * @throws {ShapeError} if S is not square, or the inner axes differ.
 *
 * @example
 * ```ts
 * import { patternFromCoo, readSync, tensor } from "@giverny/giverny/core";
 * import { csr, propagate } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const edge = csr(patternFromCoo([2, 2], [0, 1], [1, 0]), tensor([1, 1]));
 * deepEqual([...readSync(propagate(edge, tensor([[1], [10]]), 0.5))], [10.5, 6]);
 * ```
 */
export function propagate<N extends number, C extends number>(
  graph: Csr<N, N>,
  x: Matrix<N, C>,
  self: number,
): Matrix<N, C> {
  const { rows, columns } = graph.pattern;
  if (rows !== columns) {
    throw new ShapeError(`Cannot propagate along a sparse [${rows}, ${columns}]: it must be square`);
  }
  return multiply(PROPAGATE, graph, x, self);
}

// s = ⟨X[row], Y[column]⟩ per entry  ⇒  X̄ = S̄ Y, Ȳ = S̄ᵀ X with S̄ the gradient on the pattern
const SDDMM: Primitive<readonly [Matrix, Matrix], Vector<Entries>, Pattern> = {
  name: "sddmm",
  forward: (device, [x, y], p) => device.kernels.sddmm(deviceCopy(p, device), x.storage, y.storage, x.shape[1]),
  vjp: (g, { xs: [x, y], p, wants }) => {
    const weighted = csr(p, g);
    return [wants[0] ? spmm(weighted, y) : null, wants[1] ? spmm(transposeCsr(weighted), x) : null];
  },
};

/**
 * Returns ⟨x[r], y[c]⟩ for every entry (r, c) of a pattern: the product X Yᵀ, computed at these entries only (a sampled
 * dense–dense matrix multiplication). It is the adjoint of {@link spmm} in the sparse values.
 *
 * @throws {ShapeError} if x does not have one row per row of the pattern, y one row per column, or their columns
 * differ.
 *
 * @example
 * ```ts
 * import { patternFromCoo, readSync, tensor } from "@giverny/giverny/core";
 * import { sddmm } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const pattern = patternFromCoo([1, 2], [0], [1]);
 * deepEqual([...readSync(sddmm(pattern, tensor([[1, 2]]), tensor([[0, 0], [3, 4]])))], [11]);
 * ```
 */
export function sddmm<R extends number, C extends number, D extends number>(
  pattern: Pattern<R, C>,
  x: Matrix<R, D>,
  y: Matrix<C, D>,
): Vector<Entries> {
  const { rows, columns } = pattern;
  if (x.shape[0] !== rows || y.shape[0] !== columns || x.shape[1] !== y.shape[1]) {
    const operands = `${showShape(x.shape)} and ${showShape(y.shape)} at a [${rows}, ${columns}] pattern`;
    const rule = "the rows of both must match the axes of the pattern, and their columns each other";
    throw new ShapeError(`Cannot sddmm ${operands}: ${rule}`);
  }
  return apply(SDDMM, [x, y], pattern, [entries(pattern)]);
}

/**
 * Returns a sparse matrix as a dense matrix. Values of entries at the same position add up. The adjoint reads the
 * gradient at the entries of the pattern.
 *
 * @example
 * ```ts
 * import { patternFromCoo, readSync, tensor } from "@giverny/giverny/core";
 * import { csr, toDense } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const ratings = csr(patternFromCoo([2, 2], [0, 1], [1, 0]), tensor([5, 1]));
 * deepEqual([...readSync(toDense(ratings))], [0, 5, 1, 0]);
 * ```
 */
export function toDense<R extends number, C extends number>(
  matrix: Pick<Csr<R, C>, "pattern" | "values">,
): Matrix<R, C> {
  const { rows, columns, indices } = matrix.pattern;
  const cells = rowIndices(matrix.pattern).map((row, e) => row * columns + indices[e]);
  const numbers = scatterAdd(matrix.values, rowSelector(cells, rows * columns));
  const shape: readonly [R, C] = [rows, columns];
  return reshape(numbers, shape);
}
