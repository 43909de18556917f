/**
 * Softmax within the entries of each row of a sparse pattern.
 *
 * @module
 */
// @ts-types="@types/ndarray-ops"
import ops from "ndarray-ops";
import type { HostStorage, Kernels } from "../device.ts";
import { type Allocate, matrix } from "./storage.ts";

/** See {@link Kernels.segmentSoftmax}. */
export function segmentSoftmax(allocate: Allocate): Kernels<HostStorage>["segmentSoftmax"] {
  return ({ rows, entries, offsets }, x, columns) => {
    const from = matrix(x, { rows: entries, columns });
    const block = allocate(entries * columns);
    const out = matrix(block, { rows: entries, columns });
    for (let r = 0; r < rows; r++) {
      const [start, end] = [offsets.integers[r], offsets.integers[r + 1]];
      for (let c = 0; c < columns && start < end; c++) {
        const logits = from.pick(-1, c).lo(start).hi(end - start);
        const weights = out.pick(-1, c).lo(start).hi(end - start);
        ops.subs(weights, logits, ops.sup(logits));
        ops.expeq(weights);
        ops.divseq(weights, ops.sum(weights));
      }
    }
    return block;
  };
}
