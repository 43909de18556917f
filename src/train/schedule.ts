/**
 * Schedules of learning rates.
 *
 * @module
 */

/**
 * Returns the learning rate of a step, from the number of its epoch, counted from 0, and the share of the epoch's steps
 * that lie before it, 0 by default.
 */
export type Schedule = (epoch: number, share?: number) => number;

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

/** The options of {@link cosine}. */
export interface CosineOptions {
  /** The number of epochs from the full rate to the lowest. */
  readonly epochs: number;
  /** The share of the rate that remains at the end; 0 by default. */
  readonly floor?: number | undefined;
}

/**
 * Returns the schedule that falls from the rate along half a cosine, step by step (Loshchilov and Hutter, ICLR 2017,
 * without restarts).
 *
 * @example
 * ```ts
 * import { cosine } from "@giverny/giverny/train";
 * import { equal } from "node:assert/strict";
 * equal(cosine(1, { epochs: 10 })(5).toFixed(6), "0.500000");
 * ```
 */
export function cosine(rate: number, { epochs, floor = 0 }: CosineOptions): Schedule {
  return (epoch, share = 0) => {
    const turn = Math.PI * Math.min(1, (epoch + share) / epochs);
    return rate * (floor + (1 - floor) * (1 + Math.cos(turn)) / 2);
  };
}

/**
 * Returns a schedule whose rates rise from 0 to those of another over the first epochs, step by step.
 *
 * @param epochs The number of epochs in which the rate rises; with 0 the schedule is the other one.
 *
 * @example
 * ```ts
 * import { constant, warmUp } from "@giverny/giverny/train";
 * import { deepEqual } from "node:assert/strict";
 * const rate = warmUp(constant(1), 2);
 * deepEqual([rate(0, 0.5), rate(1), rate(7)], [0.25, 0.5, 1]);
 * ```
 */
export function warmUp(schedule: Schedule, epochs: number): Schedule {
  return (epoch, share = 0) => {
    const passed = epoch + share;
    return passed < epochs ? schedule(epoch, share) * passed / epochs : schedule(epoch, share);
  };
}
