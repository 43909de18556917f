/**
 * Slices, concatenations and reshapes. Slicing and concatenating are adjoint, so they share one file. Each primitive
 * stands with its pullback and its functions.
 *
 * @module
 */
import type { Window } from "../../kernels/mod.ts";
import { apply, type Primitive } from "../core/autodiff.ts";
import { asMatrix, type Frozen, type Shape, ShapeError, showShape, sizeOf } from "../core/shape.ts";
import { type Matrix, type Tensor, wrap, zeros } from "../core/tensor.ts";

// Y = X[rows, columns]  ⇒  X̄ = Ȳ between zeros
const slicing = (name: string): Primitive<readonly [Matrix], Matrix, Window> => ({
  name,
  forward: ({ kernels }, [x], window) => kernels.slice(x.storage, asMatrix(x.shape), window),
  vjp: (g, { xs: [{ shape: [height, width] }], p: { fromRow, fromColumn, rows, columns } }) => {
    const blank = (r: number, c: number) => zeros([r, c], g.storage);
    const wide = columns === width
      ? g
      : concatColumns([blank(rows, fromColumn), g, blank(rows, width - fromColumn - columns)]);
    return [
      rows === height ? wide : concatRows([blank(fromRow, width), wide, blank(height - fromRow - rows, width)]),
    ];
  },
});

const [SLICE_ROWS, SLICE_COLUMNS, SLICE_BLOCK] = ["sliceRows", "sliceColumns", "slice"].map(slicing);

function slice(primitive: typeof SLICE_ROWS, x: Matrix, window: Window): Matrix {
  const { rows, columns, fromRow, fromColumn } = window;
  const within = fromRow >= 0 && rows >= 0 && fromRow + rows <= x.shape[0] &&
    fromColumn >= 0 && columns >= 0 && fromColumn + columns <= x.shape[1];
  if (!within) {
    const [axis, from, length] = primitive === SLICE_ROWS ? ["rows", fromRow, rows] : ["columns", fromColumn, columns];
    const rule = `${axis} ${from} to ${Number(from) + Number(length)} are not all in it`;
    throw new ShapeError(`Cannot ${primitive.name} of ${showShape(x.shape)}: ${rule}`);
  }
  return apply(primitive, [x], window, [rows, columns]);
}

/**
 * Returns rows `from` to `to − 1`. The adjoint puts them between zeros; see {@link concatRows}.
 *
 * @throws {ShapeError} if a row does not exist.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { sliceRows } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(sliceRows(tensor([[1, 2], [3, 4], [5, 6]]), 1, 3))], [3, 4, 5, 6]);
 * ```
 */
export function sliceRows<C extends number>(x: Matrix<number, C>, from: number, to: number): Matrix<number, C> {
  const window = { rows: to - from, columns: x.shape[1], fromRow: from, fromColumn: 0 };
  return slice(SLICE_ROWS, x, window) as Matrix<number, C>;
}

/**
 * Returns columns `from` to `to − 1`. The adjoint puts them between zeros; see {@link concatColumns}.
 *
 * @throws {ShapeError} if a column does not exist.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { sliceColumns } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(sliceColumns(tensor([[1, 2, 3], [4, 5, 6]]), 0, 2))], [1, 2, 4, 5]);
 * ```
 */
export function sliceColumns<R extends number>(x: Matrix<R, number>, from: number, to: number): Matrix<R, number> {
  const window = { rows: x.shape[0], columns: to - from, fromRow: 0, fromColumn: from };
  return slice(SLICE_COLUMNS, x, window) as Matrix<R, number>;
}

/** The heights of the rows of a grid of blocks, and the widths of its columns. */
interface Grid {
  readonly heights: readonly number[];
  readonly widths: readonly number[];
}

// Y = a grid of blocks Xₙ, row by row  ⇒  X̄ₙ = the part of Ȳ at the place of Xₙ
const CONCAT: Primitive<readonly Matrix[], Matrix, Grid> = {
  name: "concatBlocks",
  forward: ({ kernels }, xs, { heights, widths }) => {
    const line = (r: number) => xs.slice(r * widths.length, (r + 1) * widths.length).map(({ storage }) => storage);
    return kernels.concat(heights.map((_, r) => line(r)), heights, widths);
  },
  vjp: (g, { xs, p: { heights, widths }, wants }) => {
    const before = (lengths: readonly number[], n: number) => lengths.slice(0, n).reduce((sum, x) => sum + x, 0);
    return xs.map(({ shape: [rows, columns] }, n) => {
      if (!wants[n]) return null;
      const [r, c] = [Math.floor(n / widths.length), n % widths.length];
      return slice(SLICE_BLOCK, g, { rows, columns, fromRow: before(heights, r), fromColumn: before(widths, c) });
    });
  },
};

