/**
 * One tile of a matrix product: at most 6 rows × 8 columns of the result, held in registers (12 accumulators, 2 loads and a
 * splat: what 16 vector registers hold) while the sum is taken.
 *
 * @module
 */
import { type Code, f32x4, type Fresh, i32, type Local, loop, v128, when } from "./assembler.ts";
import { storeLanes } from "./elementwise.ts";
import { STEP_BYTES } from "./panel.ts";

const UNROLL = 8;

/** The size of a tile, and the distances in bytes that its code depends on. */
export interface Tile {
  readonly height: number;
  /** How many of its columns belong to the matrix. */
  readonly lanes: number;
  readonly rowA: number;
  readonly stepA: number;
  readonly rowC: number;
}

/** Where a tile is. */
export interface Corner {
  readonly a: Code;
  readonly panel: Local;
  readonly c: Code;
  /** The step of the sum that this panel begins with: at 0 the tile begins with zeros. */
  readonly first: Local;
  readonly depth: Local;
}

/** Adds the product of a strip of A and a strip of a panel to one tile of C, which stays in registers meanwhile. */
export function tile({ height, lanes, rowA, stepA, rowC }: Tile, fresh: Fresh, corner: Corner): Code {
  const [pa, pb, pc, end] = [fresh("i32"), fresh("i32"), fresh("i32"), fresh("i32")];
  const columns = Array.from({ length: Math.ceil(lanes / 4) }, (_, v) => v);
  const cells = Array.from({ length: height }, (_, r) => columns.map((v) => ({ r, v, sum: fresh("v128") }))).flat();
  const row = columns.map(() => fresh("v128"));
  const splat = fresh("v128");
  const after = (steps: Code) => i32.add(corner.panel.get, i32.mul(steps, i32.const(STEP_BYTES)));
  const step = (u: number): Code => [
    columns.map((v) => row[v].set(v128.load(pb.get, u * STEP_BYTES + v * 16))),
    cells.map(({ r, v, sum }) => [
      v === 0 ? splat.set(v128.loadSplat(pa.get, r * rowA + u * stepA)) : [],
      sum.set(f32x4.madd(splat.get, row[v].get, sum.get)),
    ]),
  ];
  const steps = (unroll: number): Code =>
    loop(pb, pb.get, end.get, i32.const(unroll * STEP_BYTES), [
      Array.from({ length: unroll }, (_, u) => step(u)),
      pa.set(i32.add(pa.get, i32.const(unroll * stepA))),
    ]);
  const store = (v: number) => lanes - v * 4 < 4 ? storeLanes(lanes - v * 4, fresh) : v128.store;
  return [
    pa.set(corner.a),
    pb.set(corner.panel.get),
    pc.set(corner.c),
    when(
      corner.first.get,
      cells.map(({ r, v, sum }) => sum.set(v128.load(pc.get, r * rowC + v * 16))),
      cells.map(({ sum }) => sum.set(f32x4.const(0))),
    ),
    end.set(after(i32.and(corner.depth.get, i32.const(-UNROLL)))),
    steps(UNROLL),
    end.set(after(corner.depth.get)),
    steps(1),
    cells.map(({ r, v, sum }) => store(v)(pc.get, sum.get, r * rowC + v * 16)),
  ];
}
