/**
 * The results of a trial on test. They are computed once, when all trials of an experiment have ended.
 *
 * @module
 */
import * as v from "valibot";
import { range } from "../core/range.ts";
import { degree } from "../core/pattern.ts";
import { free } from "../core/scope.ts";
import type { Device } from "../../kernels/mod.ts";
import { type Dataset, histories, SPLITS } from "../data/dataset.ts";
import type { Files } from "../data/files.ts";
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
import { scoreOf } from "../runs/run.ts";
import { within } from "../runs/record.ts";
import { fromFolder, type Outcome } from "./outcome.ts";

/** The metrics whose differences are tested for significance, user by user. */
export const TESTED = ["recall@20", "ndcg@20"] as const;

/** The metrics of a trial on test. */
export interface TestResults extends Pick<Evaluation, "users" | "metrics"> {
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
const TestSchema: v.GenericSchema<unknown, TestResults> = v.object({
  users: v.number(),
  metrics: Means,
  groups: v.array(Group),
  head: Group,
  tail: Group,
  cold: Group,
  perUser: v.object({ "recall@20": v.array(v.number()), "ndcg@20": v.array(v.number()) }),
});

/** The device of the embeddings, and the files of the trial. */
interface TestPlace {
  readonly device: Device;
  readonly files: Files;
}

/**
 * Returns the results of a trial on test: from its folder, or computed from its embeddings if the file is missing or
 * damaged.
 */
export async function testResults(outcome: Outcome, data: Dataset, place: TestPlace): Promise<TestResults> {
  const path = `${outcome.folder}/test.json`;
  const bytes = await place.files.read(path).catch(() => null);
  const found = v.safeParse(v.pipe(v.string(), v.parseJson(), TestSchema), bytes && new TextDecoder().decode(bytes));
  if (found.success) return found.output;
  const computed = await compute(outcome, data, place);
  await place.files.write(path, new TextEncoder().encode(JSON.stringify(computed)));
  return computed;
}

async function compute(
  { folder, trial: { model, config } }: Outcome,
  data: Dataset,
  place: TestPlace,
): Promise<TestResults> {
  const [history, validation, heldOut] = SPLITS.map((split) => histories(data, split));
  const exclude = config.maskValidation ? [validation] : [];
  const { tree } = await fromFolder(folder, () => loadTree(within(folder, "embeddings.safetensors"), place));
  const users = range(heldOut.rows).filter((user) => degree(heldOut, user) > 0);
  const score = scoreOf({ model, embeddings: tree, config });
  const rankings = await rankItems(score, { history, users, k: 20, exclude });
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
