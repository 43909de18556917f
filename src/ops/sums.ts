/**
 * Sums over axes, and repeats along axes: each is the adjoint of the other, so they share one file. Each primitive
 * stands with its pullback and its functions.
 *
 * @module
 */
import { type Extent, formula } from "../../kernels/mod.ts";
import { apply, type Primitive } from "../core/autodiff.ts";
import { asMatrix, type Frozen, type Shape, ShapeError, showShape, sizeOf } from "../core/shape.ts";
import type { Matrix, Scalar, Tensor, Vector } from "../core/tensor.ts";
import { scale } from "./arithmetic.ts";

/** The axes of a matrix that a vector or a scalar has: `rows`, `columns` or `none`. */
export type Kept = Exclude<Extent, "both">;

/** An operation between a tensor and a tensor of fewer axes. */
type Along = Primitive<readonly [Tensor], Tensor, Kept>;

const itself = formula("values", () => (x) => x);

// y = Σ X over the axes not kept  ⇒  X̄ = ȳ repeated along them
const [SUM, ROW_SUMS, COLUMN_SUMS] = ["sum", "rowSums", "columnSums"].map((name): Along => ({
  name,
  forward: ({ kernels }, [{ storage, shape }], keep) =>
    kernels.reduce("sum", itself, [{ storage, extent: "both" }], [], asMatrix(shape), keep),
  vjp: (g, { xs: [x], p }) => [apply(REPEAT[p], [g], p, x.shape)],
}));

/** Returns the sum over the axes that are not kept. */
export function sumOver<S extends Shape>(x: Tensor, kept: Kept, shape: S): Tensor<S> {
  return apply({ none: SUM, rows: ROW_SUMS, columns: COLUMN_SUMS }[kept], [x], kept, shape);
}

/**
 * Returns the sum of all elements; 0 if there are none. The adjoint of {@link fill}.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { sum } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(sum(tensor([[1, 2], [3, 4]])))], [10]);
 * ```
 */
export function sum(x: Tensor): Scalar {
  return sumOver(x, "none", []);
}

/**
 * Returns the mean of all elements.
 *
 * @throws {ShapeError} if there are none.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { mean } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(mean(tensor([1, 2, 6])))], [3]);
 * ```
 */
export function mean(x: Tensor): Scalar {
  if (sizeOf(x.shape) === 0) throw new ShapeError(`Cannot take the mean of ${showShape(x.shape)}: it has no elements`);
  return scale(sum(x), 1 / sizeOf(x.shape));
}

/**
 * Returns the sum of each row. The adjoint of {@link repeatColumns}.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { rowSums } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(rowSums(tensor([[1, 2], [3, 4]])))], [3, 7]);
 * ```
 */
export function rowSums<R extends number>(x: Matrix<R, number>): Vector<R> {
  return sumOver(x, "rows", [x.shape[0]]);
}

/**
 * Returns the sum of each column. The adjoint of {@link repeatRows}.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { columnSums } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(columnSums(tensor([[1, 2], [3, 4]])))], [4, 6]);
 * ```
 */
export function columnSums<C extends number>(x: Matrix<number, C>): Vector<C> {
  return sumOver(x, "columns", [x.shape[1]]);
}

const repeated = formula("repeat", () => (x) => x);

const repeating = (name: string): Along => ({
  name,
  forward: ({ kernels }, [x], extent, shape) =>
    kernels.map(repeated, [{ storage: x.storage, extent }], [], asMatrix(shape))[0],
  vjp: (g, { xs: [x], p }) => [sumOver(g, p, x.shape)],
});

// Y = x repeated along the axes that x lacks  ⇒  x̄ = Σ Ȳ over them
const REPEAT: Readonly<Record<Kept, Along>> = {
  none: repeating("fill"),
  rows: repeating("repeatColumns"),
  columns: repeating("repeatRows"),
};

/**
 * Returns a matrix with `rows` rows, each of them `x`. The adjoint of {@link columnSums}.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { repeatRows } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(repeatRows(tensor([1, 2]), 2))], [1, 2, 1, 2]);
 * ```
 */
export function repeatRows<R extends number, C extends number>(x: Vector<C>, rows: R): Matrix<R, C> {
  return apply(REPEAT.columns, [x], "columns", [rows, x.shape[0]]);
}

/**
 * Returns a matrix with `columns` columns, each of them `x`. The adjoint of {@link rowSums}.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { repeatColumns } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(repeatColumns(tensor([1, 2]), 2))], [1, 1, 2, 2]);
 * ```
 */
export function repeatColumns<R extends number, C extends number>(x: Vector<R>, columns: C): Matrix<R, C> {
  return apply(REPEAT.rows, [x], "rows", [x.shape[0], columns]);
}

/**
 * Returns a tensor in which every element is the scalar `x`. The adjoint of {@link sum}.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { fill } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(fill(tensor(7), [3]))], [7, 7, 7]);
 * ```
 */
export function fill<S extends Shape>(x: Scalar, shape: S): Tensor<Frozen<S>> {
  return apply(REPEAT.none, [x], "none", shape as Shape as Frozen<S>);
}
