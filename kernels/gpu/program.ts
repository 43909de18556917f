/**
 * Programs: the texts of kernels, which gpu.js translates. A thread computes one number of the result, or four
 * neighbouring numbers, and writes nothing else.
 *
 * In the translation a variable is a 32-bit float, exact for whole numbers below 2²⁴ only. Rows and columns are
 * smaller, but positions in a large matrix are not: so blocks are indexed by row and column, and positions are never
 * computed. The variable of a loop is declared for the whole program, so each loop needs another name.
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
  /** Whether threads have a row and a column; else they have one number. */
  readonly grid: boolean;
  /** The number of neighbouring results of a thread. */
  readonly wide: 1 | 4;
}

/** The parts of a program. */
export interface ProgramParts {
  readonly blocks: readonly string[];
  readonly whole?: readonly string[];
  readonly real?: readonly string[];
  readonly grid?: boolean;
  readonly wide?: 1 | 4;
  readonly body: string;
}

/** The row of a thread. Threads are numbered along three axes; rows take two of them, since one is too short. */
export const ROW = "(this.thread.y + this.thread.z * height)";

/** The column of a thread; in a program of four results per thread, the number of its group of four columns. */
export const COLUMN = "this.thread.x";

/** The number of a thread without row and column. */
export const THREAD = "this.thread.x";

/** Returns a program of its parts. The program of a grid has a further parameter, the `height` of a slab of rows. */
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

/** Returns the axes of a grid of threads, the fastest first. The last slab may have more rows than are left. */
export function gridOf(rows: number, columns: number): readonly [columns: number, height: number, slabs: number] {
  const slabs = Math.ceil(rows / SLAB);
  return [columns, Math.ceil(rows / slabs), slabs];
}
