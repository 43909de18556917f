/**
 * Kernels that move numbers and compute none: slice, concat, transpose.
 *
 * @module
 */
import type { Kernels } from "../device.ts";
import { address, addresses, f32, i32, loop, type Routine, rowAt, v128, word } from "./assembler.ts";
import { transpose as turn } from "./panel.ts";
import { type Engine, grainOf, type WasmStorage } from "./storage.ts";

/** A rectangle inside a row-major matrix: the address of its first number, and the distance between its rows. */
interface Corner {
  readonly address: number;
  readonly stride: number;
}

/** Returns the function that copies a rectangle of `rows` × `width` numbers from one matrix into another. */
function copier({ parallelFor }: Engine): (rows: number, width: number, from: Corner, to: Corner) => void {
  return (rows, width, from, to) => {
    const work = { count: rows, grain: grainOf(8 * width) };
    parallelFor("copy", copyRows, work, [width * 4, from.address, from.stride * 4, to.address, to.stride * 4]);
  };
}

function copyRows(): Routine {
  return {
    parameters: ["i32", "i32", ...addresses(6)],
    body: ([row, end, , bytes, from, fromStride, to, toStride], newLocal) => {
      const [at, source, target] = [newLocal("address"), newLocal("address"), newLocal("address")];
      const whole = address.and(bytes.get, address.const(-16));
      const [read, write] = [address.add(source.get, at.get), address.add(target.get, at.get)];
      return loop(row, row.get, end.get, i32.const(1), [
        source.set(rowAt(from.get, row.get, fromStride.get)),
        target.set(rowAt(to.get, row.get, toStride.get)),
        loop(at, address.const(0), whole, address.const(16), v128.store(write, v128.load(read))),
        loop(at, whole, bytes.get, address.const(4), f32.store(write, f32.load(read))),
      ]);
    },
  };
}

/** See {@link Kernels.slice}. */
export function slice(engine: Engine): Kernels<WasmStorage>["slice"] {
  const copy = copier(engine);
  return (x, { columns: stride }, { rows, columns, fromRow, fromColumn }) => {
    const out = engine.allocate(rows * columns);
    const address = x.address + (fromRow * stride + fromColumn) * 4;
    copy(rows, columns, { address, stride }, { address: out.address, stride: columns });
    return out;
  };
}

/** See {@link Kernels.concat}. */
export function concat(engine: Engine): Kernels<WasmStorage>["concat"] {
  const copy = copier(engine);
  return (grid, heights, widths) => {
    const stride = widths.reduce((sum, width) => sum + width, 0);
    const out = engine.allocate(heights.reduce((sum, height) => sum + height, 0) * stride);
    let line = out.address;
    grid.forEach((xs, r) => {
      let address = line;
      xs.forEach((x, c) => {
        copy(heights[r], widths[c], { address: x.address, stride: widths[c] }, { address, stride });
        address += widths[c] * 4;
      });
      line += heights[r] * stride * 4;
    });
    return out;
  };
}

/** See {@link Kernels.transpose}. */
export function transpose({ allocate, parallelFor }: Engine): Kernels<WasmStorage>["transpose"] {
  return (x, { rows, columns }) => {
    const out = allocate(rows * columns);
    const work = { count: columns, grain: grainOf(8 * rows, SQUARE) };
    parallelFor("transpose", transposeColumns, work, [rows, columns * 4, rows * 4, x.address, out.address]);
    return out;
  };
}

/** The side of the squares that are transposed in registers. */
const SQUARE = 4;

function transposeColumns(): Routine {
  return {
    parameters: ["i32", "i32", "address", "i32", ...addresses(4)],
    body: ([from, to, , rows, stride, height, x, out], newLocal) => {
      const [row, column, wholeRows, wholeColumns] = Array.from({ length: 4 }, () => newLocal("i32"));
      const [source, target] = [newLocal("address"), newLocal("address")];
      const square = Array.from({ length: SQUARE }, () => newLocal("v128"));
      const lines = Array.from({ length: SQUARE }, () => newLocal("address"));
      const at = (base: typeof x, r: typeof x, step: typeof x, c: typeof x) =>
        word(rowAt(base.get, r.get, step.get), c.get);
      const down = (first: typeof x, step: typeof x) =>
        lines.map((line, n) => line.set(n === 0 ? first.get : address.add(lines[n - 1].get, step.get)));
      const turned = turn(square.map(({ get }) => get), newLocal);
      const one = f32.store(at(out, column, height, row), f32.load(at(x, row, stride, column)));
      const step = i32.const(SQUARE);
      return [
        wholeRows.set(i32.and(rows.get, i32.const(-SQUARE))),
        wholeColumns.set(i32.add(from.get, i32.and(i32.sub(to.get, from.get), i32.const(-SQUARE)))),
        loop(column, from.get, wholeColumns.get, step, [
          loop(row, i32.const(0), wholeRows.get, step, [
            source.set(at(x, row, stride, column)),
            target.set(at(out, column, height, row)),
            down(source, stride),
            square.map((vector, n) => vector.set(v128.load(lines[n].get))),
            turned.statements,
            down(target, height),
            turned.rows.map((value, n) => v128.store(lines[n].get, value)),
          ]),
        ]),
        // The remainder: the last rows of all columns, and the last columns.
        loop(column, from.get, wholeColumns.get, i32.const(1), loop(row, wholeRows.get, rows.get, i32.const(1), one)),
        loop(column, wholeColumns.get, to.get, i32.const(1), loop(row, i32.const(0), rows.get, i32.const(1), one)),
      ];
    },
  };
}
