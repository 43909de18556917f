/**
 * The best of each row: how rankings leave the device.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { Top } from "../../kernels/mod.ts";
import type { Pattern } from "../core/pattern.ts";
import { asMatrix, ShapeError, showShape } from "../core/shape.ts";
import { deviceCopy } from "../core/sparse.ts";
import { alive, type Matrix } from "../core/tensor.ts";

export type { Top } from "../../kernels/mod.ts";

/** What {@link topK} leaves out. */
export interface TopOptions {
  /** Entries that may not be chosen, such as what a user has seen already; none by default. */
  readonly exclude?: Pattern | null;
}

/**
 * Returns the columns of the k largest elements of each row, best first, the lower column first among equals; −1 (and −∞ as
 * value) where a row has fewer candidates. NaN is never a candidate.
 *
 * @throws {ValueError} if k is not a whole number from 0.
 * @throws {ShapeError} if the pattern to exclude is not of the matrix's shape.
 *
 * @example
 * ```ts
 * import { tensor, topK } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * const { indices } = await topK(tensor([[0.1, 0.7, 0.7]]), 2);
 * assertEquals([...indices], [1, 2]);
 * ```
 */
export function topK(x: Matrix, k: number, { exclude = null }: TopOptions = {}): Promise<Top> {
  if (!(Number.isInteger(k) && k >= 0)) {
    throw new ValueError(`Cannot take the best ${k} of each row: a whole number is needed`);
  }
  if (exclude && (exclude.rows !== x.shape[0] || exclude.columns !== x.shape[1])) {
    const size = `[${exclude.rows}, ${exclude.columns}]`;
    throw new ShapeError(`Cannot exclude a ${size} pattern from ${showShape(x.shape)}: shapes must match`);
  }
  const { device } = alive(x, "rank").storage;
  return device.kernels.topk(x.storage, asMatrix(x.shape), k, exclude && deviceCopy(exclude, device));
}
