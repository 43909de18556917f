/**
 * How well a score ranks: every item for every user with held-out items, judged by what was held out.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { Items, Users } from "../core/axis.ts";
import { degree, type Pattern, patternFromCoo, rowIndices, rowOf } from "../core/pattern.ts";
import { ShapeError, showShape } from "../core/shape.ts";
import type { BlockOptions, Score } from "./block.ts";
import { averagePopularity, coverage, exposure, gini, itemDegrees, popularityGroups } from "./exposure.ts";
import { hits, METRICS } from "./metrics.ts";
import { type Ranking, rankItems } from "./recommend.ts";

/** The name of a metric at a cutoff: `recall@20`. */
export type AccuracyName = `${keyof typeof METRICS}@${number}`;
/** The name of a number that describes all lists together, at a cutoff: `coverage@20`. */
export type ExposureName = `${"coverage" | "gini" | "popularity"}@${number}`;

/** How to judge rankings. */
export interface PerUserMetricsOptions {
  /** The numbers of places to look at; 10 and 20 by default. */
  readonly cutoffs?: readonly number[];
}

/** What rankings are assessed by. */
export interface EvaluateRankingsOptions extends PerUserMetricsOptions {
  /** The training items of every user. They are never recommended. */
  readonly history: Pattern<Users, Items>;
  /** What is to be found: the validation or test items of every user. */
  readonly heldOut: Pattern<Users, Items>;
  /** Whether to judge popular and rare items separately too; `false` by default. */
  readonly groups?: boolean;
}

/** How to evaluate. */
export interface EvaluateScoreOptions extends EvaluateRankingsOptions, BlockOptions {
  /** Further entries never to recommend; none by default: at test time validation items stay candidates. */
  readonly exclude?: readonly Pattern<Users, Items>[];
}

/** The metrics of every user. */
export interface PerUserMetrics {
  /** The users that were judged: those with held-out items, in the order of their rankings. */
  readonly users: Int32Array;
  /** One number per judged user, by metric. */
  readonly values: Readonly<Record<AccuracyName, Float64Array>>;
}

/** How well a group of items is found. */
export interface GroupEvaluation {
  /** How many items it has. */
  readonly items: number;
  /** How many users have held-out items in it. */
  readonly users: number;
  /** Means over these users, where only items of the group count as held out; `null` without users. */
  readonly metrics: Readonly<Record<AccuracyName, number>> | null;
}

/** The outcome of an evaluation: plain numbers, ready for JSON. */
export interface Evaluation {
  /** How many users were judged: those with held-out items. */
  readonly users: number;
  /**
   * Means over these users, by metric and cutoff, and what their lists together are like: the share of the items that occur
   * (`coverage`), how unequally (`gini`), and their mean number of training interactions (`popularity`).
   */
  readonly metrics: Readonly<Record<AccuracyName | ExposureName, number>>;
  /** The five groups of items by popularity, the most popular fifth first, if asked for. */
  readonly groups?: readonly GroupEvaluation[];
}

/**
 * Returns how well a score ranks all items but those of the history, for all users with held-out items: plain means over
 * them. A held-out item that may not be recommended counts as missed.
 *
 * @throws {ValueError} if nothing is held out, a cutoff is not a whole number above 0, or a score is NaN.
 * @throws {ShapeError} if the patterns or the scores differ in shape.
 *
 * @example
 * ```ts
 * import { evaluateScore, fromArray, patternFromCoo, repeatRows } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * const history = patternFromCoo([2, 4], [0, 1], [1, 3]);
 * const heldOut = patternFromCoo([2, 4], [0, 1], [0, 1]);
 * const popularity = fromArray([3, 8, 5, 5], [4]);
 * const { metrics } = await evaluateScore(({ users }) => repeatRows(popularity, users.length), {
 *   history,
 *   heldOut,
 *   cutoffs: [1, 3],
 * });
 * assertEquals([metrics["recall@1"], metrics["recall@3"]], [0.5, 1]);
 * ```
 */
export async function evaluateScore(score: Score, options: EvaluateScoreOptions): Promise<Evaluation> {
  const { history, heldOut, exclude, budget, cutoffs = [10, 20] } = options;
  checkCutoffs(cutoffs);
  checkHeldOut(heldOut, history);
  const users = Int32Array.from(new Set(rowIndices(heldOut)));
  const ranking = { history, users, k: Math.max(...cutoffs), ...exclude && { exclude }, ...budget && { budget } };
  return evaluateRankings(await rankItems(score, ranking), options);
}

