/**
 * A training from its first step, or from a resume point, to the run: trained, evaluated, and written to its folder.
 *
 * @module
 */
import type { Device } from "../../kernels/mod.ts";
import { free } from "../core/scope.ts";
import { sizeOf } from "../core/shape.ts";
import { leaves, type Tree } from "../core/tree.ts";
import { type Files, localFiles } from "../data/files.ts";
import { statistics } from "../data/statistics.ts";
import { encoded } from "../models/mod.ts";
import { loadLike, saveTree } from "../train/checkpoint.ts";
import { namedSize } from "./capacity.ts";
import { deviceRecord, type DeviceRequest, type Hardware, measureTraffic } from "./device.ts";
import type { Listener, StartEvent } from "./events.ts";
import { TrainingFailed } from "./failure.ts";
import type { Epoch } from "./journal.ts";
import { folderKeeper, type Keeper, memoryKeeper } from "./keeper.ts";
import { type LoopResult, trainingLoop } from "./loop.ts";
import { vectorsByModality } from "./modality_vectors.ts";
import { startStopwatch, type Times, type TrainingProfile } from "./profile.ts";
import { belonging } from "./belonging.ts";
import { beginFolder, type Created, removeCreated } from "./folder.ts";
import { type DeviceRecord, markFailed, type RunRecord, within, writeRecord } from "./record.ts";
import type { ResumePoint, TrainingStatus } from "./resume_point.ts";
import type { Evaluation } from "../rank/evaluate.ts";
import { evaluatePopularity, type Evaluator, evaluatorOf, type Run, scoreOf } from "./run.ts";
import { displayedRun } from "./run_display.ts";
import type { TrainingSetup } from "./setup.ts";

/** The options that a new training and a resumed one share. */
export interface ContinueOptions {
  /** The device, or a request for one; `auto` by default. */
  readonly device?: DeviceRequest | Device | undefined;
  /**
   * The number of threads of a device that is requested; all of the machine by default. The result has the same bits.
   */
  readonly threads?: number | undefined;
  /** Whether every kernel is timed, which needs the clock; `false` by default. */
  readonly profile?: boolean | undefined;
  /** The most bytes that the training may need; no limit by default. */
  readonly memory?: number | undefined;
  /** Receives the events of the training. */
  readonly events?: Listener | undefined;
  /** Ends the training after the step during which it aborts. The best parameters so far become the run. */
  readonly signal?: AbortSignal | undefined;
  /** The clock, in milliseconds since 1970; without it no time is recorded, and `auto` is the processor. */
  readonly now?: (() => number) | undefined;
  /**
   * Whether test is evaluated in the end, and popularity too; `true` by default. Otherwise validation is, and test
   * stays unseen.
   */
  readonly test?: boolean | undefined;
  /** The files of this machine by default. */
  readonly files?: Files | undefined;
  /** The hardware of this machine by default. */
  readonly hardware?: Hardware | undefined;
}

/** The run that a training made. */
export interface TrainedRun extends Run {
  /** The best parameters. */
  readonly params: Tree;
  /** The time of every kernel; `null` without `profile`. */
  readonly profile: TrainingProfile | null;
  /** The time of this training, in milliseconds. */
  readonly times: Times;
}

/** A training that is about to begin, or to go on. */
export interface Started {
  readonly setup: TrainingSetup;
  readonly record: RunRecord;
  readonly point: ResumePoint;
  /** The part of the folder that this training made. */
  readonly created: Created;
  /** The folder of the run; `null` for a run in memory. */
  readonly folder: string | null;
  /** The epochs before the resume point. */
  readonly history: readonly Epoch[];
  /** Whether the best parameters are those of `earlier.safetensors`, because a run goes on after its end. */
  readonly restores?: boolean | undefined;
}

/**
 * Trains until the end, evaluates, and writes the folder if there is one. A training that fails before its first epoch
 * leaves no files.
 *
 * @throws {TrainingFailed} if it fails later, in a folder.
 */
export async function finishTraining(started: Started, options: ContinueOptions): Promise<TrainedRun> {
  const { setup, record, folder, created, history } = started;
  const { files = localFiles } = options;
  let safe = started.point.status;
  const saved = (status: TrainingStatus): void => {
    safe = status;
  };
  if (folder === null) {
    const run = await runToEnd(started, memoryKeeper, options).catch((error) => {
      throw namedSize(error, setup);
    });
    free([setup.context, setup.start, started.point.training]);
    return run;
  }
  try {
    await (created === "nothing" ? writeRecord(folder, record, files) : beginFolder(folder, record, setup, files));
    const keeper = folderKeeper(folder, record, setup, { files, history, saved });
    if (started.restores) await restoreBest(folder, started, keeper, files);
    const run = await runToEnd(started, keeper, options);
    await writeVectors(folder, record, setup, run, files);
    await writeRecord(folder, run.record, files);
    free([setup.context, setup.start, started.point.training]);
    return run;
  } catch (thrown) {
    const error = namedSize(thrown, setup);
    if (created !== "nothing" && safe.epochs === 0) {
      await removeCreated(folder, created, files);
      throw error;
    }
    // Without its folder there is no run to go on with.
    if (await files.stat(folder) === null) throw error;
    await markFailed(folder, record, safe, files);
    throw new TrainingFailed({ folder, record, status: safe }, error);
  }
}

