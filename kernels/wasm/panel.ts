/**
 * Packing for the matrix product: copies a panel of the second operand, a few rows deep, to tiles of eight columns. A
 * tile holds the steps of the sum one after another.
 *
 * @module
 */
import {
  address,
  type Code,
  f32x4,
  i32,
  type Local,
  loop,
  type NewLocal,
  rowAt,
  v128,
  when,
  word,
} from "./assembler.ts";

/** The columns of a tile. */
export const TILE_COLUMNS = 8;
/** Bytes from one step of the sum to the next. */
export const STEP_BYTES: number = TILE_COLUMNS * 4;
/** Bytes between tiles, so that tiles begin at odd cache lines and do not compete for the same lines. */
export const GAP = 64;

/** The part of the second operand that is packed, and its target. */
export interface Panel {
  /** The address of the second operand. */
  readonly b: Local;
  /** The first step of the sum. */
  readonly k: Code;
  /** The number of steps. */
  readonly depth: Code;
  /** The first column, the end of the whole tiles, and the end of the columns. */
  readonly first: Code;
  readonly whole: Code;
  readonly last: Code;
  /** The address of the panel. */
  readonly target: Code;
  /** Bytes from one tile to the next. */
  readonly distance: Code;
}

/** The facts about the second operand that its code depends on. */
interface Known {
  readonly rowB: number;
  readonly columns: number;
}

/**
 * Packs rows in their order. Lanes beyond the last column hold any numbers: tiles compute with them and never store
 * them.
 */
export function packRows({ rowB }: Known, newLocal: NewLocal, panel: Panel): Code {
  const { b, k, depth, first, last, target: begin, distance } = panel;
  const [row, column, source, target] = (["i32", "i32", "address", "address"] as const).map((type) => newLocal(type));
  return loop(row, i32.const(0), depth, i32.const(1), [
    source.set(rowAt(b.get, i32.add(k, row.get), address.const(rowB))),
    target.set(rowAt(begin, row.get, address.const(STEP_BYTES))),
    loop(column, first, last, i32.const(TILE_COLUMNS), [
      [0, 16].map((offset) =>
        v128.store(
          target.get,
          v128.load(word(source.get, column.get), offset),
          offset,
        )
      ),
      target.set(address.add(target.get, distance)),
    ]),
  ]);
}

/** Packs an operand that is stored transposed, four steps of the sum at a time. */
export function packTransposed({ rowB, columns }: Known, newLocal: NewLocal, panel: Panel): Code {
  const { b, k, depth, first, whole, last, target, distance } = panel;
  const [column, step, source, tile] = (["i32", "i32", "address", "address"] as const).map((type) => newLocal(type));
  const rest = columns % TILE_COLUMNS;
  /**
   * The tile at `column`, of which `count` columns exist. The last column is read again for each that does not exist.
   */
  const pack = (count: number): Code => [
    source.set(word(rowAt(b.get, column.get, address.const(rowB)), k)),
    loop(step, i32.const(0), depth, i32.const(4), [
      [0, 4].map((half) => {
        const rows = [0, 1, 2, 3].map((n) =>
          keep(v128.load(source.get, Math.min(half + n, count - 1) * rowB), newLocal)
        );
        const turned = transpose(rows.map(({ get }) => get), newLocal);
        return [
          rows.map(({ set }) => set),
          turned.statements,
          turned.rows.map((value, n) =>
            v128.store(rowAt(tile.get, step.get, address.const(STEP_BYTES)), value, n * STEP_BYTES + half * 4)
          ),
        ];
      }),
      source.set(address.add(source.get, address.const(16))),
    ]),
    tile.set(address.add(tile.get, distance)),
  ];
  return [
    tile.set(target),
    loop(column, first, whole, i32.const(TILE_COLUMNS), pack(TILE_COLUMNS)),
    rest === 0 ? [] : when(i32.lessThan(whole, last), [column.set(whole), pack(rest)]),
  ];
}

/** Returns a new local for a value: the statement that sets it, and the code that reads it. */
function keep(code: Code, newLocal: NewLocal): { readonly set: Code; readonly get: Code } {
  const local = newLocal("v128");
  return { set: local.set(code), get: local.get };
}

/** Transposes a square, given as four rows. */
export function transpose(
  [a, b, c, d]: readonly Code[],
  newLocal: NewLocal,
): { readonly statements: Code; readonly rows: readonly Code[] } {
  const [low, high] = [[0, 4, 1, 5], [2, 6, 3, 7]];
  const pairs = [[a, b, low], [c, d, low], [a, b, high], [c, d, high]] as const;
  const parts = pairs.map(([x, y, lanes]) => keep(f32x4.shuffle(x, y, lanes), newLocal));
  const [lowFirst, lowLast, highFirst, highLast] = parts.map(({ get }) => get);
  const [even, odd] = [[0, 1, 4, 5], [2, 3, 6, 7]];
  return {
    statements: parts.map(({ set }) => set),
    rows: [
      f32x4.shuffle(lowFirst, lowLast, even),
      f32x4.shuffle(lowFirst, lowLast, odd),
      f32x4.shuffle(highFirst, highLast, even),
      f32x4.shuffle(highFirst, highLast, odd),
    ],
  };
}
