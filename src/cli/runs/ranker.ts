/**
 * A trained model as the ranking functions see it, and how well it ranks.
 *
 * @module
 */
import { entries } from "../../core/pattern.ts";
import type { Config } from "../../core/settings.ts";
import type { Placement } from "../../core/tensor.ts";
import type { Tree } from "../../core/tree.ts";
import { type Dataset, histories, SPLITS } from "../../data/dataset.ts";
import type { Model } from "../../models/mod.ts";
import { popularity } from "../../models/popularity.ts";
import type { Score } from "../../rank/block.ts";
import { evaluateScore, type Evaluation } from "../../rank/evaluate.ts";

/** How to judge a score. */
export interface JudgeOptions {
  /** The numbers of places to look at; 10 and 20 by default. */
  readonly cutoffs?: readonly number[];
  /** Whether popular and rare items are judged separately too; `false` by default. */
  readonly groups?: boolean;
}

/** Returns how well a score finds what a split holds out. */
export type Judge = (score: Score, options?: JudgeOptions) => Promise<Evaluation>;

/** A judge per held-out split; `null` for a split that holds out nothing. */
export type Judges = Readonly<Record<"validation" | "test", Judge | null>>;

/** Returns the score of a model. */
export function scoreOf(model: Model, embeddings: Tree, config: Config): Score {
  return (block) => model.score(embeddings, block, config);
}

/** Returns the score that every other is compared with: how often an item occurs in training. */
export function popularityScore(data: Dataset, place: Placement): Score {
  const counts = popularity.prepare(data, {}, place);
  return (block) => popularity.score(counts, block, {});
}

/** Returns the judges of a data set. Training items are never ranked; for test, validation items are unless masked. */
export function judgesOf(data: Dataset, { maskValidation }: { readonly maskValidation: boolean }): Judges {
  const [history, validation, test] = SPLITS.map((split) => histories(data, split));
  const judge = (heldOut: typeof history, exclude: readonly (typeof history)[]): Judge | null =>
    entries(heldOut) > 0 ? (score, options) => evaluateScore(score, { history, heldOut, exclude, ...options }) : null;
  return { validation: judge(validation, []), test: judge(test, maskValidation ? [validation] : []) };
}

/** Returns the metrics of a score on both splits; `null` for one that holds out nothing. */
export async function judged(
  score: Score,
  judges: Judges,
): Promise<Record<keyof Judges, Evaluation["metrics"] | null>> {
  return {
    validation: (await judges.validation?.(score))?.metrics ?? null,
    test: (await judges.test?.(score))?.metrics ?? null,
  };
}
