/**
 * Products with sparse matrices, and sums and softmax over the entries of each row.
 *
 * Choosing rows, adding rows up by index and summing segments are all products with a pattern of ones, so they share one
 * primitive, and each one's adjoint is the same product with the pattern transposed.
 *
 * @module
 */
import type { Entries } from "../core/axis.ts";
import { apply, type Primitive } from "../core/autodiff.ts";
import { entries, type Pattern, rowIndices, selection, transposed } from "../core/pattern.ts";
import { attach } from "../core/scope.ts";
import { type Rows, type Shape, ShapeError, show, type WithRows } from "../core/shape.ts";
import { type Csr, place } from "../core/sparse.ts";
import type { Matrix, Tensor, Vector } from "../core/tensor.ts";
import { mul, sub } from "./elementwise.ts";
import { reshape } from "./matrix.ts";

/** How many numbers each row of a vector or matrix holds. */
const width = (shape: Shape): number => shape[1] ?? 1;

function withRows<R extends number, S extends Rows>(shape: S, rows: R): WithRows<R, S> {
  return [rows, ...shape.slice(1)] as readonly number[] as WithRows<R, S>;
}

// Y = P X, P of ones  ⇒  X̄ = Pᵀ Ȳ
const COLLECT: Primitive<readonly [Tensor<Rows>], Tensor<Rows>, Pattern> = {
  name: "collect rows of",
  forward: (device, [x], p) => device.kernels.spmm(place(p, device), null, x.storage, width(x.shape)),
  vjp: (g, { p }) => [collect(transposed(p).pattern, g)],
};

interface Weighted {
  readonly pattern: Pattern;
  readonly mirror: Vector<Entries>;
}

// Y = S X  ⇒  S̄ = sddmm(Ȳ, X), X̄ = Sᵀ Ȳ
const SPMM: Primitive<readonly [Vector<Entries>, Matrix], Matrix, Weighted> = {
  name: "multiply",
  forward: (device, [values, x], { pattern }) =>
    device.kernels.spmm(place(pattern, device), values.storage, x.storage, x.shape[1]),
  vjp: (g, { xs: [values, x], p: { pattern, mirror }, wants }) => [
    wants[0] ? sddmm(pattern, g, x) : null,
    wants[1] ? spmm({ pattern: transposed(pattern).pattern, values: mirror, mirror: values }, g) : null,
  ],
};

// s = ⟨X[row], Y[column]⟩ per entry  ⇒  X̄ = S̄ Y, Ȳ = S̄ᵀ X with S̄ the gradient on the pattern
const SDDMM: Primitive<readonly [Matrix, Matrix], Vector<Entries>, Pattern> = {
  name: "multiply",
  forward: (device, [x, y], p) => device.kernels.sddmm(place(p, device), x.storage, y.storage, x.shape[1]),
  vjp: (g, { xs: [x, y], p, wants }) => {
    const weighted = csr(p, g);
    return [wants[0] ? spmm(weighted, y) : null, wants[1] ? spmm(transposeCsr(weighted), x) : null];
  },
};

// y = softmax x within each row  ⇒  x̄ = y ∘ (ȳ − Σ ȳ ∘ y over the row)
const SEGMENT_SOFTMAX: Primitive<readonly [Tensor<Rows>], Tensor<Rows>, Pattern> = {
  name: "normalise",
  forward: (device, [x], p) => device.kernels.segmentSoftmax(place(p, device), x.storage, width(x.shape)),
  vjp: (g, { y, p }) => {
    const weighted = mul(g, y);
    const rows = segments(p);
    return [sub(weighted, mul(y, collect(transposed(rows).pattern, collect(rows, weighted))))];
  },
};

function collect<R extends number, K extends number, S extends Rows<K>>(
  pattern: Pattern<R, K>,
  x: Tensor<S>,
): Tensor<WithRows<R, S>> {
  if (x.shape[0] !== pattern.columns) {
    throw new ShapeError(
      `Cannot collect rows of ${show(x.shape)} by a [${pattern.rows}, ${pattern.columns}] pattern: ` +
        `it must have ${pattern.columns} rows`,
    );
  }
  return apply(COLLECT, [x], pattern, withRows(x.shape, pattern.rows));
}

const segmentPatterns = new WeakMap<Pattern, Pattern>();

/** The pattern whose row r holds the positions of the entries of row r: summing by it sums segments. */
function segments<R extends number>(of: Pattern<R, number>): Pattern<R, Entries> {
  const known = segmentPatterns.get(of);
  if (known) return known as Pattern<R, Entries>;
  const indices = Int32Array.from(of.indices.keys());
  const made = { rows: of.rows, columns: entries(of), offsets: of.offsets, indices };
  segmentPatterns.set(of, made);
  return made;
}

/**
 * Returns the sparse matrix with these values at the entries of a pattern, ready on the values' device for products with
 * it and with its transpose.
 *
 * @throws {ShapeError} if there is not one value per entry.
 */
