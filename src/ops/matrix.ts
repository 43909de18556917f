/**
 * Products of matrices, and cutting, joining and turning them.
 *
 * @module
 */
import type { Form, ProductSize, Window } from "../../kernels/mod.ts";
import { apply, type Primitive } from "../core/autodiff.ts";
import { asMatrix, type Shape, ShapeError, showShape, sizeOf } from "../core/shape.ts";
import { type Matrix, type Tensor, wrap, zeros } from "../core/tensor.ts";

interface Product {
  readonly form: Form;
  readonly size: ProductSize;
}

// Y = A B   ⇒  Ā = Ȳ Bᵀ, B̄ = Aᵀ Ȳ
// Y = A Bᵀ  ⇒  Ā = Ȳ B,  B̄ = Ȳᵀ A
// Y = Aᵀ B  ⇒  Ā = B Ȳᵀ, B̄ = A Ȳ
const MATMUL: Primitive<readonly [Matrix, Matrix], Matrix, Product> = {
  name: "multiply",
  forward: ({ kernels }, [a, b], { form, size }) => kernels.matmul(a.storage, b.storage, size, form),
  vjp: (g, { xs: [a, b], p: { form }, wants: [first, second] }) =>
    form === "nn"
      ? [first ? matmulNT(g, b) : null, second ? matmulTN(a, g) : null]
      : form === "nt"
      ? [first ? matmul(g, b) : null, second ? matmulTN(g, a) : null]
      : [first ? matmulNT(b, g) : null, second ? matmul(a, g) : null],
};

// Y = Xᵀ  ⇒  X̄ = Ȳᵀ
const TRANSPOSE: Primitive<readonly [Matrix], Matrix, null> = {
  name: "transpose",
  forward: ({ kernels }, [x]) => kernels.transpose(x.storage, asMatrix(x.shape)),
  vjp: (g) => [transpose(g)],
};

// Y = X[rows, columns]  ⇒  X̄ = Ȳ between zeros
const SLICE: Primitive<readonly [Matrix], Matrix, Window> = {
  name: "slice",
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
};

/** How many blocks lie side by side in a grid, and how high and wide its rows and columns are. */
interface Grid {
  readonly heights: readonly number[];
  readonly widths: readonly number[];
}

// Y = a grid of blocks Xₙ, row by row  ⇒  X̄ₙ = the part of Ȳ where Xₙ is
const CONCAT: Primitive<readonly Matrix[], Matrix, Grid> = {
  name: "concatenate",
  forward: ({ kernels }, xs, { heights, widths }) => {
    const line = (r: number) => xs.slice(r * widths.length, (r + 1) * widths.length).map(({ storage }) => storage);
    return kernels.concat(heights.map((_, r) => line(r)), heights, widths);
  },
  vjp: (g, { xs, p: { heights, widths }, wants }) => {
    const before = (lengths: readonly number[], n: number) => lengths.slice(0, n).reduce((sum, x) => sum + x, 0);
    return xs.map(({ shape: [rows, columns] }, n) => {
      const [r, c] = [Math.floor(n / widths.length), n % widths.length];
      return wants[n] ? slice(g, { rows, columns, fromRow: before(heights, r), fromColumn: before(widths, c) }) : null;
    });
  },
};

// Y = X with other axes  ⇒  X̄ = Ȳ with the old ones
const RESHAPE: Primitive<readonly [Tensor], Tensor, null> = {
  name: "reshape",
  forward: (_, [x]) => x.storage,
  vjp: (g, { xs: [x] }) => [reshape(g, x.shape)],
};

function product<R extends number, C extends number>(
  form: Form,
  [a, b]: readonly [Matrix, Matrix],
  [rows, columns]: readonly [R, C],
  [left, right]: readonly [number, number],
): Matrix<R, C> {
  if (left !== right) {
    const [ta, tb] = [form === "tn" ? "ᵀ" : "", form === "nt" ? "ᵀ" : ""];
    throw new ShapeError(
      `Cannot multiply ${showShape(a.shape)}${ta} by ${
        showShape(b.shape)
      }${tb}: inner axes must match, ${left} is not ${right}`,
    );
  }
  return apply(MATMUL, [a, b], { form, size: { rows, inner: left, columns } }, [rows, columns]);
}

/**
 * Returns the matrix product A B.
 *
 * @throws {ShapeError} if A has not as many columns as B has rows.
 *
 * @example
 * ```ts
 * import { matmul, readSync, tensor } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * assertEquals([...readSync(matmul(tensor([[1, 2]]), tensor([[3], [4]])))], [11]);
 * ```
 */
export function matmul<A extends number, B extends number, C extends number>(
  a: Matrix<A, B>,
  b: Matrix<B, C>,
): Matrix<A, C> {
  return product("nn", [a, b], [a.shape[0], b.shape[1]], [a.shape[1], b.shape[0]]);
}

/**
 * Returns A Bᵀ, the inner product of every row of A with every row of B.
 *
 * @throws {ShapeError} if the rows of both are not of one length.
 */
export function matmulNT<A extends number, B extends number, C extends number>(
  a: Matrix<A, B>,
  b: Matrix<C, B>,
): Matrix<A, C> {
  return product("nt", [a, b], [a.shape[0], b.shape[0]], [a.shape[1], b.shape[1]]);
}

