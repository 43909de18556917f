/**
 * Going on with a run that was interrupted.
 *
 * @module
 */
import { FormatError, UsageError, ValueError } from "../../kernels/errors.ts";
import { free } from "../core/scope.ts";
import { configure } from "../core/settings.ts";
import type { Dataset } from "../data/dataset.ts";
import { type Files, localFiles } from "../data/files.ts";
import { fingerprint } from "../data/fingerprint.ts";
import { readGiverny } from "../data/formats/mod.ts";
import type { Model } from "../models/mod.ts";
import { loadLike } from "../train/checkpoint.ts";
import { deviceRecord } from "./device.ts";
import { type ContinueOptions, finishTraining, type Started, type TrainedRun } from "./finish.ts";
import { historyOf, loadData, modelOf, readEmbeddings, withRemedy } from "./open.ts";
import { lockFolder, sweepFolder, writeConfig } from "./folder.ts";
import { type DeviceRecord, readRecord, type RunRecord, VERSION, within } from "./record.ts";
import { continued, loadResumePoint, startPoint } from "./resume_point.ts";
import { settingsOf, storedSettings } from "./settings.ts";
import type { TrainingSetup } from "./setup.ts";
import { nameOfRequest, setUpOnDevice } from "./train.ts";

/** The options of {@link resume}. */
export interface ResumeOptions extends ContinueOptions {
  /** The data, for a run whose data are no longer where they were, or came from a program. They must be the same. */
  readonly data?: Dataset | undefined;
  /** The path of `data`, for the record; by default the path stays. */
  readonly source?: string | undefined;
  /** The largest number of epochs, for a run that is to have more, or that is finished; by default the number stays. */
  readonly epochs?: number | undefined;
  /** The words of the command that repeats the whole run, for the record; by default they stay. */
  readonly command?: readonly string[] | undefined;
  /** The model, for a run whose module is not where it was. */
  readonly model?: Model | undefined;
}

/**
 * Goes on with a run that was interrupted, from its last finished epoch; with more `epochs`, with a finished run too.
 * The result has the bits of a training that was never interrupted, and had as many epochs from the start.
 *
 * @throws {UsageError} if the run has as many epochs already or stopped early, or another process trains it.
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
  const { files = localFiles } = options;
  await unfinished(folder, options, files);
  const release = await lockFolder(folder, files);
  try {
    // Another process may have trained the run between the first look and the lock.
    const record = await unfinished(folder, options, files);
    await sweepFolder(folder, files);
    const setup = await setUpAgain(folder, record, options, files);
    const started = await hasBegun(folder, files)
      ? await resumePoint(folder, record, setup, files)
      : { point: startPoint(setup.start), history: [], created: "files" as const };
    const { source = record.data.source, command = record.command } = options;
    const device = deviceNow(record, options, setup);
    const data = { ...record.data, source };
    const running: RunRecord = { ...record, version: VERSION, status: "running", command, data, device };
    if (options.epochs !== undefined) await writeConfig(folder, setup, files);
    return await finishTraining({ ...started, setup, record: running, folder }, options);
  } finally {
    await release();
  }
}

/**
 * Returns the record of a run that can go on.
 *
 * @throws {UsageError} if it is finished.
 */
async function unfinished(folder: string, { epochs }: ResumeOptions, files: Files): Promise<RunRecord> {
  const record = await readRecord(folder, files);
  const refuse = (rule: string) => new UsageError(`Cannot resume "${folder}": ${rule}`);
  if (epochs === undefined && record.status === "finished") {
    throw refuse("it is finished; ask for more epochs (--epochs), or begin a new run");
  }
  if (epochs !== undefined && epochs <= record.epochs) {
    throw refuse(`it has ${record.epochs} epochs already, and ${epochs} are asked for; ask for more`);
  }
  return record;
}

