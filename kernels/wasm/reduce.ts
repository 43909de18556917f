/**
 * Sums and maxima of a formula over rows, columns, or everything, on SIMD with 64-bit sums. Long sums are divided into
 * blocks whose size does not depend on the number of threads.
 *
 * @module
 */
import { extentLength, type Kernels } from "../device.ts";
import type { Formula } from "../scalar.ts";
import {
  address,
  type Code,
  f32,
  f32x4,
  f64,
  f64x2,
  i32,
  i32x4,
  type Local,
  loop,
  type NewLocal,
  type Routine,
  rowAt,
  v128,
} from "./assembler.ts";
import { elementwise, extentsOf, isPartial, numberOf, parametersOf, type Signature } from "./elementwise.ts";
import { type Engine, grainOf, type WasmStorage } from "./storage.ts";

/** The operation of a reduction. */
export type By = "sum" | "max";

/** The rows of a block, for a result per column. */
export const BLOCK_ROWS = 128;
/** The numbers of a block, for one result. */
const BLOCK = 4096;
/** The neutral elements. */
export const START: Readonly<Record<By, number>> = { sum: 0, max: -Infinity };

/** A reduction of rows or of columns, for which a machine writes a routine. */
export interface Job {
  readonly by: By;
  readonly term: Formula;
  readonly signature: Signature;
  /** The columns of the matrix. */
  readonly columns: number;
  /** Whether results have 64 bits. */
  readonly wide: boolean;
}

/** The routines of {@link reduce}: for each row, and for each block of rows to one row. */
export interface ReduceRoutines<R> {
  readonly rows: (job: Job) => R;
  readonly columns: (job: Job) => R;
}

/** Returns the name of everything that the code of a job depends on. */
function nameOf({ by, term, signature: { extents, scalars }, columns, wide }: Job): string {
  return `${by} ${numberOf(term)} ${extents} ${scalars} ${columns} ${wide}`;
}

/** See {@link Kernels.reduce}. */
export function reduce<R>(
  { allocate, parallelFor }: Engine<R>,
  write: ReduceRoutines<R>,
): Kernels<WasmStorage>["reduce"] {
  return (by, term, operands, scalars, size, keep) => {
    const { rows, columns } = size;
    const extents = extentsOf(operands, size);
    const signature = { extents, scalars: scalars.length };
    const streams = extents.filter((extent) => extent === "both").length;
    const pointers = operands.map(({ storage }) => storage.address);
    const out = allocate(extentLength(keep, size));

    /** Reduces each row; to a result in 64 bits if it is `wide`. */
    const reduceRows = (rows: number, columns: number, target: number, wide: boolean, from = pointers): void => {
      const work = { count: rows, grain: grainOf(4 * columns * streams) };
      const job = { by, term, signature, columns, wide };
      parallelFor(`rows ${nameOf(job)}`, () => write.rows(job), work, [target, ...from, ...scalars]);
    };
    /** Adds up a matrix of 64-bit numbers that `fill` has computed at an address. */
    const combined = (rows: number, width: number, fill: (target: number) => void): void => {
      const parts = allocate(2 * rows * width);
      fill(parts.address);
      out.floats.set(total(by, new Float64Array(parts.floats.buffer, parts.address, rows * width), out.length, width));
      parts.device.free(parts);
    };

    if (keep === "rows") reduceRows(rows, columns, out.address, false);
    else if (keep === "columns") {
      const blocks = Math.ceil(rows / BLOCK_ROWS);
      const work = { count: blocks, grain: grainOf(4 * columns * streams * BLOCK_ROWS) };
      combined(blocks, Math.ceil(columns / 4) * 4, (target) => {
        const job = { by, term, signature, columns, wide: true };
        const args = [target, rows, ...pointers, ...scalars];
        parallelFor(`columns ${nameOf(job)}`, () => write.columns(job), work, args);
      });
    } else if (extents.some(isPartial)) {
      combined(rows, 1, (target) => reduceRows(rows, columns, target, true));
    } else {
      const [lines, rest] = [Math.floor(rows * columns / BLOCK), rows * columns % BLOCK];
      combined(lines + (rest ? 1 : 0), 1, (target) => {
        reduceRows(lines, BLOCK, target, true);
        const tail = pointers.map((address, n) => address + (extents[n] === "both" ? 4 * BLOCK * lines : 0));
        if (rest) reduceRows(1, rest, target + 8 * lines, true, tail);
      });
    }
    return out;
  };
}

