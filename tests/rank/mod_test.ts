/** The list of the public names of `rank`: a new name enters on purpose. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import * as rank from "../../src/rank/mod.ts";

Deno.test("rank/mod.ts exports these functions, classes and constants", () => {
  assertEquals(Object.keys(rank).sort(), [
    "METRICS",
    "averagePopularity",
    "averagePrecision",
    "avgDiff",
    "blocks",
    "coverage",
    "evaluateItems",
    "evaluateRankings",
    "evaluateScore",
    "exposure",
    "gini",
    "hitRate",
    "hits",
    "holm",
    "itemDegrees",
    "ndcg",
    "ndcgRetrieved",
    "pairedT",
    "perUserMetrics",
    "popularityGroups",
    "precision",
    "rankItems",
    "recall",
    "reciprocalRank",
    "similarity",
    "unseenItems",
    "wilcoxon",
  ]);
});
