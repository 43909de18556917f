/**
 * Blocks of the reference device: ordinary typed arrays. A kernel reads them as matrices, computes in 64 bits, and
 * rounds each result once, when it is stored.
 *
 * @module
 */
import type { Extent, HostStorage, Operand, Size } from "../device.ts";

/** Makes a block of zeros. A kernel receives this function and nothing else of its device. */
export type Allocate = (length: number) => HostStorage;

/** Reads the element of a matrix at a row and a column. */
export type Element = (row: number, column: number) => number;

/** Returns the function that reads an operand of a `size` matrix, repeated along the axes that its extent lacks. */
export function elementOf({ storage: { floats }, extent }: Operand<HostStorage>, { columns }: Size): Element {
  const positions: Readonly<Record<Extent, Element>> = {
    both: (row, column) => row * columns + column,
    rows: (row) => row,
    columns: (_, column) => column,
    none: () => 0,
  };
  const position = positions[extent];
  return (row, column) => floats[position(row, column)];
}
