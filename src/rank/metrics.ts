/**
 * Metrics of one ranked list. Every metric is a function of the ranks of the held-out items T in the list; a hit is a
 * held-out item among the first K places. All values are between 0 and 1, and 0 if nothing is held out.
 *
 * @module
 */

/** The ranks of the held-out items of a user in a ranked list. */
export interface Hits {
  /** The ranks of the held-out items in the list, ascending; the best rank is 1. */
  readonly ranks: readonly number[];
  /** The number of held-out items, |T|, in the list or not. */
  readonly relevant: number;
}

/** A metric of the first `k` places of a ranked list. Places beyond the end of a shorter list are misses. */
export type Metric = (hits: Hits, k: number) => number;

/**
 * Returns the ranks of held-out items in a ranked list of items, best first.
 *
 * @example
 * ```ts
 * import { hits } from "@giverny/giverny/rank";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(hits([30, 7, 12], new Set([7, 99])), { ranks: [2], relevant: 2 });
 * ```
 */
export function hits(list: ArrayLike<number>, heldOut: ReadonlySet<number>): Hits {
  const ranks: number[] = [];
  for (let place = 0; place < list.length; place++) if (heldOut.has(list[place])) ranks.push(place + 1);
  return { ranks, relevant: heldOut.size };
}

/**
 * Returns R@K = hits / |T|: the share of the held-out items that is found.
 *
 * @example
 * ```ts
 * import { recall } from "@giverny/giverny/rank";
 * import { equal } from "node:assert/strict";
 * equal(recall({ ranks: [2], relevant: 4 }, 10), 0.25);
 * ```
 */
export function recall({ ranks, relevant }: Hits, k: number): number {
  return share(within(ranks, k).length, relevant);
}

/**
 * Returns P@K = hits / K, also if the list or T is shorter than K.
 *
 * @example
 * ```ts
 * import { precision } from "@giverny/giverny/rank";
 * import { equal } from "node:assert/strict";
 * equal(precision({ ranks: [2], relevant: 4 }, 10), 0.1);
 * ```
 */
export function precision({ ranks }: Hits, k: number): number {
  return within(ranks, k).length / k;
}

/**
 * Returns HR@K = 1 if there is a hit, else 0.
 *
 * @example
 * ```ts
 * import { hitRate } from "@giverny/giverny/rank";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([1, 2].map((k) => hitRate({ ranks: [2], relevant: 4 }, k)), [0, 1]);
 * ```
 */
export function hitRate({ ranks }: Hits, k: number): number {
  return ranks[0] <= k ? 1 : 0;
}

/**
 * Returns RR@K = 1 / rank of the first hit, or 0 without a hit. Its mean over users is MRR@K.
 *
 * @example
 * ```ts
 * import { reciprocalRank } from "@giverny/giverny/rank";
 * import { equal } from "node:assert/strict";
 * equal(reciprocalRank({ ranks: [4], relevant: 1 }, 10), 0.25);
 * ```
 */
export function reciprocalRank({ ranks }: Hits, k: number): number {
  return ranks[0] <= k ? 1 / ranks[0] : 0;
}

/**
 * Returns AP@K = Σ over hits of P@rank / min(K, |T|). Its mean over users is MAP@K.
 *
 * @example
 * ```ts
 * import { averagePrecision } from "@giverny/giverny/rank";
 * import { equal } from "node:assert/strict";
 * equal(averagePrecision({ ranks: [1, 4], relevant: 2 }, 10), 0.75);
 * ```
 */
export function averagePrecision({ ranks, relevant }: Hits, k: number): number {
  return share(within(ranks, k).reduce((sum, rank, n) => sum + (n + 1) / rank, 0), Math.min(k, relevant));
}

/**
 * Returns NDCG@K = DCG@K / Σ over places p ≤ min(K, |T|) of 1 / log₂(p + 1), with DCG@K = Σ over hits of
 * 1 / log₂(rank + 1). This is the standard definition: an ideal list begins with all held-out items.
 *
 * @example
 * ```ts
 * import { ndcg } from "@giverny/giverny/rank";
 * import { equal } from "node:assert/strict";
 * equal(ndcg({ ranks: [1, 2], relevant: 2 }, 10), 1);
 * ```
 */
export function ndcg({ ranks, relevant }: Hits, k: number): number {
  return share(dcg(within(ranks, k)), ideal(Math.min(k, relevant)));
}

/**
 * Returns NDCG@K as NGCF, LATTICE and MONET compute it: DCG@K / Σ over places p ≤ min(K, h) of 1 / log₂(p + 1), with h
 * the number of hits in the whole list, including places after K. The ideal list then begins with the items that were
 * found, not with all held-out items. It is never below {@link ndcg}, and equal to it if |T| = 1.
 *
 * @example
 * ```ts
 * import { ndcg, ndcgRetrieved } from "@giverny/giverny/rank";
 * import { ok } from "node:assert/strict";
 * const found = { ranks: [1], relevant: 2 };
 * ok(ndcgRetrieved(found, 10) === 1 && ndcg(found, 10) < 1);
 * ```
 */
export function ndcgRetrieved({ ranks }: Hits, k: number): number {
  return share(dcg(within(ranks, k)), ideal(Math.min(k, ranks.length)));
}

/** The name of a metric of {@link METRICS}. */
export type MetricName = "recall" | "precision" | "ndcg" | "ndcgRetrieved" | "hitRate" | "mrr" | "map";

/**
 * The metrics of an evaluation, by their names in results. The command `evaluate` shows them all; tables of comparisons
 * and sweeps show those that have a column in `src/reports/columns.ts` and `src/reports/sweep_tables.ts`.
 *
 * @example
 * ```ts
 * import { METRICS } from "@giverny/giverny/rank";
 * import { equal } from "node:assert/strict";
 * equal(METRICS.mrr({ ranks: [2], relevant: 1 }, 10), 0.5);
 * ```
 */
export const METRICS: Readonly<Record<MetricName, Metric>> = {
  recall,
  precision,
  ndcg,
  ndcgRetrieved,
  hitRate,
  mrr: reciprocalRank,
  map: averagePrecision,
};

function within(ranks: readonly number[], k: number): readonly number[] {
  return ranks.filter((rank) => rank <= k);
}

function dcg(ranks: readonly number[]): number {
  return ranks.reduce((sum, rank) => sum + 1 / Math.log2(rank + 1), 0);
}

/** Returns the DCG of hits at the first places. */
function ideal(places: number): number {
  return dcg(Array.from({ length: places }, (_, place) => place + 1));
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
