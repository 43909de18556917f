/**
 * Evaluation of rankings: all items are ranked for every user with held-out items, and metrics compare the rankings
 * with the held-out items.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { Items, Users } from "../core/axis.ts";
import { degree, type Pattern, patternFromCoo, rowIndices, rowOf } from "../core/pattern.ts";
import { ShapeError, showShape } from "../core/shape.ts";
import type { BlockOptions, Score } from "./block.ts";
import { amongCandidates, type CandidateItems, candidatesOf } from "./candidates.ts";
import { averagePopularity, coverage, exposure, gini, itemDegrees, popularityGroups } from "./exposure.ts";
import { hits, type Metric, type MetricName, METRICS } from "./metrics.ts";
import { type Ranking, rankItems } from "./recommend.ts";

/** The name of a metric at a cutoff: `recall@20`, for example. `M` are the names of the metrics. */
export type AccuracyName<M extends string = MetricName> = `${M}@${number}`;
/** The name of a number that describes all lists together, at a cutoff: `coverage@20`, for example. */
export type ExposureName = `${"coverage" | "gini" | "popularity"}@${number}`;

/** The options of {@link perUserMetrics}. `M` are the names of the metrics. */
export interface PerUserMetricsOptions<M extends string = MetricName> {
  /** The numbers K of places that metrics look at; 10 and 20 by default. */
  readonly cutoffs?: readonly number[] | undefined;
  /** The metrics by name; `METRICS` by default. To add a metric of your own: `{ ...METRICS, rbp }`. */
  readonly metrics?: Readonly<Record<M, Metric>> | undefined;
}

/** The options of {@link evaluateRankings}. */
export interface EvaluateRankingsOptions<M extends string = MetricName> extends PerUserMetricsOptions<M> {
  /** The training items of every user. They are never ranked. */
  readonly history: Pattern<Users, Items>;
  /** The validation or test items of every user. */
  readonly heldOut: Pattern<Users, Items>;
  /** Whether popular and rare items are also evaluated separately; `false` by default. */
  readonly groups?: boolean | undefined;
}

/** The options of {@link evaluateScore}. */
export interface EvaluateScoreOptions<M extends string = MetricName> extends EvaluateRankingsOptions<M>, BlockOptions {
  /** Further entries that are never ranked; none by default: at test time, validation items are candidates. */
  readonly exclude?: readonly Pattern<Users, Items>[] | undefined;
  /** The items that may be ranked; all by default. Held-out items that are no candidates do not count. */
  readonly candidates?: CandidateItems | undefined;
}

/** The metrics of every user. */
export interface PerUserMetrics<M extends string = MetricName> {
  /** The evaluated users: those with held-out items, in the order of their rankings. */
  readonly users: Int32Array;
  /** One number per evaluated user, by metric. */
  readonly values: Readonly<Record<AccuracyName<M>, Float64Array>>;
}

/** The evaluation of a group of items. */
export interface GroupEvaluation<M extends string = MetricName> {
  /** The number of items in the group. */
  readonly items: number;
  /** The number of users with held-out items in the group. */
  readonly users: number;
  /** Means over these users, where only items of the group count as held out; `null` without users. */
  readonly metrics: Readonly<Record<AccuracyName<M>, number>> | null;
}

/** The result of an evaluation: plain numbers, ready for JSON. */
export interface Evaluation<M extends string = MetricName> {
  /** The number of evaluated users: those with held-out items. */
  readonly users: number;
  /**
   * Means over these users, by metric and cutoff, and three numbers that describe all their lists together: the share
   * of the items that occur (`coverage`), the Gini coefficient of their exposure (`gini`), and the mean number of
   * training interactions of the shown items (`popularity`).
   */
  readonly metrics: Readonly<Record<AccuracyName<M>, number> & Record<ExposureName, number>>;
  /** The five groups of items by popularity, the most popular first, if asked for. */
  readonly groups?: readonly GroupEvaluation<M>[];
}

