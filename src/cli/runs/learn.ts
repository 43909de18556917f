/**
 * Training as a pipeline: what happens between one step and the next, and what is kept on the way.
 *
 * @module
 */
import { free } from "../../core/scope.ts";
import type { Tree } from "../../core/tree.ts";
import { encoded, objective } from "../../models/mod.ts";
import type { Evaluation } from "../../rank/evaluate.ts";
import { checkpoint, loadLike, saveTree } from "../../train/checkpoint.ts";
import { endsEpoch, fit, pipe, type Stage, type Step } from "../../train/fit.ts";
import { evaluateEvery, refuseNaN, stopEarly, type StopOptions } from "../../train/stop.ts";
import { show, until } from "./display.ts";
import type { Io } from "../shell/io.ts";
import { journal, lineOf, tellEpochs } from "./journal.ts";
import { type Position, savePosition, type Standing } from "./position.ts";
import type { Stopwatch } from "./profile.ts";
import { type Progress, startProgress } from "../shell/progress.ts";
import { type Judge, scoreOf } from "./ranker.ts";
import { belonging, type RunRecord, within } from "./folder.ts";
import type { Task } from "./task.ts";

/** What came of a training. */
export interface Learned {
  /** The parameters of the best evaluation; the last, if nothing was evaluated. */
  readonly params: Tree;
  readonly standing: Standing;
  readonly interrupted: boolean;
}

/** Where a training is kept, judged and shown. */
export interface LearnOptions {
  readonly folder: string;
  readonly record: RunRecord;
  /** What evaluates on validation; `null` if there is none, so that nothing is selected. */
  readonly judge: Judge | null;
  /** Hears how far the training is that is safe in `last.safetensors`; training goes on when it has answered. */
  readonly kept: (standing: Standing) => Promise<void>;
  readonly stopwatch: Stopwatch;
  /** Where progress is shown; on `err` by default. */
  readonly progress?: Progress;
  readonly io: Io;
}

/** Trains from a position on. The best and the last parameters are kept in the folder of the run. */
export async function learn(
  task: Task,
  position: Position,
  { folder, record, judge, kept, stopwatch, io, ...shown }: LearnOptions,
): Promise<Learned> {
  const { model, config: { epochs, every, patience }, context, batches } = task;
  let { training, standing } = position;
  if (!batches) return { params: training.params, standing, interrupted: false };
  const [best, last] = [within(folder, "best.safetensors"), within(folder, "last.safetensors")];
  const from = standing.epochs;
  const end = standing.waited > patience ? from : epochs;
  await savePosition(last, position);
  const write = await journal(within(folder, "metrics.jsonl"), from);
  const interruption = io.interruption();
  const progress = shown.progress ?? await startProgress(io, { total: (end - from) * batches.steps });
  const { loss, refresh } = objective(model, context);
  const stream = pipe<Tree, Evaluation>(
    fit(training, loss, { ...task, refresh, batches, epochs: end, from }),
    refuseNaN(),
    ...judge ? [evaluateEvery(every, validation(task, judge, stopwatch)), stopEarly(patience, stopping(standing))] : [],
    watch((step) => standing = after(standing, step)),
    checkpoint({
      best: async ({ training: { params } }) => {
        await saveTree(best, params);
        const embeddings = await encoded(model, params, context);
        await saveTree(within(folder, "embeddings.safetensors"), embeddings, belonging(record, standing.epochs));
        free(embeddings);
      },
      last: async ({ training }) => {
        await savePosition(last, { training, standing });
        await kept(standing);
      },
    }),
    tellEpochs(async (epoch) => {
      await write(epoch);
      if (epoch.validation) progress.line(lineOf(epoch));
    }, io.now),
    show(progress, { from, now: io.now }),
    until(interruption),
  );
  try {
    for await (const step of stream) training = step.training;
  } finally {
    progress.end();
  }
  if (!standing.best) await saveTree(best, training.params);
  const { tree: params } = await loadLike(best, training.params);
  return { params, standing, interrupted: interruption.aborted };
}

/** What is to become large. */
const score = ({ metrics }: Evaluation): number => metrics["recall@20"];

function stopping({ best, waited }: Standing): StopOptions<Evaluation> {
  return { score, waited, ...best && { best: best.score } };
}

/** Returns what evaluates parameters on validation. */
function validation(
  { model, config, context }: Task,
  judge: Judge,
  { validating }: Stopwatch,
): (params: Tree) => Promise<Evaluation> {
  return (params) =>
    validating(async () => {
      const embeddings = await encoded(model, params, context);
      try {
        return await judge(scoreOf(model, embeddings, config), { cutoffs: [20] });
      } finally {
        free(embeddings);
      }
    });
}

function after(standing: Standing, { epoch, evaluation, improved, ...step }: Step<Tree, Evaluation>): Standing {
  const epochs = endsEpoch(step) ? epoch + 1 : standing.epochs;
  if (!evaluation) return { ...standing, epochs };
  return improved
    ? { epochs, best: { epochs, score: score(evaluation) }, waited: 0 }
    : { ...standing, epochs, waited: standing.waited + 1 };
}

/** Returns the stage that lets a function see every step. */
function watch<P extends Tree, E>(see: (step: Step<P, E>) => void): Stage<P, E> {
  return async function* (steps) {
    for await (const step of steps) {
      see(step);
      yield step;
    }
  };
}
