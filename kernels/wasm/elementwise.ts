/**
 * A formula over a matrix as SIMD instructions, for elementwise maps and reductions. The formula runs once on the
 * vector algebra, which writes the code for four numbers.
 *
 * @module
 */
import type { Extent, Operand, Size } from "../device.ts";
import { type Formula, interpret } from "../scalar.ts";
import { address, type Code, f32x4, type Local, type NewLocal, v128, type ValueType, word } from "./assembler.ts";
import { vectors } from "./math.ts";
import type { WasmStorage } from "./storage.ts";

/** The operands of a formula as a routine sees them: the extent of each, and the number of scalars that follow. */
export interface Signature {
  readonly extents: readonly Extent[];
  readonly scalars: number;
}

/** Returns whether an operand holds one number per row or one per column. */
export function isPartial(extent: Extent): boolean {
  return extent === "rows" || extent === "columns";
}

/** Returns the extents of operands in a matrix of this size, in their simplest form: a single row needs no row axis. */
export function extentsOf(operands: readonly Operand<WasmStorage>[], { rows, columns }: Size): readonly Extent[] {
  return operands.map(({ extent }) =>
    rows === 1 && extent === "columns" || columns === 1 && extent === "rows"
      ? "both"
      : rows === 1 && extent === "rows" || columns === 1 && extent === "columns"
      ? "none"
      : extent
  );
}

/** Returns the parameters that operands and scalars take: addresses, then numbers. */
export function parametersOf({ extents, scalars }: Signature): ValueType[] {
  return [
    ...extents.map(() => "address" as const),
    ...Array.from({ length: scalars }, () => "f32" as const),
  ];
}

/** The place in the matrix at which a vector is computed. */
export interface Place {
  readonly row: Local;
  readonly column: Local;
  /** Bytes from the beginning of the matrix. */
  readonly offset: Local;
}

/**
 * Returns a function that writes the code of the formula's values at a place, given the parameters of {@link
 * parametersOf}.
 */
export function elementwise(
  formula: Formula,
  { extents }: Signature,
  parameters: readonly Local[],
  { row, column, offset }: Place,
): (newLocal: NewLocal) => { readonly statements: Code; readonly values: readonly Code[] } {
  const at: Record<Extent, (pointer: Local) => Code> = {
    both: (pointer) => v128.load(address.add(pointer.get, offset.get)),
    columns: (pointer) => v128.load(word(pointer.get, column.get)),
    rows: (pointer) => v128.loadSplat(word(pointer.get, row.get)),
    none: (pointer) => v128.loadSplat(pointer.get),
  };
  return (newLocal) => {
    const constants = parameters.slice(extents.length).map(({ get }) => newLocal("v128", f32x4.splat(get)).get);
    const statements: Code[] = [];
    const operands = extents.map((extent, n) => {
      const local = newLocal("v128");
      statements.push(local.set(at[extent](parameters[n])));
      return local.get;
    });
    return { values: interpret(vectors(newLocal, statements), formula, [...operands, ...constants]), statements };
  };
}

const numbers = new WeakMap<Formula, number>();
let next = 0;

/** Returns the number of a formula, which is part of the key of its code. */
export function numberOf(formula: Formula): number {
  const number = numbers.get(formula) ?? next++;
  numbers.set(formula, number);
  return number;
}

/** Returns an instruction that stores the first one to three lanes: a whole vector would reach into the next row. */
export function storeLanes(count: number, newLocal: NewLocal): typeof v128.store {
  return (address, value, offset = 0) => {
    const kept = newLocal("v128");
    const parts = count === 1 ? [v128.storeLane32(address, kept.get, 0, offset)] : [
      v128.storeLane64(address, kept.get, 0, offset),
      count === 3 ? v128.storeLane32(address, kept.get, 2, offset + 8) : [],
    ];
    return [kept.set(value), ...parts];
  };
}
