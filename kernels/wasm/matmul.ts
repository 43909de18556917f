/**
 * The matrix product, tile by tile, with the loops and block sizes of GEMM: KC steps of the sum, MC rows and NC columns
 * at a time. The second operand is packed, so that a tile reads it in one line: all of it at once if the rows are many,
 * else one panel at a time. The first operand is read in place; its strides are immediates of the code.
 *
 * @module
 */
import type { Form, Kernels, ProductSize } from "../device.ts";
import { address, addresses, type Code, i32, type Local, loop, type Routine, rowAt, when, word } from "./assembler.ts";
import { transpose } from "./layout.ts";
import { GAP, packRows, packTransposed, STEP_BYTES, TILE_COLUMNS } from "./panel.ts";
import { type Engine, grainOf, type WasmStorage } from "./storage.ts";
import { SCRATCH } from "./pool.ts";
import { type Plan, stripsOf, wholeTiles } from "./strips.ts";

/** Steps of the sum between two visits of the result: a strip of both operands stays in the first-level cache. */
const KC = 256;
/** Rows that take the whole sum before the next rows start: their memory is read in long lines. */
const MC = 24;
/** Bytes of the packed operand, hence NC columns, that stay in the second-level cache while all rows pass. */
const NC_BYTES = 2 ** 20;
/**
 * Numbers in a panel that is packed as it is needed: KC · NC. A wide panel is shallow, so that its rows are read in
 * long lines.
 */
const PANEL_NUMBERS = 2 ** 16;
/** The most steps of the sum in such a panel. */
const PANEL_MOST_KC = 128;
/** The most columns of such a panel. */
const PANEL_MOST_NC = 1024;
/** The fewest columns of such a panel: packing fewer costs more than it saves. */
const PANEL_LEAST_NC = 32;

/** The operands of a product and its result. */
export interface Product {
  readonly form: Form;
  readonly size: ProductSize;
  readonly a: WasmStorage;
  readonly b: WasmStorage;
  readonly out: WasmStorage;
}

/** The ways to divide a product among threads: by columns of the result, and by rows. */
export interface Shares {
  readonly columns: (product: Product) => void;
  readonly rows: (product: Product) => void;
}

/** See {@link Kernels.matmul}. */
export function matmul(engine: Engine, shares: Shares = sharesOf(engine)): Kernels<WasmStorage>["matmul"] {
  const flip = transpose(engine);
  const multiply = (a: WasmStorage, b: WasmStorage, size: ProductSize, form: Form): WasmStorage => {
    const out = engine.allocate(size.rows * size.columns);
    if (size.inner === 0) out.floats.fill(0);
    // Here AᵀB has at most as many rows as columns: too few to share out.
    else if (size.columns > size.rows || form === "tn") shares.columns({ form, size, a, b, out });
    else shares.rows({ form, size, a, b, out });
    return out;
  };
  return (a, b, size, form) => {
    const { rows, inner, columns } = size;
    // A transposed operand with few columns is read in short lines: AᵀB = (BᵀA)ᵀ reads long ones.
    if (form !== "tn" || rows <= columns) return multiply(a, b, size, form);
    const turned = multiply(b, a, { rows: columns, inner, columns: rows }, "tn");
    const out = flip(turned, { rows: columns, columns: rows });
    turned.device.free(turned);
    return out;
  };
}

/** Returns the shares of WebAssembly. */
function sharesOf(engine: Engine): Shares {
  return { columns: (product) => shareColumns(engine, product), rows: (product) => shareRows(engine, product) };
}

/** Divides the columns of the result among threads. Each thread packs its panels itself. */
function shareColumns({ parallelFor, threads }: Engine, { form, size, a, b, out }: Product): void {
  const { rows, inner, columns } = size;
  const plan = planOf(form, size);
  const share = Math.ceil(columns / (2 * threads) / TILE_COLUMNS) * TILE_COLUMNS;
  const grain = Math.min(PANEL_MOST_NC, Math.max(PANEL_LEAST_NC, share));
  const depth = Math.min(PANEL_MOST_KC, Math.floor(PANEL_NUMBERS / grain / 64) * 64);
  const args = [a.address, b.address, out.address, rows, inner];
  const name = `matmul columns ${depth} ${keyOf(plan)}`;
  parallelFor(name, () => columnRoutine(plan, depth), { count: columns, grain }, args);
}

/** Packs all of the second operand, then divides the rows of the result among threads. */
function shareRows({ allocate, parallelFor }: Engine, { form, size, a, b, out }: Product): void {
  const { rows, inner, columns } = size;
  const plan = planOf(form, size);
  // Packing takes four steps at a time, so the last four may reach beyond the sum.
  const distance = Math.ceil(inner / 4) * 4 * STEP_BYTES + GAP;
  const packed = allocate(Math.ceil(columns / TILE_COLUMNS) * distance / 4);
  const packing = { count: columns, grain: grainOf(8 * inner, TILE_COLUMNS) };
  parallelFor(`matmul pack ${keyOf(plan)}`, () => packRoutine(plan), packing, [
    b.address,
    packed.address,
    inner,
    distance,
  ]);
  const nc = Math.max(1, Math.floor(NC_BYTES / distance)) * TILE_COLUMNS;
  const work = { count: rows, grain: grainOf(inner * columns / 2, MC) };
  const args = [a.address, packed.address, out.address, inner, nc, distance];
  parallelFor(`matmul rows ${keyOf(plan)}`, () => rowRoutine(plan), work, args);
  packed.device.free(packed);
}

