/**
 * Softmax within the entries of each row of a sparse pattern, and means weighted by it.
 *
 * @module
 */
import type { HostStorage, Kernels, Sparse } from "../device.ts";
import type { Allocate } from "./storage.ts";

/** See {@link Kernels.segmentSoftmax}. */
export function segmentSoftmax(allocate: Allocate): Kernels<HostStorage>["segmentSoftmax"] {
  return (pattern, x, columns) => {
    const out = allocate(pattern.entries * columns);
    out.floats.set(softmax(pattern, x.floats, columns));
    return out;
  };
}

/** See {@link Kernels.segmentSoftmaxMean}. */
export function segmentSoftmaxMean(allocate: Allocate): Kernels<HostStorage>["segmentSoftmaxMean"] {
  return (pattern, scores, values, columns) => {
    const { rows, offsets } = pattern;
    const weights = softmax(pattern, scores.floats, columns);
    const out = allocate(rows * columns);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        let sum = 0;
        for (let e = offsets.integers[r]; e < offsets.integers[r + 1]; e++) {
          sum += weights[e * columns + c] * values.floats[e * columns + c];
        }
        out.floats[r * columns + c] = sum;
      }
    }
    return out;
  };
}

/**
 * Returns eˣ / Σ eˣ within each row, in 64 bits. The row's largest x is subtracted first, so that no power overflows.
 */
function softmax(
  { rows, entries, offsets }: Sparse<HostStorage>,
  x: Float32Array,
  columns: number,
): Float64Array {
  const weights = new Float64Array(entries * columns);
  for (let r = 0; r < rows; r++) {
    const [start, end] = [offsets.integers[r], offsets.integers[r + 1]];
    for (let c = 0; c < columns; c++) {
      let largest = -Infinity;
      let total = 0;
      for (let e = start; e < end; e++) largest = Math.max(largest, x[e * columns + c]);
      for (let e = start; e < end; e++) total += weights[e * columns + c] = Math.exp(x[e * columns + c] - largest);
      for (let e = start; e < end; e++) weights[e * columns + c] /= total;
    }
  }
  return weights;
}
