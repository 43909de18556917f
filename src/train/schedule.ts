/**
 * Schedules of learning rates.
 *
 * @module
 */

/** Returns the learning rate of an epoch, from its number, counted from 0. */
export type Schedule = (epoch: number) => number;

/**
 * Returns the schedule of a constant learning rate.
 *
 * @example
 * ```ts
 * import { constant } from "@giverny/giverny/train";
 * import { equal } from "node:assert/strict";
 * equal(constant(0.1)(7), 0.1);
 * ```
 */
export function constant(rate: number): Schedule {
  return () => rate;
}

/** The options of {@link exponential}. */
export interface ExponentialOptions {
  /** The factor that the rate is multiplied by; 0.96 by default. */
  readonly factor?: number | undefined;
  /** The number of epochs for one factor; 50 by default. */
  readonly every?: number | undefined;
}

/**
 * Returns the schedule rate · factor^(epoch / every), which falls a little each epoch. LATTICE, MONET and GUME use the
 * defaults.
 *
 * @example
 * ```ts
 * import { exponential } from "@giverny/giverny/train";
 * import { equal } from "node:assert/strict";
 * equal(exponential(1, { factor: 0.5, every: 10 })(20), 0.25);
 * ```
 */
export function exponential(rate: number, options: ExponentialOptions = {}): Schedule {
  const { factor = 0.96, every = 50 } = options;
  return (epoch) => rate * factor ** (epoch / every);
}
