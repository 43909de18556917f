/**
 * The training loop: a stream of steps, and the stages that evaluate, stop, record and keep it.
 *
 * @module
 */
import { free } from "../core/scope.ts";
import { read } from "../core/tensor.ts";
import { copy, type Tree } from "../core/tree.ts";
import type { Sampler } from "../data/batch.ts";
import { encoded, objective } from "../models/mod.ts";
import type { Evaluation } from "../rank/evaluate.ts";
import { endsEpoch, fit, pipe, type Stage, type Step } from "../train/fit.ts";
import { evaluateEvery, refuseNaN, stopEarly } from "../train/stop.ts";
import type { Listener } from "./events.ts";
import { type Epoch, reportEpochs, startEpochClock } from "./journal.ts";
import type { Keeper } from "./keeper.ts";
import type { Stopwatch } from "./profile.ts";
import type { ResumePoint, TrainingStatus } from "./resume_point.ts";
import { scoreOf } from "./run.ts";
import type { TrainingSetup } from "./setup.ts";

/** The surroundings of a training loop. */
export interface LoopOptions {
  /** Evaluates embeddings on validation; `null` without validation interactions: no epoch is selected then. */
  readonly validate: ((embeddings: Tree) => Promise<Evaluation>) | null;
  /** Keeps parameters and epochs. */
  readonly keeper: Keeper;
  readonly events: Listener;
  /** Ends the training after a step. */
  readonly signal: AbortSignal | undefined;
  /** The clock, in milliseconds. */
  readonly now: () => number;
  readonly stopwatch: Stopwatch;
}

/** The result of a training loop. */
export interface LoopResult {
  /** The parameters of the best evaluation; the last parameters without evaluations. */
  readonly params: Tree;
  /** The encoded parameters. */
  readonly embeddings: Tree;
  readonly status: TrainingStatus;
  readonly interrupted: boolean;
  /** The epochs since the resume point. */
  readonly history: readonly Epoch[];
}

/** Parameters and their embeddings. */
type Kept = Pick<LoopResult, "params" | "embeddings">;

/** Trains from a resume point on. */
export async function trainingLoop(
  setup: TrainingSetup,
  point: ResumePoint,
  { validate, keeper, events, signal, now, stopwatch }: LoopOptions,
): Promise<LoopResult> {
  const { model, config: { epochs, every, patience }, context, batches } = setup;
  let { training, status } = point;
  const history: Epoch[] = [];
  if (!batches) return await untrained(setup, point, keeper);

  const from = status.epochs;
  const end = status.waited > patience ? from : epochs;
  let best: Kept | null = null;
  let latest: Tree | null = null;
  const clock = startEpochClock(now);
  /** Encodes and evaluates. The embeddings stay until the listener has received the epoch. */
  const evaluate = (params: Tree) =>
    clock.evaluating(() =>
      stopwatch.validating(async () => {
        latest = await encoded(model, params, context);
        return await validate!(latest);
      })
    );
  await clock.saving(() => keeper.start(point));
  const stream = pipe(
    stepsOf({ ...setup, batches, start: training }, { from, epochs: end }),
    refuseNaN(),
    ...(validate
      ? [
        evaluateEvery(every, evaluate),
        stopEarly(patience, { score: selection, waited: status.waited, best: status.best?.score }),
      ]
      : []),
    observe((step) => {
      status = after(status, step, every);
    }),
    reportEpochs(async (epoch) => {
      history.push(epoch);
      await keeper.epoch(epoch);
    }, clock),
    observe(async ({ improved, training }) => {
      if (!improved) return;
      free(best);
      const { params, embeddings } = best = copy({ params: training.params, embeddings: latest! });
      await clock.saving(() => keeper.best(params, embeddings, status));
    }),
    observe(async (step) => {
      if (endsEpoch(step)) await clock.saving(() => keeper.last({ training: step.training, status }));
    }),
    observe(async ({ epoch, steps, step, loss }) => {
      const done = (epoch - from) * steps + step + 1;
      await events({ type: "step", epoch, done, loss: async () => (await read(loss))[0] });
      if (step < steps - 1) return;
      const score = latest && scoreOf({ model, embeddings: latest, config: setup.config });
      await events({ type: "epoch", epoch: history[history.length - 1], score });
      free(latest);
      latest = null;
    }),
    stopOn(signal, now),
  );
  for await (const step of stream) training = step.training;
  const kept = best ??
    (status.best ? await bestBefore(setup, keeper) : await lastOf(setup, training.params, { keeper, status }));
  if (training !== point.training) free(training);
  return { ...kept, status, interrupted: signal?.aborted ?? false, history };
}

