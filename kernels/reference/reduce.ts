/**
 * Sums and maxima over rows, columns, or everything.
 *
 * @module
 */
// @ts-types="@types/ndarray-ops"
import ops from "ndarray-ops";
import { extentLength, type HostStorage, type Kernels } from "../device.ts";
import { type Allocate, matrix } from "./storage.ts";

/** See {@link Kernels.reduce}. */
export function reduce(allocate: Allocate): Kernels<HostStorage>["reduce"] {
  return (by, x, size, keep) => {
    const all = matrix(x, size);
    const collapse = by === "sum" ? ops.sum : ops.sup;
    const out = allocate(extentLength(keep, size));
    out.floats.forEach((_, i) => {
      const part = keep === "both"
        ? all.pick(Math.floor(i / size.columns), i % size.columns)
        : keep === "rows"
        ? all.pick(i, -1)
        : keep === "columns"
        ? all.pick(-1, i)
        : all;
      out.floats[i] = collapse(part);
    });
    return out;
  };
}
