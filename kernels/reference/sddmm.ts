/**
 * The dense product sampled at the entries of a sparse pattern.
 *
 * @module
 */
import type { HostStorage, Kernels } from "../device.ts";
import type { Allocate } from "./storage.ts";

/** See {@link Kernels.sddmm}. */
export function sddmm(allocate: Allocate): Kernels<HostStorage>["sddmm"] {
  return ({ rows, entries, offsets, indices }, x, y, depth) => {
    const out = allocate(entries);
    for (let r = 0; r < rows; r++) {
      for (let e = offsets.integers[r]; e < offsets.integers[r + 1]; e++) {
        const column = indices.integers[e];
        let sum = 0;
        for (let k = 0; k < depth; k++) sum += x.floats[r * depth + k] * y.floats[column * depth + k];
        out.floats[e] = sum;
      }
    }
    return out;
  };
}
