/**
 * Products with sparse matrices, and products sampled at the entries of one.
 *
 * @module
 */
import type { Entries } from "../core/axis.ts";
import { apply, type Primitive } from "../core/autodiff.ts";
import { entries, type Pattern, rowIndices, rowSelector, transposed } from "../core/pattern.ts";
import { tieTo } from "../core/scope.ts";
import { ShapeError, showShape } from "../core/shape.ts";
import { type Csr, deviceCopy } from "../core/sparse.ts";
import type { Matrix, Vector } from "../core/tensor.ts";
import { reshape } from "./matrix.ts";
import { gather, scatterAdd } from "./rows.ts";

interface Weighted {
  readonly pattern: Pattern;
  readonly transposedValues: Vector<Entries>;
  /** α, the share of themselves that rows keep. */
  readonly self: number;
}

// Y = S X + α X  ⇒  S̄ = sddmm(Ȳ, X), X̄ = Sᵀ Ȳ + α Ȳ
const SPMM: Primitive<readonly [Vector<Entries>, Matrix], Matrix, Weighted> = {
  name: "multiply",
  forward: (device, [values, x], { pattern, self }) =>
    device.kernels.spmm(deviceCopy(pattern, device), values.storage, x.storage, x.shape[1], self),
  vjp: (g, { xs: [values, x], p: { pattern, transposedValues, self }, wants }) => {
    const flipped = { pattern: transposed(pattern).pattern, values: transposedValues, transposedValues: values };
    return [wants[0] ? sddmm(pattern, g, x) : null, wants[1] ? multiply(flipped, g, self) : null];
  },
};

// s = ⟨X[row], Y[column]⟩ per entry  ⇒  X̄ = S̄ Y, Ȳ = S̄ᵀ X with S̄ the gradient on the pattern
const SDDMM: Primitive<readonly [Matrix, Matrix], Vector<Entries>, Pattern> = {
  name: "multiply",
  forward: (device, [x, y], p) => device.kernels.sddmm(deviceCopy(p, device), x.storage, y.storage, x.shape[1]),
  vjp: (g, { xs: [x, y], p, wants }) => {
    const weighted = csr(p, g);
    return [wants[0] ? spmm(weighted, y) : null, wants[1] ? spmm(transposeCsr(weighted), x) : null];
  },
};

function multiply<R extends number, K extends number, C extends number>(
  { pattern, values, transposedValues }: Csr<R, K>,
  x: Matrix<K, C>,
  self: number,
): Matrix<R, C> {
  if (pattern.columns !== x.shape[0]) {
    throw new ShapeError(
      `Cannot multiply a sparse [${pattern.rows}, ${pattern.columns}] by ${showShape(x.shape)}: inner axes must match`,
    );
  }
  return apply(SPMM, [values, x], { pattern, transposedValues, self }, [pattern.rows, x.shape[1]]);
}

/**
 * Returns the sparse matrix with these values at the entries of a pattern, ready on the values' device for products with
 * it and with its transpose.
 *
 * @throws {ShapeError} if there is not one value per entry.
 */
export function csr<R extends number, C extends number>(pattern: Pattern<R, C>, values: Vector<Entries>): Csr<R, C> {
  if (values.shape[0] !== entries(pattern)) {
    throw new ShapeError(`Cannot place ${showShape(values.shape)} on a pattern of ${entries(pattern)} entries`);
  }
  const { device } = values.storage;
  const flipped = transposed(pattern);
  deviceCopy(pattern, device);
  const { offsets, indices } = deviceCopy(flipped.pattern, device);
  tieTo(pattern, [offsets, indices]);
  const order = rowSelector(flipped.order, entries(pattern));
  return { pattern, values, transposedValues: gather(values, order) as Vector<Entries> };
}

/** Returns the transpose of a sparse matrix. Nothing is copied. */
export function transposeCsr<R extends number, C extends number>(
  { pattern, values, transposedValues }: Csr<R, C>,
): Csr<C, R> {
  return { pattern: transposed(pattern).pattern, values: transposedValues, transposedValues: values };
}

/**
 * Returns the product of a sparse matrix and a dense one. Gradients flow to the sparse values and to the dense matrix.
 *
 * @throws {ShapeError} if the inner axes differ.
 *
 * @example
 * ```ts
 * import { csr, patternFromCoo, readSync, spmm, tensor } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * const ratings = csr(patternFromCoo([2, 3], [0, 1, 1], [2, 0, 1]), tensor([5, 1, 2]));
 * assertEquals([...readSync(spmm(ratings, tensor([[1], [10], [100]])))], [500, 21]);
 * ```
 */
export function spmm<R extends number, K extends number, C extends number>(
  a: Csr<R, K>,
  x: Matrix<K, C>,
): Matrix<R, C> {
  return multiply(a, x, 0);
}

/**
 * Returns S X + α X for a square S: a step of propagation along a graph in which every node keeps a share α of its own.
 *
 * @throws {ShapeError} if S is not square, or the inner axes differ.
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
  return multiply(graph, x, self);
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
      `Cannot multiply ${showShape(x.shape)} by ${
        showShape(y.shape)
      }ᵀ at a [${pattern.rows}, ${pattern.columns}] pattern: ` +
        `rows must match its axes, and inner axes each other`,
    );
  }
  return apply(SDDMM, [x, y], pattern, [entries(pattern)]);
}

/**
 * Returns a sparse matrix with its zeros written out; entries in one place add up. The adjoint reads a dense gradient at the pattern.
 */
export function toDense<R extends number, C extends number>(
  { pattern, values }: Pick<Csr<R, C>, "pattern" | "values">,
): Matrix<R, C> {
  const { rows, columns, indices } = pattern;
  const cells = rowIndices(pattern).map((row, e) => row * columns + indices[e]);
  return reshape(scatterAdd(values, rowSelector(cells, rows * columns)), [rows, columns]);
}
