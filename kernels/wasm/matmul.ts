/**
 * The matrix product, tile by tile. The second operand is packed, so that a tile reads it in one line: at once if it is small
 * beside the first, else a panel at a time. The first is read where it lies, its strides being immediates of the code.
 *
 * @module
 */
import type { Form, Kernels, ProductSize } from "../device.ts";
import { i32, loop, type Routine, when, word } from "./assembler.ts";
import { transpose } from "./layout.ts";
import { GAP, packRows, packTransposed, STEP_BYTES, TILE_COLUMNS } from "./panel.ts";
import { type Engine, grainOf, type WasmStorage } from "./storage.ts";
import { SCRATCH } from "./pool.ts";
import { type Plan, stripsOf, wholeTiles } from "./strips.ts";

/** Steps of the sum between two visits of the result: a strip of both operands stays in the first-level cache. */
const DEPTH = 256;
/** Rows that go through the whole sum before others do: their memory is read on in long lines. */
const GROUP = 24;
/** Numbers in a panel that is packed as it is read; the wider, the shallower it is, so that rows are read in long lines. */
const PANEL = 2 ** 16;
const DEEPEST = 128;
/** Bytes of the second operand that stay in the second-level cache while rows pass by. */
const SLAB = 2 ** 20;
/** The most columns of a panel in scratch memory, and the fewest, lest panels are packed for too little. */
const WIDTH = 1024;
const SLIM = 32;

/** See {@link Kernels.matmul}. */
export function matmul(engine: Engine): Kernels<WasmStorage>["matmul"] {
  const { allocate, parallelFor, threads } = engine;
  const flip = transpose(engine);
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
    // What is left of AᵀB has at most as many rows as columns, too few to share out.
    if (columns > rows || form === "tn") {
      const share = Math.ceil(columns / (2 * threads) / TILE_COLUMNS) * TILE_COLUMNS;
      const grain = Math.min(WIDTH, Math.max(SLIM, share));
      const deep = Math.min(DEEPEST, Math.floor(PANEL / grain / 64) * 64);
      const work = { count: columns, grain };
      parallelFor(`matmul wide ${deep} ${key}`, () => wide(plan, deep), work, [
        a.address,
        b.address,
        out.address,
        rows,
        inner,
      ]);
    } else {
      // Packing goes four steps at a time, to the end of the last four.
      const distance = Math.ceil(inner / 4) * 4 * STEP_BYTES + GAP;
      const packed = allocate(Math.ceil(columns / TILE_COLUMNS) * distance / 4);
      const packing = { count: columns, grain: grainOf(8 * inner, TILE_COLUMNS) };
      parallelFor(`matmul pack ${key}`, () => packAll(plan), packing, [b.address, packed.address, inner, distance]);
      const tiles = Math.max(1, Math.floor(SLAB / distance));
      const work = { count: rows, grain: grainOf(inner * columns / 2, GROUP) };
      parallelFor(`matmul tall ${key}`, () => tall(plan), work, [
        a.address,
        packed.address,
        out.address,
        inner,
        tiles * TILE_COLUMNS,
        distance,
      ]);
      packed.device.free(packed);
    }
    return out;
  }
}

function planOf(form: Form, { rows, inner, columns }: ProductSize): Plan {
  const [rowA, stepA] = form === "tn" ? [4, rows * 4] : [inner * 4, 4];
  return { form, rowA, stepA, rowB: (form === "nt" ? inner : columns) * 4, columns };
}

/** Packs all of the second operand, for many rows to pass by. */
function packAll(plan: Plan): Routine {
  return {
    parameters: Array.from({ length: 7 }, () => "i32" as const),
    body: ([from, to, , b, packed, inner, distance], newLocal) => {
      const target = newLocal("i32");
      const pack = plan.form === "nt" ? packTransposed : packRows;
      return [
        target.set(i32.add(packed.get, i32.mul(i32.shiftRight(from.get, i32.const(3)), distance.get))),
        pack(plan, newLocal, {
          b,
          k: i32.const(0),
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
    parameters: Array.from({ length: 9 }, () => "i32" as const),
    body: ([from, to, , a, packed, c, inner, slab, distance], newLocal) => {
      const [first, last, group, bottom, most] = Array.from({ length: 5 }, () => newLocal("i32"));
      const strips = stripsOf(plan, newLocal, { a, c, inner, deep: DEPTH, distance: distance.get });
      const tilesBefore = i32.shiftRight(first.get, i32.const(3));
      return [
        loop(first, i32.const(0), i32.const(columns), slab.get, [
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
function wide(plan: Plan, deep: number): Routine {
  return {
    parameters: Array.from({ length: 8 }, () => "i32" as const),
    body: ([from, to, scratch, a, b, c, rows, inner], newLocal) => {
      const [whole, rowsLeft, seen] = [newLocal("i32"), newLocal("i32"), newLocal("i32")];
      const distance = i32.const(deep * STEP_BYTES + GAP);
      const strips = stripsOf(plan, newLocal, { a, c, inner, deep, distance });
      const pack = plan.form === "nt" ? packTransposed : packRows;
      const [first, last, target] = [from.get, to.get, scratch.get];
      return [
        whole.set(wholeTiles(first, last)),
        strips.depths((k, depth) => [
          pack(plan, newLocal, { b, k, depth, first, whole: whole.get, last, target, distance }),
          // While this panel is worked on, the next one is called for: one row of it for each row of the result.
          rowsLeft.set(i32.sub(inner.get, i32.add(k, depth))),
          strips.at({
            top: i32.const(0),
            bottom: rows.get,
            first,
            last,
            panel: target,
            meanwhile: plan.form === "nt" ? undefined : (i, j, height) => [
              when(
                i32.lessThan(i32.add(i, i32.const(height - 1)), rowsLeft.get),
                Array.from({ length: height }, (_, n) =>
                  seen.set(i32.add(
                    seen.get,
                    i32.load(
                      i32.add(
                        word(b.get, j),
                        i32.mul(i32.add(i32.add(k, depth), i), i32.const(plan.rowB)),
                      ),
                      n * plan.rowB,
                    ),
                  ))),
              ),
            ],
          }),
        ]),
        i32.store(i32.add(scratch.get, i32.const(SCRATCH - 4)), seen.get),
      ];
    },
  };
}
