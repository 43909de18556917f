/**
 * Blocks of the reference device: ordinary typed arrays, seen as ndarray views.
 *
 * @module
 */
// @ts-types="@types/ndarray"
import ndarray, { type NdArray } from "ndarray";
import type { Extent, HostStorage, Size } from "../device.ts";

/** A matrix view of a block. */
export type View = NdArray<Float32Array>;

/** Makes a block of zeros. Kernels are given this and nothing else of their device. */
export type Allocate = (length: number) => HostStorage;

/** Returns a block as a matrix view; where its extent lacks an axis it is repeated along it, by a stride of zero. */
export function matrix({ floats }: HostStorage, { rows, columns }: Size, extent: Extent = "both"): View {
  const strides = { both: [columns, 1], rows: [1, 0], columns: [0, 1], none: [0, 0] }[extent];
  return ndarray(floats, [rows, columns], strides);
}
