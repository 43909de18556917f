/**
 * How good a ranked list is for one user. Every metric is a function of where the held-out items T stand in the list; a hit is
 * one among its first K places. All values lie between 0 and 1, and are 0 where nothing is held out.
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

/** Returns R@K = hits / |T|: the share of the held-out items that is found. */
export function recall({ ranks, relevant }: Hits, k: number): number {
  return share(within(ranks, k).length, relevant);
}

/** Returns P@K = hits / K, by K also where the list or T is shorter. */
export function precision({ ranks }: Hits, k: number): number {
  return within(ranks, k).length / k;
}

/** Returns HR@K = 1 if there is a hit, else 0. */
export function hitRate({ ranks }: Hits, k: number): number {
  return ranks[0] <= k ? 1 : 0;
}

/** Returns RR@K = 1 / rank of the first hit, or 0 without one. Its mean over users is MRR@K. */
export function reciprocalRank({ ranks }: Hits, k: number): number {
  return ranks[0] <= k ? 1 / ranks[0] : 0;
}

/** Returns AP@K = Σ over hits of P@rank / min(K, |T|). Its mean over users is MAP@K. */
export function averagePrecision({ ranks, relevant }: Hits, k: number): number {
  return share(within(ranks, k).reduce((sum, rank, n) => sum + (n + 1) / rank, 0), Math.min(k, relevant));
}

/**
 * Returns NDCG@K = DCG@K / Σ over places p ≤ min(K, |T|) of 1 / log₂(p + 1), with DCG@K = Σ over hits of
 * 1 / log₂(rank + 1). This is the standard: an ideal list begins with all held-out items.
 */
export function ndcg({ ranks, relevant }: Hits, k: number): number {
  return share(dcg(within(ranks, k)), ideal(Math.min(k, relevant)));
}

/**
 * Returns NDCG@K as NGCF, LATTICE and MONET compute it: DCG@K / Σ over places p ≤ min(K, h) of 1 / log₂(p + 1), with h the
 * hits in the whole list, places after K included. An ideal list then begins with what was found instead of all there is to
 * find: never below {@link ndcg}, and equal to it if |T| = 1.
 */
export function ndcgRetrieved({ ranks }: Hits, k: number): number {
  return share(dcg(within(ranks, k)), ideal(Math.min(k, ranks.length)));
}

/** The metrics by the names that results give them. */
export const METRICS: Readonly<
  Record<"recall" | "precision" | "ndcg" | "ndcgRetrieved" | "hitRate" | "mrr" | "map", Metric>
> = { recall, precision, ndcg, ndcgRetrieved, hitRate, mrr: reciprocalRank, map: averagePrecision };

function within(ranks: readonly number[], k: number): readonly number[] {
  return ranks.filter((rank) => rank <= k);
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