function concatenated(name: string, grid: readonly (readonly Matrix[])[]): Matrix {
  const blocks = grid.flat();
  if (blocks.length === 0) throw new ShapeError(`Cannot ${name} of no matrices: at least one is needed`);
  const heights = grid.map(([first]) => first?.shape[0] ?? 0);
  const widths = grid[0].map(({ shape }) => shape[1]);
  grid.forEach((line, r) => {
    if (line.length !== widths.length) {
      const lengths = `rows of ${widths.length} and ${line.length} matrices`;
      throw new ShapeError(`Cannot ${name} with ${lengths}: rows must have the same number of matrices`);
    }
    line.forEach(({ shape }, c) => {
      if (shape[0] === heights[r] && shape[1] === widths[c]) return;
      const [other, rule] = shape[0] === heights[r]
        ? [grid[0][c].shape, "blocks of one column must have the same width"]
        : [line[0].shape, "blocks of one row must have the same height"];
      throw new ShapeError(`Cannot ${name} of ${showShape(other)} and ${showShape(shape)}: ${rule}`);
    });
  });
  const total = (lengths: readonly number[]) => lengths.reduce((sum, length) => sum + length, 0);
  return apply(CONCAT, blocks, { heights, widths }, [total(heights), total(widths)]);
}

/**
 * Returns the matrix made of a grid of blocks, given row by row. The adjoint slices the blocks out.
 *
 * @throws {ShapeError} if the grid is empty, or a block does not have the height of its row and the width of its
 * column.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { concatBlocks } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const [a, b] = [tensor([[1]]), tensor([[2, 3]])];
 * deepEqual([...readSync(concatBlocks([[a, b], [a, b]]))], [1, 2, 3, 1, 2, 3]);
 * ```
 */
export function concatBlocks(grid: readonly (readonly Matrix[])[]): Matrix {
  return concatenated("concatBlocks", grid);
}

/**
 * Returns matrices of equal width, one below the other. The adjoint of {@link sliceRows}.
 *
 * @throws {ShapeError} if the list is empty, or the widths differ.
 *
 * @example
 * ```ts
 * import { tensor } from "@giverny/giverny/core";
 * import { concatRows } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(concatRows([tensor([[1, 2]]), tensor([[3, 4]])]).shape, [2, 2]);
 * ```
 */
export function concatRows<C extends number>(xs: readonly Matrix<number, C>[]): Matrix<number, C> {
  return concatenated("concatRows", xs.map((x) => [x])) as Matrix<number, C>;
}

/**
 * Returns matrices of equal height, side by side. The adjoint of {@link sliceColumns}.
 *
 * @throws {ShapeError} if the list is empty, or the heights differ.
 *
 * @example
 * ```ts
 * import { tensor } from "@giverny/giverny/core";
 * import { concatColumns } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(concatColumns([tensor([[1, 2]]), tensor([[3, 4]])]).shape, [1, 4]);
 * ```
 */
export function concatColumns<R extends number>(xs: readonly Matrix<R, number>[]): Matrix<R, number> {
  return concatenated("concatColumns", [xs]) as Matrix<R, number>;
}

// Y = X with other axes  ⇒  X̄ = Ȳ with the axes of X
const RESHAPE: Primitive<readonly [Tensor], Tensor, null> = {
  name: "reshape",
  forward: (_, [x]) => x.storage,
  vjp: (g, { xs: [x] }) => [reshape(g, x.shape)],
};

/**
 * Returns the same numbers with another shape. Nothing is copied.
 *
 * @throws {ShapeError} if the shape holds more or fewer numbers.
 *
 * @example
 * ```ts
 * import { readSync, tensor, type Vector } from "@giverny/giverny/core";
 * import { reshape } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const x: Vector = reshape(tensor([[1, 2], [3, 4]]), [4]);
 * deepEqual([...readSync(x)], [1, 2, 3, 4]);
 * ```
 */
export function reshape<S extends Shape>(x: Tensor, shape: S): Tensor<Frozen<S>> {
  if (sizeOf(x.shape) !== sizeOf(shape)) {
    const shapes = `${showShape(x.shape)} to ${showShape(shape)}`;
    throw new ShapeError(`Cannot reshape ${shapes}: they hold different numbers of elements`);
  }
  const to = shape as Shape as Frozen<S>;
  return x.node ? apply(RESHAPE, [x], null, to) : wrap(x.storage, to);
}
