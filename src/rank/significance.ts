/**
 * Tests of significance: whether one recommender ranks better than another by more than chance, paired by user.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { normalTail, studentTail } from "./distribution.ts";

/** The result of a test. */
export interface TestResult {
  /** The test statistic. */
  readonly statistic: number;
  /** The two-sided p-value: the probability of a statistic at least as extreme if there is no difference. */
  readonly p: number;
  /** The effect size, which does not depend on the number of pairs; 0 for no effect. */
  readonly effect: number;
}

/** The result of a paired t-test. */
export interface TTest extends TestResult {
  /** The mean of a − b. */
  readonly difference: number;
  /** The standard error of this mean. */
  readonly error: number;
}

/** Differences below this share of the largest number are rounding errors. */
const NOISE = 1e-7;

/** The largest number of different pairs for which the distribution of the signed ranks is computed exactly. */
const EXACT = 50;

/**
 * Returns the result of Student's paired t-test: t = mean d / (sd d / √n) over d = a − b, with n − 1 degrees of
 * freedom. The effect is Cohen's d = mean d / sd d.
 *
 * @throws {ValueError} if the lists differ in length, or have fewer than two numbers.
 *
 * @example
 * ```ts
 * import { pairedT } from "@giverny/giverny/rank";
 * import { deepEqual } from "node:assert/strict";
 * const { statistic, p } = pairedT([3, 5, 4, 6], [1, 2, 4, 3]);
 * deepEqual([statistic.toFixed(4), p.toFixed(4)], ["2.8284", "0.0663"]);
 * ```
 */
export function pairedT(a: ArrayLike<number>, b: ArrayLike<number>): TTest {
  const d = differences("pairedT", a, b);
  const n = d.length;
  const difference = d.reduce((sum, x) => sum + x, 0) / n;
  const spread = Math.sqrt(d.reduce((sum, x) => sum + (x - difference) ** 2, 0) / (n - 1));
  const error = spread / Math.sqrt(n);
  const [statistic, effect] = difference === 0 ? [0, 0] : [difference / error, difference / spread];
  return { statistic, p: studentTail(statistic, n - 1), effect, difference, error };
}

/**
 * Returns the result of Wilcoxon's signed-rank test. The differences a − b other than 0 are ranked by size, equal
 * differences share their mean rank, and the statistic is the sum of the ranks of positive differences. Numbers that
 * differ by less than 10⁻⁷ of the largest are equal, because means of fractions have rounding errors. For up to 50
 * differences the distribution is exact, ties included; for more it is normal, with the variance reduced by ties. The
 * effect is the rank-biserial correlation, (positive ranks − negative ranks) / all ranks, from −1 to 1.
 *
 * @throws {ValueError} if the lists differ in length, or have fewer than two numbers.
 *
 * @example The heights of Darwin's plants, crossed and self-fertilised
 * ```ts
 * import { wilcoxon } from "@giverny/giverny/rank";
 * import { deepEqual } from "node:assert/strict";
 * const taller = [6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75];
 * const { statistic, p } = wilcoxon(taller, taller.map(() => 0));
 * deepEqual([statistic, p.toFixed(5)], [96, "0.04126"]);
 * ```
 */
export function wilcoxon(a: ArrayLike<number>, b: ArrayLike<number>): TestResult {
  const largest = (numbers: ArrayLike<number>) =>
    Array.from(numbers).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const noise = NOISE * Math.max(largest(a), largest(b));
  const d = differences("wilcoxon", a, b).filter((x) => Math.abs(x) > noise).sort((x, y) => Math.abs(x) - Math.abs(y));
  const n = d.length;
  if (n === 0) return { statistic: 0, p: 1, effect: 0 };
  const { ranks, ties } = ranked(d.map(Math.abs), noise);
  const statistic = ranks.reduce((sum, rank, i) => sum + (d[i] > 0 ? rank : 0), 0);
  const all = n * (n + 1) / 2;
  const deviation = Math.abs(statistic - all / 2);
  const variance = n * (n + 1) * (2 * n + 1) / 24 - ties / 48;
  const p = n <= EXACT ? exactTail(ranks, deviation) : normalTail(deviation / Math.sqrt(variance));
  return { statistic, p, effect: (2 * statistic - all) / all };
}

/**
 * Returns p-values corrected for their number (Holm, 1979): the k-th smallest of n is multiplied by n − k + 1; no
 * result is below the result of a smaller p-value, or above 1. Among the hypotheses rejected at 5 %, the probability of
 * any false rejection is then at most 5 %.
 *
 * @example
 * ```ts
 * import { holm } from "@giverny/giverny/rank";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(holm([0.25, 0.125, 0.5]), [0.5, 0.375, 0.5]);
 * ```
 */
export function holm(probabilities: readonly number[]): number[] {
  const order = probabilities.map((_, i) => i).sort((i, j) => probabilities[i] - probabilities[j]);
  const corrected = probabilities.slice();
  order.reduce((floor, i, k) => corrected[i] = Math.min(1, Math.max(floor, (order.length - k) * probabilities[i])), 0);
  return corrected;
}

function differences(test: string, a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  if (a.length !== b.length || a.length < 2) {
    throw new ValueError(
      `Cannot ${test} lists of ${a.length} and ${b.length} numbers: they must have one length, at least 2`,
    );
  }
  return Float64Array.from(a, (x, i) => x - b[i]);
}

/**
 * Returns the ranks of ascending numbers, from 1, and Σ (t³ − t) over groups of t equal numbers. Numbers that differ by
 * less than `noise` are equal, and share their mean rank.
 */
function ranked(ascending: Float64Array, noise: number): { readonly ranks: Float64Array; readonly ties: number } {
  const ranks = new Float64Array(ascending.length);
  let ties = 0;
  for (let start = 0, end = 0; start < ranks.length; start = end) {
    while (end < ranks.length && ascending[end] - ascending[start] <= noise) end++;
    ranks.fill((start + 1 + end) / 2, start, end);
    ties += (end - start) ** 3 - (end - start);
  }
  return { ranks, ties };
}

/**
 * Returns the share of the 2ⁿ choices of signs whose sum of positive ranks deviates from the middle at least as much.
 */
function exactTail(ranks: Float64Array, deviation: number): number {
  // A mean rank may be a half, and twice a mean rank is a whole number.
  const twice = ranks.map((rank) => 2 * rank);
  const whole = twice.reduce((sum, rank) => sum + rank, 0);
  const ways = new Float64Array(whole + 1);
  ways[0] = 1;
  for (const rank of twice) for (let sum = whole; sum >= rank; sum--) ways[sum] += ways[sum - rank];
  const extreme = ways.reduce((count, n, sum) => Math.abs(sum - whole / 2) >= 2 * deviation ? count + n : count, 0);
  return extreme / 2 ** ranks.length;
}
