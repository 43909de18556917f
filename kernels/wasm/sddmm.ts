/**
 * The dense product sampled at the entries of a sparse pattern: a dot product of two rows per entry, on SIMD.
 *
 * @module
 */
import type { Kernels } from "../device.ts";
import { address, addresses, type Code, f32, f32x4, i32, loop, type Routine, rowAt, v128, word } from "./assembler.ts";
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
    parameters: ["i32", "i32", ...addresses(6)],
    body: ([from, to, , offsets, indices, x, y, out], newLocal) => {
      const [row, entry] = [newLocal("i32"), newLocal("i32")];
      const [left, right, at] = Array.from({ length: 3 }, () => newLocal("address"));
      const sum = newLocal("v128");
      const total = newLocal("f32");
      const line = (base: Code, index: Code) => rowAt(base, index, address.const(depth * 4));
      const whole = depth - depth % 4;
      const rest = Array.from({ length: depth % 4 }, (_, n) => (whole + n) * 4);
      return loop(row, from.get, to.get, i32.const(1), [
        left.set(line(x.get, row.get)),
        loop(entry, i32.load(word(offsets.get, row.get)), i32.load(word(offsets.get, row.get), 4), i32.const(1), [
          right.set(line(y.get, i32.load(word(indices.get, entry.get)))),
          sum.set(f32x4.const(0)),
          loop(
            at,
            address.const(0),
            address.const(whole * 4),
            address.const(16),
            sum.set(
              f32x4.madd(v128.load(address.add(left.get, at.get)), v128.load(address.add(right.get, at.get)), sum.get),
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
