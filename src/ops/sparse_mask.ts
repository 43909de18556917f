/**
 * Sparse matrices without some of their entries: the pattern stays, and the values of these entries become 0. Nothing
 * is built again, so a graph may lack other entries in each step of a training.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { Entries } from "../core/axis.ts";
import { degree, entries, type Pattern, rowIndices, rowSelector, transposed } from "../core/pattern.ts";
import { range } from "../core/range.ts";
import type { Key } from "../core/random.ts";
import type { Csr } from "../core/sparse.ts";
import { fromArray, ones, stopGradient, type Vector } from "../core/tensor.ts";
import { mul } from "./arithmetic.ts";
import { rsqrt } from "./elementwise.ts";
import { dropout } from "./nn.ts";
import { step } from "./piecewise.ts";
import { gather, segmentSum } from "./rows.ts";
import { csr, orderSelector } from "./sparse.ts";

/** The options of {@link leaveOut} and {@link dropEntries}. */
export interface MaskOptions {
  /**
   * Whether entry (c, r) leaves the matrix with entry (r, c), so that a symmetric matrix stays symmetric; `false` by
   * default.
   */
  readonly mirrored?: boolean | undefined;
  /**
   * The normalisation that is repeated for the entries that stay. With n entries in a row or column, of which k stay,
   * `"rows"` multiplies values by n/k of their row, and `"symmetric"` by √(n/k) of their row and √(n/k) of their
   * column. So D⁻¹ A and D^(−½) A D^(−½) become the same matrices of a graph that never had the other entries.
   * `"none"` by default.
   */
  readonly renormalize?: "none" | "rows" | "symmetric" | undefined;
}

/** Positions in a matrix: (rows[n], columns[n]) for each n. */
export interface Positions {
  /** The row of each. */
  readonly rows: ArrayLike<number>;
  /** The column of each. */
  readonly columns: ArrayLike<number>;
}

/**
 * Returns a sparse matrix with zeros at some positions. Positions without an entry change nothing. Gradients flow to
 * the values that stay.
 *
 * @throws {ValueError} if the lists of positions differ in length, or a position is outside of the matrix.
 *
 * @example A graph without the edge between its first two nodes
 * ```ts
 * import { patternFromCoo, readSync, tensor } from "@giverny/giverny/core";
 * import { csr, leaveOut } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const graph = csr(patternFromCoo([3, 3], [0, 0, 1, 2], [1, 2, 0, 0]), tensor([5, 6, 5, 6]));
 * const { values } = leaveOut(graph, { rows: [0], columns: [1] }, { mirrored: true });
 * deepEqual([...readSync(values)], [0, 6, 0, 6]);
 * ```
 */
export function leaveOut<R extends number, C extends number>(
  matrix: Csr<R, C>,
  positions: Positions,
  options: MaskOptions = {},
): Csr<R, C> {
  const { pattern, values } = matrix;
  const { rows, columns } = checked(pattern, positions, options);
  const mask = new Float32Array(entries(pattern)).fill(1);
  const clear = (row: number, column: number) => {
    for (let e = pattern.offsets[row]; e < pattern.offsets[row + 1]; e++) {
      if (pattern.indices[e] === column) mask[e] = 0;
    }
  };
  for (let n = 0; n < rows.length; n++) {
    clear(rows[n], columns[n]);
    if (options.mirrored) clear(columns[n], rows[n]);
  }
  return masked(matrix, fromArray(mask, [mask.length], values.storage), options);
}

/**
 * Returns a sparse matrix in which each entry is set to zero with probability `rate`. The others are divided by 1 −
 * rate, or normalised again. With `mirrored`, an entry and its mirror image stay or leave together. Gradients flow to
 * the values that stay.
 *
 * @throws {ValueError} if the rate is not in [0, 1), or a pattern that is not symmetric is to be mirrored.
 *
 * @example
 * ```ts
 * import { key, patternFromCoo, readSync, tensor } from "@giverny/giverny/core";
 * import { csr, dropEntries } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const graph = csr(patternFromCoo([3, 3], [0, 0, 1, 2], [1, 2, 0, 0]), tensor([1, 1, 1, 1]));
 * const [a, b, aBack, bBack] = readSync(dropEntries(key(2), graph, 0.5, { mirrored: true }).values);
 * deepEqual([aBack, bBack], [a, b]); // 0 or 2 each
 * ```
 */
export function dropEntries<R extends number, C extends number>(
  key: Key,
  matrix: Csr<R, C>,
  rate: number,
  options: MaskOptions = {},
): Csr<R, C> {
  const { pattern, values } = matrix;
  if (!(rate >= 0 && rate < 1)) throw new ValueError(`Cannot dropEntries at the rate ${rate}: it must be in [0, 1)`);
  if (rate === 0) return matrix;
  const drawn = dropout(key, ones([entries(pattern)], values.storage), rate);
  const mask = options.mirrored ? gather(drawn, firstOfPair(pattern)) as Vector<Entries> : drawn;
  return masked(matrix, mask, options);
}

