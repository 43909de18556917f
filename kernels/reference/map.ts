/**
 * Elementwise formulas, one element at a time.
 *
 * @module
 */
import type { HostStorage, Kernels } from "../device.ts";
import { interpret, numbers } from "../scalar.ts";
import { type Allocate, matrix } from "./storage.ts";

/** See {@link Kernels.map}. */
export function map(allocate: Allocate): Kernels<HostStorage>["map"] {
  return (formula, operands, scalars, size) => {
    const views = operands.map(({ storage, extent }) => matrix(storage, size, extent));
    const blocks = Array.from({ length: formula.outputs }, () => allocate(size.rows * size.columns));
    const results = blocks.map((block) => matrix(block, size));
    for (let r = 0; r < size.rows; r++) {
      for (let c = 0; c < size.columns; c++) {
        const values = interpret(numbers, formula, [...views.map((view) => view.get(r, c)), ...scalars]);
        values.forEach((value, n) => results[n].set(r, c, value));
      }
    }
    return blocks;
  };
}