export function csr<R extends number, C extends number>(pattern: Pattern<R, C>, values: Vector<Entries>): Csr<R, C> {
  if (values.shape[0] !== entries(pattern)) {
    throw new ShapeError(`Cannot place ${show(values.shape)} on a pattern of ${entries(pattern)} entries`);
  }
  const { device } = values.storage;
  const flipped = transposed(pattern);
  place(pattern, device);
  const { offsets, indices } = place(flipped.pattern, device);
  attach(pattern, [offsets, indices]);
  const order = selection(flipped.order, entries(pattern));
  return { pattern, values, mirror: gather(values, order) as Vector<Entries> };
}

/** Returns the transpose of a sparse matrix. Nothing is copied. */
export function transposeCsr<R extends number, C extends number>({ pattern, values, mirror }: Csr<R, C>): Csr<C, R> {
  return { pattern: transposed(pattern).pattern, values: mirror, mirror: values };
}

/**
 * Returns the product of a sparse matrix and a dense one. Gradients flow to the sparse values and to the dense matrix.
 *
 * @throws {ShapeError} if the inner axes differ.
 *
 * @example
 * ```ts
 * import { csr, patternOf, readSync, spmm, tensor } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * const ratings = csr(patternOf([2, 3], [0, 1, 1], [2, 0, 1]), tensor([5, 1, 2]));
 * assertEquals([...readSync(spmm(ratings, tensor([[1], [10], [100]])))], [500, 21]);
 * ```
 */
export function spmm<R extends number, K extends number, C extends number>(
  { pattern, values, mirror }: Csr<R, K>,
  x: Matrix<K, C>,
): Matrix<R, C> {
  if (pattern.columns !== x.shape[0]) {
    throw new ShapeError(
      `Cannot multiply a sparse [${pattern.rows}, ${pattern.columns}] by ${show(x.shape)}: inner axes must match`,
    );
  }
  return apply(SPMM, [values, x], { pattern, mirror }, [pattern.rows, x.shape[1]]);
}

/**
 * Returns ⟨x[r], y[c]⟩ for every entry (r, c) of a pattern: the product X Yᵀ, computed only where it is wanted. The adjoint
 * of {@link spmm} in its values.
 *
 * @throws {ShapeError} if the rows of x and y are not those of the pattern's axes, or differ in length.
 */
export function sddmm<R extends number, C extends number, D extends number>(
  pattern: Pattern<R, C>,
  x: Matrix<R, D>,
  y: Matrix<C, D>,
): Vector<Entries> {
  if (x.shape[0] !== pattern.rows || y.shape[0] !== pattern.columns || x.shape[1] !== y.shape[1]) {
    throw new ShapeError(
      `Cannot multiply ${show(x.shape)} by ${show(y.shape)}ᵀ at a [${pattern.rows}, ${pattern.columns}] pattern: ` +
        `rows must match its axes, and inner axes each other`,
    );
  }
  return apply(SDDMM, [x, y], pattern, [entries(pattern)]);
}

/**
 * Returns the chosen rows of a matrix, or elements of a vector. A choice is a pattern with one entry per row, see
 * `selection`. The adjoint of {@link scatterAdd}.
 */
export function gather<R extends number, K extends number, S extends Rows<K>>(
  x: Tensor<S>,
  choice: Pattern<R, K>,
): Tensor<WithRows<R, S>> {
  return collect(choice, x);
}

/** Returns zeros with row r of x added at the row that a choice names for it. The adjoint of {@link gather}. */
export function scatterAdd<R extends number, K extends number, S extends Rows<R>>(
  x: Tensor<S>,
  choice: Pattern<R, K>,
): Tensor<WithRows<K, S>> {
  return collect(transposed(choice).pattern, x);
}

/** Returns, for each row of a pattern, the sum over its entries: of one number, or one row of numbers, per entry. */
export function segmentSum<R extends number, S extends Rows<Entries>>(
  x: Tensor<S>,
  of: Pattern<R, number>,
): Tensor<WithRows<R, S>> {
  return collect(segments(of), x);
}

/**
 * Returns eˣ divided by its sum within each row of a pattern. With a row of numbers per entry, each column is normalised by
 * itself.
 */
export function segmentSoftmax<S extends Rows>(x: Tensor<S>, of: Pattern): Tensor<S> {
  if (x.shape[0] !== entries(of)) {
    throw new ShapeError(`Cannot normalise ${show(x.shape)} over a pattern of ${entries(of)} entries`);
  }
  return apply(SEGMENT_SOFTMAX, [x], of, x.shape);
}

/**
 * Returns a sparse matrix with its zeros written out. The adjoint reads a dense gradient at the pattern.
 */
export function toDense<R extends number, C extends number>({ pattern, values }: Csr<R, C>): Matrix<R, C> {
  const { rows, columns, indices } = pattern;
  const cells = rowIndices(pattern).map((row, e) => row * columns + indices[e]);
  return reshape(scatterAdd(values, selection(cells, rows * columns)), [rows, columns]);
}
