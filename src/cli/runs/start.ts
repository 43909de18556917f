/**
 * How a run begins: anew, or from where another ended. Nothing is written before everything is known to fit together.
 *
 * @module
 */
import { ValueError } from "../../../kernels/errors.ts";
import giverny from "../../../deno.json" with { type: "json" };
import type { Choice } from "../../../kernels/mod.ts";
import type { Dataset } from "../../data/dataset.ts";
import { fingerprint } from "../../data/fingerprint.ts";
import { statistics } from "../../data/statistics.ts";
import type { Model } from "../../models/mod.ts";
import { taskOnFastest } from "./auto.ts";
import { resolve, type RunConfig, storedSettings } from "./config.ts";
import { deviceFor, opened, whatRan } from "./device.ts";
import { Misuse } from "../shell/failure.ts";
import type { Io } from "../shell/io.ts";
import { beginning, loadPosition, type Position } from "./position.ts";
import { checkVacant, type Made, makeFolder, readRecord, type RunRecord, VERSION, within } from "./folder.ts";
import { loadData } from "../shell/source.ts";
import { modelNamed, type Task, taskOf } from "./task.ts";

/** What `train` takes; everything is optional. */
export interface TrainOptions {
  /** A folder or file, or `garden`, which is the default. */
  readonly data: string | undefined;
  /** A name of the catalogue, `monet` by default. */
  readonly model: string | undefined;
  /** The protocol to train and stop by; the model's own where there is none. */
  readonly protocol: "A" | "B" | undefined;
  /** A TOML file of settings. */
  readonly config: string | undefined;
  /** Settings as typed, in order. */
  readonly set: readonly (readonly [name: string, value: string])[];
  readonly epochs: number | undefined;
  readonly seed: number | undefined;
  /** What computes, `auto` by default; what computed before, for a run that goes on. */
  readonly device: "auto" | "wasm" | "webgpu" | "reference" | undefined;
  /** How many threads compute; by default all that the machine has. */
  readonly threads: number | undefined;
  /** The run folder; by default a new one. */
  readonly out: string | undefined;
  /** The run to go on with. It allows no other options than those that say how to compute. */
  readonly resume: string | undefined;
  /** Whether to time every kernel. */
  readonly profile: boolean;
}

/** A run about to begin. */
export interface Run {
  readonly folder: string;
  readonly made: Made;
  readonly record: RunRecord;
  readonly task: Task;
  readonly position: Position;
}

/** A data set and where it is. */
export interface Ground {
  readonly data: Dataset;
  /** The absolute path of a folder or file, or `garden`. */
  readonly source: string;
  readonly fingerprint: string;
}

/** Returns the data set that `--data` names. */
export async function groundOf(source: string, io: Io): Promise<Ground> {
  const data = await loadData(source, io);
  return {
    data,
    source: source === "garden" ? source : await Deno.realPath(source),
    fingerprint: await fingerprint(data),
  };
}

/** Returns the run that the options ask for. */
export async function runOf(options: TrainOptions, io: Io): Promise<Run> {
  if (options.resume === undefined) return await newRun(options, io);
  const [other] = wordsOf({ ...options, device: undefined, threads: undefined });
  if (other === undefined) return await resumedRun(options.resume, options, io);
  throw new Misuse(`Cannot resume with ${other}: a run goes on as it was configured; leave ${other} out`);
}

async function newRun(options: TrainOptions, io: Io): Promise<Run> {
  const { data: source = "garden", device: asked = "auto", out } = options;
  const model = modelNamed(options.model ?? "monet");
  const config = await resolve(model, { ...options, data: source });
  if (out !== undefined) await checkVacant(out);
  const choice = await deviceFor(asked, options, io);
  const ground = await groundOf(source, io);
  const task = await taskFor(asked, { model, config, ground, choice, options }, io);
  const record = recordOf(task, { ground, asked, command: wordsOf(options) }, io);
  const stem = `${ground.data.name.replaceAll(/[^\p{L}\p{N}_]+/gu, "-")}-${model.name}-${config.seed}`;
  const { folder, made } = await makeFolder(out, stem);
  return { folder, made, record, task, position: beginning(task.start) };
}

