/**
 * Sums and maxima over rows, columns, or everything, accumulated in 64 bits.
 *
 * @module
 */
import { extentLength, type Kernels } from "../device.ts";
import type { Machine, WasmStorage } from "./storage.ts";

/** See {@link Kernels.reduce}. */
export function reduce({ allocate }: Machine): Kernels<WasmStorage>["reduce"] {
  return (by, { floats: x }, size, keep) => {
    const { rows, columns } = size;
    const out = allocate(extentLength(keep, size));
    const totals = new Float64Array(out.length).fill(by === "sum" ? 0 : -Infinity);
    const [row, column] = { both: [columns, 1], rows: [1, 0], columns: [0, 1], none: [0, 0] }[keep];
    for (let r = 0; r < rows; r++) {
      const source = r * columns, target = r * row;
      if (by === "sum") { for (let c = 0; c < columns; c++) totals[target + c * column] += x[source + c]; }
      else {for (let c = 0; c < columns; c++) {
          const at = target + c * column;
          totals[at] = Math.max(totals[at], x[source + c]);
        }}
    }
    out.floats.set(totals);
    return out;
  };
}
