/**
 * Elementwise formulas in machine code.
 *
 * @module
 */
import type { Formula } from "../scalar.ts";
import type { Signature } from "../wasm/elementwise.ts";
import type { MapRoutines } from "../wasm/map.ts";
import { at, type Code, during, type General, i64, loop, when } from "./assembler.ts";
import { parametersOf, pointers, type Position, type Term, valuesAt } from "./elementwise.ts";
import type { Frame, Routine } from "./routine.ts";
import type { Vectors } from "./vectors.ts";

/** Returns the routines of `map`. */
export function mapRoutines(set: Vectors): MapRoutines<Routine> {
  return {
    atOnce: (formula, signature) => atOnce(set, formula, signature),
    byRows: (formula, signature, columns) => byRows(set, formula, signature, columns),
  };
}

/** The parts that both routines share. */
interface Parts extends Position {
  readonly begin: Code;
  /** Returns the code that computes a vector and writes it. */
  readonly vector: (lanes: "all" | "some") => Code;
}

function partsOf(set: Vectors, frame: Frame, formula: Formula, signature: Signature): Parts {
  const { extents } = signature;
  const [row, column, offset] = [frame.general(), frame.general(), frame.general()];
  const { begin, blocks } = pointers(frame, extents.length + formula.outputs);
  const term: Term = { formula, signature, operands: blocks, scalars: frame.parameters.slice(blocks.length) };
  const vector = (lanes: "all" | "some"): Code => {
    const { code, results } = valuesAt(set, frame, term, { row, column, offset }, { lanes });
    const write = lanes === "all" ? set.store : set.storeSome;
    return [code, results.map((value, n) => write(at(blocks[extents.length + n], 0, offset), value))];
  };
  return { row, column, offset, begin, vector };
}

function atOnce(set: Vectors, formula: Formula, signature: Signature): Routine {
  return {
    parameters: parametersOf(signature, formula.outputs),
    body: (frame) => {
      const { offset, row: left, column: free, begin, vector } = partsOf(set, frame, formula, signature);
      const inBytes = (register: General) => i64.shl(register, 2);
      return [
        begin,
        [i64.set(offset, frame.from), inBytes(offset)],
        [i64.set(left, frame.to), inBytes(left), i64.sub(left, offset)],
        during(left, 4 * set.lanes, "notBelow", [
          vector("all"),
          i64.add(offset, 4 * set.lanes),
          i64.sub(left, 4 * set.lanes),
        ]),
        when(i64.compare(left, 0), "above", [i64.shiftRight(left, 2), set.choose(left, free), vector("some")]),
      ];
    },
  };
}

function byRows(set: Vectors, formula: Formula, signature: Signature, columns: number): Routine {
  const lanes = columns % set.lanes;
  const whole = 4 * (columns - lanes);
  return {
    parameters: parametersOf(signature, formula.outputs),
    body: (frame) => {
      const { row, column, offset, begin, vector } = partsOf(set, frame, formula, signature);
      return [
        begin,
        [i64.set(column, lanes), set.choose(column, offset)],
        i64.set(row, frame.from),
        loop(row, frame.to, 1, [
          i64.mulBy(offset, row, 4 * columns),
          i64.set(column, 0),
          whole ? loop(column, whole, 4 * set.lanes, [vector("all"), i64.add(offset, 4 * set.lanes)]) : [],
          lanes ? vector("some") : [],
        ]),
      ];
    },
  };
}
