/**
 * A formula over a matrix in machine code, for elementwise maps and reductions: the operands of a routine, and the
 * code of the formula's values at a place of the matrix.
 *
 * @module
 */
import type { Extent } from "../device.ts";
import { type Formula, interpret } from "../scalar.ts";
import type { Signature } from "../wasm/elementwise.ts";
import { at, type Code, type General, i64, type Place, type Vector } from "./assembler.ts";
import { type Allocated, formulas } from "./formula.ts";
import type { Frame, Parameter } from "./routine.ts";
import type { Vectors } from "./vectors.ts";

/** The most blocks of a formula: each takes a general register. */
export const MOST_BLOCKS = 9;

/** Returns the parameters of a routine: the operands, further blocks, and the scalars. */
export function parametersOf({ extents, scalars }: Signature, blocks: number): Parameter[] {
  return [
    ...Array.from({ length: extents.length + blocks }, () => "address" as const),
    ...Array.from({ length: scalars }, () => "float" as const),
  ];
}

/** Registers that say where in the matrix a vector is: all but the row in bytes. */
export interface Position {
  /** The row. */
  readonly row: General;
  /** Bytes from the beginning of the row. */
  readonly column: General;
  /** Bytes from the beginning of the matrix. */
  readonly offset: General;
}

/** Takes registers for blocks, and returns the code that fills them. */
export function pointers(frame: Frame, count: number): { readonly begin: Code; readonly blocks: readonly General[] } {
  const blocks = Array.from({ length: count }, () => frame.general());
  return { blocks, begin: blocks.map((block, n) => i64.set(block, frame.parameters[n])) };
}

/** A formula in a routine. */
export interface Term {
  readonly formula: Formula;
  readonly signature: Signature;
  /** The registers of its operands. */
  readonly operands: readonly General[];
  /** Where its scalars are. */
  readonly scalars: readonly Place[];
}

/** The lanes that are computed, and the registers for it. */
export interface Choice {
  readonly lanes: "all" | "some";
  /** Bytes from the position to the vector; 0 by default. */
  readonly shift?: number | undefined;
  /** All registers by default. */
  readonly registers?: readonly Vector[] | undefined;
}

/** Returns the code of a formula's values at a position, of all lanes or of those that are chosen. */
export function valuesAt(
  set: Vectors,
  frame: Frame,
  { formula, signature: { extents }, operands, scalars }: Term,
  { row, column, offset }: Position,
  { lanes, shift = 0, registers = set.registers }: Choice,
): Allocated {
  const { algebra, load, loadSome, splat, assemble } = formulas(set, frame);
  const vector = lanes === "all" ? load : loadSome;
  const operand: Record<Extent, (block: General) => number> = {
    both: (block) => vector(at(block, shift, offset)),
    columns: (block) => vector(at(block, shift, column)),
    rows: (block) => splat(at(block, 0, row, 4)),
    none: (block) => splat(at(block)),
  };
  const values = [...extents.map((extent, n) => operand[extent](operands[n])), ...scalars.map(splat)];
  return assemble(interpret(algebra, formula, values), registers);
}
