/**
 * Programs: what a kernel does, as text that gpu.js translates. One thread computes one number of the result, or four
 * beside each other, and nothing is scattered.
 *
 * Whole numbers that are kept in a variable become 32-bit floats there, exact below 2²⁴ only. Rows and columns are
 * smaller than that, positions in a large matrix are not: they are never computed, blocks are indexed by row and
 * column. Variables of loops outlive them, so each loop of a program needs a name of its own.
 *
 * @module
 */

/** The text of a kernel and the kinds of its arguments. */
export interface Program {
  /** Used in messages. */
  readonly name: string;
  /** A function of blocks, whole numbers and real numbers, in this order. */
  readonly source: string;
  /** The arguments' types in the words of gpu.js. */
  readonly types: readonly string[];
  /** Whether threads are numbered by row and column; else by one number. */
  readonly grid: boolean;
  /** How many numbers beside each other a thread returns. */
  readonly wide: 1 | 4;
}

/** What a program is made of. */
export interface ProgramParts {
  readonly blocks: readonly string[];
  readonly whole?: readonly string[];
  readonly real?: readonly string[];
  readonly grid?: boolean;
  readonly wide?: 1 | 4;
  readonly body: string;
}

/** The row a thread works on. Threads are numbered along three axes; rows take two of them, since one is too short. */
export const ROW = "(this.thread.y + this.thread.z * height)";

/** The column a thread works on; the first of four in a program that returns four. */
export const COLUMN = "this.thread.x";

/** The number of a thread that has no row and column. */
export const THREAD = "this.thread.x";

/** Puts a program together. One of a grid is told the `height` of a slab of rows beside what it asks for. */
export function program(
  name: string,
  { blocks, whole = [], real = [], grid = false, wide = 1, body }: ProgramParts,
): Program {
  const integers = grid ? [...whole, "height"] : whole;
  return {
    name,
    source: `function (${[...blocks, ...integers, ...real].join(", ")}) {\n${body}\n}`,
    types: [...blocks.map(() => "WebGPUBuffer"), ...integers.map(() => "Integer"), ...real.map(() => "Float")],
    grid,
    wide,
  };
}

/** The most rows in a slab: GPUs start 65,535 groups of 8 along an axis. */
const SLAB = 2 ** 18;

/** Returns the axes of a grid of threads, the fastest first. The last slab may have a few rows too many. */
export function gridOf(rows: number, columns: number): readonly [columns: number, height: number, slabs: number] {
  const slabs = Math.ceil(rows / SLAB);
  return [columns, Math.ceil(rows / slabs), slabs];
}
