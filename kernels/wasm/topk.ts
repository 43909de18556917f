/**
 * The best columns of each row: one pass that keeps the best so far in order, and skips whatever the worst of them beats.
 *
 * @module
 */
import type { HostStorage, Kernels } from "../device.ts";

/** See {@link Kernels.topk}. */
export function topk(): Kernels<HostStorage>["topk"] {
  return ({ floats: x }, { rows, columns }, k, exclude) => {
    const indices = new Int32Array(rows * k).fill(-1);
    const values = new Float32Array(rows * k).fill(-Infinity);
    const excludedBy = new Int32Array(columns).fill(-1);
    for (let r = 0; r < rows && k > 0; r++) {
      if (exclude) {
        const end = exclude.offsets.integers[r + 1];
        for (let e = exclude.offsets.integers[r]; e < end; e++) excludedBy[exclude.indices.integers[e]] = r;
      }
      const first = r * k;
      let count = 0;
      let least = -Infinity;
      for (let c = 0; c < columns; c++) {
        const value = x[r * columns + c];
        if (Number.isNaN(value) || count === k && value <= least || excludedBy[c] === r) continue;
        let at = first + (count < k ? count++ : k - 1);
        while (at > first && values[at - 1] < value) {
          values[at] = values[at - 1];
          indices[at] = indices[--at];
        }
        values[at] = value;
        indices[at] = c;
        least = values[first + k - 1];
      }
    }
    return Promise.resolve({ k, indices, values });
  };
}
