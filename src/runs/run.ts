/**
 * A trained model as a plain value, and how well it ranks.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { Device } from "../../kernels/mod.ts";
import { entries } from "../core/pattern.ts";
import { free } from "../core/scope.ts";
import type { Placement } from "../core/tensor.ts";
import type { Tree } from "../core/tree.ts";
import { type Dataset, histories, type Split, SPLITS } from "../data/dataset.ts";
import type { Model } from "../models/mod.ts";
import { popularity } from "../models/popularity.ts";
import type { Score } from "../rank/block.ts";
import { evaluateScore, type EvaluateScoreOptions, type Evaluation } from "../rank/evaluate.ts";
import type { MetricName } from "../rank/metrics.ts";
import { displayedEvaluation } from "./evaluation_display.ts";
import type { Epoch } from "./journal.ts";
import type { RunRecord } from "./record.ts";
import type { RunConfig } from "./settings.ts";

/** A trained model. */
export interface Run {
  /** The model. */
  readonly model: Model;
  /** Its settings and those of its training. */
  readonly config: RunConfig;
  /** Ids, titles and interactions. A run that was opened has no features. */
  readonly data: Dataset;
  /** The device that holds the embeddings. */
  readonly device: Device;
  /** The best parameters; `null` for a run that was opened from a folder: `loadParams` reads them. */
  readonly params: Tree | null;
  /** The encoded best parameters: all that ranking needs. */
  readonly embeddings: Tree;
  /** The epochs, with their evaluations on validation. */
  readonly history: readonly Epoch[];
  /** The record: data, device, time, results. */
  readonly record: RunRecord;
  /** The folder of the run; `null` for a run in memory. */
  readonly folder: string | null;
}

/** Returns the score of a run: higher for items that fit a user better. */
export function scoreOf({ model, embeddings, config }: Pick<Run, "model" | "embeddings" | "config">): Score {
  return (block) => model.score(embeddings, block, config);
}

/**
 * Evaluates popularity, which ranks items by the number of their training interactions. Every model is compared with
 * it. `null` without interactions to find.
 */
export async function evaluatePopularity(
  data: Dataset,
  place: Placement,
  evaluator: Evaluator | null,
  options?: EvaluatorOptions,
): Promise<Evaluation | null> {
  const counts = popularity.prepare(data, {}, place);
  try {
    return await evaluator?.((block) => popularity.score(counts, block, {}), options) ?? null;
  } finally {
    free(counts);
  }
}

/** The options of an {@link Evaluator}. */
export type EvaluatorOptions<M extends string = MetricName> = Pick<
  EvaluateScoreOptions<M>,
  "cutoffs" | "groups" | "budget" | "metrics" | "candidates"
>;

/** The options of {@link evaluate}. `M` are the names of the metrics. */
export interface EvaluateOptions<M extends string = MetricName> extends Omit<EvaluatorOptions<M>, "candidates"> {
  /** The held-out interactions to find; `test` by default. */
  readonly split?: Exclude<Split, "train"> | undefined;
  /** The ids of the items that may be ranked; all by default. Other held-out items do not count. */
  readonly candidates?: readonly string[] | undefined;
}

/** A function that evaluates a score on a split. */
export type Evaluator = <M extends string = MetricName>(
  score: Score,
  options?: EvaluatorOptions<M>,
) => Promise<Evaluation<M>>;

/**
 * Returns the evaluator of a split; `null` if the split has no interactions. Training items are never ranked. On test,
 * validation items are candidates unless the setting `maskValidation` removes them.
 */
export function evaluatorOf(
  data: Dataset,
  split: Exclude<Split, "train">,
  { maskValidation }: Pick<RunConfig, "maskValidation">,
): Evaluator | null {
  const [history, validation, test] = SPLITS.map((split) => histories(data, split));
  const [heldOut, exclude] = split === "validation" ? [validation, []] : [test, maskValidation ? [validation] : []];
  if (entries(heldOut) === 0) return null;
  return (score, options) => evaluateScore(score, { history, heldOut, exclude, ...options });
}

/**
 * Returns how well a run ranks: all items are ranked for every user with held-out interactions, without the user's
 * training items, and each metric is a mean over these users.
 *
 * @throws {ValueError} if the split has no interactions, or a cutoff is not a whole number above 0.
 *
 * @example
 * ```ts
 * import { evaluate, garden, key, models, train } from "@giverny/giverny";
 * import { ok } from "node:assert/strict";
 * const run = await train(models.popularity, garden(key(0), { users: 60, items: 40 }));
 * const { metrics } = await evaluate(run, { cutoffs: [10] });
 * ok(metrics["recall@10"] > 0 && metrics["recall@10"] <= 1);
 * ```
 */
export async function evaluate<M extends string = MetricName>(
  run: Run,
  { split = "test", candidates, ...options }: EvaluateOptions<M> = {},
): Promise<Evaluation<M>> {
  const evaluator = evaluatorOf(run.data, split, run.config);
  const items = candidates && itemNumbers(run.data, candidates, "evaluate");
  if (evaluator) return displayedEvaluation(await evaluator(scoreOf(run), { ...options, candidates: items }));
  throw new ValueError(
    `Cannot evaluate ${nameOf(run)} on ${split}: no interaction is held out; choose another split`,
  );
}

/** Returns the numbers of items with these ids. */
export function itemNumbers(data: Dataset, ids: readonly string[], caller: string): number[] {
  const numbers = new Map(data.items.map((id, number) => [id, number]));
  return ids.map((id) => {
    const number = numbers.get(id);
    if (number !== undefined) return number;
    throw new ValueError(`Cannot ${caller} with the candidate "${id}": the data have no item with this id`);
  });
}

function nameOf({ folder, model }: Run): string {
  return folder === null ? `the run of ${model.name}` : `"${folder}"`;
}
