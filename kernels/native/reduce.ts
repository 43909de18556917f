/**
 * Sums and maxima of a formula over rows and columns in machine code, with 64-bit sums, 16 of them for each row, as on
 * the WebAssembly device.
 *
 * @module
 */
import { BLOCK_ROWS, type By, type Job, type ReduceRoutines, START } from "../wasm/reduce.ts";
import { at, type Code, further, type General, i64, loop, type Place, type Vector } from "./assembler.ts";
import { addTo, demoteLowest, promote, promoteLowest, storeDouble, sumDoubles, upperHalf } from "./doubles.ts";
import { parametersOf, pointers, type Term, valuesAt } from "./elementwise.ts";
import { formulas } from "./formula.ts";
import type { Frame, Routine } from "./routine.ts";
import { foldLanes } from "./halves.ts";
import type { Vectors } from "./vectors.ts";

/** Returns the routines of `reduce`. */
export function reduceRoutines(set: Vectors): ReduceRoutines<Routine> {
  return { rows: (job) => byRows(set, job), columns: (job) => byColumns(set, job) };
}

/** The sums of a row, and the sums of a vector of them. */
const PARTS = 16;

/** The running results of a vector of numbers, in two vectors. */
interface Accumulator {
  readonly state: readonly [Vector, Vector];
  readonly begin: Code;
  /** Includes a vector, which is overwritten. */
  readonly include: (values: Vector, free: Vector) => Code;
}

/** Sums of the lower and the upper half; or the maximum, and the lanes that met NaN, which comparisons lose. */
function accumulator(set: Vectors, frame: Frame, by: By, state: readonly [Vector, Vector]): Accumulator {
  const [first, second] = state;
  const zero = (vector: Vector) => set.xor(vector, vector, vector);
  return by === "sum"
    ? { state, begin: state.map(zero), include: (values, free) => addTo(set, state, values, free) }
    : {
      state,
      begin: [set.splat(first, frame.float(START.max)), zero(second)],
      include: (values, free) => [
        set.most(first, values, first),
        set.differ(free, values, values),
        set.or(second, second, free),
      ],
    };
}

/** Divides registers: accumulators, a free one, a neutral one, and those of the formula. */
function divide(set: Vectors, frame: Frame, by: By, count: number) {
  const vectors = set.registers.slice(0, 2 * count);
  const accumulators = Array.from(
    { length: count },
    (_, n) => accumulator(set, frame, by, [vectors[2 * n], vectors[2 * n + 1]]),
  );
  const [free, neutral, ...registers] = set.registers.slice(2 * count);
  return { accumulators, free, neutral, registers };
}

/** The first operand of a routine is the target, and the formula's operands follow. */
function termOf({ term, signature }: Job, operands: readonly General[], scalars: readonly Place[]): Term {
  return { formula: term, signature, operands, scalars };
}

function byRows(set: Vectors, job: Job): Routine {
  const { by, signature, columns, wide } = job;
  const left = columns % PARTS;
  const abreast = PARTS / set.lanes;
  const bytes = 4 * set.lanes;
  return {
    parameters: parametersOf(signature, 1),
    body: (frame) => {
      const [row, column, offset] = [frame.general(), frame.general(), frame.general()];
      const { begin, blocks: [out, ...operands] } = pointers(frame, 1 + signature.extents.length);
      const term = termOf(job, operands, frame.parameters.slice(1 + operands.length));
      const { accumulators, free, neutral, registers } = divide(set, frame, by, abreast);
      const next = (n: number, lanes: number): Code => {
        const some = lanes < set.lanes;
        const { code, results: [value] } = valuesAt(set, frame, term, { row, column, offset }, {
          lanes: some ? "some" : "all",
          shift: n * bytes,
          registers,
        });
        const [spare] = registers.filter((register) => register !== value);
        // An operand may be a register that is needed again.
        return [
          code,
          some ? set.chosenOf(spare, value, neutral) : set.load(spare, value),
          accumulators[n].include(spare, free),
        ];
      };
      const remainder = accumulators.map((_, n) =>
        left > n * set.lanes ? next(n, Math.min(set.lanes, left - n * set.lanes)) : []
      );
      return [
        begin,
        [i64.set(column, left % set.lanes), set.choose(column, offset)],
        set.splat(neutral, frame.float(START[by])),
        i64.set(row, frame.from),
        loop(row, frame.to, 1, [
          i64.mulBy(offset, row, 4 * columns),
          accumulators.map(({ begin }) => begin),
          i64.set(column, 0),
          columns >= PARTS
            ? loop(column, 4 * (columns - left), 4 * PARTS, [
              accumulators.map((_, n) => next(n, set.lanes)),
              i64.add(offset, 4 * PARTS),
            ])
            : [],
          remainder,
          finish(set, frame, by, accumulators.map(({ state }) => state), { free, registers }),
          wide
            ? [
              by === "max" ? promoteLowest(set.registers[0], set.registers[0]) : [],
              storeDouble(at(out, 0, row, 8), set.registers[0]),
            ]
            : [
              by === "sum" ? demoteLowest(set.registers[0], set.registers[0]) : [],
              set.storeLowest(at(out, 0, row, 4), set.registers[0]),
            ],
        ]),
      ];
    },
  };
}

