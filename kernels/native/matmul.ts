/**
 * The matrix product in machine code, with the loops of the WebAssembly device: the second operand is packed, all of it
 * if the rows are many, else a panel at a time; the first is read in place. A step of a sum is added after the one
 * before it, so results have the same bits on both devices.
 *
 * @module
 */
import type { Form } from "../device.ts";
import type { Product, Shares } from "../wasm/matmul.ts";
import { grainOf } from "../wasm/storage.ts";
import { at, type Code, type General, i64, type Place } from "./assembler.ts";
import { GAP, packRows, packTransposed, type Panel } from "./panel.ts";
import type { Routine } from "./routine.ts";
import type { NativeEngine } from "./storage.ts";
import { atMost, counting, rectangle, setTo, take } from "./strips.ts";
import { HEIGHTS, stepBytes, tileColumns } from "./tile.ts";
import type { Vectors } from "./vectors.ts";

/** Steps of the sum between two visits of the result: a strip of the packed operand stays in the first-level cache. */
const KC = 256;
/** Strips of rows that take the whole sum before the next rows start: their memory is read in long lines. */
const STRIPS_ABREAST = 4;
/** The most columns of a panel that is packed as it is needed, and the fewest that a thread takes. */
const PANEL_COLUMNS = { most: 1024, least: 64 } as const;
/** The most steps of the sum in such a panel. */
const PANEL_STEPS = 128;

/** Returns the shares of machine code. */
export function sharesOf(engine: NativeEngine, set: Vectors): Shares {
  return {
    columns: (product) => shareColumns(engine, set, product),
    rows: (product) => shareRows(engine, set, product),
  };
}

/** Divides the columns of the result among threads. Each thread packs its panels itself. */
function shareColumns({ parallelFor, threads }: NativeEngine, set: Vectors, { form, size, a, b, out }: Product): void {
  const { rows, inner, columns } = size;
  const wide = tileColumns(set);
  const share = Math.ceil(columns / threads / wide) * wide;
  const grain = Math.min(PANEL_COLUMNS.most, Math.max(PANEL_COLUMNS.least, share));
  const args = [a.address, b.address, out.address, rows, inner, columns, PANEL_STEPS];
  parallelFor(`matmul columns ${form}`, () => columnRoutine(set, form), { count: columns, grain }, args);
}

/** Packs all of the second operand, then divides the rows of the result among threads. */
function shareRows({ allocate, parallelFor }: NativeEngine, set: Vectors, { form, size, a, b, out }: Product): void {
  const { rows, inner, columns } = size;
  const wide = tileColumns(set);
  // Packing takes four steps at a time, so the last four may reach beyond the sum.
  const distance = Math.ceil(inner / 4) * 4 * stepBytes(set) + GAP;
  const packed = allocate(Math.ceil(columns / wide) * distance / 4);
  const [rowB, columnB] = form === "nt" ? [4 * inner, 4 * inner] : [4 * columns, 4];
  const packing = { count: columns, grain: grainOf(8 * inner, wide) };
  parallelFor(`matmul pack ${form}`, () => packRoutine(set, form), packing, [
    b.address,
    packed.address,
    inner,
    rowB,
    columnB,
    distance,
  ]);
  const work = { count: rows, grain: grainOf(inner * columns / 4, STRIPS_ABREAST * HEIGHTS[set.name][0]) };
  parallelFor("matmul rows", () => rowRoutine(set), work, [
    a.address,
    packed.address,
    out.address,
    inner,
    columns,
    distance,
  ]);
  packed.device.free(packed);
}

/** Packs the columns `from` to `to` of the second operand. `from` is a multiple of the columns of a tile. */
function packRoutine(set: Vectors, form: Form): Routine {
  return {
    parameters: ["address", "address", "whole", "whole", "whole", "whole"],
    body: (frame) => {
      const [b, packed, inner, stride, columnB, distance] = frame.parameters;
      const registers = take(frame);
      const [free] = registers;
      const [source, target, columns] = [frame.slot(), frame.slot(), frame.slot()];
      return [
        setTo(source, free, [i64.set(free, frame.from), i64.mul(free, columnB), i64.add(free, b)]),
        setTo(target, free, [
          i64.set(free, frame.from),
          i64.shiftRight(free, Math.log2(tileColumns(set))),
          i64.mul(free, distance),
          i64.add(free, packed),
        ]),
        setTo(columns, free, [i64.set(free, frame.to), i64.sub(free, frame.from)]),
        pack(set, form, { source, stride, depth: inner, columns, target, distance }, registers),
      ];
    },
  };
}

