/**
 * The largest elements of each row, read from the device.
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

/** Options of {@link topK}. */
export interface TopOptions {
  /** Entries that may not be chosen, for example the items that a user has seen; none by default. */
  readonly exclude?: Pattern | null | undefined;
}

/**
 * Returns the columns and values of the k largest elements of each row, the largest first. Of equal elements, the one
 * with the lower column comes first. Where a row has fewer candidates than k, the column is −1 and the value −∞. NaN is
 * never a candidate.
 *
 * @throws {ValueError} if k is not a whole number from 0.
 * @throws {ShapeError} if the pattern of excluded entries does not have the shape of the matrix.
 *
 * @example
 * ```ts
 * import { tensor } from "@giverny/giverny/core";
 * import { topK } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const { indices } = await topK(tensor([[0.1, 0.7, 0.7]]), 2);
 * deepEqual([...indices], [1, 2]);
 * ```
 */
export function topK(x: Matrix, k: number, options: TopOptions = {}): Promise<Top> {
  const { exclude = null } = options;
  if (!(Number.isInteger(k) && k >= 0)) {
    throw new ValueError(`Cannot topK with k = ${k}: k is a whole number from 0`);
  }
  if (exclude && (exclude.rows !== x.shape[0] || exclude.columns !== x.shape[1])) {
    const shapes = `${showShape(x.shape)} and exclude a [${exclude.rows}, ${exclude.columns}] pattern`;
    throw new ShapeError(`Cannot topK of ${shapes}: shapes must match`);
  }
  const { device } = alive(x, "topK").storage;
  return device.kernels.topk(x.storage, asMatrix(x.shape), k, exclude && deviceCopy(exclude, device));
}
