/**
 * Sparsity patterns: the positions of the stored entries of a sparse matrix. Adjacencies, histories, neighbour graphs
 * and lists of rows all have this type. Patterns are immutable and live on the host; `sparse.ts` adds values and
 * devices.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { range } from "./range.ts";

/**
 * The positions of the stored entries of a sparse `[rows, columns]` matrix, row by row (the CSR layout). Entries
 * `offsets[r]` to `offsets[r + 1] − 1` lie in row `r`, and `indices[e]` is the column of entry `e`.
 */
export interface Pattern<R extends number = number, C extends number = number> {
  /** The number of rows. */
  readonly rows: R;
  /** The number of columns. */
  readonly columns: C;
  /** `rows + 1` ascending numbers, from 0 to the number of entries. */
  readonly offsets: Int32Array;
  /** The column of each entry. */
  readonly indices: Int32Array;
}

/**
 * Returns the number of stored entries.
 *
 * @example
 * ```ts
 * import { entries, patternFromCoo } from "@giverny/giverny/core";
 * import { equal } from "node:assert/strict";
 * equal(entries(patternFromCoo([2, 3], [0, 1], [2, 0])), 2);
 * ```
 */
export function entries(pattern: Pattern): number {
  return pattern.indices.length;
}

/**
 * Returns the number of entries in row `row`.
 *
 * @example
 * ```ts
 * import { degree, patternFromCoo } from "@giverny/giverny/core";
 * import { equal } from "node:assert/strict";
 * equal(degree(patternFromCoo([2, 3], [1, 1], [0, 2]), 1), 2);
 * ```
 */
export function degree(pattern: Pattern, row: number): number {
  return pattern.offsets[row + 1] - pattern.offsets[row];
}

/**
 * Returns the columns of the entries of row `row`: a view, not a copy.
 *
 * @example
 * ```ts
 * import { patternFromCoo, rowOf } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...rowOf(patternFromCoo([2, 3], [1, 1], [2, 0]), 1)], [0, 2]);
 * ```
 */
export function rowOf(pattern: Pattern, row: number): Int32Array {
  return pattern.indices.subarray(pattern.offsets[row], pattern.offsets[row + 1]);
}

/**
 * Returns the pattern with these offsets and columns (compressed sparse rows), after checking them.
 *
 * @throws {ValueError} if the offsets do not ascend from 0 to the number of entries, or a column is out of range.
 *
 * @example
 * ```ts
 * import { patternFromCsr, rowOf } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * const pattern = patternFromCsr([2, 3], Int32Array.of(0, 0, 2), Int32Array.of(0, 2));
 * deepEqual([...rowOf(pattern, 1)], [0, 2]);
 * ```
 */
export function patternFromCsr<R extends number, C extends number>(
  shape: readonly [rows: R, columns: C],
  offsets: Int32Array,
  indices: Int32Array,
): Pattern<R, C> {
  const [rows, columns] = shape;
  const refuse = (rule: string) => new ValueError(`Cannot make a [${rows}, ${columns}] pattern: ${rule}`);
  if (offsets.length !== rows + 1) throw refuse(`expected ${rows + 1} offsets, found ${offsets.length}`);
  if (offsets[0] !== 0 || offsets[rows] !== indices.length) throw refuse("offsets must run from 0 to the entry count");
  for (let r = 0; r < rows; r++) if (offsets[r + 1] < offsets[r]) throw refuse(`offsets descend at row ${r}`);
  for (let e = 0; e < indices.length; e++) {
    if (indices[e] < 0 || indices[e] >= columns) throw refuse(`entry ${e} is in column ${indices[e]}`);
  }
  return { rows, columns, offsets, indices };
}

/**
 * Returns the pattern of a list of positions (coordinates). Columns ascend within each row, and duplicates are stored
 * once.
 *
 * @throws {ValueError} if a position is out of range.
 *
 * @example
 * ```ts
 * import { patternFromCoo, rowOf } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * const histories = patternFromCoo([2, 5], [1, 0, 1, 1], [4, 2, 0, 4]);
 * deepEqual([...rowOf(histories, 1)], [0, 4]);
 * ```
 */
