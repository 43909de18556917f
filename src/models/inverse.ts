/**
 * The inverse of a symmetric positive definite matrix, from products of halves of halves.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { scope } from "../core/scope.ts";
import { fromArray, type Matrix, readSync } from "../core/tensor.ts";
import { neg, sub } from "../ops/elementwise.ts";
import { concatBlocks, matmul, matmulNT, matmulTN, sliceColumns, sliceRows, transpose } from "../ops/matrix.ts";

/** The largest matrix that is inverted number by number. */
const LEAF = 64;

/**
 * Returns the inverse of a symmetric positive definite matrix, of which it reads the diagonal and the numbers below. It
 * is the blocked Cholesky factorisation by halves, with the inverse of each diagonal block in place of its factor:
 *
 * [A Bᵀ; B D]⁻¹ = [A⁻¹ + Wᵀ Q W, −Wᵀ Q; −Q W, Q] with W = B A⁻¹ and Q = (D − W Bᵀ)⁻¹
 *
 * All but blocks of 64 rows are products on the device, 4/3 n³ multiplications and additions together. The device must
 * answer at once, as the processor does.
 *
 * @throws {ValueError} if the matrix is not positive definite in 32-bit numbers.
 */
export function inverse<N extends number>(x: Matrix<N, N>): Matrix<N, N> {
  const n = x.shape[0];
  if (n <= LEAF) return inverseOfLeaf(x);
  const half = LEAF * Math.ceil(n / 2 / LEAF);
  return scope(() => {
    const p = scope(() => inverse(block(x, [0, half], [0, half])));
    const below = block(x, [half, n], [0, half]);
    const w = matmul(below, p);
    const q = scope(() => inverse(sub(block(x, [half, n], [half, n]), matmulNT(w, below))));
    const v = neg(matmul(q, w));
    return concatBlocks([[sub(p, matmulTN(w, v)), transpose(v)], [v, q]]) as Matrix<N, N>;
  });
}

function block(x: Matrix, [top, bottom]: [number, number], [left, right]: [number, number]): Matrix {
  return scope(() => sliceColumns(sliceRows(x, top, bottom), left, right));
}

/** The inverse in 64-bit numbers: X = L Lᵀ, then the columns of L⁻¹, then X⁻¹ = L⁻ᵀ L⁻¹. */
function inverseOfLeaf<N extends number>(x: Matrix<N, N>): Matrix<N, N> {
  const n = x.shape[0];
  const numbers = readSync(x);
  const l = new Float64Array(n * n), inverse = new Float64Array(n * n), product = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = numbers[i * n + j];
      for (let k = 0; k < j; k++) rest -= l[i * n + k] * l[j * n + k];
      if (i === j && !(rest > 0)) throw new ValueError(notPositive(i, rest));
      l[i * n + j] = i === j ? Math.sqrt(rest) : rest / l[j * n + j];
    }
    for (let j = 0; j <= i; j++) {
      let rest = i === j ? 1 : 0;
      for (let k = j; k < i; k++) rest -= l[i * n + k] * inverse[k * n + j];
      inverse[i * n + j] = rest / l[i * n + i];
    }
  }
  for (let k = 0; k < n; k++) {
    for (let i = 0; i <= k; i++) {
      for (let j = 0; j <= k; j++) product[i * n + j] += inverse[k * n + i] * inverse[k * n + j];
    }
  }
  return fromArray(product, [n, n], x.storage) as Matrix<N, N>;
}

function notPositive(row: number, pivot: number): string {
  return `Cannot invert a symmetric matrix: it must be positive definite, and pivot ${row} of a block is ${pivot}; ` +
    "a larger addition to its diagonal mends this";
}