/** Where a new run comes from. */
export interface Origin {
  readonly ground: Ground;
  /** The device that was asked for. */
  readonly asked: string;
  /** The words after `train` that repeat it. */
  readonly command: readonly string[];
}

/** Returns what is known of a run before it begins. */
export function recordOf(task: Task, { ground, asked, command }: Origin, io: Io): RunRecord {
  const { model, config, data } = task;
  const { users, items, interactions } = statistics(data);
  return {
    format: "giverny run",
    version: VERSION,
    status: "running",
    command: ["train", ...command],
    versions: { giverny: giverny.version, deno: Deno.version.deno, v8: Deno.version.v8 },
    model: model.name,
    data: { source: ground.source, name: data.name, fingerprint: ground.fingerprint, users, items, interactions },
    seed: config.seed,
    device: deviceOf(asked, task),
    started: new Date(io.now()).toISOString(),
    seconds: 0,
    epochs: 0,
    best: null,
    results: {},
  };
}

async function resumedRun(folder: string, options: TrainOptions, io: Io): Promise<Run> {
  const record = await readRecord(folder);
  if (record.status === "finished") {
    throw new Misuse(
      `Cannot resume "${folder}": it is finished; begin a new run, with more --epochs if it ended early`,
    );
  }
  const asked = options.device ?? record.device.ran;
  const choice = await deviceFor(asked, options, io);
  const ground = await groundOf(record.data.source, io);
  const run = await resumed(
    folder,
    record,
    ground,
    (model, config) => taskFor(asked, { model, config, ground, choice, options }, io),
  );
  const { device: before } = record;
  // The reason that was given first holds as long as nobody asks for another device.
  const same = options.device === undefined && run.task.device.device.name === before.ran;
  const device = {
    ...run.record.device,
    ...options.device && { asked: options.device },
    ...same && { reason: before.reason },
  };
  return { ...run, record: { ...run.record, device } };
}

/**
 * Returns a run that goes on from where its folder says it ended.
 *
 * @param make Makes its training ready.
 * @throws {ValueError} if the data are not those that it began with.
 */
export async function resumed(
  folder: string,
  record: RunRecord,
  { source, fingerprint }: Ground,
  make: (model: Model, config: RunConfig) => Promise<Task>,
): Promise<Run> {
  if (fingerprint !== record.data.fingerprint) {
    throw new ValueError(`Cannot resume "${folder}": "${source}" has changed since; begin a new run`);
  }
  const model = modelNamed(record.model);
  const task = await make(model, await storedSettings(model, within(folder, "config.toml")));
  const position = task.batches
    ? await loadPosition(within(folder, "last.safetensors"), task.start)
    : beginning(task.start);
  const device = deviceOf(record.device.asked, task);
  return { folder, made: "nothing", record: { ...record, status: "running", device }, task, position };
}

/** Returns the training, made ready on the device that was asked for. */
async function taskFor(
  asked: RunRecord["device"]["asked"],
  { model, config, ground: { data, fingerprint }, choice, options }: {
    readonly model: Model;
    readonly config: RunConfig;
    readonly ground: Ground;
    readonly choice: Choice;
    readonly options: TrainOptions;
  },
  io: Io,
): Promise<Task> {
  const make = (device: Choice) => taskOf(model, config, data, device);
  if (asked !== "auto") return await make(choice);
  const facts = { model: model.name, data: { name: data.name, fingerprint }, config };
  const openGpu = () => opened("webgpu", options, io);
  return await taskOnFastest({ make, facts, processor: choice, openGpu }, io);
}

function deviceOf(asked: string, { device }: Task): RunRecord["device"] {
  return { asked, reason: device.reason, ...whatRan(device) };
}

/** Returns the options of a new run as they are typed. */
function wordsOf({ set, ...options }: TrainOptions): string[] {
  const flags = (["data", "model", "protocol", "config", "epochs", "seed", "device", "threads", "out"] as const)
    .flatMap((flag) => options[flag] === undefined ? [] : [`--${flag}`, String(options[flag])]);
  return [...flags, ...set.flatMap(([name, value]) => ["--set", `${name}=${value}`])];
}
