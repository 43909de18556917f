/**
 * Experiments: comparisons of models, sweeps of settings, and published results to compare with.
 *
 * @module
 */
export type { Comparison, Difference, Row, Searched, TrainingCost } from "./comparison.ts";
export { type DataSizes, type Published, publishedOf } from "./published.ts";
export { type Spread, spread } from "./spread.ts";
export type { SettingSweep, Sweep, SweepPoint } from "./sweep.ts";
export type { Failed } from "./results.ts";
