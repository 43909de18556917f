/**
 * How a trial does on test: looked at once, when all trials of a comparison have ended.
 *
 * @module
 */
import * as v from "valibot";
import { range } from "../core/range.ts";
import { degree } from "../core/pattern.ts";
import { free } from "../core/scope.ts";
import type { Placement } from "../core/tensor.ts";
import { type Dataset, histories, SPLITS } from "../data/dataset.ts";
import { writeFile } from "../data/formats/files.ts";
import {
  evaluateItems,
  evaluateRankings,
  type Evaluation,
  type GroupEvaluation,
  perUserMetrics,
} from "../rank/evaluate.ts";
import { popularityGroups, unseenItems } from "../rank/exposure.ts";
import { rankItems } from "../rank/recommend.ts";
import { loadTree } from "../train/checkpoint.ts";
import { scoreOf } from "../cli/runs/ranker.ts";
import { within } from "../cli/runs/folder.ts";
import { fromFolder } from "./outcome.ts";
import type { Outcome } from "./trial.ts";

/** The metrics that are tested for significance, user by user. */
export const TESTED = ["recall@20", "ndcg@20"] as const;

/** How well held-out items are found. */
export interface Verdict extends Pick<Evaluation, "users" | "metrics"> {
  /** By how popular the items are: five equal groups, the most popular first. */
  readonly groups: readonly GroupEvaluation[];
  /** The most popular fifth of the items. */
  readonly head: GroupEvaluation;
  /** The other four fifths. */
  readonly tail: GroupEvaluation;
  /** The items without training interactions. */
  readonly cold: GroupEvaluation;
  /** The metrics of every user with test items, in the order of the users. */
  readonly perUser: Readonly<Record<(typeof TESTED)[number], readonly number[]>>;
}

const Means = v.record(v.string(), v.number());
const Group = v.object({ items: v.number(), users: v.number(), metrics: v.nullable(Means) });
const VerdictSchema: v.GenericSchema<unknown, Verdict> = v.object({
  users: v.number(),
  metrics: Means,
  groups: v.array(Group),
  head: Group,
  tail: Group,
  cold: Group,
  perUser: v.object({ "recall@20": v.array(v.number()), "ndcg@20": v.array(v.number()) }),
});

/**
 * Returns how a trial does on test, from its folder if it has been looked at before. A damaged file of that is written anew: the
 * embeddings are there.
 */
export async function verdictOn(outcome: Outcome, data: Dataset, place: Placement): Promise<Verdict> {
  const path = `${outcome.folder}/test.json`;
  const text = await Deno.readTextFile(path).catch(() => "");
  const found = v.safeParse(v.pipe(v.string(), v.parseJson(), VerdictSchema), text);
  if (found.success) return found.output;
  const verdict = await judged(outcome, data, place);
  await writeFile(path, new TextEncoder().encode(JSON.stringify(verdict)));
  return verdict;
}

async function judged(
  { folder, trial: { model, config } }: Outcome,
  data: Dataset,
  place: Placement,
): Promise<Verdict> {
  const [history, validation, heldOut] = SPLITS.map((split) => histories(data, split));
  const exclude = config.maskValidation ? [validation] : [];
  const { tree } = await fromFolder(folder, () => loadTree(within(folder, "embeddings.safetensors"), place));
  const users = range(heldOut.rows).filter((user) => degree(heldOut, user) > 0);
  const rankings = await rankItems(scoreOf(model, tree, config), { history, users, k: 20, exclude });
  free(tree);
  const { metrics, groups = [] } = evaluateRankings(rankings, { history, heldOut, groups: true });
  const tail = popularityGroups(history, 5).slice(1).flatMap((items) => [...items]);
  const { values } = perUserMetrics(rankings, heldOut);
  const rounded = (values: Float64Array) => Array.from(values, (value) => Number(value.toPrecision(8)));
  return {
    users: users.length,
    metrics,
    groups,
    head: groups[0],
    tail: evaluateItems(rankings, tail, { heldOut }),
    cold: evaluateItems(rankings, unseenItems(history), { heldOut }),
    perUser: { "recall@20": rounded(values["recall@20"]), "ndcg@20": rounded(values["ndcg@20"]) },
  };
}