/** Prepares the training again, with the settings in the folder and the same data. */
async function setUpAgain(
  folder: string,
  record: RunRecord,
  options: ResumeOptions,
  files: Files,
): Promise<TrainingSetup> {
  const note = (text: string) => options.events?.({ type: "note", text });
  const model = await modelOf(folder, record, options.model, { files, note, exact: true });
  const stored = await withRemedy(storedSettings(model, within(folder, "config.toml"), files));
  const config = configure(settingsOf(model), { ...stored, epochs: options.epochs ?? stored.epochs });
  if (config.epochs !== stored.epochs && config.schedule === "cosine") {
    throw new UsageError(
      `Cannot resume "${folder}": its learning rate falls to 0 by epoch ${stored.epochs} (schedule "cosine"), ` +
        "so more epochs make another training; begin a new run",
    );
  }
  const { data, digest } = await sameData(folder, record, options);
  const device = options.device ?? record.device.ran;
  return await setUpOnDevice({ model, config, data, digest }, { ...options, device });
}

/** Returns whether a run has its start in its folder: a run that was killed before has nothing to read. */
async function hasBegun(folder: string, files: Files): Promise<boolean> {
  for (const file of ["last.safetensors", "embeddings.safetensors", "metrics.jsonl"] as const) {
    if ((await files.stat(within(folder, file)))?.size) return true;
  }
  return false;
}

/**
 * Reads the point from which a run goes on, and checks the files that it needs later.
 *
 * @throws {UsageError} if the run has no epochs to add.
 */
async function resumePoint(
  folder: string,
  record: RunRecord,
  setup: TrainingSetup,
  files: Files,
): Promise<Pick<Started, "point" | "history" | "created" | "restores">> {
  const { config: { epochs, patience }, batches, start } = setup;
  const found = batches
    ? await withRemedy(loadResumePoint(within(folder, "last.safetensors"), start, files))
    : startPoint(start);
  const goesOn = epochs > found.status.epochs;
  if (epochs < found.status.epochs) {
    throw new UsageError(
      `Cannot resume "${folder}": it has ${found.status.epochs} epochs already, and ${epochs} are asked for; ask for more`,
    );
  }
  const status = goesOn ? continued(found.status) : found.status;
  if (record.status === "finished" && (!batches || status.waited > patience)) {
    const why = batches
      ? `it stopped early, after ${patience + 1} evaluations without improvement`
      : "it is not trained";
    throw new UsageError(`Cannot resume "${folder}": ${why}, and more epochs change nothing; begin a new run`);
  }
  const kept = await withRemedy(readGiverny(within(folder, "data"), { files }));
  if (found.status.best) await checkBest(folder, record, { ...setup, data: kept }, files);
  const restores = goesOn && status.best !== null && status.best.epochs !== found.status.best?.epochs;
  if (restores) {
    free((await withRemedy(loadLike(within(folder, "earlier.safetensors"), start.params, { files }))).tree);
  }
  const epochsBefore = await historyOf(folder, status.epochs, files);
  const history = goesOn && found.status.onSchedule
    ? epochsBefore.map((one) => one.epoch === status.epochs ? { ...one, validation: null, best: false } : one)
    : epochsBefore;
  return { point: { ...found, status }, history, created: "nothing", restores };
}

/** Returns the record of the device. The reason that was given first holds until another device is asked for. */
function deviceNow({ device }: RunRecord, options: ResumeOptions, setup: TrainingSetup): DeviceRecord {
  const now = deviceRecord(nameOfRequest(options.device ?? device.asked), setup.device);
  const same = options.device === undefined && now.ran === device.ran;
  return { ...now, reason: same ? device.reason : now.reason };
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
  const data = given ??
    (await loadData(source, { ...reading, files, features: "auto", note }).catch(askForPlace)).data;
  const digest = await fingerprint(data);
  if (digest === expected) return { data, digest };
  throw new ValueError(
    given
      ? `Cannot resume "${folder}": the data changed since it began, or are those of another run; hand in its data, or begin a new run`
      : `Cannot resume "${folder}": "${source}" changed since it began; begin a new run`,
  );
}

/** Adds the remedy to the error of data that are no longer where they were. */
function askForPlace(error: unknown): never {
  if (!(error instanceof FormatError)) throw error;
  throw new FormatError(`${error.message}; if the data were moved, name the new place with --data`, { cause: error });
}
