/**
 * The dense product sampled at the entries of a sparse pattern: a dot product of two rows per entry, on SIMD. It has 16
 * partial sums, so that vectors of 4, 8 and 16 numbers add in the same order.
 *
 * @module
 */
import type { Kernels } from "../device.ts";
import {
  address,
  addresses,
  type Code,
  f32,
  f32x4,
  i32,
  i32x4,
  type Local,
  loop,
  type Routine,
  rowAt,
  v128,
  word,
} from "./assembler.ts";
import { type Engine, grainOf, type WasmStorage } from "./storage.ts";

/** See {@link Kernels.sddmm}. */
export function sddmm<R>(
  { allocate, parallelFor }: Engine<R>,
  write: (depth: number) => R,
): Kernels<WasmStorage>["sddmm"] {
  return ({ rows, entries, offsets, indices }, x, y, depth) => {
    const out = allocate(entries);
    const work = { count: rows, grain: grainOf(4 * depth * (1 + entries / Math.max(1, rows))) };
    const args = [offsets, indices, x, y, out].map(({ address }) => address);
    parallelFor(`sddmm ${depth}`, () => write(depth), work, args);
    return out;
  };
}

/** The numbers of a vector, and the vectors of partial sums: a term does not wait for the previous one. */
const [LANES, PARTS] = [4, 4];

/** Returns the routine of {@link sddmm}. */
export function sddmmRoutine(depth: number): Routine {
  const rest = depth % (LANES * PARTS);
  return {
    parameters: ["i32", "i32", ...addresses(6)],
    body: ([from, to, , offsets, indices, x, y, out], newLocal) => {
      const [row, entry] = [newLocal("i32"), newLocal("i32")];
      const [left, right, at] = Array.from({ length: 3 }, () => newLocal("address"));
      const sums = Array.from({ length: PARTS }, () => newLocal("v128"));
      const [a, b, c, d] = sums.map(({ get }) => get);
      const line = (base: Code, index: Code) => rowAt(base, index, address.const(depth * 4));
      const term = (n: number, load: (base: Local) => Code): Code =>
        sums[n].set(f32x4.madd(load(left), load(right), sums[n].get));
      const vector = (n: number) => (base: Local) => v128.load(address.add(base.get, at.get), n * 16);
      /** The first lanes of a vector; the others are 0. */
      const first = (lanes: number, n: number) => (base: Local) =>
        v128.and(vector(n)(base), i32x4.of(-1, lanes > 1 ? -1 : 0, lanes > 2 ? -1 : 0, 0));
      const remainder = sums.map((_, n) => {
        const lanes = rest - n * LANES;
        return lanes <= 0 ? [] : term(n, lanes < LANES ? first(lanes, n) : vector(n));
      });
      const total = newLocal("v128", f32x4.const(0));
      const pair = (n: number) => f32.add(f32x4.lane(total.get, n), f32x4.lane(total.get, n + 2));
      return loop(row, from.get, to.get, i32.const(1), [
        left.set(line(x.get, row.get)),
        loop(entry, i32.load(word(offsets.get, row.get)), i32.load(word(offsets.get, row.get), 4), i32.const(1), [
          right.set(line(y.get, i32.load(word(indices.get, entry.get)))),
          sums.map((sum) => sum.set(f32x4.const(0))),
          loop(
            at,
            address.const(0),
            address.const((depth - rest) * 4),
            address.const(LANES * PARTS * 4),
            sums.map((_, n) => term(n, vector(n))),
          ),
          remainder,
          total.set(f32x4.add(f32x4.add(a, c), f32x4.add(b, d))),
          f32.store(word(out.get, entry.get), f32.add(pair(0), pair(1))),
        ]),
      ]);
    },
  };
}
