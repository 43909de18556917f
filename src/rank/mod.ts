/**
 * Ranking: the best items for users, metrics of rankings, and tests of significance.
 *
 * @module
 */
export * from "./block.ts";
export * from "./distribution.ts";
export * from "./evaluate.ts";
export * from "./exposure.ts";
export * from "./metrics.ts";
export * from "./recommend.ts";
export * from "./significance.ts";
export * from "./similarity.ts";