/** Reduces the rows of a small matrix. */
function total(by: By, parts: Float64Array, columns: number, width: number): Float64Array {
  const totals = new Float64Array(columns).fill(START[by]);
  for (let at = 0; at < parts.length; at += width) {
    for (let c = 0; c < columns; c++) {
      totals[c] = by === "sum" ? totals[c] + parts[at + c] : Math.max(totals[c], parts[at + c]);
    }
  }
  return totals;
}

/** The running results of four columns. */
interface Accumulator {
  /** Its two vectors. */
  readonly state: readonly [Local, Local];
  readonly begin: Code;
  readonly include: (value: Code) => Code;
  /** The first and the last two lanes, in 64 bits. */
  readonly halves: readonly [Code, Code];
}

const LAST = [2, 3, 2, 3];

function accumulator(by: By, newLocal: NewLocal): Accumulator {
  const [first, last, kept] = [newLocal("v128"), newLocal("v128"), newLocal("v128")];
  const start = f32x4.const(START[by]);
  // A maximum that keeps NaN takes several dependent instructions. Here a second vector marks the lanes that met NaN.
  const largest = v128.or(first.get, last.get);
  const state = [first, last] as const;
  return by === "max"
    ? {
      state,
      begin: [first.set(start), last.set(f32x4.const(0))],
      include: (value) => [
        kept.set(value),
        first.set(f32x4.most(first.get, kept.get)),
        last.set(v128.or(last.get, f32x4.differ(kept.get, kept.get))),
      ],
      halves: [f64x2.promote(largest), f64x2.promote(f32x4.shuffle(largest, largest, LAST))],
    }
    : {
      state,
      begin: [first.set(start), last.set(start)],
      include: (value) => [
        kept.set(value),
        first.set(f64x2.add(first.get, f64x2.promote(kept.get))),
        last.set(f64x2.add(last.get, f64x2.promote(f32x4.shuffle(kept.get, kept.get, LAST)))),
      ],
      halves: [first.get, last.get],
    };
}

/** Returns the first lanes of a vector; the others hold the neutral element. */
function firstLanes(by: By, value: Code, lanes: number): Code {
  const mask = f32x4.shuffle(i32x4.const(-1), i32x4.const(0), [0, 1, 2, 3].map((n) => n < lanes ? 0 : 4));
  return v128.select(value, f32x4.const(START[by]), mask);
}

/** Returns the routines of {@link reduce}. */
export const reduceRoutines: ReduceRoutines<Routine> = { rows: byRows, columns: byColumns };

/** The vectors of running results of a row. */
const PARTS = 4;