/** Joins the results of a row in the lowest lane of the first vector: a sum of 64 bits, or a maximum of 32. */
function finish(
  set: Vectors,
  frame: Frame,
  by: By,
  states: readonly (readonly [Vector, Vector])[],
  { free, registers }: { readonly free: Vector; readonly registers: readonly Vector[] },
): Code {
  if (by === "sum") return sumDoubles(set, states.flat(), free);
  const largest = states.map(([first]) => first);
  const join = (to: Vector, other: Vector): Code => {
    const { algebra, kept, assemble } = formulas(set, frame);
    const { code, results: [result] } = assemble([algebra.max(kept(to), kept(other))], registers);
    return [code, set.load(to, result)];
  };
  return [states.map(([first, nan]) => set.or(first, first, nan)), foldLanes(set, largest, free, join)];
}

/** Reduces each block of rows to one row of floats of 64 bits: for each tile of columns all rows of the block. */
function byColumns(set: Vectors, job: Job): Routine {
  const { by, signature, columns } = job;
  const bytes = 4 * set.lanes;
  const most = set.name === "avx512" ? 6 : 2;
  const width = 8 * Math.ceil(columns / 4) * 4;
  const tiles = Math.floor(columns / (most * set.lanes));
  const rest = columns - tiles * most * set.lanes;
  return {
    parameters: ["address", "whole", ...parametersOf(signature, 0)],
    body: (frame) => {
      const [row, column, offset, block, end, target, free] = Array.from({ length: 7 }, () => frame.general());
      const operands = signature.extents.map(() => frame.general());
      const [out, rows] = frame.parameters;
      const term = termOf(job, operands, frame.parameters.slice(2 + operands.length));
      const { accumulators, free: spare, registers } = divide(set, frame, by, most);
      const copy = frame.slot(8 * set.lanes);
      const [value, ...others] = registers;
      const tile = (count: number): Code => {
        const vectors = Math.ceil(count / set.lanes);
        const used = accumulators.slice(0, vectors);
        const each = used.map(({ include }, n) => {
          const some = count - n * set.lanes < set.lanes;
          const { code, results: [result] } = valuesAt(set, frame, term, { row, column, offset }, {
            lanes: some ? "some" : "all",
            shift: n * bytes,
            registers: others,
          });
          return [code, set.load(value, result), include(value, spare)];
        });
        return [
          used.map(({ begin }) => begin),
          [i64.mulBy(row, block, BLOCK_ROWS), i64.address(end, at(row, BLOCK_ROWS)), i64.min(end, rows)],
          [i64.mulBy(offset, row, 4 * columns), i64.add(offset, column)],
          loop(row, end, 1, [each, i64.add(offset, 4 * columns)]),
          [i64.mulBy(target, block, width), i64.add(target, out), i64.address(target, at(target, 0, column, 2))],
          used.map(({ state }, n) => [
            by === "sum" ? [] : [
              set.or(value, state[0], state[1]),
              promote(set, state[0], value),
              upperHalf(set, value, value),
              promote(set, state[1], value),
            ],
            put(set, state, at(target, 2 * n * bytes), Math.min(set.lanes, count - n * set.lanes), copy, free),
          ]),
        ];
      };
      return [
        operands.map((operand, n) => i64.set(operand, frame.parameters[2 + n])),
        [i64.set(column, rest % set.lanes), set.choose(column, free)],
        i64.set(block, frame.from),
        loop(block, frame.to, 1, [
          i64.set(column, 0),
          tiles > 0 ? loop(column, tiles * most * bytes, most * bytes, tile(most * set.lanes)) : [],
          rest > 0 ? tile(rest) : [],
        ]),
      ];
    },
  };
}

/** Writes the first numbers of two vectors of 64-bit floats. */
function put(
  set: Vectors,
  [low, high]: readonly [Vector, Vector],
  to: Place,
  count: number,
  copy: Place,
  free: General,
): Code {
  const bytes = 4 * set.lanes;
  const all = (place: Place): Code => [set.store(place, low), set.store(further(place, bytes), high)];
  if (count === set.lanes) return all(to);
  const move = (n: number): Code => [
    i64.set(free, further(copy, 8 * n)),
    i64.store(further(to, 8 * n), free),
  ];
  return [all(copy), Array.from({ length: count }, (_, n) => move(n))];
}
