/**
 * A trained model as a plain value, and the two questions that people ask it: which items to recommend, and how well it
 * ranks.
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
import { itemDegrees } from "../rank/exposure.ts";
import { type Ranking, rankItems } from "../rank/recommend.ts";
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
function itemNumbers(data: Dataset, ids: readonly string[], caller: string): number[] {
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

/** The options of {@link recommend}. */
export interface RecommendOptions {
  /** The ids of the users, as the source of the data has them; all users by default. */
  readonly users?: readonly string[] | undefined;
  /** The number of items for each user; 10 by default. */
  readonly k?: number | undefined;
  /** Whether items of the user's training interactions may be recommended; `false` by default. */
  readonly includeSeen?: boolean | undefined;
  /** The ids of the items that may be recommended; all by default. */
  readonly candidates?: readonly string[] | undefined;
}

/** The items for a user, the best first. */
export interface Recommendation {
  /** The id of the user. */
  readonly user: string;
  /** Whether the user has a place in the run. A user who has none gets the most popular items. */
  readonly known: boolean;
  /** The items. */
  readonly items: readonly RecommendedItem[];
}

/** A recommended item. */
export interface RecommendedItem {
  /** The id of the item. */
  readonly item: string;
  /** The title, if the data have titles. */
  readonly title: string | undefined;
  /** The model's score; `null` for popularity. */
  readonly score: number | null;
}

/**
 * Returns the best items for users, in the order in which the users are named.
 *
 * @throws {ValueError} if `k` is not a whole number above 0.
 *
 * @example
 * ```ts
 * import { garden, key, models, recommend, train } from "@giverny/giverny";
 * import { equal } from "node:assert/strict";
 * const run = await train(models.popularity, garden(key(0), { users: 60, items: 40 }));
 * const [first] = await recommend(run, { users: ["user-07"], k: 3 });
 * equal(first.items.length, 3);
 * ```
 */
export async function recommend(run: Run, options: RecommendOptions = {}): Promise<Recommendation[]> {
  const { data } = run;
  const { users = data.users, k = 10, includeSeen } = options;
  const candidates = options.candidates && itemNumbers(data, options.candidates, "recommend");
  const history = histories(data, "train");
  const numbers = new Map(data.users.map((id, number) => [id, number]));
  const asked = [...new Set(users)];
  const known = asked.flatMap((id) => numbers.get(id) ?? []);
  const rankings = await rankItems(scoreOf(run), {
    history,
    users: Int32Array.from(known),
    k,
    includeSeen,
    candidates,
  });
  const byUser = new Map(rankings.map((ranking) => [ranking.user, ranking]));
  const fallback = mostPopular(itemDegrees(history), k, candidates);
  return asked.map((user) => {
    const ranking = byUser.get(numbers.get(user) ?? -1);
    return { user, known: ranking !== undefined, items: described(ranking ?? fallback, data) };
  });
}

/** Returns the most popular items; of equally popular items the lower number comes first. */
function mostPopular(
  degrees: Int32Array,
  k: number,
  candidates: Iterable<number> = degrees.keys(),
): Pick<Ranking, "items"> {
  return { items: Int32Array.from(candidates).sort((a, b) => degrees[b] - degrees[a] || a - b).subarray(0, k) };
}

function described({ items, scores }: Partial<Ranking> & Pick<Ranking, "items">, data: Dataset): RecommendedItem[] {
  return Array.from(items, (item, n) => ({
    item: data.items[item],
    title: data.titles?.[item],
    score: scores?.[n] ?? null,
  }));
}
