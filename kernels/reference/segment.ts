/**
 * Softmax within the entries of each row of a sparse pattern, and means weighted by it.
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

/** See {@link Kernels.segmentSoftmaxMean}. */
export function segmentSoftmaxMean(allocate: Allocate): Kernels<HostStorage>["segmentSoftmaxMean"] {
  const softmax = segmentSoftmax(allocate);
  return (pattern, scores, values, columns) => {
    const { rows, entries, offsets } = pattern;
    const [weights, from] = [softmax(pattern, scores, columns), values].map((x) =>
      matrix(x, { rows: entries, columns })
    );
    const block = allocate(rows * columns);
    const out = matrix(block, { rows, columns });
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        let sum = 0;
        for (let e = offsets.integers[r]; e < offsets.integers[r + 1]; e++) sum += weights.get(e, c) * from.get(e, c);
        out.set(r, c, sum);
      }
    }
    return block;
  };
}
