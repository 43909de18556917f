/**
 * The product of a sparse matrix and a dense one.
 *
 * @module
 */
// @ts-types="@types/ndarray-ops"
import ops from "ndarray-ops";
import type { HostStorage, Kernels } from "../device.ts";
import { type Allocate, matrix } from "./storage.ts";

/** See {@link Kernels.spmm}. */
export function spmm(allocate: Allocate): Kernels<HostStorage>["spmm"] {
  return ({ rows, columns: inner, offsets, indices }, values, x, columns, self) => {
    const from = matrix(x, { rows: inner, columns });
    const block = allocate(rows * columns);
    const out = matrix(block, { rows, columns });
    const sum = matrix(allocate(columns), { rows: 1, columns }).pick(0, -1);
    const term = matrix(allocate(columns), { rows: 1, columns }).pick(0, -1);
    for (let r = 0; r < rows; r++) {
      if (self === 0) ops.assigns(sum, 0);
      else ops.muls(sum, from.pick(r, -1), self);
      for (let e = offsets.integers[r]; e < offsets.integers[r + 1]; e++) {
        ops.muls(term, from.pick(indices.integers[e], -1), values ? values.floats[e] : 1);
        ops.addeq(sum, term);
      }
      ops.assign(out.pick(r, -1), sum);
    }
    return block;
  };
}
