/**
 * Softmax within the entries of each row of a sparse pattern. Entries that hold one number each are few and run as plain
 * TypeScript; entries that hold many, as in full ranking, run on SIMD, four columns at a time.
 *
 * @module
 */
import type { Kernels } from "../device.ts";
import { type Code, f32x4, i32, type Local, loop, type Routine, v128 } from "./assembler.ts";
import { storeLanes } from "./map.ts";
import { vectors } from "./math.ts";
import type { Machine, WasmStorage } from "./storage.ts";

/** See {@link Kernels.segmentSoftmax}. */
export function segmentSoftmax({ allocate, routine }: Machine): Kernels<WasmStorage>["segmentSoftmax"] {
  return ({ rows, entries, offsets }, x, columns) => {
    const out = allocate(entries * columns);
    if (columns < 4) plain(rows, offsets.integers, x.floats, columns, out.floats);
    else {
      const run = routine(`segmentSoftmax ${columns}`, () => write(columns));
      run(0, rows, offsets.address, x.address, out.address);
    }
    return out;
  };
}

function plain(rows: number, offsets: Int32Array, x: Float32Array, columns: number, out: Float32Array): void {
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const [start, end] = [offsets[r] * columns + c, offsets[r + 1] * columns];
      let largest = -Infinity;
      for (let e = start; e < end; e += columns) largest = Math.max(largest, x[e]);
      let sum = 0;
      for (let e = start; e < end; e += columns) sum += out[e] = Math.exp(x[e] - largest);
      for (let e = start; e < end; e += columns) out[e] /= sum;
    }
  }
}

function write(columns: number): Routine {
  const stride = columns * 4;
  return {
    parameters: Array.from({ length: 5 }, () => "i32" as const),
    body: ([from, to, offsets, x, out], fresh) => {
      const [row, column, start, end, at] = Array.from({ length: 5 }, () => fresh("i32"));
      const [largest, sum, value] = [fresh("v128"), fresh("v128"), fresh("v128")];
      const boundary = (n: number) =>
        i32.mul(i32.load(i32.add(offsets.get, i32.shl(row.get, i32.const(2))), n * 4), i32.const(stride));
      const each = (body: Code) => loop(at, i32.add(start.get, column.get), end.get, i32.const(stride), body);
      const inX = i32.add(x.get, at.get), inOut = i32.add(out.get, at.get);
      const exponential = (result: Local): Code => {
        const statements: Code[] = [];
        const code = vectors(fresh, statements).exp(f32x4.sub(v128.load(inX), largest.get));
        return [statements, result.set(code)];
      };
      const lanes = columns % 4;
      const vector = (store: typeof v128.store): Code => [
        largest.set(f32x4.const(-Infinity)),
        each(largest.set(f32x4.max(largest.get, v128.load(inX)))),
        sum.set(f32x4.const(0)),
        each([exponential(value), sum.set(f32x4.add(sum.get, value.get)), store(inOut, value.get)]),
        sum.set(f32x4.div(f32x4.const(1), sum.get)),
        each(store(inOut, f32x4.mul(v128.load(inOut), sum.get))),
      ];
      return loop(row, from.get, to.get, i32.const(1), [
        start.set(boundary(0)),
        end.set(boundary(1)),
        loop(column, i32.const(0), i32.const(stride - lanes * 4), i32.const(16), vector(v128.store)),
        lanes ? [column.set(i32.const(stride - lanes * 4)), vector(storeLanes(lanes, fresh))] : [],
      ]);
    },
  };
}