/**
 * Returns Aᵀ B.
 *
 * @throws {ShapeError} if the columns of both are not of one length.
 */
export function matmulTN<A extends number, B extends number, C extends number>(
  a: Matrix<B, A>,
  b: Matrix<B, C>,
): Matrix<A, C> {
  return product("tn", [a, b], [a.shape[1], b.shape[1]], [a.shape[0], b.shape[0]]);
}

/** Returns Xᵀ. */
export function transpose<R extends number, C extends number>(x: Matrix<R, C>): Matrix<C, R> {
  return apply(TRANSPOSE, [x], null, [x.shape[1], x.shape[0]]);
}

function slice(x: Matrix, window: Window): Matrix {
  const { rows, columns, fromRow, fromColumn } = window;
  const within = fromRow >= 0 && rows >= 0 && fromRow + rows <= x.shape[0] &&
    fromColumn >= 0 && columns >= 0 && fromColumn + columns <= x.shape[1];
  if (!within) {
    const part = `rows ${fromRow} to ${fromRow + rows}, columns ${fromColumn} to ${fromColumn + columns}`;
    throw new ShapeError(`Cannot slice ${showShape(x.shape)}: ${part} are not all in it`);
  }
  return apply(SLICE, [x], window, [rows, columns]);
}

/**
 * Returns rows `from` to `to − 1`. The adjoint puts them back between zeros; see {@link concatRows}.
 *
 * @throws {ShapeError} if there are no such rows.
 */
export function sliceRows<C extends number>(x: Matrix<number, C>, from: number, to: number): Matrix<number, C> {
  return slice(x, { rows: to - from, columns: x.shape[1], fromRow: from, fromColumn: 0 }) as Matrix<number, C>;
}

/**
 * Returns columns `from` to `to − 1`. The adjoint puts them back between zeros; see {@link concatColumns}.
 *
 * @throws {ShapeError} if there are no such columns.
 */
export function sliceColumns<R extends number>(x: Matrix<R, number>, from: number, to: number): Matrix<R, number> {
  return slice(x, { rows: x.shape[0], columns: to - from, fromRow: 0, fromColumn: from }) as Matrix<R, number>;
}

/**
 * Returns a grid of matrices, given row by row, joined to one. The adjoint of slicing out its blocks.
 *
 * @throws {ShapeError} if there are none, or a block is not as high as its row of the grid and as wide as its column.
 *
 * @example
 * ```ts
 * import { concatBlocks, readSync, tensor } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * const [a, b] = [tensor([[1]]), tensor([[2, 3]])];
 * assertEquals([...readSync(concatBlocks([[a, b], [a, b]]))], [1, 2, 3, 1, 2, 3]);
 * ```
 */
export function concatBlocks(grid: readonly (readonly Matrix[])[]): Matrix {
  const blocks = grid.flat();
  if (blocks.length === 0) throw new ShapeError("Cannot concatenate no matrices: at least one is needed");
  const heights = grid.map(([first]) => first?.shape[0] ?? 0);
  const widths = grid[0].map(({ shape }) => shape[1]);
  grid.forEach((line, r) => {
    if (line.length !== widths.length) {
      throw new ShapeError(
        `Cannot concatenate rows of ${widths.length} and ${line.length} matrices: rows must be as long`,
      );
    }
    line.forEach(({ shape }, c) => {
      if (shape[0] === heights[r] && shape[1] === widths[c]) return;
      const [other, rule] = shape[0] === heights[r]
        ? [grid[0][c].shape, "one below the other: they must be as wide"]
        : [line[0].shape, "side by side: they must be as high"];
      throw new ShapeError(`Cannot concatenate ${showShape(other)} and ${showShape(shape)} ${rule}`);
    });
  });
  const total = (lengths: readonly number[]) => lengths.reduce((sum, length) => sum + length, 0);
  return apply(CONCAT, blocks, { heights, widths }, [total(heights), total(widths)]);
}

/** Returns matrices of equal width, one below the other. The adjoint of {@link sliceRows}. */
export function concatRows<C extends number>(xs: readonly Matrix<number, C>[]): Matrix<number, C> {
  return concatBlocks(xs.map((x) => [x])) as Matrix<number, C>;
}

/** Returns matrices of equal height, side by side. The adjoint of {@link sliceColumns}. */
export function concatColumns<R extends number>(xs: readonly Matrix<R, number>[]): Matrix<R, number> {
  return concatBlocks([xs]) as Matrix<R, number>;
}

/**
 * Returns the same numbers under another shape. Nothing is copied.
 *
 * @throws {ShapeError} if it holds more or fewer numbers.
 */
export function reshape<S extends Shape>(x: Tensor, shape: S): Tensor<S> {
  if (sizeOf(x.shape) !== sizeOf(shape)) {
    throw new ShapeError(
      `Cannot reshape ${showShape(x.shape)} to ${showShape(shape)}: they hold different numbers of elements`,
    );
  }
  return x.node ? apply(RESHAPE, [x], null, shape) : wrap(x.storage, shape);
}