/**
 * Returns what {@link evaluateScore} does, of rankings that are there already: those of all users with held-out items, as long as the
 * largest cutoff.
 *
 * @throws {ValueError} if there is none, or a cutoff is not a whole number above 0.
 */
export function evaluateRankings(rankings: readonly Ranking[], options: EvaluateRankingsOptions): Evaluation {
  const { history, heldOut, cutoffs = [10, 20], groups = false } = options;
  const judged = perUserMetrics(rankings, heldOut, { cutoffs });
  if (judged.users.length === 0) throw nothingHeldOut();
  const byGroup = () => popularityGroups(history, 5).map((items) => evaluateItems(rankings, items, options));
  return {
    users: judged.users.length,
    metrics: { ...means(judged), ...exposures(rankings, itemDegrees(history), cutoffs) },
    ...groups ? { groups: byGroup() } : {},
  };
}

/** Returns how well some items are found: the same lists, judged as if nothing else were held out. */
export function evaluateItems(
  rankings: readonly Ranking[],
  items: Iterable<number>,
  { heldOut, cutoffs = [10, 20] }: Pick<EvaluateRankingsOptions, "heldOut" | "cutoffs">,
): GroupEvaluation {
  const group = new Set(items);
  const judged = perUserMetrics(rankings, within(heldOut, group), { cutoffs });
  return {
    items: group.size,
    users: judged.users.length,
    metrics: judged.users.length > 0 ? means(judged) : null,
  };
}

/**
 * Returns the metrics of every user with held-out items, for comparing two scores user by user. The rankings, from
 * {@link rankItems}, should be as long as the largest cutoff. The ideal of `ndcgRetrieved` depends on their length, whatever
 * the cutoff.
 *
 * @throws {ValueError} if a cutoff is not a whole number above 0.
 */
export function perUserMetrics(
  rankings: readonly Ranking[],
  heldOut: Pattern<Users, Items>,
  { cutoffs = [10, 20] }: PerUserMetricsOptions = {},
): PerUserMetrics {
  checkCutoffs(cutoffs);
  const judged = rankings.filter(({ user }) => degree(heldOut, user) > 0);
  const found = judged.map(({ user, items }) => hits(items, new Set(rowOf(heldOut, user))));
  const values = cutoffs.flatMap((k) =>
    Object.entries(METRICS).map(([name, metric]) => [`${name}@${k}`, Float64Array.from(found, (h) => metric(h, k))])
  );
  return { users: Int32Array.from(judged, ({ user }) => user), values: Object.fromEntries(values) };
}

function means({ users, values }: PerUserMetrics): Record<AccuracyName, number> {
  return Object.fromEntries(
    Object.entries(values).map(([name, each]) => [name, each.reduce((sum, value) => sum + value, 0) / users.length]),
  );
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
function within(pattern: Pattern<Users, Items>, columns: ReadonlySet<number>): Pattern<Users, Items> {
  const rows = rowIndices(pattern);
  const kept = Array.from(rows.keys()).filter((e) => columns.has(pattern.indices[e]));
  return patternFromCoo([pattern.rows, pattern.columns], kept.map((e) => rows[e]), kept.map((e) => pattern.indices[e]));
}

function checkCutoffs(cutoffs: readonly number[]): void {
  if (cutoffs.length === 0 || !cutoffs.every((k) => Number.isInteger(k) && k > 0)) {
    throw new ValueError(`Cannot judge lists at the cutoffs [${cutoffs.join(", ")}]: whole numbers above 0 are needed`);
  }
}

function checkHeldOut(heldOut: Pattern, history: Pattern): void {
  if (heldOut.rows !== history.rows || heldOut.columns !== history.columns) {
    throw new ShapeError(
      `Cannot look for held-out items ${showShape([heldOut.rows, heldOut.columns])} in a ranking of ` +
        `${showShape([history.rows, history.columns])}: users and items must match`,
    );
  }
  if (heldOut.indices.length === 0) throw nothingHeldOut();
}

function nothingHeldOut(): ValueError {
  return new ValueError("Cannot evaluate a ranking: no item is held out; choose a split that holds some out");
}
