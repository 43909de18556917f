/**
 * The best columns of each row, by sorting.
 *
 * @module
 */
import type { HostStorage, Kernels } from "../device.ts";

/** See {@link Kernels.topk}. */
export function topk(): Kernels<HostStorage>["topk"] {
  return (x, { rows, columns }, k, exclude) => {
    const indices = new Int32Array(rows * k).fill(-1);
    const values = new Float32Array(rows * k).fill(-Infinity);
    for (let r = 0; r < rows; r++) {
      const scores = x.floats.subarray(r * columns, (r + 1) * columns);
      const excluded = new Set(
        exclude?.indices.integers.subarray(exclude.offsets.integers[r], exclude.offsets.integers[r + 1]),
      );
      const candidates = Array.from(scores.keys()).filter((c) => !excluded.has(c) && !Number.isNaN(scores[c]));
      candidates.sort((a, b) => scores[b] - scores[a] || a - b);
      candidates.slice(0, k).forEach((c, rank) => {
        indices[r * k + rank] = c;
        values[r * k + rank] = scores[c];
      });
    }
    return Promise.resolve({ k, indices, values });
  };
}
