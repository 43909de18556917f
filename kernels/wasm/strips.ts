/**
 * The loops of a matrix product: over the sum, KC steps at a time, and over the tiles of a rectangle of the result.
 *
 * @module
 */
import type { Form } from "../device.ts";
import { address, type Code, i32, type Local, loop, type NewLocal, rowAt, when, word } from "./assembler.ts";
import { TILE_COLUMNS } from "./panel.ts";
import { tile } from "./tile.ts";

/** The heights of tiles: for whole strips, then for the remainder. */
const HEIGHTS = [4, 2, 1];
const NOUGHT = i32.const(0);

/** The facts that the code of a product depends on. */
export interface Plan {
  readonly form: Form;
  /** Bytes from one row of the first operand to the next. */
  readonly rowA: number;
  /** Bytes from one step of the sum to the next, in the first operand. */
  readonly stepA: number;
  /** Bytes from one row of the second operand, as it is stored, to the next. */
  readonly rowB: number;
  readonly columns: number;
}

/** Returns the end of the whole tiles between two columns. */
export function wholeTiles(first: Code, last: Code): Code {
  return i32.add(first, i32.and(i32.sub(last, first), i32.const(-TILE_COLUMNS)));
}

/** A rectangle of the result, and the address of the panel for its columns. */
export interface Rectangle {
  readonly top: Code;
  readonly bottom: Code;
  readonly first: Code;
  readonly last: Code;
  readonly panel: Code;
  /** Further code for each tile, given its first row and column, and its height. */
  readonly meanwhile?: ((i: Code, j: Code, height: number) => Code) | undefined;
}

/** The addresses of the first operand and the result, and the sizes of a block. */
export interface Operands {
  readonly a: Local;
  readonly c: Local;
  readonly inner: Local;
  /** The steps of the sum at a time. */
  readonly kc: number;
  /** Bytes from one tile of the panel to the next. */
  readonly distance: Code;
}

/** Returns the loops that both kinds of product share. */
export function stripsOf(
  { rowA, stepA, columns }: Plan,
  newLocal: NewLocal,
  { a, c, inner, kc, distance }: Operands,
): {
  readonly depths: (body: (k: Code, depth: Code) => Code) => Code;
  readonly at: (rectangle: Rectangle) => Code;
} {
  const [k, depth, left, most, i, j, end, whole] = Array.from({ length: 8 }, () => newLocal("i32"));
  const [panel, corner] = [newLocal("address"), newLocal("address")];
  const rest = columns % TILE_COLUMNS;
  const rowC = columns * 4;
  const tiles = (height: number, lanes: number) =>
    tile({ height, lanes, rowA, stepA, rowC }, newLocal, {
      a: rowAt(rowAt(a.get, k.get, address.const(stepA)), i.get, address.const(rowA)),
      panel,
      c: word(corner.get, j.get),
      first: k,
      depth,
    });
  return {
    depths: (body) =>
      loop(k, NOUGHT, inner.get, i32.const(kc), [
        left.set(i32.sub(inner.get, k.get)),
        most.set(i32.const(kc)),
        depth.set(i32.min(left, most)),
        body(k.get, depth.get),
      ]),
    at: ({ top, bottom, first, last, panel: begin, meanwhile }) => {
      const strip = (height: number): Code => [
        corner.set(rowAt(c.get, i.get, address.const(rowC))),
        panel.set(begin),
        loop(j, first, whole.get, i32.const(TILE_COLUMNS), [
          meanwhile?.(i.get, j.get, height) ?? [],
          tiles(height, TILE_COLUMNS),
          panel.set(address.add(panel.get, distance)),
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
