/**
 * The matrix product, as its definition.
 *
 * @module
 */
import type { HostStorage, Kernels } from "../device.ts";
import type { Allocate } from "./storage.ts";

/** See {@link Kernels.matmul}. */
export function matmul(allocate: Allocate): Kernels<HostStorage>["matmul"] {
  return (left, right, { rows, inner, columns }, form) => {
    const a = (i: number, k: number) => left.floats[form === "tn" ? k * rows + i : i * inner + k];
    const b = (k: number, j: number) => right.floats[form === "nt" ? j * inner + k : k * columns + j];
    const out = allocate(rows * columns);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) sum += a(i, k) * b(k, j);
        out.floats[i * columns + j] = sum;
      }
    }
    return out;
  };
}
