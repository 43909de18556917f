/**
 * Packing for the matrix product in machine code: copies a panel of the second operand to tiles of as many columns as a
 * tile of the product has. A tile holds the steps of the sum one after another; columns that do not exist hold zeros.
 *
 * @module
 */
import { at, type Code, countDown, during, type General, i64, type Place, when } from "./assembler.ts";
import { ABREAST, stepBytes, tileColumns } from "./tile.ts";
import { eight } from "./halves.ts";
import type { Vectors } from "./vectors.ts";

/** Bytes between tiles, so that tiles begin at odd cache lines and do not compete for the same lines. */
export const GAP = 64;

/** The part of the second operand that is packed, and its target. All are places on the stack. */
export interface Panel {
  /** The address of the number at the first step and the first column. */
  readonly source: Place;
  /** Bytes between rows of the operand as it is stored. */
  readonly stride: Place;
  /** The number of steps, and of columns. */
  readonly depth: Place;
  readonly columns: Place;
  /** The address of the panel. */
  readonly target: Place;
  /** Bytes from one tile to the next. */
  readonly distance: Place;
}

/** Packs rows in their order. */
export function packRows(set: Vectors, panel: Panel, registers: readonly General[]): Code {
  const [source, target, from, to, left, steps, count, free] = registers;
  const bytes = 4 * set.lanes;
  const parts = Array.from({ length: ABREAST }, (_, n) => ({ n, vector: set.registers[n] }));
  /** A vector of which as many lanes exist as columns are left: none, some, or all. */
  const remainder = parts.map(({ n, vector }) => [
    i64.set(count, left),
    i64.sub(count, n * set.lanes),
    when(i64.compare(left, n * set.lanes), "below", i64.set(count, 0)),
    when(i64.compare(count, set.lanes), "above", i64.set(count, set.lanes)),
    set.choose(count, free),
    set.loadSome(vector, at(from, n * bytes)),
    set.store(at(to, n * bytes), vector),
  ]);
  return [
    i64.set(source, panel.source),
    i64.set(target, panel.target),
    i64.set(steps, panel.depth),
    countDown(steps, 1, [
      i64.set(from, source),
      i64.set(to, target),
      i64.set(left, panel.columns),
      countDown(left, tileColumns(set), [
        parts.map(({ n, vector }) => set.load(vector, at(from, n * bytes))),
        parts.map(({ n, vector }) => set.store(at(to, n * bytes), vector)),
        i64.add(from, stepBytes(set)),
        i64.add(to, panel.distance),
      ]),
      when(i64.compare(left, 0), "above", remainder),
      i64.add(source, panel.stride),
      i64.add(target, stepBytes(set)),
    ]),
  ];
}

/** The sides of the rectangles that are transposed in registers: columns, and steps of the sum. */
const [SIDE, STEPS] = [8, 4];

/**
 * Packs an operand that is stored transposed, in rectangles of eight columns and four steps of the sum. The last
 * rectangle may hold steps beyond the sum: a panel has room for three more.
 */
export function packTransposed(set: Vectors, panel: Panel, registers: readonly General[]): Code {
  const [source, target, lower, upper, stride, triple, to, left, steps, free] = registers;
  const groups = Array.from({ length: tileColumns(set) / SIDE }, (_, group) => group);
  const groupBytes = 4 * SIDE;
  const whole: Code = [
    i64.set(lower, source),
    i64.address(upper, at(source, 0, stride, 4)),
    i64.set(steps, panel.depth),
    i64.add(steps, STEPS - 1),
    countDown(steps, STEPS, [
      rectangle(set, { lower, upper, stride, triple, to }),
      i64.add(lower, 4 * STEPS),
      i64.add(upper, 4 * STEPS),
      i64.add(to, STEPS * stepBytes(set)),
    ]),
    i64.address(source, at(source, 0, stride, 8)),
    i64.sub(left, SIDE),
  ];
  /** One column at a time; columns that do not exist are zeros. */
  const single = (column: number): Code => [
    i64.set(steps, panel.depth),
    i64.set(upper, to),
    when(
      i64.compare(left, 0),
      "above",
      [
        i64.set(lower, source),
        countDown(steps, 1, [
          i64.load32(free, at(lower)),
          i64.store32(at(upper, 4 * column), free),
          i64.add(lower, 4),
          i64.add(upper, stepBytes(set)),
        ]),
        i64.add(source, stride),
        i64.sub(left, 1),
      ],
      [
        i64.set(free, 0),
        countDown(steps, 1, [i64.store32(at(upper, 4 * column), free), i64.add(upper, stepBytes(set))]),
      ],
    ),
  ];
  return [
    i64.set(source, panel.source),
    i64.set(target, panel.target),
    i64.set(stride, panel.stride),
    i64.address(triple, at(stride, 0, stride, 2)),
    i64.set(left, panel.columns),
    during(left, 0, "above", [
      groups.map((group) => [
        i64.address(to, at(target, group * groupBytes)),
        when(
          i64.compare(left, SIDE),
          "notBelow",
          whole,
          Array.from({ length: SIDE }, (_, column) => single(column)),
        ),
      ]),
      i64.add(target, panel.distance),
    ]),
  ];
}

/** The registers of a rectangle: the first and the fifth column, one and three columns further, the target. */
interface Rectangle {
  readonly lower: General;
  readonly upper: General;
  readonly stride: General;
  readonly triple: General;
  readonly to: General;
}

function rectangle(set: Vectors, { lower, upper, stride, triple, to }: Rectangle): Code {
  const columns = set.registers.slice(0, 4);
  const [a, b, c, d] = columns;
  const [abLow, abHigh, cdLow, cdHigh] = set.registers.slice(4, 8);
  const column = (base: General, n: number): Place =>
    n === 0 ? at(base) : n === 3 ? at(base, 0, triple) : at(base, 0, stride, n as 1 | 2);
  return [
    columns.map((vector, n) => [
      eight.loadHalf(vector, column(lower, n)),
      eight.withUpperHalf(vector, vector, column(upper, n)),
    ]),
    eight.interleaveLow(abLow, a, b),
    eight.interleaveHigh(abHigh, a, b),
    eight.interleaveLow(cdLow, c, d),
    eight.interleaveHigh(cdHigh, c, d),
    eight.lowPairs(a, abLow, cdLow),
    eight.highPairs(b, abLow, cdLow),
    eight.lowPairs(c, abHigh, cdHigh),
    eight.highPairs(d, abHigh, cdHigh),
    columns.map((vector, n) => eight.store(at(to, n * stepBytes(set)), vector)),
  ];
}
