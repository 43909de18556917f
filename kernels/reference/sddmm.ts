/**
 * The dense product sampled at the entries of a sparse pattern.
 *
 * @module
 */
import type { HostStorage, Kernels } from "../device.ts";
import { type Allocate, matrix } from "./storage.ts";

/** See {@link Kernels.sddmm}. */
export function sddmm(allocate: Allocate): Kernels<HostStorage>["sddmm"] {
  return ({ rows, columns, entries, offsets, indices }, left, right, depth) => {
    const x = matrix(left, { rows, columns: depth });
    const y = matrix(right, { rows: columns, columns: depth });
    const out = allocate(entries);
    for (let r = 0; r < rows; r++) {
      for (let e = offsets.integers[r]; e < offsets.integers[r + 1]; e++) {
        let sum = 0;
        for (let k = 0; k < depth; k++) sum += x.get(r, k) * y.get(indices.integers[e], k);
        out.floats[e] = sum;
      }
    }
    return out;
  };
}
