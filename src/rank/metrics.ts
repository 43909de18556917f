/**
 * How good one user's ranked list is. Every metric is a function of where the held-out items stand in the list, and looks
 * at its first K places. Whatever the list, the value lies between 0 and 1; it is 0 where nothing is held out.
 *
 * @module
 */

/** Where the held-out items of a user stand in a ranked list. */
export interface Hits {
  /** The ranks of those in the list, ascending; the best rank is 1. */
  readonly ranks: readonly number[];
  /** How many are held out, |T|, in the list or not. */
  readonly relevant: number;
}

/** A metric of the first `k` places of a ranked list. Places beyond the end of a shorter list are misses. */
export type Metric = (hits: Hits, k: number) => number;

/**
 * Returns where held-out items stand in a ranked list of items, best first.
 *
 * @example
 * ```ts
 * import { hits, ndcg, ndcgRetrieved, recall } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * import { assertAlmostEquals } from "deno-std/assert/almost_equals.js";
 * const found = hits([30, 7, 12], new Set([7, 99]));
 * assertEquals(found, { ranks: [2], relevant: 2 });
 * assertEquals(recall(found, 3), 0.5);
 * assertAlmostEquals(ndcgRetrieved(found, 3), 1 / Math.log2(3));
 * assertAlmostEquals(ndcg(found, 3), 1 / Math.log2(3) / (1 + 1 / Math.log2(3)));
 * ```
 */
export function hits(list: ArrayLike<number>, heldOut: ReadonlySet<number>): Hits {
  const ranks: number[] = [];
  for (let place = 0; place < list.length; place++) if (heldOut.has(list[place])) ranks.push(place + 1);
  return { ranks, relevant: heldOut.size };
}

/** R@K = hits / |T|. */
export function recall({ ranks, relevant }: Hits, k: number): number {
  return share(count(ranks, k), relevant);
}

/** P@K = hits / K, also where the list or |T| is shorter than K. */
export function precision({ ranks }: Hits, k: number): number {
  return count(ranks, k) / k;
}

/** HR@K = 1 if there is a hit, else 0. */
export function hitRate({ ranks }: Hits, k: number): number {
  return count(ranks, k) > 0 ? 1 : 0;
}

/** RR@K = 1 / rank of the first hit, 0 without one. Its mean over users is MRR@K. */
export function reciprocalRank({ ranks }: Hits, k: number): number {
  return ranks[0] <= k ? 1 / ranks[0] : 0;
}

/** AP@K = Σ over hits of P@rank / min(K, |T|). Its mean over users is MAP@K. */
export function averagePrecision({ ranks, relevant }: Hits, k: number): number {
  return share(
    ranks.slice(0, count(ranks, k)).reduce((sum, rank, n) => sum + (n + 1) / rank, 0),
    Math.min(k, relevant),
  );
}

/**
 * NDCG@K = DCG@K / Σ over places up to min(K, |T|) of 1 / log₂(place + 1), where DCG@K = Σ over hits of
 * 1 / log₂(rank + 1). The standard: the ideal list begins with all held-out items.
 */
export function ndcg({ ranks, relevant }: Hits, k: number): number {
  return share(dcg(ranks.slice(0, count(ranks, k))), ideal(Math.min(k, relevant)));
}

/**
 * NDCG@K in the variant of NGCF, LATTICE and MONET: the ideal list begins with the held-out items that the *whole list*
 * contains, beyond K too, instead of all that there are. Never below {@link ndcg}, equal to it if |T| = 1, and no measure of
 * what was missed.
 */
export function ndcgRetrieved({ ranks }: Hits, k: number): number {
  return share(dcg(ranks.slice(0, count(ranks, k))), ideal(Math.min(k, ranks.length)));
}

/** The metrics by the names that results give them. */
export const METRICS: Readonly<
  Record<"recall" | "precision" | "ndcg" | "ndcgRetrieved" | "hitRate" | "mrr" | "map", Metric>
> = { recall, precision, ndcg, ndcgRetrieved, hitRate, mrr: reciprocalRank, map: averagePrecision };

/** Returns how many ranks are at most k. */
function count(ranks: readonly number[], k: number): number {
  const beyond = ranks.findIndex((rank) => rank > k);
  return beyond < 0 ? ranks.length : beyond;
}

function dcg(ranks: readonly number[]): number {
  return ranks.reduce((sum, rank) => sum + 1 / Math.log2(rank + 1), 0);
}

/** The DCG of hits at the first places. */
function ideal(places: number): number {
  return dcg(Array.from({ length: places }, (_, place) => place + 1));
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
