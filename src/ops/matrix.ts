/**
 * Products of matrices, and the transpose. Each primitive stands with its pullback and its functions. Slices,
 * concatenations and reshapes are defined in `layout.ts`; this file exports them too.
 *
 * @module
 */
import type { Form, ProductSize } from "../../kernels/mod.ts";
import { apply, type Primitive } from "../core/autodiff.ts";
import { asMatrix, ShapeError, showShape } from "../core/shape.ts";
import type { Matrix } from "../core/tensor.ts";

export { concatBlocks, concatColumns, concatRows, reshape, sliceColumns, sliceRows } from "./layout.ts";

/** The parameters of a product. */
interface Product {
  readonly form: Form;
  readonly size: ProductSize;
}

// Y = A B   ⇒  Ā = Ȳ Bᵀ, B̄ = Aᵀ Ȳ
// Y = A Bᵀ  ⇒  Ā = Ȳ B,  B̄ = Ȳᵀ A
// Y = Aᵀ B  ⇒  Ā = B Ȳᵀ, B̄ = A Ȳ
const multiplying = (name: string): Primitive<readonly [Matrix, Matrix], Matrix, Product> => ({
  name,
  forward: ({ kernels }, [a, b], { form, size }) => kernels.matmul(a.storage, b.storage, size, form),
  vjp: (g, { xs: [a, b], p: { form }, wants: [first, second] }) =>
    form === "nn"
      ? [first ? matmulNT(g, b) : null, second ? matmulTN(a, g) : null]
      : form === "nt"
      ? [first ? matmul(g, b) : null, second ? matmulTN(g, a) : null]
      : [first ? matmulNT(b, g) : null, second ? matmul(a, g) : null],
});

const MATMUL = { nn: multiplying("matmul"), nt: multiplying("matmulNT"), tn: multiplying("matmulTN") };

function product<R extends number, C extends number>(
  form: Form,
  [a, b]: readonly [Matrix, Matrix],
  [rows, columns]: readonly [R, C],
  [left, right]: readonly [number, number],
): Matrix<R, C> {
  if (left !== right) {
    const operands = `${showShape(a.shape)} by ${showShape(b.shape)}`;
    throw new ShapeError(`Cannot ${MATMUL[form].name} ${operands}: inner axes must match, ${left} is not ${right}`);
  }
  return apply(MATMUL[form], [a, b], { form, size: { rows, inner: left, columns } }, [rows, columns]);
}

/**
 * Returns the matrix product A B.
 *
 * @throws {ShapeError} if A does not have as many columns as B has rows.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { matmul } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(matmul(tensor([[1, 2]]), tensor([[3], [4]])))], [11]);
 * ```
 */
export function matmul<A extends number, B extends number, C extends number>(
  a: Matrix<A, B>,
  b: Matrix<B, C>,
): Matrix<A, C> {
  return product("nn", [a, b], [a.shape[0], b.shape[1]], [a.shape[1], b.shape[0]]);
}

/**
 * Returns A Bᵀ: the inner product of every row of A with every row of B.
 *
 * @throws {ShapeError} if A and B do not have the same number of columns.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { matmulNT } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(matmulNT(tensor([[1, 2]]), tensor([[3, 4], [5, 6]])))], [11, 17]);
 * ```
 */
export function matmulNT<A extends number, B extends number, C extends number>(
  a: Matrix<A, B>,
  b: Matrix<C, B>,
): Matrix<A, C> {
  return product("nt", [a, b], [a.shape[0], b.shape[0]], [a.shape[1], b.shape[1]]);
}

/**
 * Returns Aᵀ B: the inner product of every column of A with every column of B.
 *
 * @throws {ShapeError} if A and B do not have the same number of rows.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { matmulTN } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(matmulTN(tensor([[1], [2]]), tensor([[3], [4]])))], [11]);
 * ```
 */
export function matmulTN<A extends number, B extends number, C extends number>(
  a: Matrix<B, A>,
  b: Matrix<B, C>,
): Matrix<A, C> {
  return product("tn", [a, b], [a.shape[1], b.shape[1]], [a.shape[0], b.shape[0]]);
}

// Y = Xᵀ  ⇒  X̄ = Ȳᵀ
const TRANSPOSE: Primitive<readonly [Matrix], Matrix, null> = {
  name: "transpose",
  forward: ({ kernels }, [x]) => kernels.transpose(x.storage, asMatrix(x.shape)),
  vjp: (g) => [transpose(g)],
};

/**
 * Returns the transpose Xᵀ.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { transpose } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(transpose(tensor([[1, 2], [3, 4]])))], [1, 3, 2, 4]);
 * ```
 */
export function transpose<R extends number, C extends number>(x: Matrix<R, C>): Matrix<C, R> {
  return apply(TRANSPOSE, [x], null, [x.shape[1], x.shape[0]]);
}
