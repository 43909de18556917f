/**
 * The best columns of each row. The host needs the ranking anyway, so the scores are copied back and searched there:
 * one pass keeps the k best so far in order and skips every score that is below all of them.
 *
 * @module
 */
import type { Kernels, Size, Sparse, Top } from "../device.ts";
import { numbersOf } from "./pattern.ts";
import type { GpuEngine, GpuStorage } from "./storage.ts";

/** See {@link Kernels.topk}. */
export function topk({ fetch }: Pick<GpuEngine, "fetch">): Kernels<GpuStorage>["topk"] {
  const positions = async ({ offsets, indices }: Sparse<GpuStorage>): Promise<Positions> => {
    const [from, columns] = await Promise.all(
      [offsets, indices].map(async (block) => new Int32Array(numbersOf(await fetch(block), block).buffer)),
    );
    return { from, columns };
  };
  return async (x, size, k, exclude) => {
    const [scores, excluded] = await Promise.all([fetch(x), exclude && positions(exclude)]);
    return search(scores, size, k, excluded);
  };
}

/** The offsets and the columns of a pattern. */
interface Positions {
  readonly from: Int32Array;
  readonly columns: Int32Array;
}

function search(x: Float32Array, { rows, columns }: Size, k: number, excluded: Positions | null): Top {
  const indices = new Int32Array(rows * k).fill(-1);
  const values = new Float32Array(rows * k).fill(-Infinity);
  const excludedBy = new Int32Array(columns).fill(-1);
  for (let r = 0; r < rows && k > 0; r++) {
    if (excluded) { for (let e = excluded.from[r]; e < excluded.from[r + 1]; e++) excludedBy[excluded.columns[e]] = r; }
    const first = r * k;
    let count = 0;
    let least = -Infinity;
    for (let c = 0; c < columns; c++) {
      const value = x[r * columns + c];
      // NaN is not greater than any number, and not equal to itself.
      if (!(value > least || count < k && value === value) || excludedBy[c] === r) continue;
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
  return { k, indices, values };
}
