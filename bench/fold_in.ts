/**
 * How well do models rank for people whom they were never trained on? Every fifth user with training and test items is
 * held out. A model is trained twice, with all users and without these, and R@20 on test is measured four times: of
 * all users by their trained embeddings and by the fold-in of their training items, and of the held-out users by the
 * training that knew them and by the fold-in in the training that did not.
 *
 * `deno task bench:foldin [--data garden] [--models a,b] [--epochs 100] [--patience 10] [--runs DIR]`; with `--runs`
 * the trainings are kept in a folder, and those that are there already are not repeated.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { parseArgs } from "node:util";
import { degree, type Pattern, patternFromCoo, rowIndices, takeRows } from "../src/core/pattern.ts";
import { type Dataset, histories } from "../src/data/dataset.ts";
import { localFiles } from "../src/data/files.ts";
import { models } from "../src/models/mod.ts";
import type { Score } from "../src/rank/block.ts";
import { evaluateScore } from "../src/rank/evaluate.ts";
import { foldInOf } from "../src/runs/fold_in.ts";
import { loadData, openRun } from "../src/runs/open.ts";
import { type Run, scoreOf } from "../src/runs/run.ts";
import { train } from "../src/runs/train.ts";

/** R@20 of a model. */
export interface Row {
  readonly model: string;
  /** All users, by their trained embeddings. */
  readonly trained: number;
  /** All users, by the fold-in of their training items. */
  readonly folded: number;
  /** The held-out users, by the training that knew them. */
  readonly known: number;
  /** The held-out users, by the fold-in in the training without them. */
  readonly stranger: number;
}

/** Returns every fifth user with items to train on and to find. */
export function heldOutUsers(data: Dataset): ReadonlySet<number> {
  const [train, test] = [histories(data, "train"), histories(data, "test")];
  const able = data.users.map((_, user) => user).filter((user) => degree(train, user) > 0 && degree(test, user) > 0);
  return new Set(able.filter((_, n) => n % 5 === 0));
}

/** Returns a data set without the interactions of some users. */
export function withoutUsers(data: Dataset, users: ReadonlySet<number>): Dataset {
  const { interactions: all } = data;
  const kept = Int32Array.from(all.users.keys()).filter((e) => !users.has(all.users[e]));
  const interactions = {
    users: kept.map((e) => all.users[e]),
    items: kept.map((e) => all.items[e]),
    split: Uint8Array.from(kept, (e) => all.split[e]),
    times: all.times && Float64Array.from(kept, (e) => all.times![e]),
  };
  return { ...data, interactions };
}

/** The options of the trainings. */
export interface TrainingOptions {
  readonly epochs: number;
  readonly patience: number;
  /** The folder that keeps runs. */
  readonly runs?: string | undefined;
}

/** Returns the run of a model, of the folder or of a new training. */
async function runOf(name: string, part: string, data: Dataset, { epochs, patience, runs }: TrainingOptions) {
  const folder = runs && `${runs}/${name}-${part}`;
  if (folder && await localFiles.stat(`${folder}/run.json`)) return await openRun(folder);
  const model = models[name];
  const options = model.training.epochs === 0 ? {} : { epochs, settings: { patience, every: 2, ...RATES[name] } };
  return await train(model, data, { ...options, threads: 1, seed: 1, device: "wasm", test: false, folder });
}

/** Rates of models whose own rate needs many hundreds of epochs. */
const RATES: Readonly<Record<string, { readonly lr: number }>> = {
  monet: { lr: 1e-3 },
  grcn: { lr: 1e-3 },
  mmgcn: { lr: 1e-3 },
};

/** Returns the score of users as new users with their training items. */
async function foldedScore(run: Run): Promise<Score> {
  const foldIn = await foldInOf(run);
  return ({ users, history }) =>
    run.model.score(foldIn(history), { users: users.map((_, n) => n), history }, run.config);
}

/** Measures a model. */
export async function measureModel(name: string, data: Dataset, options: TrainingOptions): Promise<Row> {
  const held = heldOutUsers(data);
  const [history, test] = [histories(data, "train"), histories(data, "test")];
  const recall = async (score: Score, heldOut: Pattern) =>
    (await evaluateScore(score, { history, heldOut, cutoffs: [20] })).metrics["recall@20"];
  const rows = rowIndices(test);
  const some = Array.from(rows.keys()).filter((e) => held.has(rows[e]));
  const ofHeld = patternFromCoo([test.rows, test.columns], some.map((e) => rows[e]), some.map((e) => test.indices[e]));
  // Users without training items have nothing to fold in.
  const able = takeRows(test, Int32Array.from(data.users.keys()));
  const whole = await runOf(name, "all", data, options);
  const part = await runOf(name, "part", withoutUsers(data, held), options);
  return {
    model: name,
    trained: await recall(scoreOf(whole), able),
    folded: await recall(await foldedScore(whole), able),
    known: await recall(scoreOf(whole), ofHeld),
    stranger: await recall(await foldedScore(part), ofHeld),
  };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      data: { type: "string", default: "garden" },
      models: { type: "string", default: Object.keys(models).join(",") },
      epochs: { type: "string", default: "100" },
      patience: { type: "string", default: "10" },
      runs: { type: "string" },
    },
  });
  const { data } = await loadData(values.data);
  console.log(`${data.name}: ${heldOutUsers(data).size} users held out; R@20`);
  console.log("| model | all, trained | all, folded in | held out, trained | held out, folded in |");
  for (const name of values.models.split(",")) {
    const options = { epochs: Number(values.epochs), patience: Number(values.patience), runs: values.runs };
    const { model, ...numbers } = await measureModel(name, data, options);
    console.log(`| \`${model}\` | ${Object.values(numbers).map((n) => n.toFixed(4).slice(1)).join(" | ")} |`);
  }
}