function byRows({ by, term, signature, columns, wide }: Job): Routine {
  const left = columns % (4 * PARTS);
  const whole = columns - left;
  return {
    parameters: ["i32", "i32", "address", "address", ...parametersOf(signature)],
    body: ([row, to, , out, ...rest], newLocal) => {
      const [column, offset] = [newLocal("i32"), newLocal("address")];
      // 16 sums, so that an addition does not wait for the previous one, and vectors of any width add in this order.
      const sums = Array.from({ length: PARTS }, () => accumulator(by, newLocal));
      const compute = elementwise(term, signature, rest, { row, column, offset });
      const next = ({ include }: Accumulator, some = 4): Code => {
        const { statements, values: [value] } = compute(newLocal);
        return [
          statements,
          include(some < 4 ? firstLanes(by, value, some) : value),
          column.set(i32.add(column.get, i32.const(4))),
          offset.set(address.add(offset.get, address.const(16))),
        ];
      };
      const join = by === "sum" ? f64x2.add : f64x2.max;
      const both = newLocal("v128");
      const [a, b, c, d] = sums.map(({ halves }) => halves);
      const four = [0, 1].map((half) => join(join(a[half], c[half]), join(b[half], d[half])));
      const remainder = sums.map((sum, n) => left > 4 * n ? next(sum, Math.min(4, left - 4 * n)) : []);
      const scalar = (by === "sum" ? f64.add : f64.max)(f64x2.lane(both.get, 0), f64x2.lane(both.get, 1));
      const at = (shift: number) => address.add(out.get, address.shl(address.from(row.get), address.const(shift)));
      return loop(row, row.get, to.get, i32.const(1), [
        offset.set(address.mul(address.from(row.get), address.const(columns * 4))),
        sums.map(({ begin }) => begin),
        // The body advances the counter.
        loop(column, i32.const(0), i32.const(whole), i32.const(0), sums.map((sum) => next(sum))),
        remainder,
        both.set(join(four[0], four[1])),
        wide ? f64.store(at(3), scalar) : f32.store(at(2), f32.demote(scalar)),
      ]);
    },
  };
}

/** Rows that are read together, so that the running results are loaded and stored less often. */
const ABREAST = 4;

/**
 * Reduces each block of rows to one row, in the order of memory. The running results stay at the place of the result:
 * 32 bytes for every four columns.
 */
function byColumns({ by, term, signature, columns }: Job): Routine {
  const width = Math.ceil(columns / 4) * 4;
  const next = (local: Local, by: number) => {
    const { add, const: whole } = local.type === "address" ? address : i32;
    return local.set(add(local.get, whole(by)));
  };
  return {
    parameters: ["i32", "i32", "address", "address", "i32", ...parametersOf(signature)],
    body: ([block, to, , out, rows, ...rest], newLocal) => {
      const [row, end, most, whole, column] = Array.from({ length: 5 }, () => newLocal("i32"));
      const [offset, target] = [newLocal("address"), newLocal("address")];
      const { begin, include, halves, state } = accumulator(by, newLocal);
      const { statements, values: [value] } = elementwise(term, signature, rest, { row, column, offset })(newLocal);
      const fetch = state.map((local, n) => local.set(v128.load(target.get, n * 16)));
      const put = (values: readonly Code[]) => values.map((value, n) => v128.store(target.get, value, n * 16));
      const over = (body: Code): Code => [
        target.set(rowAt(out.get, block.get, address.const(width * 8))),
        loop(column, i32.const(0), i32.const(columns), i32.const(4), [body, next(target, 32)]),
      ];
      const down = (count: number): Code => [
        offset.set(address.mul(address.from(row.get), address.const(columns * 4))),
        over([
          fetch,
          Array.from({ length: count }, () => [statements, include(value), next(row, 1), next(offset, columns * 4)]),
          next(row, -count),
          next(offset, 16 - columns * 4 * count),
          put(state.map(({ get }) => get)),
        ]),
      ];
      return loop(block, block.get, to.get, i32.const(1), [
        begin,
        over(put(state.map(({ get }) => get))),
        row.set(i32.mul(block.get, i32.const(BLOCK_ROWS))),
        most.set(i32.add(row.get, i32.const(BLOCK_ROWS))),
        end.set(i32.min(rows, most)),
        whole.set(i32.sub(end.get, i32.remainder(i32.sub(end.get, row.get), i32.const(ABREAST)))),
        loop(row, row.get, whole.get, i32.const(ABREAST), down(ABREAST)),
        loop(row, row.get, end.get, i32.const(1), down(1)),
        by === "sum" ? [] : over([fetch, put(halves)]),
      ]);
    },
  };
}