export function patternFromCoo<R extends number, C extends number>(
  shape: readonly [rows: R, columns: C],
  rowIndices: ArrayLike<number>,
  columnIndices: ArrayLike<number>,
): Pattern<R, C> {
  const [rows, columns] = shape;
  for (let e = 0; e < rowIndices.length; e++) {
    const r = rowIndices[e], c = columnIndices[e];
    if (!(r >= 0 && r < rows && c >= 0 && c < columns)) {
      throw new ValueError(`Cannot make a [${rows}, ${columns}] pattern: the entry at [${r}, ${c}] is outside`);
    }
  }
  const byRow = bucket(rowIndices, rows);
  const offsets = new Int32Array(rows + 1);
  const indices = new Int32Array(rowIndices.length);
  for (let e = 0; e < indices.length; e++) indices[e] = columnIndices[byRow.order[e]];
  let kept = 0;
  for (let r = 0; r < rows; r++) {
    const [from, to] = [byRow.offsets[r], byRow.offsets[r + 1]];
    indices.subarray(from, to).sort();
    const first = kept;
    for (let e = from; e < to; e++) {
      if (kept === first || indices[e] !== indices[kept - 1]) indices[kept++] = indices[e];
    }
    offsets[r + 1] = kept;
  }
  return { rows, columns, offsets, indices: indices.slice(0, kept) };
}

/**
 * Returns the pattern with exactly one entry per row, at column `indices[r]`. `gather` takes it as a selection of rows.
 *
 * @throws {ValueError} if an index is out of range.
 *
 * @example
 * ```ts
 * import { readSync, rowSelector, tensor } from "@giverny/giverny/core";
 * import { gather } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const x = tensor([5, 6, 7]);
 * deepEqual([...readSync(gather(x, rowSelector(Int32Array.of(2, 0), x.shape[0])))], [7, 5]);
 * ```
 */
export function rowSelector<C extends number>(indices: Int32Array, columns: C): Pattern<number, C> {
  return patternFromCsr([indices.length, columns], range(indices.length + 1), indices);
}

/** The transpose of a pattern, with the original position of each entry. */
export interface Transposed<R extends number = number, C extends number = number> {
  /** The transpose. */
  readonly pattern: Pattern<C, R>;
  /** Entry `e` of the transpose is entry `order[e]` of the original. */
  readonly order: Int32Array;
}

const transposes = new WeakMap<Pattern, Transposed>();

/**
 * Returns the transpose of a pattern. It is computed on the first call and cached. The transpose of the transpose is
 * the original object.
 *
 * @example
 * ```ts
 * import { patternFromCoo, rowOf, transposed } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * const { pattern } = transposed(patternFromCoo([2, 3], [0, 1], [2, 2]));
 * deepEqual([...rowOf(pattern, 2)], [0, 1]);
 * ```
 */
export function transposed<R extends number, C extends number>(of: Pattern<R, C>): Transposed<R, C> {
  const known = transposes.get(of);
  if (known) return known as Transposed<R, C>;
  const { offsets, order } = bucket(of.indices, of.columns);
  const source = rowIndices(of);
  const indices = new Int32Array(order.length);
  const back = new Int32Array(order.length);
  for (let position = 0; position < order.length; position++) {
    indices[position] = source[order[position]];
    back[order[position]] = position;
  }
  const flipped: Pattern<C, R> = { rows: of.columns, columns: of.rows, offsets, indices };
  transposes.set(of, { pattern: flipped, order });
  transposes.set(flipped, { pattern: of, order: back });
  return { pattern: flipped, order };
}

/**
 * Returns the row of each entry.
 *
 * @example
 * ```ts
 * import { patternFromCoo, rowIndices } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...rowIndices(patternFromCoo([2, 3], [0, 1, 1], [2, 0, 1]))], [0, 1, 1]);
 * ```
 */
