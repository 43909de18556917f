/**
 * The matrix product: tiles of 6 rows × 8 columns held in registers (12 accumulators, 2 loads and a splat: what 16 vector
 * registers hold), inside panels that stay in cache. Strides are immediates of the generated code, so A·B and Aᵀ·B need no
 * packing; for A·Bᵀ the second operand, the smaller one in every use here, is transposed first.
 *
 * @module
 */
import type { Kernels, ProductSize } from "../device.ts";
import { type Code, f32x4, type Fresh, i32, type Local, loop, type Routine, v128 } from "./assembler.ts";
import { transpose } from "./layout.ts";
import { storeLanes } from "./map.ts";
import type { Machine, WasmStorage } from "./storage.ts";

const TILE_ROWS = 6;
const TILE_COLUMNS = 8;
/** A panel of the second operand: 256 KiB, a share of the second-level cache. */
const PANEL = 256;
const UNROLL = 4;

/** See {@link Kernels.matmul}. */
export function matmul(machine: Machine): Kernels<WasmStorage>["matmul"] {
  const { allocate, routine } = machine;
  const flip = transpose(machine);
  return (a, b, size, form) => {
    if (form === "nt") {
      const flipped = flip(b, { rows: size.columns, columns: size.inner });
      const out = product(a, flipped, size, "nn");
      flipped.device.free(flipped);
      return out;
    }
    return product(a, b, size, form);
  };

  function product(a: WasmStorage, b: WasmStorage, size: ProductSize, form: "nn" | "tn"): WasmStorage {
    const { rows, inner, columns } = size;
    const out = allocate(rows * columns);
    out.floats.fill(0);
    const [rowA, stepA] = form === "nn" ? [inner * 4, 4] : [4, rows * 4];
    const run = routine(`matmul ${rowA} ${stepA} ${columns}`, () => write(rowA, stepA, columns));
    const whole = rows - rows % TILE_ROWS;
    for (let j = 0; j < columns; j += PANEL) {
      const last = j + PANEL >= columns;
      const width = last ? columns - j : PANEL;
      for (let k = 0; k < inner; k += PANEL) {
        const depth = Math.min(PANEL, inner - k);
        run(
          a.address + k * stepA,
          b.address + (k * columns + j) * 4,
          out.address + j * 4,
          0,
          whole,
          rows,
          depth - depth % UNROLL,
          depth,
          width - width % TILE_COLUMNS,
          last && width % TILE_COLUMNS ? 1 : 0,
        );
      }
    }
    return out;
  }
}

/** The routine for these distances, in bytes, from a row of A to the next and from a step of the sum to the next. */
function write(rowA: number, stepA: number, columns: number): Routine {
  const rowB = columns * 4;
  const rest = columns % TILE_COLUMNS;

  return {
    parameters: Array.from({ length: 10 }, () => "i32" as const),
    body: ([a, b, c, from, middle, to, unrolled, depth, width, hasRest], fresh) => {
      const [i, j, once, rowStart] = [fresh("i32"), fresh("i32"), fresh("i32"), fresh("i32")];
      const tiles = (height: number, column: Code, vectors: number, lanes: number) =>
        tile({ height, vectors, lanes, rowA, stepA, rowB }, fresh, {
          a: i32.add(a.get, i32.mul(i.get, i32.const(rowA))),
          b: i32.add(b.get, i32.shl(column, i32.const(2))),
          c: i32.add(rowStart.get, i32.shl(column, i32.const(2))),
          unrolled,
          depth,
        });
      const strip = (height: number): Code => [
        rowStart.set(i32.add(c.get, i32.mul(i.get, i32.const(rowB)))),
        loop(j, i32.const(0), width.get, i32.const(TILE_COLUMNS), tiles(height, j.get, 2, 4)),
        rest
          ? loop(
            once,
            i32.const(0),
            hasRest.get,
            i32.const(1),
            tiles(height, width.get, Math.ceil(rest / 4), rest % 4 || 4),
          )
          : [],
      ];
      return [
        loop(i, from.get, middle.get, i32.const(TILE_ROWS), strip(TILE_ROWS)),
        loop(i, middle.get, to.get, i32.const(1), strip(1)),
      ];
    },
  };
}

interface Tile {
  readonly height: number;
  readonly vectors: number;
  /** How many lanes of the last vector belong to the matrix. */
  readonly lanes: number;
  readonly rowA: number;
  readonly stepA: number;
  readonly rowB: number;
}

interface Corner {
  readonly a: Code;
  readonly b: Code;
  readonly c: Code;
  readonly unrolled: Local;
  readonly depth: Local;
}

/** Adds the product of a strip of A and a strip of B to one tile of C, which stays in registers meanwhile. */
function tile({ height, vectors, lanes, rowA, stepA, rowB }: Tile, fresh: Fresh, corner: Corner): Code {
  const [pa, pb, pc, start] = [fresh("i32"), fresh("i32"), fresh("i32"), fresh("i32")];
  const columns = Array.from({ length: vectors }, (_, v) => v);
  const cells = Array.from({ length: height }, (_, r) => columns.map((v) => ({ r, v, sum: fresh("v128") }))).flat();
  const row = columns.map(() => fresh("v128"));
  const splat = fresh("v128");
  const end = (steps: Local) => i32.add(start.get, i32.mul(steps.get, i32.const(rowB)));
  const step = (u: number): Code => [
    columns.map((v) => row[v].set(v128.load(pb.get, u * rowB + v * 16))),
    cells.map(({ r, v, sum }) => [
      v === 0 ? splat.set(v128.loadSplat(pa.get, r * rowA + u * stepA)) : [],
      sum.set(f32x4.madd(splat.get, row[v].get, sum.get)),
    ]),
  ];
  const steps = (from: Code, to: Code, count: number): Code =>
    loop(pb, from, to, i32.const(count * rowB), [
      Array.from({ length: count }, (_, u) => step(u)),
      pa.set(i32.add(pa.get, i32.const(count * stepA))),
    ]);
  const store = (v: number) => v === vectors - 1 && lanes < 4 ? storeLanes(lanes, fresh) : v128.store;
  return [
    pc.set(corner.c),
    pa.set(corner.a),
    start.set(corner.b),
    cells.map(({ r, v, sum }) => sum.set(v128.load(pc.get, r * rowB + v * 16))),
    steps(start.get, end(corner.unrolled), UNROLL),
    steps(end(corner.unrolled), end(corner.depth), 1),
    cells.map(({ r, v, sum }) => store(v)(pc.get, sum.get, r * rowB + v * 16)),
  ];
}
