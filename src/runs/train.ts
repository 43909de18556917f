/**
 * Training a model on data, from settings to a run.
 *
 * @module
 */
import { version } from "../core/version.ts";
import { KindError } from "../../kernels/errors.ts";
import type { Choice, Device } from "../../kernels/mod.ts";
import type { Dataset } from "../data/dataset.ts";
import { localFiles } from "../data/files.ts";
import type { Reading } from "../data/open.ts";
import { fingerprint } from "../data/fingerprint.ts";
import { placeFeatures } from "../data/tensors.ts";
import type { Model } from "../models/mod.ts";
import { setUpOnFastest } from "./auto.ts";
import { bytesFor, namedSize } from "./capacity.ts";
import type { ModelModule } from "./catalogue.ts";
import { deviceRecord, type DeviceRequest, localHardware, requestDevice } from "./device.ts";
import { type ContinueOptions, finishTraining, type Started, type TrainedRun } from "./finish.ts";
import { createFolder } from "./folder.ts";
import { dataRecord, type RunRecord, VERSION } from "./record.ts";
import { startPoint } from "./resume_point.ts";
import { resolveSettings, type RunConfig, type SettingSources } from "./settings.ts";
import { setUpTraining, type TrainingSetup } from "./setup.ts";

/** The options of {@link train}. */
export interface TrainOptions extends ContinueOptions, Omit<SettingSources, "data"> {
  /** The folder of the run: new or empty. Without one, the run is in memory only. */
  readonly folder?: string | undefined;
  /** The path of the data, for the record and for `resume`; `memory` by default. */
  readonly source?: string | undefined;
  /** The options with which the data were read from their path, if they changed them; for `resume`. */
  readonly reading?: Reading | undefined;
  /** The words of the command, for the record. */
  readonly command?: readonly string[] | undefined;
  /**
   * The module of a model that is not in the catalogue, from `findModel`. Without it, `openRun` and `resume` need the
   * model as an option.
   */
  readonly module?: ModelModule | null | undefined;
}

/**
 * Trains a model on data and returns the run: the best parameters on validation, their embeddings, and the history of
 * evaluations. The settings are the model's own unless the options overrule them; equal seeds give equal bits.
 *
 * @throws {UsageError} if a setting, the device or the folder makes no sense; nothing was written then.
 * @throws {KindError} if the model, the data or the device is of another kind, such as a promise.
 * @throws {TrainingFailed} if it fails after its first epoch, in a folder.
 *
 * @example
 * ```ts
 * import { garden, key, models, recommend, train } from "@giverny/giverny";
 * import { equal } from "node:assert/strict";
 * const run = await train(models.lightgcn, garden(key(0), { users: 60, items: 40 }), { epochs: 2, seed: 1 });
 * const [first] = await recommend(run, { k: 5 });
 * equal(first.items.length, 5);
 * equal(run.history.length, 2);
 * ```
 */
export async function train(model: Model, data: Dataset, options: TrainOptions = {}): Promise<TrainedRun> {
  const { files = localFiles, folder, now, source = "memory", reading, command = [], module = null } = options;
  checkOperands(model, data, options.device);
  const config = resolveSettings(model, { ...options, data: data.name });
  const digest = await fingerprint(data);
  const setup = await setUpOnDevice({ model, config, data, digest }, options);
  const record: RunRecord = {
    format: "giverny run",
    version: VERSION,
    status: "running",
    command,
    versions: versions(),
    model: model.name,
    module,
    data: dataRecord(data, { source, reading, fingerprint: digest }),
    seed: config.seed,
    device: deviceRecord(nameOfRequest(options.device), setup.device),
    started: now ? new Date(now()).toISOString() : null,
    seconds: 0,
    epochs: 0,
    best: null,
    results: {},
  };
  const started: Started = {
    setup,
    record,
    point: startPoint(setup.start),
    created: "nothing",
    folder: null,
    history: [],
  };
  if (folder === undefined) return await finishTraining(started, options);
  const { created, release } = await createFolder(folder, files);
  try {
    return await finishTraining({ ...started, folder, created }, options);
  } finally {
    await release();
  }
}

/** Refuses operands that code without type checks may pass: a name of a model, a promise of data, a `Choice`. */
function checkOperands(model: unknown, data: unknown, device: unknown = "auto"): void {
  const has = (value: unknown, member: string) => typeof value === "object" && value !== null && member in value;
  const refuse = (what: string) => new KindError(`Cannot train a model: ${what}`);
  if (!has(model, "prepare")) throw refuse("the first argument must be a model, such as models.lightgcn");
  if (!has(data, "interactions")) throw refuse("the second argument must be a data set; await readDataset(folder)");
  if (typeof device === "string" || has(device, "kernels")) return;
  throw refuse("the device must be a name or a device; write const { device } = await openDevice(name)");
}

/** The data and settings of a training. */
export interface Work {
  readonly model: Model;
  readonly config: RunConfig;
  readonly data: Dataset;
  /** The fingerprint of the data. */
  readonly digest: string;
}

/** Prepares a training on the device that the options ask for. */
export async function setUpOnDevice(
  { model, config, data, digest }: Work,
  { device: request = "auto", threads, profile, memory, now, files = localFiles, ...options }: ContinueOptions,
): Promise<TrainingSetup> {
  const work = { model, config, data };
  const bytes = bytesFor(work, { memory, device: nameOfRequest(request) });
  const prepare = async (choice: Choice) => {
    try {
      // Without a source nothing is awaited here: allocations are recorded only while a preparation is synchronous.
      const ready = readsSources(model, data) ? await placeFeatures(data, choice) : data;
      return { ...await setUpTraining(model, config, ready, choice), data };
    } catch (error) {
      throw namedSize(error, work);
    }
  };
  if (typeof request === "object") return await prepare({ device: request, reason: "handed in" });
  const { hardware = localHardware, events = () => {} } = options;
  const note = (text: string) => events({ type: "note", text });
  const open = (request: DeviceRequest, noted = note) =>
    requestDevice(request, { threads, bytes, clock: profile ? now : undefined }, hardware, noted);
  if (request !== "auto") return await prepare(await open(request));
  const processor = await open("auto");
  if (!now) return await prepare({ ...processor, reason: "the processor: without a clock no GPU is measured" });
  const facts = { model: model.name, data: { name: data.name, fingerprint: digest }, config };
  const openGpu = () => open("webgpu", () => {});
  return await setUpOnFastest({ setUp: prepare, facts, processor, openGpu }, { hardware, files, now, note });
}

function readsSources({ content = true }: Model, { modalities }: Dataset): boolean {
  return content && Object.values(modalities).some(({ kind }) => kind === "source");
}

/** Returns the name of a request, for the record. */
export function nameOfRequest(request: string | Device = "auto"): string {
  return typeof request === "object" ? request.name : request;
}

/** Returns the versions of the library and of the runtime. */
function versions(): Readonly<Record<string, string>> {
  const { process } = globalThis as { process?: { versions?: Readonly<Record<string, string | undefined>> } };
  const { deno, bun, node, v8 } = process?.versions ?? {};
  const runtime: Readonly<Record<string, string>> = deno ? { deno } : bun ? { bun } : node ? { node } : {};
  return { giverny: version, ...runtime, ...(v8 ? { v8 } : {}) };
}