/**
 * Returns how well a score ranks all items except those of the history: plain means over all users with held-out items.
 * A held-out item that is excluded counts as missed.
 *
 * @throws {ValueError} if nothing is held out, a cutoff is not a whole number above 0, a score is NaN, or a candidate
 * is no item.
 * @throws {ShapeError} if the patterns or the scores differ in shape.
 *
 * @example
 * ```ts
 * import { fromArray, patternFromCoo } from "@giverny/giverny/core";
 * import { repeatRows } from "@giverny/giverny/ops";
 * import { evaluateScore } from "@giverny/giverny/rank";
 * import { deepEqual } from "node:assert/strict";
 * const history = patternFromCoo([2, 4], [0, 1], [1, 3]);
 * const heldOut = patternFromCoo([2, 4], [0, 1], [0, 1]);
 * const popularity = fromArray([3, 8, 5, 5], [4]);
 * const { metrics } = await evaluateScore(({ users }) => repeatRows(popularity, users.length), {
 *   history,
 *   heldOut,
 *   cutoffs: [1, 3],
 * });
 * deepEqual([metrics["recall@1"], metrics["recall@3"]], [0.5, 1]);
 * ```
 *
 * @example A metric of your own, among some items
 * ```ts
 * import { fromArray, patternFromCoo } from "@giverny/giverny/core";
 * import { repeatRows, sum } from "@giverny/giverny/ops";
 * import { evaluateScore, type Hits, METRICS } from "@giverny/giverny/rank";
 * import { deepEqual } from "node:assert/strict";
 * const history = patternFromCoo([2, 4], [0, 1], [1, 3]);
 * const heldOut = patternFromCoo([2, 4], [0, 1], [0, 1]);
 * const popularity = fromArray([3, 8, 5, 5], [4]);
 * const rbp = ({ ranks }: Hits) => 0.2 * ranks.reduce((sum, rank) => sum + 0.8 ** (rank - 1), 0);
 * const { users, metrics } = await evaluateScore(({ users }) => repeatRows(popularity, users.length), {
 *   history,
 *   heldOut,
 *   metrics: { ...METRICS, rbp },
 *   candidates: [0, 2],
 * });
 * deepEqual([users, metrics["rbp@20"]], [1, 0.2 * 0.8]);
 * ```
 */
export async function evaluateScore<M extends string = MetricName>(
  score: Score,
  options: EvaluateScoreOptions<M>,
): Promise<Evaluation<M>> {
  const { history, exclude, budget, candidates, cutoffs = [10, 20] } = options;
  checkCutoffs(cutoffs);
  checkMetrics(options.metrics);
  checkHeldOut(options.heldOut, history);
  const of = candidatesOf("evaluateScore", candidates, [history.rows, history.columns]);
  const heldOut = of ? amongCandidates(options.heldOut, of) : options.heldOut;
  if (heldOut.indices.length === 0) throw nothingHeldOut("no held-out item is a candidate");
  const users = Int32Array.from(new Set(rowIndices(heldOut)));
  const rankings = await rankItems(score, { history, users, k: Math.max(...cutoffs), exclude, budget, candidates });
  return evaluateRankings(rankings, { ...options, heldOut });
}

/**
 * Returns the evaluation of rankings, as {@link evaluateScore} does. There must be a ranking for every user with
 * held-out items, of the length of the largest cutoff.
 *
 * @throws {ValueError} if no ranked user has held-out items, or a cutoff is not a whole number above 0.
 *
 * @example
 * ```ts
 * import { patternFromCoo } from "@giverny/giverny/core";
 * import { evaluateRankings } from "@giverny/giverny/rank";
 * import { equal } from "node:assert/strict";
 * const pattern = (item: number) => patternFromCoo([1, 3], [0], [item]);
 * const rankings = [{ user: 0, items: Int32Array.of(2, 1), scores: Float32Array.of(9, 5) }];
 * const { metrics } = evaluateRankings(rankings, { history: pattern(0), heldOut: pattern(1), cutoffs: [2] });
 * equal(metrics["mrr@2"], 0.5);
 * ```
 */
export function evaluateRankings<M extends string = MetricName>(
  rankings: readonly Ranking[],
  options: EvaluateRankingsOptions<M>,
): Evaluation<M> {
  const { history, heldOut, cutoffs = [10, 20], metrics, groups = false } = options;
  const judged = perUserMetrics(rankings, heldOut, { cutoffs, metrics });
  if (judged.users.length === 0) throw nothingHeldOut("no item is held out; choose a split that holds some out");
  const evaluation: Evaluation<M> = {
    users: judged.users.length,
    metrics: { ...means(judged), ...exposures(rankings, itemDegrees(history), cutoffs) },
  };
  if (!groups) return evaluation;
  return {
    ...evaluation,
    groups: popularityGroups(history, 5).map((items) => evaluateItems(rankings, items, options)),
  };
}

/**
 * Returns the evaluation of some items: only they count as held out.
 *
 * @example
 * ```ts
 * import { patternFromCoo } from "@giverny/giverny/core";
 * import { evaluateItems } from "@giverny/giverny/rank";
 * import { deepEqual } from "node:assert/strict";
 * const rankings = [{ user: 0, items: Int32Array.of(2, 1), scores: Float32Array.of(9, 5) }];
 * const heldOut = patternFromCoo([1, 3], [0, 0], [0, 1]);
 * const { users, metrics } = evaluateItems(rankings, [1], { heldOut, cutoffs: [2] });
 * deepEqual([users, metrics?.["recall@2"]], [1, 1]);
 * ```
 */
