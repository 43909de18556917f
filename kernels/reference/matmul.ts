/**
 * The matrix product, as its definition.
 *
 * @module
 */
import type { HostStorage, Kernels } from "../device.ts";
import { type Allocate, matrix } from "./storage.ts";

/** See {@link Kernels.matmul}. */
export function matmul(allocate: Allocate): Kernels<HostStorage>["matmul"] {
  return (left, right, { rows, inner, columns }, form) => {
    const a = form === "tn"
      ? matrix(left, { rows: inner, columns: rows }).transpose(1, 0)
      : matrix(left, { rows, columns: inner });
    const b = form === "nt"
      ? matrix(right, { rows: columns, columns: inner }).transpose(1, 0)
      : matrix(right, { rows: inner, columns });
    const block = allocate(rows * columns);
    const out = matrix(block, { rows, columns });
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) sum += a.get(i, k) * b.get(k, j);
        out.set(i, j, sum);
      }
    }
    return block;
  };
}
