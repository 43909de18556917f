/**
 * Means and standard deviations over seeds.
 *
 * @module
 */

/** A number over seeds. */
export interface Spread {
  /** The mean. */
  readonly mean: number;
  /** The standard deviation; `null` for one seed. */
  readonly sd: number | null;
  /** The numbers, one per seed. */
  readonly values: readonly number[];
}

/**
 * Returns the mean and the standard deviation of some numbers.
 *
 * @example
 * ```ts
 * import { spread } from "@giverny/giverny/experiments";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(spread([1, 2, 3]), { mean: 2, sd: 1, values: [1, 2, 3] });
 * ```
 */
export function spread(values: readonly number[]): Spread {
  // Relative to the first number, so that equal numbers have exactly that mean, and no deviation.
  const middle = values[0] + mean(values.map((value) => value - values[0]));
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return { mean: middle, sd: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : null, values };
}

/** Returns the mean of numbers. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
