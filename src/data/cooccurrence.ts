/**
 * The number of users whom two items have in common.
 *
 * @module
 */
import type { Items, Users } from "../core/axis.ts";
import { type Pattern, rowOf, transposed } from "../core/pattern.ts";

/** The pairs of items with users in common, and the number of these users. */
export interface Cooccurrence {
  /** An entry for every two different items that share a user, columns ascending. Symmetric. */
  readonly pattern: Pattern<Items, Items>;
  /** The number of users, by entry. */
  readonly counts: Int32Array;
}

/**
 * Returns, for every two different items, the number of users who have both. Time grows with the number of pairs of
 * items in histories, and memory with the number of different pairs: no items × items matrix is made.
 *
 * @example
 * ```ts
 * import { cooccurrence } from "@giverny/giverny/data";
 * import { patternFromCoo, rowOf } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * const { pattern, counts } = cooccurrence(patternFromCoo([2, 3], [0, 0, 1, 1, 1], [0, 1, 0, 1, 2]));
 * deepEqual([...rowOf(pattern, 0)], [1, 2]);
 * deepEqual([...counts.subarray(0, 2)], [2, 1]);
 * ```
 */
export function cooccurrence(history: Pattern<Users, Items>): Cooccurrence {
  const owners = transposed(history).pattern;
  const items = history.columns;
  const shared = new Int32Array(items);
  const rows: { readonly indices: Int32Array; readonly counts: Int32Array }[] = [];
  const offsets = new Int32Array(items + 1);
  for (let item = 0; item < items; item++) {
    const met: number[] = [];
    for (const user of rowOf(owners, item)) {
      for (const other of rowOf(history, user)) if (other !== item && shared[other]++ === 0) met.push(other);
    }
    const indices = Int32Array.from(met).sort();
    rows.push({ indices, counts: indices.map((other) => shared[other]) });
    for (const other of met) shared[other] = 0;
    offsets[item + 1] = offsets[item] + met.length;
  }
  const [indices, counts] = [new Int32Array(offsets[items]), new Int32Array(offsets[items])];
  rows.forEach((row, item) => {
    indices.set(row.indices, offsets[item]);
    counts.set(row.counts, offsets[item]);
  });
  return { pattern: { rows: items, columns: items, offsets, indices }, counts };
}
