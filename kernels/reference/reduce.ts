/**
 * Sums and maxima of a formula over rows, columns, or everything.
 *
 * @module
 */
import { extentLength, type HostStorage, type Kernels } from "../device.ts";
import { interpret, numbers } from "../scalar.ts";
import { type Allocate, matrix } from "./storage.ts";

/** See {@link Kernels.reduce}. */
export function reduce(allocate: Allocate): Kernels<HostStorage>["reduce"] {
  return (by, term, operands, scalars, size, keep) => {
    const views = operands.map(({ storage, extent }) => matrix(storage, size, extent));
    const totals = new Float64Array(extentLength(keep, size)).fill(by === "sum" ? 0 : -Infinity);
    const [row, column] = { rows: [1, 0], columns: [0, 1], none: [0, 0] }[keep];
    for (let r = 0; r < size.rows; r++) {
      for (let c = 0; c < size.columns; c++) {
        const [value] = interpret(numbers, term, [...views.map((view) => view.get(r, c)), ...scalars]);
        const at = r * row + c * column;
        totals[at] = by === "sum" ? totals[at] + value : Math.max(totals[at], value);
      }
    }
    const out = allocate(totals.length);
    out.floats.set(totals);
    return out;
  };
}
