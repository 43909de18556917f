/**
 * A run from its first step to its record: trained, encoded, judged and kept, whoever asked for it.
 *
 * @module
 */
import type { Choice } from "../../../kernels/mod.ts";
import { free } from "../../core/scope.ts";
import { encoded } from "../../models/mod.ts";
import type { Score } from "../../rank/block.ts";
import { saveTree } from "../../train/checkpoint.ts";
import { asGpu } from "./device.ts";
import { Unfinished } from "../shell/failure.ts";
import type { Io } from "../shell/io.ts";
import { learn, type LearnOptions } from "./learn.ts";
import { startStopwatch, type Times, type TrainingProfile } from "./profile.ts";
import { judged, type Judges, scoreOf } from "./ranker.ts";
import { beginFolder, belonging, markFailed, removeMade, type RunRecord, within, writeRecord } from "./folder.ts";
import type { Run } from "./start.ts";
import { adviceOf } from "./train_report.ts";

/** How a run is judged and shown. */
export interface FitRunOptions extends Pick<LearnOptions, "progress"> {
  /** What judges it. A split that is not to be looked at has none: training selects on `validation` alone. */
  readonly judges: Judges;
  /** What it is compared with, by name. */
  readonly beside: Readonly<Record<string, Score>>;
  /** Hears how many epochs are safe in the folder, and how long it has trained since it was begun or resumed; by default nobody does. */
  readonly kept?: (epochs: number, times: Times) => Promise<void>;
  readonly io: Io;
}

/** A run that has ended. */
export interface Fitted {
  readonly record: RunRecord;
  /** Where the time went, of a device that keeps a profile. */
  readonly profile: TrainingProfile | null;
  /** How long it trained since it was begun or resumed, in milliseconds. */
  readonly times: Times;
}

/**
 * Trains what is left of a run and writes its folder. One that fails before its first epoch leaves nothing behind.
 *
 * @throws {Unfinished} if it fails later: the cause is the failure, the message says how to go on.
 */
export async function fitRun(
  { folder, made, record, task, position }: Run,
  { judges, beside, kept: hear, progress, io }: FitRunOptions,
): Promise<Fitted> {
  const { model, config, context, device } = task;
  let kept = position.standing;
  try {
    await (made === "nothing" ? writeRecord(folder, record) : beginFolder(folder, record, task));
    const stopwatch = startStopwatch(device.profile, io.now);
    const moved = trafficOf(device);
    const { params, standing, interrupted } = await learn(task, position, {
      folder,
      record,
      judge: judges.validation,
      kept: async (standing) => {
        kept = standing;
        await hear?.(standing.epochs, stopwatch.times());
      },
      stopwatch,
      ...progress && { progress },
      io,
    });
    const { profile, times } = stopwatch.stop();
    const traffic = moved();
    const embeddings = await encoded(model, params, context);
    const { epochs } = standing.best ?? standing;
    await saveTree(within(folder, "embeddings.safetensors"), embeddings, belonging(record, epochs));
    const results: Record<string, RunRecord["results"][string]> = {};
    for (
      const [name, score] of [...Object.entries(beside), [model.name, scoreOf(model, embeddings, config)] as const]
    ) {
      results[name] = await judged(score, judges);
    }
    free(embeddings);
    const finished: RunRecord = {
      ...record,
      status: interrupted ? "interrupted" : "finished",
      device: { ...record.device, ...traffic },
      seconds: record.seconds + (times.steps + times.validation) / 1000,
      epochs: standing.epochs,
      best: standing.best?.epochs ?? null,
      results,
    };
    await writeRecord(folder, finished);
    return { record: finished, profile, times };
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
