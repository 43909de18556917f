/**
 * One tile of a matrix product in machine code: some rows × at most two vectors of columns of the result, which stay in
 * registers during the sum. The steps of a sum are added in their order, each with one rounding, as on the WebAssembly
 * device, so the results have the same bits.
 *
 * @module
 */
import { at, type Code, countDown, type General, i64, type Place, prefetch, type Vector, when } from "./assembler.ts";
import type { Vectors } from "./vectors.ts";

/** The vectors of columns in a whole tile. */
export const ABREAST = 2;

/** The heights of tiles: for whole strips, then for the remainder. Registers hold the sums of the first. */
export const HEIGHTS: Readonly<Record<Vectors["name"], readonly number[]>> = {
  avx2: [6, 4, 2, 1],
  avx512: [14, 8, 4, 2, 1],
};

/** The columns of a whole tile, and of a tile of the packed operand. */
export function tileColumns({ lanes }: Vectors): number {
  return ABREAST * lanes;
}

/** Bytes from one step of the sum to the next, in the packed operand. */
export function stepBytes(set: Vectors): number {
  return 4 * tileColumns(set);
}

/** The registers of a tile, which all tiles of a routine share. */
export interface Registers {
  /** The first number of the first operand, and of every third row after it. */
  readonly rows: readonly General[];
  /** Bytes between rows of the first operand if its steps are neighbours, else bytes between its steps. */
  readonly stride: General;
  /** The first number of the packed operand. */
  readonly panel: General;
  /** The first number of the result. */
  readonly corner: General;
  /** Bytes between rows of the result. */
  readonly rowC: General;
  /** Counts the steps. */
  readonly steps: General;
}

/** Divides at most ten registers among the purposes of tiles. */
export function tileRegisters(
  [stride, panel, corner, rowC, steps, ...rows]: readonly General[],
  set: Vectors,
): Registers {
  return { rows: rows.slice(0, Math.ceil(HEIGHTS[set.name][0] / 3)), stride, panel, corner, rowC, steps };
}

/** The registers of tiles that are packed while they are computed. */
export interface Feed {
  /** The second operand as it is stored. */
  readonly source: General;
  /** Bytes between its rows. */
  readonly stride: General;
  /** A part of it that is needed next. */
  readonly ahead: General;
}

/** The form of a tile. */
export interface Tile {
  readonly height: number;
  /** The number of vectors in a row; the last is stored as far as lanes are chosen. */
  readonly abreast: number;
  /** Whether the steps of a row of the first operand are neighbours in memory; else its rows are. */
  readonly inRows: boolean;
  /** The first strip reads the second operand and packs it; the others read the panel, and ask for what comes next. */
  readonly feed?: Feed & { readonly role: "first" | "other" } | undefined;
}

const UNROLL = 4;

/**
 * Adds the product of a strip of A and a strip of the panel to one tile of C. The registers hold the place of the tile.
 *
 * @param first Where the first step of the sum is: if it is 0, the tile begins with zeros.
 * @param depth Where the number of steps is.
 */
export function tile(
  set: Vectors,
  { height, abreast, inRows, feed }: Tile,
  registers: Registers,
  first: Place,
  depth: Place,
): Code {
  const { rows, stride, panel, corner, rowC, steps } = registers;
  const step = stepBytes(set);
  const bytes = 4 * set.lanes;
  const cells: readonly Cell[] = Array.from({ length: height * abreast }, (_, n) => ({
    sum: set.registers[n],
    row: Math.floor(n / abreast),
    part: n % abreast,
  }));
  const line = set.registers.slice(cells.length, cells.length + abreast);
  const factors = set.registers.slice(cells.length + abreast, cells.length + abreast + 4);
  const groups = rows.slice(0, Math.ceil(height / 3));

  const factorAt = (row: number, n: number): Place => {
    if (!inRows) return at(rows[0], 4 * row);
    const [index, scale] = row % 3 === 0 ? [undefined, 1 as const] : [stride, row % 3 as 1 | 2];
    return at(groups[Math.floor(row / 3)], 4 * n, index, scale);
  };
  const fetch = (vector: Vector, place: Place, part: number): Code =>
    feed?.role === "first"
      ? [set.load(vector, at(feed.source, part * bytes)), set.store(place, vector)]
      : set.load(vector, place);
  const oneStep = (n: number): Code => [
    line.map((vector, part) => fetch(vector, at(panel, n * step + part * bytes), part)),
    feed?.role === "first" ? i64.add(feed.source, feed.stride) : [],
    feed?.role === "other" ? [prefetch(at(feed.ahead)), i64.add(feed.ahead, feed.stride)] : [],
    Array.from({ length: height }, (_, row) => {
      const factor = factors[row % factors.length];
      const sums = cells.filter((cell) => cell.row === row);
      return [
        set.splat(factor, factorAt(row, n)),
        sums.map(({ sum, part }) => set.addProduct(sum, factor, line[part])),
      ];
    }),
    inRows ? [] : i64.add(rows[0], stride),
  ];
  const advance = (count: number): Code => [
    inRows ? groups.map((group) => i64.add(group, 4 * count)) : [],
    i64.add(panel, count * step),
  ];
  /** The vectors of the result, row by row. */
  const result = (each: (cell: Cell, place: Place) => Code): Code => [
    i64.set(steps, corner),
    cells.map((cell) => [
      each(cell, at(steps, cell.part * bytes)),
      cell.part === abreast - 1 ? i64.add(steps, rowC) : [],
    ]),
  ];
  return [
    inRows
      ? groups.slice(1).map((group, n) => [i64.address(group, at(rows[n], 0, stride, 2)), i64.add(group, stride)])
      : [],
    i64.set(steps, first),
    when(
      i64.compare(steps, 0),
      "equal",
      cells.map(({ sum }) => set.xor(sum, sum, sum)),
      result(({ sum }, place) => set.load(sum, place)),
    ),
    i64.set(steps, depth),
    countDown(steps, UNROLL, [Array.from({ length: UNROLL }, (_, n) => oneStep(n)), advance(UNROLL)]),
    countDown(steps, 1, [oneStep(0), advance(1)]),
    result(({ sum, part }, place) => part === abreast - 1 ? set.storeSome(place, sum) : set.store(place, sum)),
  ];
}

/** A vector of the result. */
interface Cell {
  readonly sum: Vector;
  readonly row: number;
  readonly part: number;
}
