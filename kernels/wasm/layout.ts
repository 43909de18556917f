/**
 * Kernels that move numbers and compute none: slice, concat, transpose.
 *
 * @module
 */
import type { Kernels } from "../device.ts";
import type { Machine, WasmStorage } from "./storage.ts";

/** See {@link Kernels.slice}. */
export function slice({ allocate }: Machine): Kernels<WasmStorage>["slice"] {
  return ({ floats: x }, { columns: stride }, { rows, columns, fromRow, fromColumn }) => {
    const out = allocate(rows * columns);
    if (columns === stride) out.floats.set(x.subarray(fromRow * stride, (fromRow + rows) * stride));
    else {
      for (let r = 0; r < rows; r++) {
        const start = (fromRow + r) * stride + fromColumn;
        out.floats.set(x.subarray(start, start + columns), r * columns);
      }
    }
    return out;
  };
}

/** See {@link Kernels.concat}. */
export function concat({ allocate }: Machine): Kernels<WasmStorage>["concat"] {
  return (xs, sizes, along) => {
    const total = xs.reduce((sum, { length }) => sum + length, 0);
    const out = allocate(total);
    const rows = along === "rows" ? 1 : sizes[0].rows;
    const widths = sizes.map((size) => along === "rows" ? size.rows * size.columns : size.columns);
    let at = 0;
    for (let r = 0; r < rows; r++) {
      for (let n = 0; n < xs.length; n++) {
        out.floats.set(xs[n].floats.subarray(r * widths[n], (r + 1) * widths[n]), at);
        at += widths[n];
      }
    }
    return out;
  };
}

/** Side of the squares in which a matrix is transposed, so that both sides stay in cache. */
const SQUARE = 16;

/** See {@link Kernels.transpose}. */
export function transpose({ allocate }: Machine): Kernels<WasmStorage>["transpose"] {
  return ({ floats: x }, { rows, columns }) => {
    const out = allocate(rows * columns);
    const y = out.floats;
    for (let r0 = 0; r0 < rows; r0 += SQUARE) {
      const r1 = Math.min(rows, r0 + SQUARE);
      for (let c0 = 0; c0 < columns; c0 += SQUARE) {
        const c1 = Math.min(columns, c0 + SQUARE);
        for (let r = r0; r < r1; r++) {
          for (let c = c0; c < c1; c++) y[c * rows + r] = x[r * columns + c];
        }
      }
    }
    return out;
  };
}
