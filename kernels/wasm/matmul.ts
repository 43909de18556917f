/**
 * The matrix product, tile by tile. The second operand is packed, so that a tile reads it in one line: at once if it is small
 * beside the first, else a panel at a time. The first is read where it lies, its strides being immediates of the code.
 *
 * @module
 */
import type { Form, Kernels, ProductSize } from "../device.ts";
import { type Code, type Fresh, i32, type Local, loop, type Routine, when } from "./assembler.ts";
import { transpose } from "./layout.ts";
import { GAP, packRows, packTransposed, STEP_BYTES, TILE_COLUMNS } from "./panel.ts";
import { type Machine, pieceOf, type WasmStorage } from "./storage.ts";
import { tile } from "./tile.ts";

/** Heights of tiles, for whole strips and for what is left of them. */
const HEIGHTS = [6, 4, 2, 1];
/** Steps of the sum between two visits of the result: a strip of both operands stays in the first-level cache. */
const DEPTH = 256;
/** Rows that go through the whole sum before others do: their memory is read on in long lines. */
const GROUP = 24;
/** Bytes of the second operand that stay in the second-level cache while rows pass by. */
const SLAB = 2 ** 20;
/** The most columns of a panel in scratch memory, and the fewest, where there are many pieces to be made. */
const WIDTH = 512;
const SLIM = 32;
const PIECES = 8;
const NOUGHT = i32.const(0);

/** See {@link Kernels.matmul}. */
export function matmul(machine: Machine): Kernels<WasmStorage>["matmul"] {
  const { allocate, each } = machine;
  const flip = transpose(machine);
  return (a, b, size, form) => {
    const { rows, inner, columns } = size;
    // Few columns of a transposed operand lie badly: AᵀB = (BᵀA)ᵀ reads its rows.
    if (form !== "tn" || rows <= columns) return product(a, b, size, form);
    const turned = product(b, a, { rows: columns, inner, columns: rows }, "tn");
    const out = flip(turned, { rows: columns, columns: rows });
    turned.device.free(turned);
    return out;
  };

  function product(a: WasmStorage, b: WasmStorage, size: ProductSize, form: Form): WasmStorage {
    const { rows, inner, columns } = size;
    const out = allocate(rows * columns);
    if (inner === 0) out.floats.fill(0);
    const plan = planOf(form, size);
    const key = `${form} ${plan.rowA} ${plan.stepA} ${plan.rowB} ${columns}`;
    if (columns > rows) {
      const share = Math.ceil(columns / PIECES / TILE_COLUMNS) * TILE_COLUMNS;
      const work = { count: columns, piece: Math.min(WIDTH, Math.max(SLIM, share)) };
      each(`matmul wide ${key}`, () => wide(plan), work, [a.address, b.address, out.address, rows, inner]);
    } else {
      const distance = inner * STEP_BYTES + GAP;
      const packed = allocate(Math.ceil(columns / TILE_COLUMNS) * distance / 4);
      const packing = { count: columns, piece: pieceOf(8 * inner, TILE_COLUMNS) };
      each(`matmul pack ${key}`, () => packAll(plan), packing, [b.address, packed.address, inner]);
      const tiles = Math.max(1, Math.floor(SLAB / distance));
      const work = { count: rows, piece: pieceOf(inner * columns / 2, GROUP) };
      each(`matmul tall ${key}`, () => tall(plan), work, [
        a.address,
        packed.address,
        out.address,
        inner,
        tiles * TILE_COLUMNS,
      ]);
      packed.device.free(packed);
    }
    return out;
  }
}

/** What the code of a product depends on. */
interface Plan {
  readonly form: Form;
  /** Bytes from a row of the first operand to the next. */
  readonly rowA: number;
  /** Bytes from a step of the sum to the next, in the first operand. */
  readonly stepA: number;
  /** Bytes from a row of the second operand, as it is stored, to the next. */
  readonly rowB: number;
  readonly columns: number;
}

function planOf(form: Form, { rows, inner, columns }: ProductSize): Plan {
  const [rowA, stepA] = form === "tn" ? [4, rows * 4] : [inner * 4, 4];
  return { form, rowA, stepA, rowB: (form === "nt" ? inner : columns) * 4, columns };
}

/** The end of the whole tiles that begin at a column. */
function wholeTiles(first: Code, last: Code): Code {
  return i32.add(first, i32.and(i32.sub(last, first), i32.const(-TILE_COLUMNS)));
}

/** Packs all of the second operand, for many rows to pass by. */
function packAll(plan: Plan): Routine {
  return {
    parameters: Array.from({ length: 6 }, () => "i32" as const),
    body: ([from, to, , b, packed, inner], fresh) => {
      const [target, distance] = [fresh("i32"), fresh("i32")];
      const pack = plan.form === "nt" ? packTransposed : packRows;
      return [
        distance.set(i32.add(i32.mul(inner.get, i32.const(STEP_BYTES)), i32.const(GAP))),
        target.set(i32.add(packed.get, i32.mul(i32.shiftRight(from.get, i32.const(3)), distance.get))),
        pack(plan, fresh, {
          b,
          k: NOUGHT,
          depth: inner.get,
          first: from.get,
          whole: wholeTiles(from.get, to.get),
          last: to.get,
          target: target.get,
          distance: distance.get,
        }),
      ];
    },
  };
}