export function rowIndices(of: Pattern): Int32Array<ArrayBuffer> {
  const out = new Int32Array(of.indices.length);
  for (let r = 0; r < of.rows; r++) {
    for (let e = of.offsets[r]; e < of.offsets[r + 1]; e++) out[e] = r;
  }
  return out;
}

/**
 * Returns whether column `column` is stored in row `row`, by bisection. Columns must ascend within each row.
 *
 * @example
 * ```ts
 * import { hasEntry, patternFromCoo } from "@giverny/giverny/core";
 * import { equal } from "node:assert/strict";
 * equal(hasEntry(patternFromCoo([2, 3], [1], [2]), 1, 2), true);
 * ```
 */
export function hasEntry(of: Pattern, row: number, column: number): boolean {
  let low = of.offsets[row], high = of.offsets[row + 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (of.indices[middle] < column) low = middle + 1;
    else high = middle;
  }
  return low < of.offsets[row + 1] && of.indices[low] === column;
}

/**
 * Returns the pattern of the listed rows, in this order. A row may be listed more than once.
 *
 * @throws {ValueError} if a row does not exist.
 *
 * @example
 * ```ts
 * import { patternFromCoo, rowOf, takeRows } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * const pattern = patternFromCoo([2, 3], [0, 1], [2, 0]);
 * deepEqual([...rowOf(takeRows(pattern, [1, 0, 1]), 2)], [0]);
 * ```
 */
export function takeRows<R extends number, C extends number>(
  of: Pattern<number, C>,
  rows: ArrayLike<number> & { length: R },
): Pattern<R, C> {
  const offsets = new Int32Array(rows.length + 1);
  for (let r = 0; r < rows.length; r++) {
    if (!(rows[r] >= 0 && rows[r] < of.rows)) {
      throw new ValueError(
        `Cannot take row ${rows[r]} of a [${of.rows}, ${of.columns}] pattern: rows are numbered from 0 to ${
          of.rows - 1
        }`,
      );
    }
    offsets[r + 1] = offsets[r] + degree(of, rows[r]);
  }
  const indices = new Int32Array(offsets[rows.length]);
  for (let r = 0; r < rows.length; r++) {
    const shift = of.offsets[rows[r]] - offsets[r];
    for (let e = offsets[r]; e < offsets[r + 1]; e++) indices[e] = of.indices[e + shift];
  }
  return { rows: rows.length, columns: of.columns, offsets, indices };
}

/**
 * Returns a pattern without the entries (r, `left[r]`): one column is left out of each row that stores it.
 *
 * @example
 * ```ts
 * import { patternFromCoo, rowOf, without } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * const history = patternFromCoo([2, 3], [0, 0, 1], [0, 2, 1]);
 * deepEqual([...rowOf(without(history, [2, 2]), 0)], [0]);
 * ```
 */
export function without<R extends number, C extends number>(of: Pattern<R, C>, left: ArrayLike<number>): Pattern<R, C> {
  const rows = rowIndices(of);
  const kept = range(of.indices.length).filter((e) => of.indices[e] !== left[rows[e]]);
  const offsets = new Int32Array(of.rows + 1);
  for (const e of kept) offsets[rows[e] + 1]++;
  for (let r = 0; r < of.rows; r++) offsets[r + 1] += offsets[r];
  return { rows: of.rows, columns: of.columns, offsets, indices: kept.map((e) => of.indices[e]) };
}

/** Returns the positions of `keys` grouped by value, in stable order: a counting sort. */
function bucket(keys: ArrayLike<number>, count: number): { offsets: Int32Array; order: Int32Array } {
  const offsets = new Int32Array(count + 1);
  for (let e = 0; e < keys.length; e++) offsets[keys[e] + 1]++;
  for (let k = 0; k < count; k++) offsets[k + 1] += offsets[k];
  const next = offsets.slice();
  const order = new Int32Array(keys.length);
  for (let e = 0; e < keys.length; e++) order[next[keys[e]]++] = e;
  return { offsets, order };
}
