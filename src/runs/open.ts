/**
 * Opening the folder of a run to rank with it, and reading its parts.
 *
 * @module
 */
import { FormatError, ValueError } from "../../kernels/errors.ts";
import type { Device } from "../../kernels/mod.ts";
import { copy, type Tree } from "../core/tree.ts";
import type { Dataset } from "../data/dataset.ts";
import { type Files, localFiles } from "../data/files.ts";
import { fingerprint } from "../data/fingerprint.ts";
import { unreadable } from "../data/formats/files.ts";
import { readGiverny } from "../data/formats/mod.ts";
import { openDataset, type OpenDatasetOptions, type Reading } from "../data/open.ts";
import { type Model, models } from "../models/mod.ts";
import { loadTree } from "../train/checkpoint.ts";
import { digestOf, findModel } from "./catalogue.ts";
import { type DeviceRequest, type Hardware, localHardware, requestDevice } from "./device.ts";
import { belonging } from "./belonging.ts";
import { readRecord, type RunRecord, within } from "./record.ts";
import type { Run } from "./run.ts";
import { displayedRun } from "./run_display.ts";
import { storedSettings } from "./settings.ts";
import { type Epoch, readJournal } from "./journal.ts";

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
  const finished = record.status === "finished";
  if (!finished && await files.stat(within(folder, "embeddings.safetensors")) === null) {
    throw new ValueError(
      `Cannot open "${folder}" to rank with it: the run is not finished, and has no embeddings yet; ` +
        `go on with train --resume ${folder}`,
    );
  }
  const model = await modelOf(folder, record, options.model, { files, note });
  const config = await withRemedy(storedSettings(model, within(folder, "config.toml"), files));
  const data = await withRemedy(readGiverny(within(folder, "data"), { files }));
  // The tables of a model that is not trained are looked up, which no GPU does sooner.
  const request = model.training.epochs === 0 ? "auto" : options.device ?? "auto";
  const { device } = await requestDevice(request, { threads }, hardware, note);
  const { tree, metadata } = await readEmbeddings(folder, record, { data, config }, { device, files });
  if (!finished) {
    note(`the run is not finished: these are its best parameters so far, after epoch ${metadata.epochs}`);
  }
  // The record of a run that was killed has no epochs yet.
  const epochs = Math.max(record.epochs, Number(metadata.epochs));
  const history = await historyOf(folder, epochs, files);
  return displayedRun({ model, config, data, device, params: null, embeddings: tree, history, record, folder });
}

/**
 * Reads the embeddings of a run.
 *
 * @throws {FormatError} if they are missing or damaged, or belong to other data or settings.
 */
export async function readEmbeddings(
  folder: string,
  record: RunRecord,
  parts: Pick<Run, "data" | "config">,
  place: { readonly device: Device; readonly files: Files },
): ReturnType<typeof loadTree> {
  const path = within(folder, "embeddings.safetensors");
  const found = await withRemedy(loadTree(path, place));
  const { settings } = found.metadata;
  checkBelonging(path, found.metadata, await belonging(record, parts, record.epochs, settings));
  return found;
}

/** The files that the parts of the metadata of embeddings are digests of. */
const DIGESTED = { data: "data/", config: "config.toml" } as const;

/** Returns the epochs in a folder, up to a number of them. */
export async function historyOf(folder: string, epochs: number, files: Files): Promise<Epoch[]> {
  return await withRemedy(readJournal(within(folder, "metrics.jsonl"), files, epochs));
}

/** Returns what is read from a file of a run; the error of a missing or damaged file gets the remedy. */
export async function withRemedy<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new FormatError(`${error.message}; put back the file that train wrote, or train again`, { cause: error });
  }
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
export async function modelOf(
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
  /** The options that make the same data of the source again; none by default. */
  readonly reading?: Reading | undefined;
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
  { files = localFiles, note = () => {}, ...options }: OpenDatasetOptions & Pick<OpenOptions, "note"> = {},
): Promise<LoadedData> {
  const data = await openDataset(source, { files, ...options });
  data.notes?.forEach(note);
  const { validation, order, encode } = options;
  const given = Object.entries({ validation, order: validation && order, encode });
  const reading: Reading = Object.fromEntries(given.filter(([, value]) => value !== undefined));
  return {
    data,
    // A pipe of the shell, /dev/fd/63 for example, has no other path.
    source: source === "garden" ? source : await files.realPath(source).catch(() => source),
    fingerprint: await fingerprint(data),
    reading: Object.keys(reading).length > 0 ? reading : undefined,
  };
}
