/**
 * The exposure of items in rankings: how many items are shown, how unequally, and how popular they are.
 *
 * @module
 */
import type { Items, Users } from "../core/axis.ts";
import type { Pattern } from "../core/pattern.ts";

/**
 * Returns how often each of `items` items occurs in lists of items.
 *
 * @example
 * ```ts
 * import { exposure } from "@giverny/giverny/rank";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...exposure([Int32Array.of(0, 2), Int32Array.of(2)], 3)], [1, 0, 2]);
 * ```
 */
export function exposure(lists: Iterable<Int32Array>, items: number): Int32Array<ArrayBuffer> {
  const counts = new Int32Array(items);
  for (const list of lists) for (const item of list) counts[item]++;
  return counts;
}

/**
 * Returns the share of items that are shown at least once; 0 if there are no items.
 *
 * @example
 * ```ts
 * import { coverage } from "@giverny/giverny/rank";
 * import { equal } from "node:assert/strict";
 * equal(coverage(Int32Array.of(1, 0, 2, 0)), 0.5);
 * ```
 */
export function coverage(exposure: Int32Array): number {
  return exposure.length === 0 ? 0 : exposure.filter((count) => count > 0).length / exposure.length;
}

/**
 * Returns the Gini coefficient of the exposure, Σ (2i − n − 1) xᵢ / (n Σ xᵢ) over the n items with x ascending and i
 * from 1: 0 if all items are shown equally often, or none is shown; 1 − 1/n if only one is shown.
 *
 * @example
 * ```ts
 * import { gini } from "@giverny/giverny/rank";
 * import { equal } from "node:assert/strict";
 * equal(gini(Int32Array.of(0, 0, 0, 5)), 0.75);
 * ```
 */
export function gini(exposure: Int32Array): number {
  const n = exposure.length;
  const sorted = exposure.toSorted();
  const total = sorted.reduce((sum, x) => sum + x, 0);
  return total === 0 ? 0 : sorted.reduce((sum, x, i) => sum + (2 * (i + 1) - n - 1) * x, 0) / (n * total);
}

/**
 * Returns the mean number of training interactions of the shown items, Σ xᵢ dᵢ / Σ xᵢ; 0 if none is shown.
 *
 * @example
 * ```ts
 * import { averagePopularity } from "@giverny/giverny/rank";
 * import { equal } from "node:assert/strict";
 * equal(averagePopularity(Int32Array.of(1, 3), Int32Array.of(2, 6)), 5);
 * ```
 */
export function averagePopularity(exposure: Int32Array, degrees: Int32Array): number {
  const total = exposure.reduce((sum, x) => sum + x, 0);
  return total === 0 ? 0 : exposure.reduce((sum, x, item) => sum + x * degrees[item], 0) / total;
}

/**
 * Returns the number of training interactions of each item.
 *
 * @example
 * ```ts
 * import { patternFromCoo } from "@giverny/giverny/core";
 * import { itemDegrees } from "@giverny/giverny/rank";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...itemDegrees(patternFromCoo([2, 3], [0, 1, 1], [2, 0, 2]))], [1, 0, 2]);
 * ```
 */
export function itemDegrees(history: Pattern<Users, Items>): Int32Array<ArrayBuffer> {
  return exposure([history.indices], history.columns);
}

/**
 * Returns the items in groups of equal size by their number of training interactions, the most popular first. Of
 * equally popular items, the one with the lower number comes first. Sizes differ by at most one.
 *
 * @example
 * ```ts
 * import { patternFromCoo } from "@giverny/giverny/core";
 * import { popularityGroups } from "@giverny/giverny/rank";
 * import { deepEqual } from "node:assert/strict";
 * const history = patternFromCoo([2, 3], [0, 1, 1], [2, 0, 2]);
 * deepEqual(popularityGroups(history, 3).map((group) => [...group]), [[2], [0], [1]]);
 * ```
 */
export function popularityGroups(history: Pattern<Users, Items>, groups: number): Int32Array[] {
  const degrees = itemDegrees(history);
  const order = Int32Array.from(degrees.keys()).sort((a, b) => degrees[b] - degrees[a] || a - b);
  const start = (group: number) => Math.ceil(group * order.length / groups);
  return Array.from({ length: groups }, (_, group) => order.subarray(start(group), start(group + 1)));
}

/**
 * Returns the items without training interactions (cold items). Only content-based models can rank them.
 *
 * @example
 * ```ts
 * import { patternFromCoo } from "@giverny/giverny/core";
 * import { unseenItems } from "@giverny/giverny/rank";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...unseenItems(patternFromCoo([2, 3], [0, 1, 1], [2, 0, 2]))], [1]);
 * ```
 */
export function unseenItems(history: Pattern<Users, Items>): Int32Array {
  const degrees = itemDegrees(history);
  return Int32Array.from(degrees.keys()).filter((item) => degrees[item] === 0);
}
