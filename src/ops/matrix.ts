/**
 * Products of matrices, and cutting, joining and turning them.
 *
 * @module
 */
import type { Form, ProductSize, Window } from "../../kernels/mod.ts";
import { apply, type Primitive } from "../core/autodiff.ts";
import { asMatrix, type Shape, ShapeError, show, sizeOf } from "../core/shape.ts";
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

// Y = X₁ next to X₂ …  ⇒  X̄ₙ = the n-th part of Ȳ
const CONCAT: Primitive<readonly Matrix[], Matrix, "rows" | "columns"> = {
  name: "concatenate",
  forward: ({ kernels }, xs, along) =>
    kernels.concat(xs.map(({ storage }) => storage), xs.map(({ shape }) => asMatrix(shape)), along),
  vjp: (g, { xs, p: along, wants }) => {
    const axis = along === "rows" ? 0 : 1;
    let end = 0;
    return xs.map(({ shape }, n) => {
      const start = end;
      end += shape[axis];
      return !wants[n] ? null : axis === 0 ? sliceRows(g, start, end) : sliceColumns(g, start, end);
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
      `Cannot multiply ${show(a.shape)}${ta} by ${show(b.shape)}${tb}: inner axes must match, ${left} is not ${right}`,
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

/** Returns A Bᵀ, the inner product of every row of A with every row of B. */
export function matmulNT<A extends number, B extends number, C extends number>(
  a: Matrix<A, B>,
  b: Matrix<C, B>,
): Matrix<A, C> {
  return product("nt", [a, b], [a.shape[0], b.shape[0]], [a.shape[1], b.shape[1]]);
}

/** Returns Aᵀ B. */
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
    throw new ShapeError(`Cannot slice ${show(x.shape)}: ${part} are not all in it`);
  }
  return apply(SLICE, [x], window, [rows, columns]);
}

/** Returns rows `from` to `to − 1`. The adjoint puts them back between zeros; see {@link concatRows}. */
export function sliceRows<C extends number>(x: Matrix<number, C>, from: number, to: number): Matrix<number, C> {
  return slice(x, { rows: to - from, columns: x.shape[1], fromRow: from, fromColumn: 0 }) as Matrix<number, C>;
}

/** Returns columns `from` to `to − 1`. The adjoint puts them back between zeros; see {@link concatColumns}. */
export function sliceColumns<R extends number>(x: Matrix<R, number>, from: number, to: number): Matrix<R, number> {
  return slice(x, { rows: x.shape[0], columns: to - from, fromRow: 0, fromColumn: from }) as Matrix<R, number>;
}

function concat(xs: readonly Matrix[], along: "rows" | "columns"): Matrix {
  if (xs.length === 0) throw new ShapeError("Cannot concatenate no matrices: at least one is needed");
  const [join, match] = along === "rows" ? [0, 1] : [1, 0];
  const odd = xs.find(({ shape }) => shape[match] !== xs[0].shape[match]);
  if (odd) {
    throw new ShapeError(
      `Cannot concatenate ${show(xs[0].shape)} and ${show(odd.shape)} along ${along}: the other axes must match`,
    );
  }
  const total = xs.reduce((length, { shape }) => length + shape[join], 0);
  const shape = along === "rows" ? [total, xs[0].shape[1]] as const : [xs[0].shape[0], total] as const;
  return apply(CONCAT, xs, along, shape);
}

/** Returns matrices of equal width, one below the other. The adjoint of {@link sliceRows}. */
export function concatRows<C extends number>(xs: readonly Matrix<number, C>[]): Matrix<number, C> {
  return concat(xs, "rows") as Matrix<number, C>;
}

/** Returns matrices of equal height, side by side. The adjoint of {@link sliceColumns}. */
export function concatColumns<R extends number>(xs: readonly Matrix<R, number>[]): Matrix<R, number> {
  return concat(xs, "columns") as Matrix<R, number>;
}

/**
 * Returns the same numbers under another shape. Nothing is copied.
 *
 * @throws {ShapeError} if it holds more or fewer numbers.
 */
export function reshape<S extends Shape>(x: Tensor, shape: S): Tensor<S> {
  if (sizeOf(x.shape) !== sizeOf(shape)) {
    throw new ShapeError(`Cannot reshape ${show(x.shape)} to ${show(shape)}: they hold different numbers of elements`);
  }
  return x.node ? apply(RESHAPE, [x], null, shape) : wrap(x.storage, shape);
}
