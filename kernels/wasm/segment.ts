/**
 * Softmax within the entries of each row of a sparse pattern, and means weighted by it, on SIMD, four columns at a
 * time.
 *
 * @module
 */
import type { Kernels, Sparse } from "../device.ts";
import {
  address,
  addresses,
  type Code,
  f32x4,
  i32,
  type Local,
  loop,
  type Routine,
  rowAt,
  v128,
  word,
} from "./assembler.ts";
import { storeLanes } from "./elementwise.ts";
import { vectors } from "./math.ts";
import { type Engine, grainOf, type WasmStorage, type Work } from "./storage.ts";

/** See {@link Kernels.segmentSoftmax}. */
export function segmentSoftmax<R>(
  { allocate, parallelFor }: Engine<R>,
  write: (columns: number) => R,
): Kernels<WasmStorage>["segmentSoftmax"] {
  return (pattern, x, columns) => {
    const out = allocate(pattern.entries * columns);
    const args = [pattern.offsets, x, x, out].map(({ address }) => address);
    parallelFor(`segmentSoftmax ${columns}`, () => write(columns), workOf(pattern, columns), args);
    return out;
  };
}

/** See {@link Kernels.segmentSoftmaxMean}. */
export function segmentSoftmaxMean<R>(
  { allocate, parallelFor }: Engine<R>,
  write: (columns: number) => R,
): Kernels<WasmStorage>["segmentSoftmaxMean"] {
  return (pattern, scores, values, columns) => {
    const out = allocate(pattern.rows * columns);
    const args = [pattern.offsets, scores, values, out].map(({ address }) => address);
    parallelFor(`segmentSoftmaxMean ${columns}`, () => write(columns), workOf(pattern, columns), args);
    return out;
  };
}

/** An exponential takes about as long as moving 16 bytes. */
function workOf({ rows, entries }: Sparse<WasmStorage>, columns: number): Work {
  return { count: rows, grain: grainOf(16 * columns * entries / Math.max(1, rows)) };
}

/** Vectors of columns that are computed together, so that an exponential does not wait for the previous one. */
const ABREAST = 2;

/** The state of four columns of a segment. */
interface Vector {
  /** Sets `power` to e^(score − largest) for the current entry. */
  readonly exponential: Code;
  readonly power: Local;
  /** The value of the current entry. */
  readonly value: Code;
  /** Two sums that begin at 0. */
  readonly sums: readonly [Local, Local];
  /** The addresses of the current entry and of the row in the result, to which `offset` is added. */
  readonly entry: Code;
  readonly line: Code;
  readonly offset: number;
  readonly store: typeof v128.store;
}

/** Runs code for each entry of a segment. */
type ForEntries = (body: Code) => Code;

function softmax(forEntries: ForEntries, vectors: readonly Vector[]): Code {
  return [
    forEntries(vectors.map(({ exponential, power, sums: [sum], entry, offset, store }) => [
      exponential,
      sum.set(f32x4.add(sum.get, power.get)),
      store(entry, power.get, offset),
    ])),
    vectors.map(({ sums: [sum] }) => sum.set(f32x4.div(f32x4.const(1), sum.get))),
    forEntries(
      vectors.map(({ sums: [sum], entry, offset, store }) =>
        store(entry, f32x4.mul(v128.load(entry, offset), sum.get), offset)
      ),
    ),
  ];
}

function mean(forEntries: ForEntries, vectors: readonly Vector[]): Code {
  return [
    forEntries(vectors.map(({ exponential, power, value, sums: [sum, weights] }) => [
      exponential,
      weights.set(f32x4.add(weights.get, power.get)),
      sum.set(f32x4.madd(power.get, value, sum.get)),
    ])),
    // Without entries both sums are 0, and so is the mean. With entries the weights add up to at least 1.
    vectors.map(({ sums: [sum, weights], line, offset, store }) =>
      store(line, f32x4.div(sum.get, f32x4.max(weights.get, f32x4.const(1))), offset)
    ),
  ];
}

/** Returns the routine of {@link segmentSoftmax}. */
export function softmaxRoutine(columns: number): Routine {
  return routine(columns, softmax);
}

/** Returns the routine of {@link segmentSoftmaxMean}. */
export function meanRoutine(columns: number): Routine {
  return routine(columns, mean);
}

function routine(columns: number, what: (forEntries: ForEntries, vectors: readonly Vector[]) => Code): Routine {
  const stride = columns * 4;
  const lanes = columns % 4;
  const whole = stride - lanes * 4;
  const abreast = whole - whole % (16 * ABREAST);
  return {
    parameters: ["i32", "i32", ...addresses(5)],
    body: ([row, to, , offsets, scores, values, out], newLocal) => {
      const [column, start, end, at] = Array.from({ length: 4 }, () => newLocal("address"));
      const entry = (n: number) => address.from(i32.load(word(offsets.get, row.get), n * 4));
      const boundary = (n: number) => address.mul(entry(n), address.const(stride));
      const forEntries: ForEntries = (body) =>
        loop(at, address.add(start.get, column.get), end.get, address.const(stride), body);
      const registers = Array.from({ length: ABREAST }, () => Array.from({ length: 4 }, () => newLocal("v128")));
      /** Returns the code for this many vectors side by side. */
      const side = (count: number, store: typeof v128.store): Code => {
        const all = registers.slice(0, count).map(([largest, power, sum, weights], n) => {
          const offset = n * 16;
          const score = v128.load(address.add(scores.get, at.get), offset);
          const statements: Code[] = [];
          const code = vectors(newLocal, statements).exp(f32x4.sub(score, largest.get));
          return {
            begin: [largest.set(f32x4.const(-Infinity)), sum.set(f32x4.const(0)), weights.set(f32x4.const(0))],
            compare: largest.set(f32x4.most(largest.get, score)),
            exponential: [statements, power.set(code)],
            power,
            value: v128.load(address.add(values.get, at.get), offset),
            sums: [sum, weights] as const,
            entry: address.add(out.get, at.get),
            line: address.add(rowAt(out.get, row.get, address.const(stride)), column.get),
            offset,
            store,
          };
        });
        return [all.map(({ begin }) => begin), forEntries(all.map(({ compare }) => compare)), what(forEntries, all)];
      };
      return loop(row, row.get, to.get, i32.const(1), [
        start.set(boundary(0)),
        end.set(boundary(1)),
        loop(column, address.const(0), address.const(abreast), address.const(16 * ABREAST), side(ABREAST, v128.store)),
        loop(column, address.const(abreast), address.const(whole), address.const(16), side(1, v128.store)),
        lanes ? [column.set(address.const(whole)), side(1, storeLanes(lanes, newLocal))] : [],
      ]);
    },
  };
}
