/**
 * Sparse patterns in kernel text: where the entries of a row begin, how many there are, and how entry k of them is
 * read.
 *
 * Whole numbers are 32-bit floats on the GPU. Where a pattern has 2²⁴ entries or more, its offsets are two planes of
 * numbers below that, and blocks of one number per entry are indexed as matrices of 4096 columns.
 *
 * @module
 */
import type { Sparse } from "../device.ts";
import type { Argument, GpuStorage, Integers } from "./storage.ts";

/** Numbers in a row of a block that is indexed by high and low part. */
export const PLANE = 4096;

/** How the entries of a pattern are addressed. */
export interface Entries {
  /** Part of what tells programs apart. */
  readonly planes: boolean;
  /** Lines that define `count`, and where the entries of a row begin. */
  readonly begin: (row: string) => readonly string[];
  /** The number of a block that belongs to entry k of that row. */
  readonly at: (block: string, k: string) => string;
  /** Lines that define `row` for the entry that a text numbers. */
  readonly find: (entry: string) => readonly string[];
}

/** Offsets as they are. */
const plain: Entries = {
  planes: false,
  begin: (row) => [`const begin = offsets[${row}];`, `const count = offsets[${row} + 1] - begin;`],
  at: (block, k) => `${block}[begin + ${k}]`,
  find: (entry) => search(`offsets[middle] <= ${entry}`),
};

/** Offsets in two planes. */
const planes: Entries = {
  planes: true,
  begin: (row) => [
    `const high = offsets[0][${row}];`,
    `const low = offsets[1][${row}];`,
    `const count = (offsets[0][${row} + 1] - high) * ${PLANE} + (offsets[1][${row} + 1] - low);`,
  ],
  at: (block, k) => `${block}[high][low + ${k}]`,
  find: (entry) => [
    `const entryHigh = (${entry} >> 12);`,
    `const entryLow = (${entry} & ${PLANE - 1});`,
    ...search("offsets[0][middle] < entryHigh || (offsets[0][middle] == entryHigh && offsets[1][middle] <= entryLow)"),
  ],
};

/** Lines that halve the rows until one is left: the last for which it holds that its entries begin no later. */
function search(holds: string): string[] {
  return [
    "let row = 0;",
    "let end = rows;",
    "for (let h = 0; h < halvings; h++) {",
    "const middle = Math.floor((row + end) * 0.5);",
    "if (end - row > 1) {",
    `if (${holds}) { row = middle; } else { end = middle; }`,
    "}",
    "}",
  ];
}

/** Returns how the entries of a pattern are addressed. */
export const entriesOf = ({ offsets }: Sparse<GpuStorage>): Entries => offsets.integers === "planes" ? planes : plain;

/** Returns the offsets of a pattern as an argument. */
export function offsetsOf({ offsets, rows }: Sparse<GpuStorage>): Argument {
  return { block: offsets, ...offsets.integers === "planes" && { columns: rows + 1 } };
}

/** Returns a block of one number per entry as an argument. */
export function perEntry({ offsets }: Sparse<GpuStorage>, block: GpuStorage): Argument {
  return { block, ...offsets.integers === "planes" && { columns: PLANE } };
}

/** Returns how often rows are halved until one is left. */
export const halvings = (rows: number): number => Math.ceil(Math.log2(Math.max(rows, 1))) + 1;

/**
 * Returns whole numbers as 32-bit floats: as they are, where those hold them exactly; else the quotients by 4096 and
 * then the remainders.
 *
 * @param exact The least number that a float may miss.
 */
export function floatsOf(values: Int32Array, exact: number): readonly [Float32Array<ArrayBuffer>, Integers] {
  if (values.every((value) => value < exact && value > -exact)) return [Float32Array.from(values), "plain"];
  const floats = new Float32Array(2 * values.length);
  values.forEach((value, n) => {
    const high = Math.floor(value / PLANE);
    floats[n] = high;
    floats[values.length + n] = value - PLANE * high;
  });
  return [floats, "planes"];
}

/** Returns the numbers of a block as every device gives them: whole ones as the bits of 32-bit integers. */
export function numbersOf(floats: Float32Array, { integers }: GpuStorage): Float32Array {
  if (integers === null) return floats;
  if (integers === "plain") return new Float32Array(Int32Array.from(floats).buffer);
  const half = floats.length / 2;
  return new Float32Array(Int32Array.from({ length: half }, (_, n) => PLANE * floats[n] + floats[half + n]).buffer);
}
