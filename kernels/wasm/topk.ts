/**
 * The best columns of each row, on SIMD: sixteen numbers at once are compared with the k-th best so far, and are looked
 * at one by one only if one of them is greater.
 *
 * @module
 */
import type { Kernels } from "../device.ts";
import {
  address,
  addresses,
  type Code,
  during,
  f32,
  f32x4,
  i32,
  type Local,
  loop,
  type Routine,
  rowAt,
  v128,
  when,
  word,
} from "./assembler.ts";
import { type Engine, grainOf, type WasmStorage } from "./storage.ts";

/** Numbers that are compared at once. */
const ABREAST = 16;

/** The facts that the code depends on. */
export interface TopkForm {
  readonly columns: number;
  readonly k: number;
  /** Whether columns of a pattern are left out. */
  readonly exclude: boolean;
}

/** See {@link Kernels.topk}. */
export function topk<R>(
  { allocate, parallelFor }: Engine<R>,
  write: (form: TopkForm) => R,
): Kernels<WasmStorage>["topk"] {
  return (x, { rows, columns }, k, exclude) => {
    const [values, indices] = [allocate(rows * k), allocate(rows * k)];
    values.floats.fill(-Infinity);
    indices.integers.fill(-1);
    const excluded = exclude ? [exclude.offsets, exclude.indices] : [];
    const args = [x, values, indices, ...excluded].map(({ address }) => address);
    const form = { columns, k, exclude: exclude !== null };
    const work = { count: rows, grain: grainOf(4 * columns) };
    if (k > 0) parallelFor(`topk ${columns} ${k} ${form.exclude}`, () => write(form), work, args);
    const top = { k, indices: Int32Array.from(indices.integers), values: Float32Array.from(values.floats) };
    for (const block of [values, indices]) block.device.free(block);
    return Promise.resolve(top);
  };
}

/** Returns the routine of {@link topk}. */
export function topkRoutine({ columns, k, exclude }: TopkForm): Routine {
  const whole = columns - columns % ABREAST;
  return {
    parameters: ["i32", "i32", ...addresses(exclude ? 6 : 4)],
    body: ([row, to, , x, values, indices, offsets, excluded], newLocal) => {
      const [count, first, column, entry, out] = Array.from({ length: 5 }, () => newLocal("i32"));
      const [line, best, gap, at] = Array.from({ length: 4 }, () => newLocal("address"));
      const [value, least] = [newLocal("f32"), newLocal("f32")];
      const bar = newLocal("v128");
      const lacking = i32.lessThan(count.get, i32.const(k));
      const before = (bytes: number) => address.sub(at.get, address.const(bytes));
      /** Returns the address of the index that belongs to the value at an address. */
      const mate = (value: Code) => address.add(value, gap.get);

      const isExcluded = (offsets: Local, excluded: Local): Code => {
        const boundary = (n: number) => i32.load(word(offsets.get, row.get), n * 4);
        const found = i32.equal(i32.load(word(excluded.get, entry.get)), column.get);
        return [
          out.set(i32.const(0)),
          loop(entry, boundary(0), boundary(1), i32.const(1), when(found, out.set(i32.const(1)))),
        ];
      };
      /** Inserts the column before all lesser ones. The last of a full list is dropped. */
      const insert: Code = [
        when(lacking, count.set(i32.add(count.get, i32.const(1)))),
        at.set(word(best.get, i32.sub(count.get, i32.const(1)))),
        during(i32.and(address.lessThan(best.get, at.get), f32.less(f32.load(before(4)), value.get)), [
          f32.store(at.get, f32.load(before(4))),
          i32.store(mate(at.get), i32.load(mate(before(4)))),
          at.set(before(4)),
        ]),
        f32.store(at.get, value.get),
        i32.store(mate(at.get), column.get),
        least.set(f32.load(best.get, (k - 1) * 4)),
        bar.set(f32x4.splat(least.get)),
      ];
      const consider: Code = [
        value.set(f32.load(word(line.get, column.get))),
        when(i32.or(f32.greater(value.get, least.get), i32.and(lacking, f32.equal(value.get, value.get))), [
          exclude ? [isExcluded(offsets, excluded), when(out.get, [], insert)] : insert,
        ]),
      ];
      const all = (from: Code, to: Code) => loop(column, from, to, i32.const(1), consider);
      const greater = [0, 16, 32, 48]
        .map((bytes) => f32x4.greater(v128.load(word(line.get, first.get), bytes), bar.get))
        .reduce(v128.or);
      return loop(row, row.get, to.get, i32.const(1), [
        line.set(rowAt(x.get, row.get, address.const(columns * 4))),
        best.set(rowAt(values.get, row.get, address.const(k * 4))),
        gap.set(address.sub(indices.get, values.get)),
        count.set(i32.const(0)),
        least.set(f32.const(-Infinity)),
        bar.set(f32x4.const(-Infinity)),
        loop(
          first,
          i32.const(0),
          i32.const(whole),
          i32.const(ABREAST),
          when(i32.or(v128.any(greater), lacking), all(first.get, i32.add(first.get, i32.const(ABREAST)))),
        ),
        all(i32.const(whole), i32.const(columns)),
      ]);
    },
  };
}
