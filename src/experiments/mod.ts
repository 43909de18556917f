/**
 * Experiments: comparisons of models, sweeps of settings, the search for settings, and published results.
 *
 * @module
 */
export { compare, type CompareOptions, type ComparisonPlan, planComparison, type PlanOptions } from "./compare.ts";
export { type Comparison, type Difference, type Row, type Searched, type TrainingCost } from "./comparison.ts";
export { type Grid, type GridOptions, readGrid } from "./grid.ts";
export type { Cost, Outcome, Purpose, StoredOutcome, Trial } from "./outcome.ts";
export { type DataSizes, type Published, publishedOf } from "./published.ts";
export type { Entry, Failed } from "./results.ts";
export type { Plan } from "./search.ts";
export { type Spread, spread } from "./spread.ts";
export {
  planSweep,
  type Range,
  type SettingSweep,
  type Sweep,
  sweep,
  type SweepOptions,
  type SweepPlan,
  type SweepPoint,
} from "./sweep.ts";
export type { NamedTrial } from "./trials.ts";
export { type CommonSettings, type SettingTexts, type Variant, variantOf } from "./variant.ts";
export { type ExperimentEvent, type Workspace, workspaceOf, type WorkspaceOptions } from "./workspace.ts";
