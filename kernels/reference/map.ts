/**
 * Elementwise formulas, one element at a time.
 *
 * @module
 */
import type { HostStorage, Kernels } from "../device.ts";
import { interpret, numbers } from "../scalar.ts";
import { type Allocate, elementOf } from "./storage.ts";

/** See {@link Kernels.map}. */
export function map(allocate: Allocate): Kernels<HostStorage>["map"] {
  return (formula, operands, scalars, size) => {
    const elements = operands.map((operand) => elementOf(operand, size));
    const results = Array.from({ length: formula.outputs }, () => allocate(size.rows * size.columns));
    for (let r = 0; r < size.rows; r++) {
      for (let c = 0; c < size.columns; c++) {
        const values = interpret(numbers, formula, [...elements.map((element) => element(r, c)), ...scalars]);
        values.forEach((value, n) => results[n].floats[r * size.columns + c] = value);
      }
    }
    return results;
  };
}
