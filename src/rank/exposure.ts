/**
 * What recommendation does to the catalogue: how many items are ever shown, how unequally, and how popular they were
 * already.
 *
 * @module
 */
import type { Items, Users } from "../core/axis.ts";
import type { Pattern } from "../core/pattern.ts";

/** Returns how often each of `items` items occurs in lists of items. */
export function exposure(lists: Iterable<Int32Array>, items: number): Int32Array<ArrayBuffer> {
  const counts = new Int32Array(items);
  for (const list of lists) for (const item of list) counts[item]++;
  return counts;
}

/** Returns the share of the items that are shown at all; 0 of no items. */
export function coverage(exposure: Int32Array): number {
  return exposure.length === 0 ? 0 : exposure.filter((count) => count > 0).length / exposure.length;
}

/**
 * Returns the Gini coefficient of the exposure, Σ (2i − n − 1) xᵢ / (n Σ xᵢ) over the n items with x ascending and i from 1:
 * 0 if all are shown equally often, 1 − 1/n if only one is. 0 if none is.
 */
export function gini(exposure: Int32Array): number {
  const n = exposure.length;
  const sorted = exposure.toSorted();
  const total = sorted.reduce((sum, x) => sum + x, 0);
  return total === 0 ? 0 : sorted.reduce((sum, x, i) => sum + (2 * (i + 1) - n - 1) * x, 0) / (n * total);
}

/** Returns the mean number of training interactions of what is shown, Σ xᵢ dᵢ / Σ xᵢ; 0 if nothing is. */
export function averagePopularity(exposure: Int32Array, degrees: Int32Array): number {
  const total = exposure.reduce((sum, x) => sum + x, 0);
  return total === 0 ? 0 : exposure.reduce((sum, x, item) => sum + x * degrees[item], 0) / total;
}

/** Returns the number of training interactions of each item. */
export function itemDegrees(history: Pattern<Users, Items>): Int32Array<ArrayBuffer> {
  return exposure([history.indices], history.columns);
}

/**
 * Returns the items in equal groups by their number of training interactions, the most popular first; of equally popular
 * items the lower comes first. Sizes differ by one at most.
 */
export function popularityGroups(history: Pattern<Users, Items>, groups: number): Int32Array[] {
  const degrees = itemDegrees(history);
  const order = Int32Array.from(degrees.keys()).sort((a, b) => degrees[b] - degrees[a] || a - b);
  const start = (group: number) => Math.ceil(group * order.length / groups);
  return Array.from({ length: groups }, (_, group) => order.subarray(start(group), start(group + 1)));
}

/** Returns the items without training interactions: only their content can say whom they are for. */
export function unseenItems(history: Pattern<Users, Items>): Int32Array {
  const degrees = itemDegrees(history);
  return Int32Array.from(degrees.keys()).filter((item) => degrees[item] === 0);
}
