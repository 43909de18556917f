/**
 * Softmax within the entries of each row of a sparse pattern, and means weighted by it, in machine code, one vector of
 * columns at a time.
 *
 * @module
 */
import { at, type Code, during, i64, loop, type Vector } from "./assembler.ts";
import { type Formulas, formulas, type Value } from "./formula.ts";
import type { Routine } from "./routine.ts";
import type { Vectors } from "./vectors.ts";

/** The parts of a routine that softmax and mean are made of. All concern one vector of columns of a segment. */
interface Segment {
  readonly set: Vectors;
  /** Runs code for each entry of the segment. */
  readonly forEntries: (body: Code) => Code;
  /** Computes values from formulas; other registers than the two sums are free. */
  readonly compute: (write: (list: Formulas) => readonly Value[]) => readonly [Code, readonly Vector[]];
  /** The score and the value of the present entry. */
  readonly score: (list: Formulas) => Value;
  readonly value: (list: Formulas) => Value;
  /** The largest score of the segment, and two sums that begin at 0. */
  readonly largest: Vector;
  readonly sum: Vector;
  readonly weights: Vector;
  /** Writes to the result: at the present entry, or at the row. */
  readonly storeEntry: (vector: Vector) => Code;
  readonly storeRow: (vector: Vector) => Code;
  readonly loadEntry: (list: Formulas) => Value;
}

/** e^(score − largest). */
function power({ score, largest }: Segment, list: Formulas): Value {
  return list.algebra.exp(list.algebra.sub(score(list), list.kept(largest)));
}

function softmax(segment: Segment): Code {
  const { set, forEntries, compute, sum, storeEntry, loadEntry } = segment;
  const [exponential, [e]] = compute((list) => [power(segment, list)]);
  const [inverse, [one]] = compute(({ algebra, kept }) => [algebra.div(algebra.one, kept(sum))]);
  const [scaled, [share]] = compute((list) => [list.algebra.mul(loadEntry(list), list.kept(sum))]);
  return [
    forEntries([exponential, set.add(sum, sum, e), storeEntry(e)]),
    [inverse, set.load(sum, one)],
    forEntries([scaled, storeEntry(share)]),
  ];
}

function mean(segment: Segment): Code {
  const { set, forEntries, compute, sum, weights, value, storeRow } = segment;
  const [exponential, [e, x]] = compute((list) => [power(segment, list), value(list)]);
  // Without entries both sums are 0, and so is the mean. With entries the weights add up to at least 1.
  const [division, [result]] = compute((
    { algebra: { div, max, one }, kept },
  ) => [div(kept(sum), max(kept(weights), one))]);
  return [
    forEntries([exponential, set.add(weights, weights, e), set.addProduct(sum, e, x)]),
    division,
    storeRow(result),
  ];
}

/** Returns the routine of `segmentSoftmax`. */
export function softmaxRoutine(set: Vectors, columns: number): Routine {
  return routine(set, columns, softmax);
}

/** Returns the routine of `segmentSoftmaxMean`. */
export function meanRoutine(set: Vectors, columns: number): Routine {
  return routine(set, columns, mean);
}

function routine(set: Vectors, columns: number, body: (segment: Segment) => Code): Routine {
  const stride = 4 * columns;
  const lanes = columns % set.lanes;
  return {
    parameters: ["address", "address", "address", "address"],
    body: (frame) => {
      const [row, column, place, end, scores, values, out, line, free] = Array.from(
        { length: 9 },
        () => frame.general(),
      );
      const start = frame.slot();
      const boundary = (n: number): Code => [
        i64.set(free, frame.parameters[0]),
        i64.load32(free, at(free, 4 * n, row, 4)),
        i64.mulBy(free, free, stride),
      ];
      const [largest, sum, weights, ...others] = set.registers;
      const side = (which: "all" | "some"): Code => {
        const [load, store] = which === "all" ? [set.load, set.store] : [set.loadSome, set.storeSome];
        const read = (base: typeof scores) => (list: Formulas) =>
          (which === "all" ? list.load : list.loadSome)(at(base, 0, place));
        const forEntries = (body: Code): Code => [
          [i64.set(place, start), i64.add(place, column)],
          [i64.set(free, end), i64.add(free, column)],
          during(place, free, "below", [body, i64.add(place, stride)]),
        ];
        const segment: Segment = {
          set,
          forEntries,
          compute: (write) => {
            const list = formulas(set, frame);
            const { code, results } = list.assemble(write(list), others);
            return [code, results];
          },
          score: read(scores),
          value: read(values),
          loadEntry: read(out),
          largest,
          sum,
          weights,
          storeEntry: (vector) => store(at(out, 0, place), vector),
          storeRow: (vector) => store(at(line, 0, column), vector),
        };
        return [
          set.splat(largest, frame.float(-Infinity)),
          [sum, weights].map((vector) => set.xor(vector, vector, vector)),
          forEntries([load(others[0], at(scores, 0, place)), set.most(largest, others[0], largest)]),
          body(segment),
        ];
      };
      return [
        [scores, values, out].map((block, n) => i64.set(block, frame.parameters[n + 1])),
        [i64.set(column, lanes), set.choose(column, free)],
        i64.set(row, frame.from),
        loop(row, frame.to, 1, [
          [boundary(0), i64.store(start, free)],
          [boundary(1), i64.set(end, free)],
          [i64.mulBy(line, row, stride), i64.add(line, out)],
          i64.set(column, 0),
          columns > lanes ? loop(column, stride - 4 * lanes, 4 * set.lanes, side("all")) : [],
          lanes ? side("some") : [],
        ]),
      ];
    },
  };
}
