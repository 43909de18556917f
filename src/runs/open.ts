/**
 * Opening the folder of a run: to rank with it, or to go on with its training.
 *
 * @module
 */
import { FormatError, UsageError, ValueError } from "../../kernels/errors.ts";
import { copy, type Tree } from "../core/tree.ts";
import type { Dataset } from "../data/dataset.ts";
import { type Files, localFiles } from "../data/files.ts";
import { fingerprint } from "../data/fingerprint.ts";
import { unreadable } from "../data/formats/files.ts";
import { readGiverny, type ReadOptions } from "../data/formats/mod.ts";
import { openDataset } from "../data/open.ts";
import { type Model, models } from "../models/mod.ts";
import { loadTree } from "../train/checkpoint.ts";
import { digestOf, findModel } from "./catalogue.ts";
import { deviceRecord, type DeviceRequest, type Hardware, localHardware, requestDevice } from "./device.ts";
import { belonging } from "./belonging.ts";
import { lockFolder, readRecord, type RunRecord, within } from "./record.ts";
import { loadResumePoint, startPoint } from "./resume_point.ts";
import type { Run } from "./run.ts";
import { displayedRun } from "./run_display.ts";
import { storedSettings } from "./settings.ts";
import { type ContinueOptions, finishTraining, type TrainedRun } from "./finish.ts";
import { type Epoch, readJournal } from "./journal.ts";
import { nameOfRequest, setUpOnDevice } from "./train.ts";

/** The options of {@link openRun}. */
export interface OpenOptions {
  /** The device; `auto` by default, which is the processor: ranking ends before a GPU has started. */
  readonly device?: DeviceRequest | undefined;
  /** The number of threads; all of the machine by default. */
  readonly threads?: number | undefined;
  /** The model of the run, if it is neither in the catalogue nor in a module that is still in its place. */
  readonly model?: Model | undefined;
  /** Receives remarks, such as that the run is not finished. */
  readonly note?: ((text: string) => void) | undefined;
  /** The files of this machine by default. */
  readonly files?: Files | undefined;
  /** The hardware of this machine by default. */
  readonly hardware?: Hardware | undefined;
}

/**
 * Opens the folder of a run, to rank with it. The folder needs nothing else: neither features nor the source of the
 * data.
 *
 * @throws {ValueError} if the run has no embeddings yet.
 * @throws {FormatError} if a file cannot be read or does not belong to this run, or the model is neither in the
 * catalogue, nor in a module that the run names, nor handed in.
 *
 * @example
 * ```ts
 * import { garden, key, models, openRun, recommend, train } from "@giverny/giverny";
 * import { memoryFiles } from "@giverny/giverny/data";
 * import { deepEqual } from "node:assert/strict";
 * const files = memoryFiles();
 * const run = await train(models.popularity, garden(key(0), { users: 60, items: 40 }), { folder: "run", files });
 * deepEqual(await recommend(await openRun("run", { files }), { k: 3 }), await recommend(run, { k: 3 }));
 * ```
 */
export async function openRun(folder: string, options: OpenOptions = {}): Promise<Run> {
  const { files = localFiles, note = () => {}, hardware = localHardware, threads } = options;
  const record = await readRecord(folder, files);
  const path = within(folder, "embeddings.safetensors");
  const finished = record.status === "finished";
  if (!finished && await files.stat(path) === null) {
    throw new ValueError(
      `Cannot open "${folder}" to rank with it: the run is not finished, and has no embeddings yet; ` +
        `go on with train --resume ${folder}`,
    );
  }
  const model = await modelOf(folder, record, options.model, { files, note });
  const config = await storedSettings(model, within(folder, "config.toml"), files);
  const data = await readGiverny(within(folder, "data"), { files });
  // The tables of a model that is not trained are looked up, which no GPU does sooner.
  const request = model.training.epochs === 0 ? "auto" : options.device ?? "auto";
  const { device } = await requestDevice(request, { threads }, hardware, note);
  const { tree, metadata } = await loadTree(path, { device, files });
  await checkBelonging(path, metadata, await belonging(record, { data, config }, record.epochs));
  if (!finished) {
    note(`the run is not finished: these are its best parameters so far, after epoch ${metadata.epochs}`);
  }
  const history = await historyOf(folder, record.epochs, files);
  return displayedRun({ model, config, data, device, params: null, embeddings: tree, history, record, folder });
}

/** The files that the parts of the metadata of embeddings are digests of. */
const DIGESTED = { data: "data/", config: "config.toml" } as const;

/** Returns the epochs in a folder, up to a number of them. */
async function historyOf(folder: string, epochs: number, files: Files): Promise<Epoch[]> {
  return (await readJournal(within(folder, "metrics.jsonl"), files)).slice(0, epochs);
}

/**
 * Refuses embeddings of another run, and data or settings that were changed since. Runs of version 1 have no digests.
 */
function checkBelonging(
  path: string,
  metadata: Readonly<Record<string, string | undefined>>,
  expected: Readonly<Record<string, string>>,
): void {
  if (metadata.fingerprint !== expected.fingerprint || metadata.model !== expected.model) {
    throw unreadable("embeddings", path, "they belong to another run; put back the embeddings of this run");
  }
  for (const [part, file] of Object.entries(DIGESTED)) {
    if (metadata[part] === undefined || metadata[part] === expected[part]) continue;
    const folder = path.slice(0, path.lastIndexOf("/"));
    throw unreadable(
      "a run",
      `${folder}/${file}`,
      "it was changed after the training, and no longer fits the embeddings; put the old content back, or train again",
    );
  }
}

