/**
 * `train`: fits a model and keeps the run.
 *
 * @module
 */
import type { Choice } from "../../kernels/mod.ts";
import { saveTree } from "../train/checkpoint.ts";
import type { Report } from "./command.ts";
import { asGpu } from "./device.ts";
import { Unfinished } from "./failure.ts";
import type { Io } from "./io.ts";
import { learn } from "./learn.ts";
import { startStopwatch } from "./profile.ts";
import { encoded, judged, judgesOf, popularityScore, scoreOf } from "./ranker.ts";
import { beginFolder, belonging, markFailed, removeMade, type RunRecord, within, writeRecord } from "./run_folder.ts";
import { runOf, type TrainOptions } from "./run_start.ts";
import { adviceOf, introduce, reportOf } from "./train_report.ts";

/**
 * Fits a model, keeps the run in a folder, and compares the model with popularity. After Ctrl-C it does so with the best
 * parameters up to then.
 */
export async function train(options: TrainOptions, io: Io): Promise<Report> {
  const { folder, made, record, task, position } = await runOf(options, io);
  const { model, config, context, data, device } = task;
  const judges = judgesOf(data, config);
  const selects = judges.validation !== null || task.batches === null;
  introduce(record, { folder, epochs: position.standing.epochs, selects }, io);
  let kept = position.standing;
  try {
    await (made === "nothing" ? writeRecord(folder, record) : beginFolder(folder, record, task));
    const began = io.now();
    const stopwatch = startStopwatch(device.profile, io.now);
    const moved = trafficOf(device);
    const { params, standing, interrupted } = await learn(task, position, {
      folder,
      record,
      judge: judges.validation,
      kept: (standing) => kept = standing,
      stopwatch,
      io,
    });
    const profile = stopwatch.stop();
    const traffic = moved();
    const seconds = record.seconds + (io.now() - began) / 1000;
    const embeddings = encoded(model, params, context);
    const { epochs } = standing.best ?? standing;
    await saveTree(within(folder, "embeddings.safetensors"), embeddings, belonging(record, epochs));
    const finished: RunRecord = {
      ...record,
      status: interrupted ? "interrupted" : "finished",
      device: { ...record.device, ...traffic },
      seconds,
      epochs: standing.epochs,
      best: standing.best?.epochs ?? null,
      results: {
        popularity: await judged(popularityScore(data, device), judges),
        [model.name]: await judged(scoreOf(model, embeddings, config), judges),
      },
    };
    await writeRecord(folder, finished);
    return reportOf(folder, finished, profile);
  } catch (error) {
    if (made !== "nothing" && kept.epochs === 0) {
      await removeMade(folder, made);
      throw error;
    }
    await markFailed(folder, record, kept);
    throw new Unfinished(adviceOf(folder, record, kept), { cause: error });
  }
}

/** Returns what tells what a GPU does from now on; of a processor, it tells nothing. */
function trafficOf({ device }: Choice): () => Pick<RunRecord["device"], "traffic"> {
  const traffic = (): Readonly<Record<string, number>> => ({ ...asGpu(device)?.traffic() });
  const before = traffic();
  return () => {
    const since = Object.entries(traffic()).map(([what, count]) => [what, count - before[what]]);
    return since.length > 0 ? { traffic: Object.fromEntries(since) } : {};
  };
}