/** Makes the best parameters before the evaluation at the old end of a training the best again. */
async function restoreBest(
  folder: string,
  { setup: { model, context, start }, point }: Started,
  keeper: Keeper,
  files: Files,
): Promise<void> {
  const { tree: params } = await loadLike(within(folder, "earlier.safetensors"), start.params, { files });
  const embeddings = await encoded(model, params, context);
  await keeper.best(params, embeddings, { ...point.status, epochs: point.status.best!.epochs });
  free([params, embeddings]);
}

async function runToEnd(started: Started, keeper: Keeper, options: ContinueOptions): Promise<TrainedRun> {
  const { events = () => {}, now = () => 0, signal, test = true } = options;
  const { setup, point, folder } = started;
  const { model, config, data, device } = setup;
  const stopwatch = startStopwatch(device.profile, now);
  const traffic = measureTraffic(device.device);
  const validator = evaluatorOf(data, "validation", config);
  await events(startEvent(started, validator !== null));
  const loop = await trainingLoop(setup, point, {
    validate: validator && ((embeddings) => validator(scoreOf({ model, embeddings, config }), { cutoffs: [20] })),
    keeper: {
      ...keeper,
      last: async (point) => {
        await keeper.last(point);
        await events({ type: "saved", status: point.status, times: stopwatch.times() });
      },
    },
    events,
    signal,
    now,
    stopwatch,
  });
  const { profile, times } = stopwatch.stop();
  const { params, embeddings } = loop;
  const run = { model, config, data, device: device.device, params, embeddings, folder };
  const record = finishedRecord(started, loop, { times, traffic: traffic(), results: await resultsOf(run, test) });
  return displayedRun({ ...run, history: [...started.history, ...loop.history], record, profile, times });
}

function startEvent({ setup, record, folder, point }: Started, selects: boolean): StartEvent {
  const { model, config: { epochs }, data, batches, start } = setup;
  const { epochs: from } = point.status;
  return {
    type: "start",
    record,
    folder,
    from,
    epochs,
    steps: batches ? (epochs - from) * batches.steps : 0,
    parameters: leaves(start.params).reduce((sum, [, leaf]) => sum + sizeOf(leaf.shape), 0),
    selects,
    bytes: model.memory?.(statistics(data), setup.config) ?? null,
  };
}

function finishedRecord(
  { record, setup }: Started,
  { status, interrupted }: LoopResult,
  { times, traffic, results }: Pick<RunRecord, "results"> & Pick<DeviceRecord, "traffic"> & { readonly times: Times },
): RunRecord {
  const { asked, reason } = record.device;
  return {
    ...record,
    status: interrupted ? "interrupted" : "finished",
    device: { ...deviceRecord(asked, setup.device), reason, traffic },
    seconds: record.seconds + (times.steps + times.validation) / 1000,
    epochs: status.epochs,
    best: status.best?.epochs ?? null,
    results,
  };
}

/** Writes the items' vectors of each modality, if the model has them. */
async function writeVectors(
  folder: string,
  record: RunRecord,
  setup: TrainingSetup,
  { params, record: { best, epochs } }: TrainedRun,
  files: Files,
): Promise<void> {
  const vectors = await vectorsByModality(setup, params);
  if (!vectors) return;
  const metadata = await belonging(record, setup, best ?? epochs);
  await saveTree(within(folder, "modalities.safetensors"), vectors, { metadata, files });
  free(vectors);
}

/** Evaluates a run on validation; with `test` also on test, and popularity too. */
export async function resultsOf(
  run: Pick<Run, "model" | "config" | "data" | "device" | "embeddings">,
  test: boolean,
): Promise<RunRecord["results"]> {
  const { model, config, data, device } = run;
  const evaluators = [
    evaluatorOf(data, "validation", config),
    test ? evaluatorOf(data, "test", config) : null,
  ];
  const found: Record<string, RunRecord["results"][string]> = {};
  const add = async (
    name: string,
    evaluate: (evaluator: Evaluator | null) => Promise<Evaluation | null | undefined>,
  ) => {
    const [validation, test] = [await evaluate(evaluators[0]), await evaluate(evaluators[1])];
    found[name] = { validation: validation?.metrics ?? null, test: test?.metrics ?? null };
  };
  if (test) await add("popularity", (evaluator) => evaluatePopularity(data, { device }, evaluator));
  await add(model.name, async (evaluator) => await evaluator?.(scoreOf(run)));
  return found;
}
