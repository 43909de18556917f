/**
 * One tile of a matrix product: at most 4 rows × 8 columns of the result, which stay in registers during the sum. 8
 * accumulators, 4 vectors of the first operand, 2 of the second and a factor fit in 16 vector registers.
 *
 * @module
 */
import { address, type Code, f32x4, i32, type Local, loop, type NewLocal, rowAt, v128, when } from "./assembler.ts";
import { storeLanes } from "./elementwise.ts";
import { STEP_BYTES } from "./panel.ts";

const UNROLL = 8;

/** The size of a tile, and the distances in bytes that its code depends on. */
export interface Tile {
  readonly height: number;
  /** The number of its columns that belong to the matrix. */
  readonly lanes: number;
  readonly rowA: number;
  readonly stepA: number;
  readonly rowC: number;
}

/** The place of a tile. */
export interface Corner {
  readonly a: Code;
  readonly panel: Local;
  readonly c: Code;
  /** The first step of the sum in this panel: at 0 the tile begins with zeros. */
  readonly first: Local;
  readonly depth: Local;
}

/** Adds the product of a strip of A and a strip of a panel to one tile of C. */
export function tile({ height, lanes, rowA, stepA, rowC }: Tile, newLocal: NewLocal, corner: Corner): Code {
  const [pa, pb, pc, end] = Array.from({ length: 4 }, () => newLocal("address"));
  const columns = Array.from({ length: Math.ceil(lanes / 4) }, (_, v) => v);
  const sums = Array.from({ length: height }, () => columns.map(() => newLocal("v128")));
  const cells = sums.flatMap((line, r) => line.map((sum, v) => ({ r, v, sum })));
  const ahead = sums.map(() => newLocal("v128"));
  const row = columns.map(() => newLocal("v128"));
  const splat = newLocal("v128");
  const after = (steps: Code) => rowAt(corner.panel.get, steps, address.const(STEP_BYTES));
  const rows = sums.map((_, r) => r);
  const include = (r: number, factor: Code): Code => [
    splat.set(factor),
    columns.map((v) => sums[r][v].set(f32x4.madd(splat.get, row[v].get, sums[r][v].get))),
  ];
  const loadRow = (u: number): Code => columns.map((v) => row[v].set(v128.load(pb.get, u * STEP_BYTES + v * 16)));
  const lane = (vector: Local, n: number) => f32x4.shuffle(vector.get, vector.get, [n, n, n, n]);
  const single: Code = [loadRow(0), rows.map((r) => include(r, v128.loadSplat(pa.get, r * rowA)))];
  // WebAssembly checks every load against the end of memory, so one load brings four neighbours.
  const four = (u: number): Code =>
    stepA === 4
      ? [
        rows.map((r) => ahead[r].set(v128.load(pa.get, r * rowA + u * 4))),
        [0, 1, 2, 3].map((k) => [loadRow(u + k), rows.map((r) => include(r, lane(ahead[r], k)))]),
      ]
      : [0, 1, 2, 3].map((k) => [
        loadRow(u + k),
        ahead[0].set(v128.load(pa.get, (u + k) * stepA)),
        rows.map((r) => include(r, lane(ahead[0], r))),
      ]);
  const steps = (unroll: number, body: Code): Code =>
    loop(pb, pb.get, end.get, address.const(unroll * STEP_BYTES), [
      body,
      pa.set(address.add(pa.get, address.const(unroll * stepA))),
    ]);
  const store = (v: number) => lanes - v * 4 < 4 ? storeLanes(lanes - v * 4, newLocal) : v128.store;
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
    steps(UNROLL, Array.from({ length: UNROLL / 4 }, (_, n) => four(4 * n))),
    end.set(after(corner.depth.get)),
    steps(1, single),
    cells.map(({ r, v, sum }) => store(v)(pc.get, sum.get, r * rowC + v * 16)),
  ];
}
