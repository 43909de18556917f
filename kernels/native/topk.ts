/**
 * The best columns of each row in machine code: four vectors at once are compared with the k-th best so far, and their
 * numbers are looked at one by one only if one of them is greater.
 *
 * @module
 */
import type { TopkForm } from "../wasm/topk.ts";
import { at, type Code, during, type General, i64, loop, repeat, when } from "./assembler.ts";
import type { Frame, Routine } from "./routine.ts";
import type { Vectors } from "./vectors.ts";

/** Vectors that are compared at once. */
const ABREAST = 4;

/** The registers of a routine. */
interface Registers {
  readonly row: General;
  /** The row's first number. */
  readonly line: General;
  /** The first of the row's best values so far. */
  readonly best: General;
  /** Bytes from a value to its index. */
  readonly gap: General;
  readonly count: General;
  readonly column: General;
  readonly place: General;
  readonly free: General;
  readonly other: General;
}

/** Returns the routine of `topk`. */
export function topkRoutine(set: Vectors, { columns, k, exclude }: TopkForm): Routine {
  const abreast = ABREAST * set.lanes;
  return {
    parameters: Array.from({ length: exclude ? 5 : 3 }, () => "address"),
    body: (frame) => {
      const [row, line, best, gap, count, column, place, free, other, first, bits] = Array.from(
        { length: 11 },
        () => frame.general(),
      );
      const [x, values, indices] = frame.parameters;
      const [value, bar, spare] = set.registers;
      const consider = considerer(set, frame, { row, line, best, gap, count, column, place, free, other }, {
        k,
        exclude,
      });
      /** One bit for each of the next numbers, set if it is greater than the bar. */
      const compare = Array.from({ length: ABREAST }, (_, n) => [
        set.load(value, at(line, 4 * n * set.lanes, first, 4)),
        set.bitsGreater(free, spare, value, bar),
        n === 0 ? i64.set(bits, free) : [i64.shl(free, n * set.lanes), i64.or(bits, free)],
      ]);
      const each = repeat(
        [i64.trailingZeros(column, bits), i64.add(column, first), consider("greater"), i64.clearLowest(bits, bits)],
        "notEqual",
      );
      return [
        i64.set(row, frame.from),
        loop(row, frame.to, 1, [
          [i64.mulBy(line, row, 4 * columns), i64.add(line, x)],
          [i64.mulBy(best, row, 4 * k), i64.add(best, values), i64.set(gap, indices), i64.sub(gap, values)],
          [i64.set(count, 0), i64.set(column, 0), set.splat(bar, frame.float(-Infinity))],
          // Until the list is full every number is a candidate.
          i64.set(first, columns),
          loop(column, first, 1, [consider("any"), when(i64.compare(count, k), "equal", i64.set(first, column))]),
          i64.set(first, column),
          columns < abreast
            ? []
            : loop(first, columns - abreast + 1, abreast, [compare, when(i64.compare(bits, 0), "notEqual", each)]),
          i64.set(column, first),
          loop(column, columns, 1, consider("greater")),
        ]),
      ];
    },
  };
}

/** Returns the code that takes the number at the column into the list, if it belongs there. */
function considerer(
  set: Vectors,
  frame: Frame,
  { row, line, best, gap, count, column, place, free, other }: Registers,
  { k, exclude }: { readonly k: number; readonly exclude: boolean },
): (which: "any" | "greater") => Code {
  const [value, bar] = set.registers;
  const [, , , offsets, excluded] = frame.parameters;
  /** Inserts the column before all lesser ones. The last of a full list is dropped. */
  const insert: Code = [
    when(i64.compare(count, k), "below", i64.add(count, 1)),
    i64.address(place, at(best, -4, count, 4)),
    i64.set(other, best),
    during(place, other, "above", [
      when(
        set.compareLowest(value, at(place, -4)),
        "above",
        [
          [i64.load32(free, at(place, -4)), i64.store32(at(place), free)],
          [i64.load32(free, at(place, -4, gap)), i64.store32(at(place, 0, gap), free)],
          i64.sub(place, 4),
        ],
        i64.set(other, place),
      ),
    ]),
    [set.storeLowest(at(place), value), i64.store32(at(place, 0, gap), column)],
    set.splat(bar, at(best, 4 * (k - 1))),
  ];
  /** Goes through the row's entries. A match ends beyond the last. */
  const unlessExcluded = (body: Code): Code => [
    [i64.set(free, offsets), i64.load32(place, at(free, 0, row, 4)), i64.load32(other, at(free, 4, row, 4))],
    loop(place, other, 1, [
      [i64.set(free, excluded), i64.load32(free, at(free, 0, place, 4))],
      when(i64.compare(free, column), "equal", i64.set(place, other)),
    ]),
    when(i64.compare(place, other), "notAbove", body),
  ];
  const body = exclude ? unlessExcluded(insert) : insert;
  return (which) => [
    set.splat(value, at(line, 0, column, 4)),
    // A comparison with NaN says "below".
    which === "any"
      ? when(set.compareLowest(value, value), "notBelow", body)
      : when(set.compareLowest(value, bar), "above", body),
  ];
}
