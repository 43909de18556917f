/**
 * Whether one recommender ranks better than another by more than chance: paired tests over the users that both were judged on.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { normalTail, studentTail } from "./distribution.ts";

/** What a test found. */
export interface TestResult {
  /** The statistic. */
  readonly statistic: number;
  /** How probable one at least as extreme is if there is no difference, to either side. */
  readonly p: number;
  /** The size of the effect, whatever the number of pairs; 0 for none. */
  readonly effect: number;
}

/** What a paired t-test found. */
export interface TTest extends TestResult {
  /** The mean of a − b. */
  readonly difference: number;
  /** Its standard error. */
  readonly error: number;
}

/** What of the largest number a difference may be and still be one of rounding. */
const NOISE = 1e-7;

/** How many pairs may differ for the exact distribution of the signed ranks. */
const EXACT = 50;

/**
 * The paired t-test of Student: t = mean d / (sd d / √n) over d = a − b, with n − 1 degrees of freedom. The effect is
 * Cohen's d = mean d / sd d.
 *
 * @throws {ValueError} if the lists differ in length or have fewer than two numbers.
 *
 * @example
 * ```ts
 * import { pairedT } from "@giverny/giverny";
 * import { assertAlmostEquals } from "deno-std/assert/almost_equals.js";
 * const { statistic, p } = pairedT([3, 5, 4, 6], [1, 2, 4, 3]);
 * assertAlmostEquals(statistic, 2.828427, 1e-6);
 * assertAlmostEquals(p, 0.066276, 1e-6);
 * ```
 */
export function pairedT(a: ArrayLike<number>, b: ArrayLike<number>): TTest {
  const d = differences(a, b);
  const n = d.length;
  const difference = d.reduce((sum, x) => sum + x, 0) / n;
  const spread = Math.sqrt(d.reduce((sum, x) => sum + (x - difference) ** 2, 0) / (n - 1));
  const error = spread / Math.sqrt(n);
  const [statistic, effect] = difference === 0 ? [0, 0] : [difference / error, difference / spread];
  return { statistic, p: studentTail(statistic, n - 1), effect, difference, error };
}

/**
 * The signed-rank test of Wilcoxon: the differences a − b other than 0 are ranked by size, equal ones sharing their mean rank,
 * and the statistic is the sum of the ranks of the positive ones. What differs by less than 10⁻⁷ of the largest number is
 * equal: means of fractions are so to their last bits only. Of up to 50 such differences the distribution is exact,
 * ties included; of more it is normal, with its variance reduced by the ties. The effect is the rank-biserial correlation,
 * (positive ranks − negative ranks) / all ranks, from −1 to 1.
 *
 * @throws {ValueError} if the lists differ in length or have fewer than two numbers.
 *
 * @example The heights of Darwin's plants, crossed and self-fertilised
 * ```ts
 * import { wilcoxon } from "@giverny/giverny";
 * import { assertAlmostEquals } from "deno-std/assert/almost_equals.js";
 * const taller = [6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75];
 * const { statistic, p } = wilcoxon(taller, taller.map(() => 0));
 * assertAlmostEquals(statistic, 96);
 * assertAlmostEquals(p, 0.0412598, 1e-6);
 * ```
 */
export function wilcoxon(a: ArrayLike<number>, b: ArrayLike<number>): TestResult {
  const largest = (numbers: ArrayLike<number>) =>
    Array.from(numbers).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const noise = NOISE * Math.max(largest(a), largest(b));
  const d = differences(a, b).filter((x) => Math.abs(x) > noise).sort((x, y) => Math.abs(x) - Math.abs(y));
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
 * Returns probabilities corrected for their number as Holm (1979) does: the k-th smallest of n is multiplied by n − k + 1, and
 * none is left below a smaller one's, or above 1. Whoever then believes all below 5 % errs anywhere in 5 % of cases at most.
 *
 * @example
 * ```ts
 * import { holm } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * assertEquals(holm([0.25, 0.125, 0.5]), [0.5, 0.375, 0.5]);
 * ```
 */
export function holm(probabilities: readonly number[]): number[] {
  const order = probabilities.map((_, i) => i).sort((i, j) => probabilities[i] - probabilities[j]);
  const corrected = probabilities.slice();
  order.reduce((floor, i, k) => corrected[i] = Math.min(1, Math.max(floor, (order.length - k) * probabilities[i])), 0);
  return corrected;
}

function differences(a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  if (a.length !== b.length || a.length < 2) {
    throw new ValueError(
      `Cannot compare ${a.length} numbers with ${b.length} in pairs: as many are needed, and two at least`,
    );
  }
  return Float64Array.from(a, (x, i) => x - b[i]);
}

/** Returns the ranks of ascending numbers, from 1, those equal but for noise sharing their mean; and Σ (t³ − t) over groups of t equals. */
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

/** Returns the share of the 2ⁿ choices of signs whose sum of positive ranks lies at least so far from the middle. */
function exactTail(ranks: Float64Array, deviation: number): number {
  // Twice a mean rank is a whole number.
  const twice = ranks.map((rank) => 2 * rank);
  const whole = twice.reduce((sum, rank) => sum + rank, 0);
  const ways = new Float64Array(whole + 1);
  ways[0] = 1;
  for (const rank of twice) for (let sum = whole; sum >= rank; sum--) ways[sum] += ways[sum - rank];
  const extreme = ways.reduce((count, n, sum) => Math.abs(sum - whole / 2) >= 2 * deviation ? count + n : count, 0);
  return extreme / 2 ** ranks.length;
}