/** Returns a matrix with its values multiplied by constants, after a normalisation of those above 0. */
function masked<R extends number, C extends number>(
  { pattern, values }: Csr<R, C>,
  mask: Vector<Entries>,
  { renormalize = "none", mirrored = false }: MaskOptions,
): Csr<R, C> {
  if (renormalize === "none") return csr(pattern, mul(values, mask));
  const kept = step(mask);
  const { ofRow, ofColumn } = placesOf(pattern);
  const ofRows = roots(pattern, kept);
  const byRow = gather(ofRows, ofRow) as Vector<Entries>;
  if (renormalize === "rows") return csr(pattern, mul(values, mul(kept, mul(byRow, byRow))));
  const { pattern: flipped, order } = transposed(pattern);
  const ofColumns = mirrored && placesOf(pattern).symmetric
    ? ofRows
    : roots(flipped, gather(kept, orderSelector(order)) as Vector<Entries>);
  const byColumn = gather(ofColumns, ofColumn) as Vector<Entries>;
  return csr(pattern, mul(values, mul(kept, mul(byRow, byColumn))));
}

/** Returns √(n/k) of each row, with n entries of which k are kept; 0 for rows of which none is. */
function roots(pattern: Pattern, kept: Vector<Entries>): Vector {
  const sums = segmentSum(kept, pattern);
  const whole = Float32Array.from({ length: pattern.rows }, (_, r) => Math.sqrt(degree(pattern, r)));
  return stopGradient(mul(mul(rsqrt(sums), step(sums)), fromArray(whole, [pattern.rows], kept.storage)));
}

/** The places of the entries of a pattern. */
interface Places {
  /** The selectors of the row and of the column of each entry. */
  readonly ofRow: Pattern;
  readonly ofColumn: Pattern;
  /** Whether the pattern is its transpose. */
  readonly symmetric: boolean;
}

const places = new WeakMap<Pattern, Places>();

/** Returns the places of entries, found on the first call. */
function placesOf(pattern: Pattern): Places {
  const known = places.get(pattern);
  if (known) return known;
  const made = {
    ofRow: rowSelector(rowIndices(pattern), pattern.rows),
    ofColumn: rowSelector(pattern.indices, pattern.columns),
    symmetric: isSymmetric(pattern),
  };
  places.set(pattern, made);
  return made;
}

function isSymmetric(pattern: Pattern): boolean {
  const { pattern: flipped } = transposed(pattern);
  const same = (a: Int32Array, b: Int32Array) => a.length === b.length && a.every((x, n) => x === b[n]);
  return same(pattern.offsets, flipped.offsets) && same(pattern.indices, flipped.indices);
}

const pairs = new WeakMap<Pattern, Pattern>();

/** Returns the selector, for each entry of a symmetric pattern, of the first of the entry and its mirror image. */
function firstOfPair(pattern: Pattern): Pattern {
  const known = pairs.get(pattern);
  if (known) return known;
  const { order } = transposed(pattern);
  if (!placesOf(pattern).symmetric) {
    const operand = `a pattern of [${pattern.rows}, ${pattern.columns}] with its mirror images`;
    throw new ValueError(`Cannot dropEntries of ${operand}: it must be symmetric, with ascending columns in each row`);
  }
  const made = rowSelector(range(order.length).map((e) => Math.min(e, order[e])), order.length);
  pairs.set(pattern, made);
  return made;
}

/** Returns the positions if each is in a matrix, and its mirror image too if that is needed. */
function checked(pattern: Pattern, positions: Positions, { mirrored = false }: MaskOptions): Positions {
  const { rows, columns } = positions;
  const size = `a sparse [${pattern.rows}, ${pattern.columns}]`;
  if (rows.length !== columns.length) {
    const lists = `${rows.length} rows and ${columns.length} columns`;
    throw new ValueError(`Cannot leaveOut ${lists} of ${size}: one column for each row is needed`);
  }
  if (mirrored && pattern.rows !== pattern.columns) {
    throw new ValueError(`Cannot leaveOut mirrored positions of ${size}: it must be square`);
  }
  for (let n = 0; n < rows.length; n++) {
    const inside = rows[n] >= 0 && rows[n] < pattern.rows && columns[n] >= 0 && columns[n] < pattern.columns;
    if (!inside) throw new ValueError(`Cannot leaveOut [${rows[n]}, ${columns[n]}] of ${size}: it is outside`);
  }
  return positions;
}
