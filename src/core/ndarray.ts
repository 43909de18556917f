/**
 * The way in and out for users of scijs: tensors as ndarrays and back.
 *
 * @module
 */
// @ts-types="@types/ndarray"
import ndarray, { type NdArray } from "ndarray";
import { type Shape, ShapeError } from "./shape.ts";
import { fromArray, type Placement, read, type Tensor } from "./tensor.ts";

/** Returns a tensor's numbers as an ndarray of its shape, a copy. */
export async function toNdarray(x: Tensor): Promise<NdArray<Float32Array>> {
  return ndarray(await read(x), [...x.shape]);
}

/**
 * Returns the numbers of an ndarray as a tensor, a copy. Any strides and number types are understood: transposed views,
 * slices, plain arrays.
 *
 * @throws {ShapeError} if it has more than two axes.
 *
 * @example
 * ```ts
 * import { fromNdarray, tensor, toNdarray, read } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * const flipped = (await toNdarray(tensor([[1, 2], [3, 4]]))).transpose(1, 0);
 * assertEquals([...await read(fromNdarray(flipped))], [1, 3, 2, 4]);
 * ```
 */
export function fromNdarray(array: NdArray, place: Placement = {}): Tensor {
  const [rows = 1, columns = 1] = array.shape;
  if (array.dimension > 2) {
    throw new ShapeError(`Cannot make a tensor of [${array.shape.join(", ")}]: tensors have at most two axes`);
  }
  const numbers = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) numbers[r * columns + c] = array.get(...[r, c].slice(0, array.dimension));
  }
  return fromArray(numbers, array.shape as number[] as readonly number[] as Shape, place);
}
