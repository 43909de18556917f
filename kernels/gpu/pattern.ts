/**
 * Sparse patterns in kernel text: the first entry of a row, the count of its entries, and the access to entry k.
 *
 * Whole numbers are 32-bit floats on the GPU. If a pattern has 2²⁴ entries or more, its offsets are two planes of
 * smaller numbers, and blocks of one number per entry are indexed as matrices of 4096 columns.
 *
 * @module
 */
import type { Sparse } from "../device.ts";
import type { Argument, GpuStorage, Integers } from "./storage.ts";

/** The numbers in a row of a block that is indexed by a high and a low part. */
export const PLANE = 4096;

/** The texts that address the entries of a pattern. */
export interface Entries {
  /** Whether offsets are in two planes; part of the key of a program. */
  readonly planes: boolean;
  /** Lines that define the first entry of a row and the `count` of its entries. */
  readonly begin: (row: string) => readonly string[];
  /** The number of a block at entry k of that row. */
  readonly at: (block: string, k: string) => string;
  /** Lines that define the `row` of an entry, given the text of its number. */
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

/** Returns lines that search by halves for the last row for which a condition on `middle` holds. */
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

/** Returns the texts that address the entries of a pattern. */
export const entriesOf = ({ offsets }: Sparse<GpuStorage>): Entries => offsets.integers === "planes" ? planes : plain;

/** Returns the offsets of a pattern as an argument. */
export function offsetsOf({ offsets, rows }: Sparse<GpuStorage>): Argument {
  return { block: offsets, columns: offsets.integers === "planes" ? rows + 1 : undefined };
}

/** Returns a block of one number per entry as an argument. */
export function perEntry({ offsets }: Sparse<GpuStorage>, block: GpuStorage): Argument {
  return { block, columns: offsets.integers === "planes" ? PLANE : undefined };
}

/** Returns the halvings of a search among rows. */
export const halvings = (rows: number): number => Math.ceil(Math.log2(Math.max(rows, 1))) + 1;

/**
 * Returns whole numbers as 32-bit floats: as they are if all are exact; else the quotients by 4096 and then the
 * remainders.
 *
 * @param exact Numbers below this bound count as exact.
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

/** Returns the numbers of a block as every device returns them: whole numbers as the bits of 32-bit integers. */
export function numbersOf(floats: Float32Array, { integers }: GpuStorage): Float32Array {
  if (integers === null) return floats;
  if (integers === "plain") return new Float32Array(Int32Array.from(floats).buffer);
  const half = floats.length / 2;
  return new Float32Array(Int32Array.from({ length: half }, (_, n) => PLANE * floats[n] + floats[half + n]).buffer);
}