export function evaluateItems<M extends string = MetricName>(
  rankings: readonly Ranking[],
  items: Iterable<number>,
  options: Pick<EvaluateRankingsOptions<M>, "heldOut" | "cutoffs" | "metrics">,
): GroupEvaluation<M> {
  const { heldOut, cutoffs, metrics } = options;
  const group = new Set(items);
  const judged = perUserMetrics(rankings, inColumns(heldOut, group), { cutoffs, metrics });
  return {
    items: group.size,
    users: judged.users.length,
    metrics: judged.users.length > 0 ? means(judged) : null,
  };
}

/**
 * Returns the metrics of every user with held-out items, for comparing two scores user by user. The rankings, from
 * {@link rankItems}, should have the length of the largest cutoff: the ideal of `ndcgRetrieved` depends on their
 * length.
 *
 * @throws {ValueError} if a cutoff is not a whole number above 0.
 *
 * @example
 * ```ts
 * import { patternFromCoo } from "@giverny/giverny/core";
 * import { perUserMetrics } from "@giverny/giverny/rank";
 * import { deepEqual } from "node:assert/strict";
 * const rankings = [{ user: 0, items: Int32Array.of(2, 1), scores: Float32Array.of(9, 5) }];
 * const { values } = perUserMetrics(rankings, patternFromCoo([1, 3], [0], [1]), { cutoffs: [1, 2] });
 * deepEqual([...values["hitRate@1"], ...values["hitRate@2"]], [0, 1]);
 * ```
 */
export function perUserMetrics<M extends string = MetricName>(
  rankings: readonly Ranking[],
  heldOut: Pattern<Users, Items>,
  options: PerUserMetricsOptions<M> = {},
): PerUserMetrics<M> {
  const { cutoffs = [10, 20], metrics = METRICS } = options;
  checkCutoffs(cutoffs);
  checkMetrics(metrics);
  const judged = rankings.filter(({ user }) => degree(heldOut, user) > 0);
  const found = judged.map(({ user, items }) => hits(items, new Set(rowOf(heldOut, user))));
  const values = cutoffs.flatMap((k) =>
    Object.entries<Metric>(metrics).map(([name, metric]) =>
      [`${name}@${k}`, Float64Array.from(found, (h) => metric(h, k))] as const
    )
  );
  return {
    users: Int32Array.from(judged, ({ user }) => user),
    values: Object.fromEntries(values) as PerUserMetrics<M>["values"],
  };
}

function means<M extends string>({ users, values }: PerUserMetrics<M>): Record<AccuracyName<M>, number> {
  const mean = (each: Float64Array) => each.reduce((sum, value) => sum + value, 0) / users.length;
  return Object.fromEntries(
    Object.entries<Float64Array>(values).map(([name, each]) => [name, mean(each)]),
  ) as Record<AccuracyName<M>, number>;
}

function exposures(
  rankings: readonly Ranking[],
  degrees: Int32Array,
  cutoffs: readonly number[],
): Record<ExposureName, number> {
  return Object.fromEntries(cutoffs.flatMap((k) => {
    const shown = exposure(rankings.map(({ items }) => items.subarray(0, k)), degrees.length);
    return [
      [`coverage@${k}`, coverage(shown)],
      [`gini@${k}`, gini(shown)],
      [`popularity@${k}`, averagePopularity(shown, degrees)],
    ];
  }));
}

/** Returns the entries of a pattern in some of its columns. */
function inColumns(pattern: Pattern<Users, Items>, columns: ReadonlySet<number>): Pattern<Users, Items> {
  const rows = rowIndices(pattern);
  const kept = Array.from(rows.keys()).filter((e) => columns.has(pattern.indices[e]));
  return patternFromCoo([pattern.rows, pattern.columns], kept.map((e) => rows[e]), kept.map((e) => pattern.indices[e]));
}

function checkCutoffs(cutoffs: readonly number[]): void {
  if (cutoffs.length === 0 || !cutoffs.every((k) => Number.isInteger(k) && k > 0)) {
    throw new ValueError(`Cannot evaluate at the cutoffs [${cutoffs.join(", ")}]: whole numbers above 0 are needed`);
  }
}

function checkMetrics(metrics: object = METRICS): void {
  const taken = ["coverage", "gini", "popularity"].find((name) => Object.hasOwn(metrics, name));
  if (taken) throw new ValueError(`Cannot evaluate by a metric "${taken}": every evaluation has a number of this name`);
}

function checkHeldOut(heldOut: Pattern, history: Pattern): void {
  if (heldOut.rows !== history.rows || heldOut.columns !== history.columns) {
    const [one, other] = [heldOut, history].map(({ rows, columns }) => showShape([rows, columns]));
    throw new ShapeError(`Cannot evaluate held-out items ${one} with a history ${other}: users and items must match`);
  }
  if (heldOut.indices.length === 0) throw nothingHeldOut("no item is held out; choose a split that holds some out");
}

function nothingHeldOut(rule: string): ValueError {
  return new ValueError(`Cannot evaluate a ranking: ${rule}`);
}
