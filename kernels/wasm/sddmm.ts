/**
 * The dense product sampled at the entries of a sparse pattern: a dot product of two rows per entry, on SIMD.
 *
 * @module
 */
import type { Kernels } from "../device.ts";
import { type Code, f32, f32x4, i32, loop, type Routine, v128, word } from "./assembler.ts";
import { type Engine, grainOf, type WasmStorage } from "./storage.ts";

/** See {@link Kernels.sddmm}. */
export function sddmm({ allocate, parallelFor }: Engine): Kernels<WasmStorage>["sddmm"] {
  return ({ rows, entries, offsets, indices }, x, y, depth) => {
    const out = allocate(entries);
    const work = { count: rows, grain: grainOf(4 * depth * (1 + entries / Math.max(1, rows))) };
    const args = [offsets, indices, x, y, out].map(({ address }) => address);
    parallelFor(`sddmm ${depth}`, () => write(depth), work, args);
    return out;
  };
}

function write(depth: number): Routine {
  return {
    parameters: Array.from({ length: 8 }, () => "i32" as const),
    body: ([from, to, , offsets, indices, x, y, out], newLocal) => {
      const [row, entry, left, right, at] = Array.from({ length: 5 }, () => newLocal("i32"));
      const sum = newLocal("v128");
      const total = newLocal("f32");
      const line = (base: Code, index: Code) => i32.add(base, i32.mul(index, i32.const(depth * 4)));
      const whole = depth - depth % 4;
      const rest = Array.from({ length: depth % 4 }, (_, n) => (whole + n) * 4);
      return loop(row, from.get, to.get, i32.const(1), [
        left.set(line(x.get, row.get)),
        loop(entry, i32.load(word(offsets.get, row.get)), i32.load(word(offsets.get, row.get), 4), i32.const(1), [
          right.set(line(y.get, i32.load(word(indices.get, entry.get)))),
          sum.set(f32x4.const(0)),
          loop(
            at,
            i32.const(0),
            i32.const(whole * 4),
            i32.const(16),
            sum.set(
              f32x4.madd(v128.load(i32.add(left.get, at.get)), v128.load(i32.add(right.get, at.get)), sum.get),
            ),
          ),
          total.set(
            f32.add(
              f32.add(f32x4.lane(sum.get, 0), f32x4.lane(sum.get, 1)),
              f32.add(f32x4.lane(sum.get, 2), f32x4.lane(sum.get, 3)),
            ),
          ),
          rest.map((n) => total.set(f32.add(total.get, f32.mul(f32.load(left.get, n), f32.load(right.get, n))))),
          f32.store(word(out.get, entry.get), total.get),
        ]),
      ]);
    },
  };
}
