/**
 * The best columns of each row, by sorting.
 *
 * @module
 */
import type { HostStorage, Kernels } from "../device.ts";
import { matrix } from "./storage.ts";

/** See {@link Kernels.topk}. */
export function topk(): Kernels<HostStorage>["topk"] {
  return (x, size, k, exclude) => {
    const scores = matrix(x, size);
    const indices = new Int32Array(size.rows * k).fill(-1);
    const values = new Float32Array(size.rows * k).fill(-Infinity);
    for (let r = 0; r < size.rows; r++) {
      const left = exclude
        ? exclude.indices.integers.subarray(exclude.offsets.integers[r], exclude.offsets.integers[r + 1])
        : [];
      const out = new Set(left);
      const candidates = Array.from({ length: size.columns }, (_, c) => c)
        .filter((c) => !out.has(c) && !Number.isNaN(scores.get(r, c)));
      candidates.sort((a, b) => scores.get(r, b) - scores.get(r, a) || a - b);
      candidates.slice(0, k).forEach((c, rank) => {
        indices[r * k + rank] = c;
        values[r * k + rank] = scores.get(r, c);
      });
    }
    return Promise.resolve({ k, indices, values });
  };
}