/** Rows against a packed operand: slab by slab of it, and in a slab group by group of rows. */
function tall(plan: Plan): Routine {
  const { columns } = plan;
  return {
    parameters: Array.from({ length: 8 }, () => "i32" as const),
    body: ([from, to, , a, packed, c, inner, slab], fresh) => {
      const [first, last, group, bottom, distance, most] = Array.from({ length: 6 }, () => fresh("i32"));
      const strips = stripsOf(plan, fresh, { a, c, inner, distance: distance.get });
      const tilesBefore = i32.shiftRight(first.get, i32.const(3));
      return [
        distance.set(i32.add(i32.mul(inner.get, i32.const(STEP_BYTES)), i32.const(GAP))),
        loop(first, NOUGHT, i32.const(columns), slab.get, [
          last.set(i32.const(columns)),
          most.set(i32.add(first.get, slab.get)),
          last.set(i32.min(last, most)),
          loop(group, from.get, to.get, i32.const(GROUP), [
            most.set(i32.add(group.get, i32.const(GROUP))),
            bottom.set(i32.min(to, most)),
            strips.depths((k) =>
              strips.at({
                top: group.get,
                bottom: bottom.get,
                first: first.get,
                last: last.get,
                panel: i32.add(
                  i32.add(packed.get, i32.mul(tilesBefore, distance.get)),
                  i32.mul(k, i32.const(STEP_BYTES)),
                ),
              })
            ),
          ]),
        ]),
      ];
    },
  };
}

/** A few rows against many columns, which are packed a panel at a time as they are needed. */
function wide(plan: Plan): Routine {
  return {
    parameters: Array.from({ length: 8 }, () => "i32" as const),
    body: ([from, to, scratch, a, b, c, rows, inner], fresh) => {
      const whole = fresh("i32");
      const distance = i32.const(DEPTH * STEP_BYTES + GAP);
      const strips = stripsOf(plan, fresh, { a, c, inner, distance });
      const pack = plan.form === "nt" ? packTransposed : packRows;
      const [first, last, target] = [from.get, to.get, scratch.get];
      return [
        whole.set(wholeTiles(first, last)),
        strips.depths((k, depth) => [
          pack(plan, fresh, { b, k, depth, first, whole: whole.get, last, target, distance }),
          strips.at({ top: NOUGHT, bottom: rows.get, first, last, panel: target }),
        ]),
      ];
    },
  };
}

/** A rectangle of the result, and where the panel for its columns lies. */
interface Rectangle {
  readonly top: Code;
  readonly bottom: Code;
  readonly first: Code;
  readonly last: Code;
  readonly panel: Code;
}

interface Operands {
  readonly a: Local;
  readonly c: Local;
  readonly inner: Local;
  /** Bytes from a tile of the panel to the next. */
  readonly distance: Code;
}

/** Returns the loops that both kinds of product share: over the sum, some steps at a time, and over the tiles of a rectangle. */
function stripsOf({ rowA, stepA, columns }: Plan, fresh: Fresh, { a, c, inner, distance }: Operands): {
  readonly depths: (body: (k: Code, depth: Code) => Code) => Code;
  readonly at: (rectangle: Rectangle) => Code;
} {
  const [k, depth, left, most, i, j, end, whole, panel, corner] = Array.from({ length: 10 }, () => fresh("i32"));
  const rest = columns % TILE_COLUMNS;
  const rowC = columns * 4;
  const tiles = (height: number, lanes: number) =>
    tile({ height, lanes, rowA, stepA, rowC }, fresh, {
      a: i32.add(i32.add(a.get, i32.mul(k.get, i32.const(stepA))), i32.mul(i.get, i32.const(rowA))),
      panel,
      c: i32.add(corner.get, i32.shl(j.get, i32.const(2))),
      first: k,
      depth,
    });
  return {
    depths: (body) =>
      loop(k, NOUGHT, inner.get, i32.const(DEPTH), [
        left.set(i32.sub(inner.get, k.get)),
        most.set(i32.const(DEPTH)),
        depth.set(i32.min(left, most)),
        body(k.get, depth.get),
      ]),
    at: ({ top, bottom, first, last, panel: begin }) => {
      const strip = (height: number): Code => [
        corner.set(i32.add(c.get, i32.mul(i.get, i32.const(rowC)))),
        panel.set(begin),
        loop(j, first, whole.get, i32.const(TILE_COLUMNS), [
          tiles(height, TILE_COLUMNS),
          panel.set(i32.add(panel.get, distance)),
        ]),
        rest === 0 ? [] : when(i32.lessThan(whole.get, last), tiles(height, rest)),
      ];
      return [
        whole.set(wholeTiles(first, last)),
        i.set(top),
        HEIGHTS.map((height) => [
          end.set(i32.sub(bottom, i32.remainder(i32.sub(bottom, i.get), i32.const(height)))),
          loop(i, i.get, end.get, i32.const(height), strip(height)),
        ]),
      ];
    },
  };
}
