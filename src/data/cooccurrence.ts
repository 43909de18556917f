/**
 * Which items are found together: how many users have both of two items.
 *
 * @module
 */
import type { Items, Users } from "../core/axis.ts";
import { type Pattern, rowOf, transposed } from "../core/pattern.ts";

/** For each item those that share a user with it, and how many users they share. */
export interface Cooccurrence {
  /** An entry wherever two different items share a user, columns ascending. Symmetric. */
  readonly pattern: Pattern<Items, Items>;
  /** How many users, by entry. */
  readonly counts: Int32Array;
}

/**
 * Counts, for every two different items, the users who have both. It takes as many steps as there are pairs of items in
 * histories, and room for the pairs that occur; items × items numbers never exist.
 *
 * @example
 * ```ts
 * import { cooccurrence, patternFromCoo, rowOf } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * const { pattern, counts } = cooccurrence(patternFromCoo([2, 3], [0, 0, 1, 1, 1], [0, 1, 0, 1, 2]));
 * assertEquals([...rowOf(pattern, 0)], [1, 2]);
 * assertEquals([...counts.subarray(0, 2)], [2, 1]);
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
