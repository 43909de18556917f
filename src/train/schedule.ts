/**
 * Learning rates over time.
 *
 * @module
 */

/** Returns the learning rate of an epoch, given how many have finished before it. */
export type Schedule = (epoch: number) => number;

/** Returns the schedule that never changes. */
export function constant(rate: number): Schedule {
  return () => rate;
}

/** How {@link exponential} falls. */
export interface ExponentialOptions {
  /** What the rate is multiplied by; 0.96 by default. */
  readonly factor?: number;
  /** In how many epochs; 50 by default. */
  readonly every?: number;
}

/**
 * Returns rate · factor^(epoch / every), falling a little each epoch (LATTICE, MONET and GUME use the defaults).
 *
 * @example
 * ```ts
 * import { exponential } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * assertEquals(exponential(1, { factor: 0.5, every: 10 })(20), 0.25);
 * ```
 */
export function exponential(rate: number, { factor = 0.96, every = 50 }: ExponentialOptions = {}): Schedule {
  return (epoch) => rate * factor ** (epoch / every);
}
