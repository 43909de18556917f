/**
 * Kernels that move numbers and compute none: slice, concat, transpose.
 *
 * @module
 */
import type { Kernels } from "../device.ts";
import { f32, i32, loop, type Routine, v128 } from "./assembler.ts";
import type { Machine, WasmStorage } from "./storage.ts";

/** A rectangle inside a row-major matrix: the address of its first number, and how far apart its rows begin. */
interface Corner {
  readonly address: number;
  readonly stride: number;
}

/** Returns the function that copies a rectangle of `rows` × `width` numbers from one matrix into another. */
function copier({ routine }: Machine): (rows: number, width: number, from: Corner, to: Corner) => void {
  return (rows, width, from, to) => {
    // A rectangle as wide as both matrices is one long row.
    const whole = from.stride === width && to.stride === width;
    const [lines, bytes] = whole ? [1, rows * width * 4] : [rows, width * 4];
    const run = routine("copy", copyRows);
    run(lines, bytes - bytes % 16, bytes, from.address, from.stride * 4, to.address, to.stride * 4);
  };
}

function copyRows(): Routine {
  return {
    parameters: Array.from({ length: 7 }, () => "i32" as const),
    body: ([rows, whole, bytes, from, fromStride, to, toStride], fresh) => {
      const [row, at] = [fresh("i32"), fresh("i32")];
      const [source, target] = [i32.add(from.get, at.get), i32.add(to.get, at.get)];
      return loop(row, i32.const(0), rows.get, i32.const(1), [
        loop(at, i32.const(0), whole.get, i32.const(16), v128.store(target, v128.load(source))),
        loop(at, whole.get, bytes.get, i32.const(4), f32.store(target, f32.load(source))),
        from.set(i32.add(from.get, fromStride.get)),
        to.set(i32.add(to.get, toStride.get)),
      ]);
    },
  };
}

/** See {@link Kernels.slice}. */
export function slice(machine: Machine): Kernels<WasmStorage>["slice"] {
  const copy = copier(machine);
  return (x, { columns: stride }, { rows, columns, fromRow, fromColumn }) => {
    const out = machine.allocate(rows * columns);
    const address = x.address + (fromRow * stride + fromColumn) * 4;
    copy(rows, columns, { address, stride }, { address: out.address, stride: columns });
    return out;
  };
}

/** See {@link Kernels.concat}. */
export function concat(machine: Machine): Kernels<WasmStorage>["concat"] {
  const copy = copier(machine);
  return (xs, sizes, along) => {
    const out = machine.allocate(xs.reduce((sum, { length }) => sum + length, 0));
    const stride = along === "rows" ? sizes[0].columns : sizes.reduce((sum, { columns }) => sum + columns, 0);
    let address = out.address;
    xs.forEach((x, n) => {
      const { rows, columns } = sizes[n];
      copy(rows, columns, { address: x.address, stride: columns }, { address, stride });
      address += 4 * (along === "rows" ? rows * columns : columns);
    });
    return out;
  };
}

/** Side of the squares in which a matrix is transposed, so that both sides stay in cache. */
const SQUARE = 16;

/** See {@link Kernels.transpose}. */
export function transpose({ allocate }: Machine): Kernels<WasmStorage>["transpose"] {
  return ({ floats: x }, { rows, columns }) => {
    const out = allocate(rows * columns);
    const y = out.floats;
    for (let r0 = 0; r0 < rows; r0 += SQUARE) {
      const r1 = Math.min(rows, r0 + SQUARE);
      for (let c0 = 0; c0 < columns; c0 += SQUARE) {
        const c1 = Math.min(columns, c0 + SQUARE);
        for (let r = r0; r < r1; r++) {
          for (let c = c0; c < c1; c++) y[c * rows + r] = x[r * columns + c];
        }
      }
    }
    return out;
  };
}
