/**
 * The product of a sparse matrix and a dense matrix: the columns of a row are summed in registers, one block at a time.
 *
 * @module
 */
import type { Kernels } from "../device.ts";
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
import { type Engine, grainOf, type WasmStorage } from "./storage.ts";

/** Vectors summed at once: with 12 accumulators, registers are left for the loads. */
const BLOCK = 12;

/** See {@link Kernels.spmm}. */
export function spmm<R>(
  { allocate, parallelFor }: Engine<R>,
  write: (form: SpmmForm) => R,
): Kernels<WasmStorage>["spmm"] {
  return ({ rows, entries, offsets, indices }, values, x, columns, self) => {
    const out = allocate(rows * columns);
    const form = { columns, weighted: values !== null, selfish: self !== 0 };
    const work = { count: rows, grain: grainOf(4 * columns * (1 + entries / Math.max(1, rows))) };
    parallelFor(`spmm ${columns} ${form.weighted} ${form.selfish}`, () => write(form), work, [
      offsets.address,
      indices.address,
      values?.address ?? 0,
      x.address,
      out.address,
      self,
    ]);
    return out;
  };
}

/** The facts that the code depends on. */
export interface SpmmForm {
  readonly columns: number;
  readonly weighted: boolean;
  readonly selfish: boolean;
}

/** Returns the routine of {@link spmm}. */
export function spmmRoutine({ columns, weighted, selfish }: SpmmForm): Routine {
  const whole = Math.floor(columns / 4 / BLOCK);
  const rest = columns - whole * BLOCK * 4;
  return {
    parameters: ["i32", "i32", ...addresses(6), "f32"],
    body: ([from, to, , offsets, indices, values, x, out, self], newLocal) => {
      const [row, entry] = [newLocal("i32"), newLocal("i32")];
      const [block, target, source] = Array.from({ length: 3 }, () => newLocal("address"));
      const weight = newLocal("v128");
      const sums = Array.from({ length: Math.min(BLOCK, Math.ceil(columns / 4)) }, () => newLocal("v128"));
      const line = (base: Code, index: Code) => address.add(rowAt(base, index, address.const(columns * 4)), block.get);
      const term = (sum: Local, n: number): Code => {
        const loaded = v128.load(source.get, n * 16);
        return sum.set(weighted ? f32x4.madd(weight.get, loaded, sum.get) : f32x4.add(loaded, sum.get));
      };
      const sumBlock = (width: number): Code => {
        const used = sums.slice(0, Math.ceil(width / 4));
        return [
          selfish ? [source.set(line(x.get, row.get)), weight.set(f32x4.splat(self.get))] : [],
          used.map((sum, n) =>
            sum.set(selfish ? f32x4.mul(weight.get, v128.load(source.get, n * 16)) : f32x4.const(0))
          ),
          loop(entry, i32.load(word(offsets.get, row.get)), i32.load(word(offsets.get, row.get), 4), i32.const(1), [
            source.set(line(x.get, i32.load(word(indices.get, entry.get)))),
            weighted ? weight.set(v128.loadSplat(word(values.get, entry.get))) : [],
            used.map(term),
          ]),
          target.set(line(out.get, row.get)),
          used.map((sum, n) => {
            const store = width - n * 4 < 4 ? storeLanes(width % 4, newLocal) : v128.store;
            return store(target.get, sum.get, n * 16);
          }),
        ];
      };
      return loop(row, from.get, to.get, i32.const(1), [
        loop(
          block,
          address.const(0),
          address.const(whole * BLOCK * 16),
          address.const(BLOCK * 16),
          sumBlock(BLOCK * 4),
        ),
        rest ? [block.set(address.const(whole * BLOCK * 16)), sumBlock(rest)] : [],
      ]);
    },
  };
}
