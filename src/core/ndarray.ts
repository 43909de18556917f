/**
 * Conversions between tensors and the ndarrays of scijs.
 *
 * @module
 */
// @ts-types="@types/ndarray"
import type { NdArray } from "ndarray";
import { type Shape, ShapeError } from "./shape.ts";
import { fromArray, type Placement, read, type Tensor } from "./tensor.ts";

/**
 * Returns a copy of a tensor's numbers as an ndarray of the same shape.
 *
 * @throws {KindError} if the tensor was freed.
 *
 * @example
 * ```ts
 * import { tensor, toNdarray } from "@giverny/giverny/core";
 * import { equal } from "node:assert/strict";
 * equal((await toNdarray(tensor([[1, 2], [3, 4]]))).get(1, 0), 3);
 * ```
 */
export async function toNdarray(x: Tensor): Promise<NdArray<Float32Array>> {
  const numbers = await read(x);
  // The package makes its classes from text, which a strict Content-Security-Policy forbids, so it is loaded late.
  // @ts-types="@types/ndarray"
  const { default: ndarray } = await import("ndarray");
  return ndarray(numbers, [...x.shape]);
}

/**
 * Returns a copy of an ndarray's numbers as a tensor. Any strides and any type of numbers are accepted: transposed
 * views, slices, plain arrays.
 *
 * @throws {ShapeError} if it has more than two axes.
 *
 * @example
 * ```ts
 * import { fromNdarray, read, tensor, toNdarray } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * const flipped = (await toNdarray(tensor([[1, 2], [3, 4]]))).transpose(1, 0);
 * deepEqual([...await read(fromNdarray(flipped))], [1, 3, 2, 4]);
 * ```
 */
export function fromNdarray(array: NdArray, place: Placement = {}): Tensor {
  const [rows = 1, columns = 1] = array.shape;
  if (array.dimension > 2) {
    throw new ShapeError(`Cannot make a tensor of shape [${array.shape.join(", ")}]: tensors have at most two axes`);
  }
  const numbers = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) numbers[r * columns + c] = array.get(...[r, c].slice(0, array.dimension));
  }
  const shape: Shape = array.dimension === 0 ? [] : array.dimension === 1 ? [rows] : [rows, columns];
  return fromArray(numbers, shape, place);
}