/** Returns the name of everything that the code of a product depends on. */
function keyOf({ form, rowA, stepA, rowB, columns }: Plan): string {
  return `${form} ${rowA} ${stepA} ${rowB} ${columns}`;
}

function planOf(form: Form, { rows, inner, columns }: ProductSize): Plan {
  const [rowA, stepA] = form === "tn" ? [4, rows * 4] : [inner * 4, 4];
  return { form, rowA, stepA, rowB: (form === "nt" ? inner : columns) * 4, columns };
}

/** Packs all of the second operand, for many rows. */
function packRoutine(plan: Plan): Routine {
  return {
    parameters: ["i32", "i32", ...addresses(3), "i32", "address"],
    body: ([from, to, , b, packed, inner, distance], newLocal) => {
      const target = newLocal("address");
      const pack = plan.form === "nt" ? packTransposed : packRows;
      return [
        target.set(rowAt(packed.get, i32.shiftRight(from.get, i32.const(3)), distance.get)),
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

/** Rows against the packed operand: NC columns of it at a time, and for these MC rows at a time. */
function rowRoutine(plan: Plan): Routine {
  const { columns } = plan;
  return {
    parameters: ["i32", "i32", ...addresses(4), "i32", "i32", "address"],
    body: ([from, to, , a, packed, c, inner, nc, distance], newLocal) => {
      const [first, last, group, bottom, most] = Array.from({ length: 5 }, () => newLocal("i32"));
      const strips = stripsOf(plan, newLocal, { a, c, inner, kc: KC, distance: distance.get });
      const tilesBefore = i32.shiftRight(first.get, i32.const(3));
      const panel = rowAt(packed.get, tilesBefore, distance.get);
      return [
        loop(first, i32.const(0), i32.const(columns), nc.get, [
          last.set(i32.const(columns)),
          most.set(i32.add(first.get, nc.get)),
          last.set(i32.min(last, most)),
          loop(group, from.get, to.get, i32.const(MC), [
            most.set(i32.add(group.get, i32.const(MC))),
            bottom.set(i32.min(to, most)),
            strips.depths((k) =>
              strips.at({
                top: group.get,
                bottom: bottom.get,
                first: first.get,
                last: last.get,
                panel: rowAt(panel, k, address.const(STEP_BYTES)),
              })
            ),
          ]),
        ]),
      ];
    },
  };
}

/** Few rows against many columns, which are packed a panel at a time as they are needed. */
function columnRoutine(plan: Plan, kc: number): Routine {
  return {
    parameters: ["i32", "i32", ...addresses(4), "i32", "i32"],
    body: ([from, to, scratch, a, b, c, rows, inner], newLocal) => {
      const [whole, rowsLeft, seen] = [newLocal("i32"), newLocal("i32"), newLocal("i32")];
      const distance = address.const(kc * STEP_BYTES + GAP);
      const strips = stripsOf(plan, newLocal, { a, c, inner, kc, distance });
      const pack = plan.form === "nt" ? packTransposed : packRows;
      const [first, last, target] = [from.get, to.get, scratch.get];
      return [
        whole.set(wholeTiles(first, last)),
        strips.depths((k, depth) => [
          pack(plan, newLocal, { b, k, depth, first, whole: whole.get, last, target, distance }),
          rowsLeft.set(i32.sub(inner.get, i32.add(k, depth))),
          strips.at({
            top: i32.const(0),
            bottom: rows.get,
            first,
            last,
            panel: target,
            // While rows of the result use this panel, one row of the next panel is fetched for each of them.
            meanwhile: plan.form === "nt" ? undefined : (i, j, height) =>
              when(
                i32.lessThan(i32.add(i, i32.const(height - 1)), rowsLeft.get),
                Array.from({ length: height }, (_, n) => {
                  const row = i32.add(i32.add(k, depth), i);
                  return prefetchRow(seen, rowAt(word(b.get, j), row, address.const(plan.rowB)), n * plan.rowB);
                }),
              ),
          }),
        ]),
        i32.store(address.add(scratch.get, address.const(SCRATCH - 4)), seen.get),
      ];
    },
  };
}

/**
 * Brings a row of the second operand into the cache. WebAssembly has no prefetch instruction, and the compiler drops a
 * load that nothing uses: loads are added to `seen`, which is stored once at the end.
 */
function prefetchRow(seen: Local, row: Code, offset: number): Code {
  return seen.set(i32.add(seen.get, i32.load(row, offset)));
}