/** Returns the result for a model that is not trained. */
async function untrained(setup: TrainingSetup, { training, status }: ResumePoint, keeper: Keeper): Promise<LoopResult> {
  const kept = await keptOf(setup, training.params);
  await keeper.embeddings(kept.embeddings, status);
  return { ...kept, status, interrupted: false, history: [] };
}

/** The part of a training's setup that its steps follow from. */
export type StepSetup =
  & Pick<TrainingSetup, "model" | "context" | "start" | "optimizer" | "rate" | "key">
  & { readonly batches: Sampler };

/** Returns the steps of a training, without any stage. */
export function stepsOf(
  { model, context, start, optimizer, rate, key, batches }: StepSetup,
  { from, epochs }: { readonly from?: number | undefined; readonly epochs: number },
): AsyncGenerator<Step<Tree, never>> {
  const { loss, refresh } = objective(model, context);
  return fit(start, loss, { batches, optimizer, rate, key, refresh, from, epochs });
}

/** Returns the metric that selects the best epoch. */
function selection({ metrics }: Evaluation): number {
  return metrics["recall@20"];
}

async function keptOf({ model, context }: TrainingSetup, params: Tree): Promise<Kept> {
  return { params: copy(params), embeddings: await encoded(model, params, context) };
}

/** Returns the best parameters of an earlier session, which no epoch since then improved on. */
async function bestBefore({ model, context, start }: TrainingSetup, keeper: Keeper): Promise<Kept> {
  const params = await keeper.earlierBest(start.params);
  return { params, embeddings: await encoded(model, params, context) };
}

/** Returns the last parameters, where no evaluation selected any. */
async function lastOf(
  setup: TrainingSetup,
  params: Tree,
  { keeper, status }: { readonly keeper: Keeper; readonly status: TrainingStatus },
): Promise<Kept> {
  const kept = await keptOf(setup, params);
  await keeper.best(kept.params, kept.embeddings, status);
  return kept;
}

function after(
  status: TrainingStatus,
  { epoch, evaluation, improved, ...step }: Step<Tree, Evaluation>,
  every: number,
): TrainingStatus {
  const epochs = endsEpoch(step) ? epoch + 1 : status.epochs;
  const { best, waited } = status;
  if (!evaluation) return { epochs, best, waited };
  const next = improved
    ? { epochs, best: { epochs, score: selection(evaluation) }, waited: 0 }
    : { epochs, best, waited: waited + 1 };
  return epoch % every === 0 ? next : { ...next, onSchedule: { best, waited } };
}

/** Returns the stage that passes every step to a function, and waits for it. */
function observe<P extends Tree, E>(see: (step: Step<P, E>) => void | Promise<void>): Stage<P, E> {
  return async function* (steps) {
    for await (const step of steps) {
      await see(step);
      yield step;
    }
  };
}

/** Milliseconds between two turns of the event loop. */
const PAUSE = 100;

/**
 * Returns the stage that ends the stream after the step during which a signal aborts. It lets the event loop turn ten
 * times a second, or after every step without a clock: timers, signals and a terminal would wait for the end of the
 * training otherwise.
 */
function stopOn<P extends Tree, E>(signal: AbortSignal | undefined, now: () => number): Stage<P, E> {
  return async function* (steps) {
    let due = -Infinity;
    for await (const step of steps) {
      const time = now();
      if (time >= due) {
        await new Promise((resolve) => setTimeout(resolve));
        due = time + (time > 0 ? PAUSE : 0);
      }
      yield step;
      if (signal?.aborted) return;
    }
  };
}
