/**
 * The loops of a matrix product in machine code: counters on the stack, and the strips of tiles of a rectangle of the
 * result.
 *
 * @module
 */
import { at, type Code, during, type General, i64, type Place, when } from "./assembler.ts";
import type { Frame } from "./routine.ts";
import { packRows } from "./panel.ts";
import { ABREAST, type Feed, HEIGHTS, stepBytes, tile, tileColumns, tileRegisters } from "./tile.ts";
import type { Vectors } from "./vectors.ts";

/** Takes the registers that packing and tiles share. */
export function take(frame: Frame): readonly General[] {
  return Array.from({ length: 10 }, () => frame.general());
}

/** Computes a value in a register, and keeps it on the stack. */
export function setTo(place: Place, register: General, code: Code): Code {
  return [code, i64.store(place, register)];
}

/** Runs `body` for a counter on the stack. */
export function counting(
  counter: Place,
  register: General,
  from: Place | number,
  end: Place,
  step: Place | number,
  body: Code,
): Code {
  return [
    setTo(counter, register, i64.set(register, from)),
    during(register, end, "below", [
      body,
      setTo(counter, register, [i64.set(register, counter), i64.add(register, step)]),
    ]),
  ];
}

/** Sets a place to the smaller of a constant step and the distance from a counter to an end. */
export function atMost(
  place: Place,
  register: General,
  step: Place | number,
  counter: Place,
  end: Place,
  free: General,
): Code {
  return setTo(place, register, [
    i64.set(register, end),
    i64.sub(register, counter),
    typeof step === "number" ? [i64.set(free, step), i64.min(register, free)] : i64.min(register, step),
  ]);
}

/** The places on the stack that describe a rectangle of the result. */
export interface Rectangle {
  readonly top: Place;
  readonly bottom: Place;
  /** The first column, and the end of the columns. */
  readonly first: Place;
  readonly last: Place;
  /** The packed operand at the first column and step `k`, and bytes from one of its tiles to the next. */
  readonly panel: Place;
  readonly distance: Place;
  /** The first step of the sum, and the number of steps. */
  readonly k: Place;
  readonly depth: Place;
}

/** The first operand and the result. */
export interface Operands {
  readonly a: Place;
  readonly c: Place;
  /** Bytes between rows and between steps of the first operand; one of them is 4. */
  readonly stride: Place;
  readonly inRows: boolean;
  /** Bytes between rows of the result. */
  readonly rowC: Place;
}

/** The second operand as it is stored, for a rectangle whose tiles are packed while the first strip is computed. */
export interface Source {
  /** The address of the number at the first step and the first column. */
  readonly place: Place;
  /** Bytes between its rows. */
  readonly stride: Place;
}

/** The lines of a cache, in bytes. */
const LINE = 64;

/**
 * Multiplies a rectangle: for each tile of columns all strips of rows, so that the panel's tile stays in the cache.
 *
 * With a source the panel holds one tile. The first strip reads it from the source and packs it, and the other strips
 * bring the next tile into the cache.
 */
export function rectangle(
  set: Vectors,
  frame: Frame,
  pool: readonly General[],
  operands: Operands,
  { top, bottom, first, last, panel, distance, k, depth }: Rectangle,
  source?: Source,
): Code {
  const registers = tileRegisters(pool, set);
  const { rows: [row], stride, panel: place, corner, rowC, steps: free } = registers;
  const [i, j, tileOf, sourceOf, aheadOf, left] = Array.from({ length: 6 }, () => frame.slot());
  const feed: Feed | undefined = source && { source: frame.general(), stride: frame.general(), ahead: frame.general() };
  const oneStrip = (height: number, abreast: number, role: "first" | "other"): Code => [
    i64.set(row, i),
    operands.inRows ? i64.mul(row, operands.stride) : i64.shl(row, 2),
    i64.set(free, k),
    operands.inRows ? i64.shl(free, 2) : i64.mul(free, operands.stride),
    i64.add(row, free),
    i64.add(row, operands.a),
    i64.set(stride, operands.stride),
    i64.set(place, tileOf),
    i64.set(rowC, operands.rowC),
    i64.set(corner, i),
    i64.mul(corner, rowC),
    i64.add(corner, operands.c),
    i64.set(free, j),
    i64.address(corner, at(corner, 0, free, 4)),
    feed ? [i64.set(feed.source, sourceOf), i64.set(feed.stride, source!.stride), i64.set(feed.ahead, aheadOf)] : [],
    tile(set, { height, abreast, inRows: operands.inRows, feed: feed && { ...feed, role } }, registers, k, depth),
    setTo(i, free, [i64.set(free, i), i64.add(free, height)]),
    feed && role === "other" ? setTo(aheadOf, free, [i64.set(free, aheadOf), i64.add(free, LINE)]) : [],
  ];
  const rowsLeft: Code = [i64.set(free, bottom), i64.sub(free, i)];
  const strips = (abreast: number): Code =>
    HEIGHTS[set.name].map((height) => [
      rowsLeft,
      during(free, height, "notBelow", [oneStrip(height, abreast, "other"), rowsLeft]),
    ]);
  const firstStrip: Code = HEIGHTS[set.name].reduceRight<Code>(
    (lower, height) => when(i64.compare(free, height), "notBelow", oneStrip(height, ABREAST, "first"), lower),
    [],
  );
  const begin: Code = setTo(i, free, i64.set(free, top));
  const widthLeft: Code = [i64.set(free, last), i64.sub(free, j)];
  const chosen = (part: number): Code => [
    widthLeft,
    i64.sub(free, part * set.lanes),
    when(i64.compare(free, set.lanes), "above", i64.set(free, set.lanes)),
    set.choose(free, row),
  ];
  const packed: Code = [
    widthLeft,
    when(
      i64.compare(free, set.lanes),
      "above",
      [chosen(ABREAST - 1), begin, strips(ABREAST)],
      [chosen(0), begin, strips(1)],
    ),
  ];
  const columns: Code = source
    ? [
      setTo(left, free, widthLeft),
      // The next tile: to the right, or at the first column of the next steps.
      when(
        i64.compare(free, tileColumns(set)),
        "above",
        [i64.set(free, sourceOf), i64.add(free, stepBytes(set))],
        [i64.set(free, depth), i64.mul(free, source.stride), i64.add(free, source.place)],
      ),
      i64.store(aheadOf, free),
      i64.set(free, left),
      when(
        i64.compare(free, tileColumns(set)),
        "notBelow",
        [chosen(ABREAST - 1), begin, rowsLeft, firstStrip, strips(ABREAST)],
        [
          packRows(
            set,
            { source: sourceOf, stride: source.stride, depth, columns: left, target: panel, distance },
            pool,
          ),
          packed,
        ],
      ),
      setTo(sourceOf, free, [i64.set(free, sourceOf), i64.add(free, stepBytes(set))]),
    ]
    : [packed, setTo(tileOf, free, [i64.set(free, tileOf), i64.add(free, distance)])];
  return [
    setTo(tileOf, free, i64.set(free, panel)),
    source ? setTo(sourceOf, free, i64.set(free, source.place)) : [],
    counting(j, free, first, last, tileColumns(set), columns),
  ];
}
