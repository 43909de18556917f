/**
 * The product of a sparse matrix and a dense matrix.
 *
 * @module
 */
import type { HostStorage, Kernels } from "../device.ts";
import type { Allocate } from "./storage.ts";

/** See {@link Kernels.spmm}. */
export function spmm(allocate: Allocate): Kernels<HostStorage>["spmm"] {
  return ({ rows, offsets, indices }, values, x, columns, self) => {
    const out = allocate(rows * columns);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        let sum = self === 0 ? 0 : self * x.floats[r * columns + c];
        for (let e = offsets.integers[r]; e < offsets.integers[r + 1]; e++) {
          sum += (values ? values.floats[e] : 1) * x.floats[indices.integers[e] * columns + c];
        }
        out.floats[r * columns + c] = sum;
      }
    }
    return out;
  };
}
