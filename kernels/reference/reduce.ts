/**
 * Sums and maxima of a formula over rows, columns, or everything.
 *
 * @module
 */
import { extentLength, type HostStorage, type Kernels } from "../device.ts";
import { interpret, numbers } from "../scalar.ts";
import { type Allocate, elementOf } from "./storage.ts";

/** See {@link Kernels.reduce}. */
export function reduce(allocate: Allocate): Kernels<HostStorage>["reduce"] {
  return (by, term, operands, scalars, size, keep) => {
    const elements = operands.map((operand) => elementOf(operand, size));
    const totals = new Float64Array(extentLength(keep, size)).fill(by === "sum" ? 0 : -Infinity);
    for (let r = 0; r < size.rows; r++) {
      for (let c = 0; c < size.columns; c++) {
        const [value] = interpret(numbers, term, [...elements.map((element) => element(r, c)), ...scalars]);
        const at = keep === "rows" ? r : keep === "columns" ? c : 0;
        totals[at] = by === "sum" ? totals[at] + value : Math.max(totals[at], value);
      }
    }
    const out = allocate(totals.length);
    out.floats.set(totals);
    return out;
  };
}