function pack(set: Vectors, form: Form, panel: Panel, registers: readonly General[]): Code {
  return (form === "nt" ? packTransposed : packRows)(set, panel, registers);
}

/** Rows against the packed operand: a few strips of rows at a time, and for these KC steps of the sum at a time. */
function rowRoutine(set: Vectors): Routine {
  return {
    parameters: ["address", "address", "address", "whole", "whole", "whole"],
    body: (frame) => {
      const [a, packed, c, inner, columns, distance] = frame.parameters;
      const registers = take(frame);
      const [free, other] = registers;
      const [top, bottom, k, depth, panel, first, stride, rowC] = Array.from({ length: 8 }, () => frame.slot());
      const high = STRIPS_ABREAST * HEIGHTS[set.name][0];
      return [
        setTo(first, free, i64.set(free, 0)),
        setTo(stride, free, [i64.set(free, inner), i64.shl(free, 2)]),
        setTo(rowC, free, [i64.set(free, columns), i64.shl(free, 2)]),
        counting(top, free, frame.from, frame.to, high, [
          atMost(bottom, free, high, top, frame.to, other),
          setTo(bottom, free, i64.add(free, top)),
          counting(k, free, 0, inner, KC, [
            atMost(depth, free, KC, k, inner, other),
            setTo(panel, free, [i64.mulBy(free, k, stepBytes(set)), i64.add(free, packed)]),
            rectangle(set, frame, registers, { a, c, stride, inRows: true, rowC }, {
              top,
              bottom,
              first,
              last: columns,
              panel,
              distance,
              k,
              depth,
            }),
          ]),
        ]),
      ];
    },
  };
}

/** Few rows against many columns, which are packed as they are needed. */
function columnRoutine(set: Vectors, form: Form): Routine {
  return {
    parameters: ["address", "address", "address", "whole", "whole", "whole", "whole"],
    body: (frame) => {
      const [a, b, c, rows, inner, columns, most] = frame.parameters;
      const registers = take(frame);
      const [free, other] = registers;
      const [place, distance, width, k, depth, top, strideA, stride, rowC] = Array.from(
        { length: 9 },
        () => frame.slot(),
      );
      const inRows = form !== "tn";
      const transposed = form === "nt";
      const four = (place: Place, length: Place) => setTo(place, free, [i64.set(free, length), i64.shl(free, 2)]);
      const panel = { target: frame.scratch, distance, depth };
      return [
        setTo(top, free, i64.set(free, 0)),
        setTo(width, free, [i64.set(free, frame.to), i64.sub(free, frame.from)]),
        setTo(distance, free, [i64.mulBy(free, most, stepBytes(set)), i64.add(free, GAP)]),
        four(strideA, inRows ? inner : rows),
        four(stride, transposed ? inner : columns),
        four(rowC, columns),
        counting(k, free, 0, inner, most, [
          atMost(depth, free, most, k, inner, other),
          setTo(place, free, [
            i64.set(free, transposed ? frame.from : k),
            i64.mul(free, stride),
            i64.set(other, transposed ? k : frame.from),
            i64.address(free, at(free, 0, other, 4)),
            i64.add(free, b),
          ]),
          transposed ? packTransposed(set, { ...panel, source: place, stride, columns: width }, registers) : [],
          rectangle(
            set,
            frame,
            registers,
            { a, c, stride: strideA, inRows, rowC },
            { top, bottom: rows, first: frame.from, last: frame.to, panel: frame.scratch, distance, k, depth },
            transposed ? undefined : { place, stride },
          ),
        ]),
      ];
    },
  };
}
