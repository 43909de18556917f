/**
 * Going on with a run that was interrupted.
 *
 * @module
 */
import { UsageError, ValueError } from "../../kernels/errors.ts";
import { free } from "../core/scope.ts";
import type { Dataset } from "../data/dataset.ts";
import { type Files, localFiles } from "../data/files.ts";
import { fingerprint } from "../data/fingerprint.ts";
import { readGiverny } from "../data/formats/mod.ts";
import type { Model } from "../models/mod.ts";
import { loadLike } from "../train/checkpoint.ts";
import { deviceRecord } from "./device.ts";
import { type ContinueOptions, finishTraining, type TrainedRun } from "./finish.ts";
import { historyOf, loadData, modelOf, readEmbeddings, withRemedy } from "./open.ts";
import { lockFolder, readRecord, type RunRecord, VERSION, within } from "./record.ts";
import { loadResumePoint, startPoint } from "./resume_point.ts";
import { storedSettings } from "./settings.ts";
import type { TrainingSetup } from "./setup.ts";
import { nameOfRequest, setUpOnDevice } from "./train.ts";

/** The options of {@link resume}. */
export interface ResumeOptions extends ContinueOptions {
  /** The data, for a run whose data are no longer where they were, or came from a program. They must be the same. */
  readonly data?: Dataset | undefined;
  /** The model, for a run whose module is not where it was. */
  readonly model?: Model | undefined;
}

/**
 * Goes on with a run that was interrupted, from its last finished epoch. The result has the bits of a training that was
 * never interrupted.
 *
 * @throws {UsageError} if the run is finished, or another process trains it.
 * @throws {ValueError} if the data have changed.
 * @throws {FormatError} if a file of the folder cannot be read, or the module of the model is missing or has changed.
 *
 * @example
 * ```ts
 * import { garden, key } from "@giverny/giverny";
 * import { memoryFiles } from "@giverny/giverny/data";
 * import { lightgcn } from "@giverny/giverny/models";
 * import { resume, train } from "@giverny/giverny/runs";
 * import { equal } from "node:assert/strict";
 * const [data, files, stop] = [garden(key(0), { users: 60, items: 40 }), memoryFiles(), new AbortController()];
 * const events = ({ type }: { type: string }) => type === "saved" && stop.abort();
 * await train(lightgcn, data, { epochs: 3, folder: "run", files, signal: stop.signal, events: (e) => void events(e) });
 * equal((await resume("run", { data, files })).history.length, 3);
 * ```
 */
export async function resume(folder: string, options: ResumeOptions = {}): Promise<TrainedRun> {
  const { files = localFiles, events = () => {} } = options;
  const note = (text: string) => events({ type: "note", text });
  await unfinished(folder, files);
  const release = await lockFolder(folder, files);
  try {
    // Another process may have trained the run between the first look and the lock.
    const record = await unfinished(folder, files);
    const model = await modelOf(folder, record, options.model, { files, note, exact: true });
    const config = await withRemedy(storedSettings(model, within(folder, "config.toml"), files));
    const { data, digest } = await sameData(folder, record, options);
    const device = options.device ?? record.device.ran;
    const setup = await setUpOnDevice({ model, config, data, digest }, { ...options, device });
    const point = setup.batches
      ? await withRemedy(loadResumePoint(within(folder, "last.safetensors"), setup.start, files))
      : startPoint(setup.start);
    const kept = await withRemedy(readGiverny(within(folder, "data"), { files }));
    if (point.status.best) await checkBest(folder, record, { ...setup, data: kept }, files);
    const history = await historyOf(folder, point.status.epochs, files);
    const now = deviceRecord(nameOfRequest(options.device ?? record.device.asked), setup.device);
    // The reason that was given first holds until another device is asked for.
    const same = options.device === undefined && now.ran === record.device.ran;
    const reason = same ? record.device.reason : now.reason;
    const running: RunRecord = { ...record, version: VERSION, status: "running", device: { ...now, reason } };
    return await finishTraining({ setup, record: running, point, created: "nothing", folder, history }, options);
  } finally {
    await release();
  }
}

/**
 * Returns the record of a run that can go on.
 *
 * @throws {UsageError} if it is finished.
 */
async function unfinished(folder: string, files: Files): Promise<RunRecord> {
  const record = await readRecord(folder, files);
  if (record.status !== "finished") return record;
  throw new UsageError(
    `Cannot resume "${folder}": it is finished; begin a new run, with more epochs if it ended early`,
  );
}

/** Checks that a run has its best parameters: the resumed training may not improve on them, and ends with them then. */
async function checkBest(
  folder: string,
  record: RunRecord,
  { config, data, device: { device }, start }: TrainingSetup,
  files: Files,
): Promise<void> {
  const embeddings = await readEmbeddings(folder, record, { data, config }, { device, files });
  const best = await withRemedy(loadLike(within(folder, "best.safetensors"), start.params, { files }));
  free([embeddings.tree, best.tree]);
}

/** Returns the data of a run, after checking that they are the same. */
async function sameData(
  folder: string,
  { data: { source, reading, fingerprint: expected } }: RunRecord,
  { data: given, files = localFiles, events = () => {} }: ResumeOptions,
): Promise<{ readonly data: Dataset; readonly digest: string }> {
  if (!given && source === "memory") {
    throw new UsageError(`Cannot resume "${folder}": a program made its data; hand them in as the option data`);
  }
  const note = (text: string) => void events({ type: "note", text });
  const data = given ?? (await loadData(source, { ...reading, files, note })).data;
  const digest = await fingerprint(data);
  if (digest === expected) return { data, digest };
  throw new ValueError(
    `Cannot resume "${folder}": ${given ? "the data" : `"${source}"`} changed since it began; begin a new run`,
  );
}
