/**
 * The dense product sampled at the entries of a sparse pattern in machine code: a dot product of two rows per entry.
 *
 * @module
 */
import { at, type Code, i64, loop } from "./assembler.ts";
import type { Routine } from "./routine.ts";
import { sumLanes } from "./halves.ts";
import type { Vectors } from "./vectors.ts";

/** The number of partial sums of a dot product, on every device of the processor. */
const PARTS = 16;

/** Returns the routine of `sddmm`. */
export function sddmmRoutine(set: Vectors, depth: number): Routine {
  const bytes = 4 * set.lanes;
  const abreast = PARTS / set.lanes;
  const rest = depth % PARTS;
  return {
    parameters: ["address", "address", "address", "address", "address"],
    body: (frame) => {
      const [offsets, indices, x, y, out] = frame.parameters;
      const [row, entry, end, left, right, place, columnOf, target, free] = Array.from(
        { length: 9 },
        () => frame.general(),
      );
      const sums = set.registers.slice(0, abreast);
      const [a, b] = set.registers.slice(abreast);
      const whole: Code = sums.map((sum, n) => [
        set.load(a, at(left, n * bytes, place)),
        set.addProduct(sum, a, at(right, n * bytes, place)),
      ]);
      /** The lanes of the last partial sums that exist; the others add 0 · 0. */
      const remainder: Code = sums.flatMap((sum, n) => {
        const lanes = Math.min(set.lanes, rest - n * set.lanes);
        if (lanes <= 0) return [];
        return [
          [i64.set(free, lanes), set.choose(free, place)],
          i64.set(place, 4 * (depth - rest)),
          set.loadSome(a, at(left, n * bytes, place)),
          set.loadSome(b, at(right, n * bytes, place)),
          set.addProduct(sum, a, b),
        ];
      });
      return [
        [i64.set(columnOf, indices), i64.set(target, out)],
        i64.set(row, frame.from),
        loop(row, frame.to, 1, [
          [i64.mulBy(left, row, 4 * depth), i64.add(left, x)],
          [i64.set(free, offsets), i64.load32(entry, at(free, 0, row, 4)), i64.load32(end, at(free, 4, row, 4))],
          loop(entry, end, 1, [
            [i64.load32(right, at(columnOf, 0, entry, 4)), i64.mulBy(right, right, 4 * depth), i64.add(right, y)],
            sums.map((sum) => set.xor(sum, sum, sum)),
            i64.set(place, 0),
            depth >= PARTS ? loop(place, 4 * (depth - rest), 4 * PARTS, whole) : [],
            remainder,
            sumLanes(set, sums, a),
            set.storeLowest(at(target, 0, entry, 4), sums[0]),
          ]),
        ]),
      ];
    },
  };
}
