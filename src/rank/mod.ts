/**
 * Ranking: the best items for users, metrics of rankings, and tests of significance.
 *
 * @module
 */
export { type Block, type BlockOptions, blocks, type Score } from "./block.ts";
export type { CandidateItems } from "./candidates.ts";
export {
  type AccuracyName,
  evaluateItems,
  evaluateRankings,
  type EvaluateRankingsOptions,
  evaluateScore,
  type EvaluateScoreOptions,
  type Evaluation,
  type ExposureName,
  type GroupEvaluation,
  type PerUserMetrics,
  perUserMetrics,
  type PerUserMetricsOptions,
} from "./evaluate.ts";
export { averagePopularity, coverage, exposure, gini, itemDegrees, popularityGroups, unseenItems } from "./exposure.ts";
export {
  averagePrecision,
  hitRate,
  type Hits,
  hits,
  type Metric,
  type MetricName,
  METRICS,
  ndcg,
  ndcgRetrieved,
  precision,
  recall,
  reciprocalRank,
} from "./metrics.ts";
export { type Ranking, rankItems, type RankItemsOptions } from "./recommend.ts";
export { holm, pairedT, type TestResult, type TTest, wilcoxon } from "./significance.ts";
export { avgDiff, type Similarity, similarity, type TileOptions } from "./similarity.ts";