/** Returns the model of a run: of the catalogue, of its module, or the model that is handed in. */
async function modelOf(
  folder: string,
  { model: name, module }: RunRecord,
  given: Model | undefined,
  { files, note, exact = false }: {
    readonly files: Files;
    readonly note: (text: string) => void | Promise<void>;
    readonly exact?: boolean;
  },
): Promise<Model> {
  const refuse = (rule: string) => new FormatError(`Cannot open the run "${folder}": ${rule}`);
  if (given) {
    if (given.name === name) return given;
    throw refuse(`it was trained with the model "${name}", not with "${given.name}"`);
  }
  if (!module) {
    if (Object.hasOwn(models, name)) return models[name];
    throw refuse(`its model "${name}" is none of the catalogue, and was trained without a module; hand the model in`);
  }
  if (await files.stat(module.path) === null) {
    throw refuse(`its model "${name}" is in "${module.path}", which is missing; put it back, or hand the model in`);
  }
  const changed = await digestOf(await files.read(module.path)) !== module.sha256;
  if (changed && exact) {
    throw refuse(
      `its model "${name}" in "${module.path}" has changed since; put the old file back, or begin a new run`,
    );
  }
  if (changed) await note(`"${module.path}" has changed since the run was trained: scores may differ`);
  const { model } = await findModel(module.path, files);
  if (model.name !== name) throw refuse(`"${module.path}" exports the model "${model.name}", not "${name}"`);
  return model;
}

/**
 * Returns the best parameters of a run: from memory, or from its folder.
 *
 * @throws {FormatError} if the file is missing or damaged.
 *
 * @example
 * ```ts
 * import { garden, key, openRun, train } from "@giverny/giverny";
 * import { memoryFiles } from "@giverny/giverny/data";
 * import { bprMf } from "@giverny/giverny/models";
 * import { loadParams } from "@giverny/giverny/runs";
 * import { deepEqual } from "node:assert/strict";
 * const files = memoryFiles();
 * await train(bprMf, garden(key(0), { users: 60, items: 40 }), { epochs: 1, folder: "run", files });
 * deepEqual(Object.keys(await loadParams(await openRun("run", { files }), files)), ["users", "items"]);
 * ```
 */
export async function loadParams(run: Run, files: Files = localFiles): Promise<Tree> {
  if (run.params) return copy(run.params);
  const { tree } = await loadTree(within(run.folder!, "best.safetensors"), { device: run.device, files });
  return tree;
}

/** A data set and its origin. */
export interface LoadedData {
  /** The data set. */
  readonly data: Dataset;
  /** The absolute path of a folder or file, or `garden`. */
  readonly source: string;
  /** The fingerprint of the data, features included. */
  readonly fingerprint: string;
}

/**
 * Returns the data set of a folder or file, or the embedded data set for the word `garden`. A data set without features
 * gets features of its texts and pictures.
 *
 * @throws as `readDataset` does.
 *
 * @example
 * ```ts
 * import { loadData } from "@giverny/giverny/runs";
 * import { equal } from "node:assert/strict";
 * const { data, source } = await loadData("garden");
 * equal(`${source}: ${data.users.length} users`, "garden: 600 users");
 * ```
 */
export async function loadData(
  source: string,
  { files = localFiles, note = () => {}, ...options }: ReadOptions & Pick<OpenOptions, "note"> = {},
): Promise<LoadedData> {
  const data = await openDataset(source, { files, ...options });
  data.notes?.forEach(note);
  return {
    data,
    source: source === "garden" ? source : await files.realPath(source),
    fingerprint: await fingerprint(data),
  };
}

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
  const record = await readRecord(folder, files);
  if (record.status === "finished") {
    throw new UsageError(
      `Cannot resume "${folder}": it is finished; begin a new run, with more epochs if it ended early`,
    );
  }
  const release = await lockFolder(folder, files);
  try {
    const model = await modelOf(folder, record, options.model, { files, note, exact: true });
    const config = await storedSettings(model, within(folder, "config.toml"), files);
    const { data, digest } = await sameData(folder, record, options);
    const device = options.device ?? record.device.ran;
    const setup = await setUpOnDevice({ model, config, data, digest }, { ...options, device });
    const point = setup.batches
      ? await loadResumePoint(within(folder, "last.safetensors"), setup.start, files)
      : startPoint(setup.start);
    const history = await historyOf(folder, point.status.epochs, files);
    const now = deviceRecord(nameOfRequest(options.device ?? record.device.asked), setup.device);
    // The reason that was given first holds until another device is asked for.
    const same = options.device === undefined && now.ran === record.device.ran;
    const reason = same ? record.device.reason : now.reason;
    const running: RunRecord = { ...record, version: 2, status: "running", device: { ...now, reason } };
    return await finishTraining({ setup, record: running, point, created: "nothing", folder, history }, options);
  } finally {
    await release();
  }
}

/** Returns the data of a run, after checking that they are the same. */
async function sameData(
  folder: string,
  { data: { source, fingerprint: expected } }: RunRecord,
  { data: given, files = localFiles, events = () => {} }: ResumeOptions,
): Promise<{ readonly data: Dataset; readonly digest: string }> {
  if (!given && source === "memory") {
    throw new UsageError(`Cannot resume "${folder}": a program made its data; hand them in as the option data`);
  }
  const note = (text: string) => void events({ type: "note", text });
  const data = given ?? (await loadData(source, { files, note })).data;
  const digest = await fingerprint(data);
  if (digest === expected) return { data, digest };
  throw new ValueError(
    `Cannot resume "${folder}": ${given ? "the data" : `"${source}"`} changed since it began; begin a new run`,
  );
}
