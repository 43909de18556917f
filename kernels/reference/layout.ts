/**
 * Kernels that move numbers and compute none: slice, concat, transpose.
 *
 * @module
 */
// @ts-types="@types/ndarray-ops"
import ops from "ndarray-ops";
import type { HostStorage, Kernels } from "../device.ts";
import { type Allocate, matrix } from "./storage.ts";

/** See {@link Kernels.slice}. */
export function slice(allocate: Allocate): Kernels<HostStorage>["slice"] {
  return (x, size, window) => {
    const block = allocate(window.rows * window.columns);
    const part = matrix(x, size).lo(window.fromRow, window.fromColumn).hi(window.rows, window.columns);
    ops.assign(matrix(block, window), part);
    return block;
  };
}

/** See {@link Kernels.concat}. */
export function concat(allocate: Allocate): Kernels<HostStorage>["concat"] {
  return (grid, heights, widths) => {
    const total = (lengths: readonly number[]) => lengths.reduce((sum, length) => sum + length, 0);
    const whole = { rows: total(heights), columns: total(widths) };
    const block = allocate(whole.rows * whole.columns);
    grid.forEach((line, r) =>
      line.forEach((x, c) => {
        const size = { rows: heights[r], columns: widths[c] };
        const place = matrix(block, whole).lo(total(heights.slice(0, r)), total(widths.slice(0, c)));
        ops.assign(place.hi(size.rows, size.columns), matrix(x, size));
      })
    );
    return block;
  };
}

/** See {@link Kernels.transpose}. */
export function transpose(allocate: Allocate): Kernels<HostStorage>["transpose"] {
  return (x, size) => {
    const block = allocate(size.rows * size.columns);
    ops.assign(matrix(block, { rows: size.columns, columns: size.rows }), matrix(x, size).transpose(1, 0));
    return block;
  };
}
