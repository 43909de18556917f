/**
 * Elementwise formulas on SIMD.
 *
 * @module
 */
import type { Kernels } from "../device.ts";
import type { Formula } from "../scalar.ts";
import { address, addresses, type Code, i32, loop, type Routine, v128 } from "./assembler.ts";
import {
  elementwise,
  extentsOf,
  isPartial,
  numberOf,
  parametersOf,
  type Signature,
  storeLanes,
} from "./elementwise.ts";
import { type Engine, grainOf, type WasmStorage } from "./storage.ts";

/** The routines of {@link map}: over one long row, and row by row. */
export interface MapRoutines<R> {
  readonly atOnce: (formula: Formula, signature: Signature) => R;
  readonly byRows: (formula: Formula, signature: Signature, columns: number) => R;
}

/** The numbers of the widest vector: threads take whole vectors. */
const WIDEST = 16;

/** See {@link Kernels.map}. */
export function map<R>(
  { allocate, parallelFor }: Engine<R>,
  { atOnce, byRows }: MapRoutines<R>,
): Kernels<WasmStorage>["map"] {
  return (formula, operands, scalars, size) => {
    const extents = extentsOf(operands, size);
    const blocks = Array.from({ length: formula.outputs }, () => allocate(size.rows * size.columns));
    const signature = { extents, scalars: scalars.length };
    const args = [...[...operands.map(({ storage }) => storage), ...blocks].map(({ address }) => address), ...scalars];
    const streams = extents.filter((extent) => extent === "both").length + formula.outputs;
    const name = `${numberOf(formula)} ${extents} ${scalars.length}`;
    if (extents.some(isPartial)) {
      const { rows, columns } = size;
      const work = { count: rows, grain: grainOf(4 * columns * streams) };
      parallelFor(`map ${name} ${columns}`, () => byRows(formula, signature, columns), work, args);
    } else {
      // Operands of all elements or of one number: one long row, in which a vector may cross the ends of rows.
      const work = { count: size.rows * size.columns, grain: grainOf(4 * streams, WIDEST) };
      parallelFor(`map ${name}`, () => atOnce(formula, signature), work, args);
    }
    return blocks;
  };
}

function parts<T>(list: readonly T[], first: number, second: number): [T[], T[], T[]] {
  return [list.slice(0, first), list.slice(first, first + second), list.slice(first + second)];
}

function parameters(formula: Formula, signature: Signature): Routine["parameters"] {
  const { extents } = signature;
  const outputs = addresses(formula.outputs);
  return ["i32", "i32", "address", ...parametersOf(signature).toSpliced(extents.length, 0, ...outputs)];
}

/** Returns the routines of {@link map}. */
export const mapRoutines: MapRoutines<Routine> = { atOnce, byRows };

function atOnce(formula: Formula, signature: Signature): Routine {
  return {
    parameters: parameters(formula, signature),
    body: ([from, to, , ...rest], newLocal) => {
      const [inputs, results, scalars] = parts(rest, signature.extents.length, formula.outputs);
      const offset = newLocal("address");
      const place = { row: offset, column: offset, offset };
      const { statements, values } = elementwise(formula, signature, [...inputs, ...scalars], place)(newLocal);
      const bytes = (count: Code) => address.shl(address.from(count), address.const(2));
      return loop(offset, bytes(from.get), bytes(to.get), address.const(16), [
        statements,
        values.map((value, n) => v128.store(address.add(results[n].get, offset.get), value)),
      ]);
    },
  };
}

function byRows(formula: Formula, signature: Signature, columns: number): Routine {
  const lanes = columns % 4;
  return {
    parameters: parameters(formula, signature),
    body: ([row, to, , ...rest], newLocal) => {
      const [inputs, results, scalars] = parts(rest, signature.extents.length, formula.outputs);
      const [column, offset] = [newLocal("i32"), newLocal("address")];
      const compute = elementwise(formula, signature, [...inputs, ...scalars], { row, column, offset });
      const vector = (store: typeof v128.store): Code => {
        const { statements, values } = compute(newLocal);
        return [statements, values.map((value, n) => store(address.add(results[n].get, offset.get), value))];
      };
      const whole = i32.const(columns - lanes);
      return loop(row, row.get, to.get, i32.const(1), [
        offset.set(address.mul(address.from(row.get), address.const(columns * 4))),
        loop(column, i32.const(0), whole, i32.const(4), [
          vector(v128.store),
          offset.set(address.add(offset.get, address.const(16))),
        ]),
        lanes ? [column.set(whole), vector(storeLanes(lanes, newLocal))] : [],
      ]);
    },
  };
}
