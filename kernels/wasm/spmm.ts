/**
 * The product of a sparse matrix and a dense one: the columns of a row are summed in registers, a block of them at a time.
 *
 * @module
 */
import type { Kernels } from "../device.ts";
import { type Code, f32x4, i32, type Local, loop, type Routine, v128 } from "./assembler.ts";
import { storeLanes } from "./map.ts";
import type { Machine, WasmStorage } from "./storage.ts";

/** Vectors summed at once: as many accumulators as leave registers for the loads. */
const BLOCK = 8;

/** See {@link Kernels.spmm}. */
export function spmm({ allocate, routine }: Machine): Kernels<WasmStorage>["spmm"] {
  return ({ rows, offsets, indices }, values, x, columns) => {
    const out = allocate(rows * columns);
    const run = routine(`spmm ${columns} ${values !== null}`, () => write(columns, values !== null));
    run(0, rows, offsets.address, indices.address, values?.address ?? 0, x.address, out.address);
    return out;
  };
}

function write(columns: number, weighted: boolean): Routine {
  const whole = Math.floor(columns / 4 / BLOCK);
  const rest = columns - whole * BLOCK * 4;
  return {
    parameters: Array.from({ length: 7 }, () => "i32" as const),
    body: ([from, to, offsets, indices, values, x, out], fresh) => {
      const [row, entry, block, target, source] = Array.from({ length: 5 }, () => fresh("i32"));
      const weight = fresh("v128");
      const sums = Array.from({ length: Math.min(BLOCK, Math.ceil(columns / 4)) }, () => fresh("v128"));
      const word = (base: Code, index: Code) => i32.add(base, i32.shl(index, i32.const(2)));
      const line = (base: Code, index: Code) =>
        i32.add(i32.add(base, i32.mul(index, i32.const(columns * 4))), block.get);
      const term = (sum: Local, n: number): Code => {
        const loaded = v128.load(source.get, n * 16);
        return sum.set(weighted ? f32x4.madd(weight.get, loaded, sum.get) : f32x4.add(loaded, sum.get));
      };
      const sumBlock = (width: number): Code => {
        const each = sums.slice(0, Math.ceil(width / 4));
        return [
          each.map((sum) => sum.set(f32x4.const(0))),
          loop(entry, i32.load(word(offsets.get, row.get)), i32.load(word(offsets.get, row.get), 4), i32.const(1), [
            source.set(line(x.get, i32.load(word(indices.get, entry.get)))),
            weighted ? weight.set(v128.loadSplat(word(values.get, entry.get))) : [],
            each.map(term),
          ]),
          target.set(line(out.get, row.get)),
          each.map((sum, n) => {
            const store = width - n * 4 < 4 ? storeLanes(width % 4, fresh) : v128.store;
            return store(target.get, sum.get, n * 16);
          }),
        ];
      };
      return loop(row, from.get, to.get, i32.const(1), [
        loop(block, i32.const(0), i32.const(whole * BLOCK * 16), i32.const(BLOCK * 16), sumBlock(BLOCK * 4)),
        rest ? [block.set(i32.const(whole * BLOCK * 16)), sumBlock(rest)] : [],
      ]);
    },
  };
}
