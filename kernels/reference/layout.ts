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
  return (xs, sizes, along) => {
    const total = sizes.reduce((sum, size) => sum + size[along], 0);
    const whole = { ...sizes[0], [along]: total };
    const block = allocate(whole.rows * whole.columns);
    let start = 0;
    for (const [n, size] of sizes.entries()) {
      const [row, column] = along === "rows" ? [start, 0] : [0, start];
      ops.assign(matrix(block, whole).lo(row, column).hi(size.rows, size.columns), matrix(xs[n], size));
      start += size[along];
    }
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
