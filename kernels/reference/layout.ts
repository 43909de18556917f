/**
 * Kernels that move numbers and compute none: slice, concat, transpose.
 *
 * @module
 */
import type { HostStorage, Kernels } from "../device.ts";
import type { Allocate } from "./storage.ts";

/** See {@link Kernels.slice}. */
export function slice(allocate: Allocate): Kernels<HostStorage>["slice"] {
  return (x, size, { rows, columns, fromRow, fromColumn }) => {
    const out = allocate(rows * columns);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        out.floats[r * columns + c] = x.floats[(fromRow + r) * size.columns + fromColumn + c];
      }
    }
    return out;
  };
}

/** See {@link Kernels.concat}. */
export function concat(allocate: Allocate): Kernels<HostStorage>["concat"] {
  return (grid, heights, widths) => {
    const total = (lengths: readonly number[]) => lengths.reduce((sum, length) => sum + length, 0);
    const columns = total(widths);
    const out = allocate(total(heights) * columns);
    grid.forEach((line, i) =>
      line.forEach((x, j) => {
        const [top, left] = [total(heights.slice(0, i)), total(widths.slice(0, j))];
        for (let r = 0; r < heights[i]; r++) {
          for (let c = 0; c < widths[j]; c++) {
            out.floats[(top + r) * columns + left + c] = x.floats[r * widths[j] + c];
          }
        }
      })
    );
    return out;
  };
}

/** See {@link Kernels.transpose}. */
export function transpose(allocate: Allocate): Kernels<HostStorage>["transpose"] {
  return (x, { rows, columns }) => {
    const out = allocate(rows * columns);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) out.floats[c * rows + r] = x.floats[r * columns + c];
    }
    return out;
  };
}
