/**
 * `train`: trains a model and keeps the run in a folder.
 *
 * @module
 */
import { FormatError, UsageError, ValueError } from "../../kernels/errors.ts";
import type { Config } from "../core/settings.ts";
import { defaultModel, findModel, type NamedModel } from "../runs/catalogue.ts";
import type { DeviceRequest } from "../runs/device.ts";
import type { Listener } from "../runs/events.ts";
import { loadData } from "../runs/open.ts";
import { checkVacant } from "../runs/folder.ts";
import { readRecord } from "../runs/record.ts";
import { resume } from "../runs/resume.ts";
import { readSettings, resolveSettings } from "../runs/settings.ts";
import { TrainingFailed } from "../runs/failure.ts";
import type { ContinueOptions, TrainedRun } from "../runs/finish.ts";
import { train as trainModel } from "../runs/train.ts";
import { exitOf } from "./failure.ts";
import type { ReadingOptions } from "./flags.ts";
import { type Io, note, type Report } from "./io.ts";
import { reportOf, trainingDisplay } from "./train_report.ts";

/** The options of `train`. All may be missing. */
export interface TrainOptions extends ReadingOptions {
  /** A folder or file, or `garden`, which is the default. */
  readonly data: string | undefined;
  /** A name of the catalogue, or the path of a module; by default the model that suits the data. */
  readonly model: string | undefined;
  /** The protocol of training and stopping; the model's own by default. */
  readonly protocol: "A" | "B" | undefined;
  /** A TOML file of settings. */
  readonly config: string | undefined;
  /** Settings as typed, in order. */
  readonly set: readonly (readonly [name: string, value: string])[];
  readonly epochs: number | undefined;
  readonly seed: number | undefined;
  /** The device; `auto` by default, and the device of before for a run that goes on. */
  readonly device: DeviceRequest | undefined;
  /** The number of threads; all of the machine by default. */
  readonly threads: number | undefined;
  /** The most bytes that the training may need. */
  readonly memory: number | undefined;
  /** The run folder; by default a new one. */
  readonly out: string | undefined;
  /** The run to go on with. Only the data, the number of epochs and options of the device may be given with it. */
  readonly resume: string | undefined;
  /** Whether every kernel is timed. */
  readonly profile: boolean;
}

/**
 * Trains a model, keeps the run in a folder, and compares the model with popularity. After an interruption it does so
 * with the best parameters up to then.
 */
export async function train(options: TrainOptions, io: Io): Promise<Report> {
  const display = trainingDisplay(io);
  const stop = new AbortController();
  const events: Listener = async (event) => {
    // Before the first step, Ctrl-C ends the process at once.
    if (event.type === "start") listenTo(io.interruption(), stop);
    await display.events(event);
  };
  const { device, threads, memory, profile } = options;
  const { files, hardware, now } = io;
  const shared = { device, threads, memory, profile, events, signal: stop.signal, now, files, hardware };
  try {
    const run = await (options.resume === undefined
      ? newRun(options, shared, io)
      : resumedRun(options.resume, options, shared, io));
    const report = reportOf(run.folder!, run.record, run.profile);
    return run.record.status === "interrupted" ? { ...report, exit: exitOf(io.interruption()) } : report;
  } finally {
    display.end();
  }
}

function listenTo(signal: AbortSignal, stop: AbortController): void {
  if (signal.aborted) stop.abort();
  signal.addEventListener("abort", () => stop.abort());
}

async function newRun(options: TrainOptions, shared: ContinueOptions, io: Io): Promise<TrainedRun> {
  const { data: source = "garden", validation, order, encode, protocol, epochs, seed, out } = options;
  const { files } = io;
  const named = options.model === undefined && source !== "garden"
    ? null
    : await findModel(options.model ?? "monet", files);
  const settingsFor = async ({ model }: NamedModel) => {
    const settings = { ...await settingsIn(options.config, { model }, io), ...Object.fromEntries(options.set) };
    return resolveSettings(model, { data: source, protocol, settings, epochs, seed });
  };
  // Errors in settings show before the data are read.
  if (named) await settingsFor(named);
  if (out !== undefined) await checkVacant(out, files);
  const reading = { validation, order, encode, features: "auto" } as const;
  const loaded = await loadData(source, { ...reading, files, note: (text) => note(io, text) });
  const chosen = named ?? { model: defaultModel(loaded.data), module: null };
  if (!named && chosen.model.name !== "monet") {
    note(io, `the items have no features: ${chosen.model.name} is trained, which needs none`);
  }
  const settings = await settingsFor(chosen);
  const { model, module } = chosen;
  const folder = out ?? await freshFolder(`${loaded.data.name}-${model.name}-${settings.seed}`, io);
  const command = ["train", ...wordsOf(options)];
  try {
    return await trainModel(model, loaded.data, {
      ...shared,
      settings,
      folder,
      source: loaded.source,
      reading: loaded.reading,
      command,
      module,
    });
  } catch (error) {
    if (out === undefined && !(error instanceof TrainingFailed)) await files.remove(folder).catch(() => {});
    throw error;
  }
}

async function resumedRun(
  folder: string,
  { data: place, epochs, ...options }: TrainOptions,
  shared: ContinueOptions,
  io: Io,
): Promise<TrainedRun> {
  const others = { ...options, device: undefined, threads: undefined, memory: undefined };
  const [other] = wordsOf({ ...others, data: undefined, epochs: undefined });
  if (other !== undefined) {
    throw new UsageError(`Cannot resume with ${other}: a run goes on as it was configured; leave ${other} out`);
  }
  const { files } = io;
  const { command, data: { reading } } = await readRecord(folder, files);
  const loaded = place === undefined
    ? undefined
    : await loadData(place, { ...reading, files, features: "auto", note: (text) => note(io, text) });
  return await resume(folder, {
    ...shared,
    data: loaded?.data,
    source: loaded?.source,
    epochs,
    command: withFlags(command, { [FLAGS.data]: place, [FLAGS.epochs]: epochs }),
  });
}

/** Returns the words of a command with other values of some flags. An empty command, of a program's run, stays. */
function withFlags(
  words: readonly string[],
  flags: Readonly<Record<string, string | number | undefined>>,
): readonly string[] {
  return Object.entries(flags).reduce((before, [flag, value]) => {
    if (value === undefined || before.length === 0) return before;
    const at = before.indexOf(flag);
    return at < 0 ? [...before, flag, String(value)] : before.with(at + 1, String(value));
  }, words);
}

/** Returns the settings in the file that `--config` names; errors in it are errors of the command line. */
async function settingsIn(path: string | undefined, { model }: Pick<NamedModel, "model">, io: Io): Promise<Config> {
  if (path === undefined) return {};
  try {
    return await readSettings(model, path, io.files);
  } catch (error) {
    throw error instanceof FormatError || error instanceof ValueError ? new UsageError(error.message) : error;
  }
}

/** Makes the first free folder under `runs/` for a run of this name. */
async function freshFolder(name: string, { files }: Io): Promise<string> {
  const stem = name.replaceAll(/[^\p{L}\p{N}_]+/gu, "-");
  await files.makeFolder("runs");
  for (let n = 1;; n++) {
    const folder = `runs/${stem}-${n}`;
    if (await files.makeFolder(folder, { fresh: true })) return folder;
  }
}

type Flag = Exclude<keyof TrainOptions, "set" | "resume" | "profile">;

/** The flags of a new run, in the order of its command. The type makes every new option one of them. */
const FLAGS: Readonly<Record<Flag, string>> = {
  data: "--data",
  validation: "--validation",
  order: "--order",
  encode: "--encode",
  model: "--model",
  protocol: "--protocol",
  config: "--config",
  epochs: "--epochs",
  seed: "--seed",
  device: "--device",
  threads: "--threads",
  memory: "--memory",
  out: "--out",
};

/** Returns the options of a new run as they are typed. */
function wordsOf({ set, ...options }: TrainOptions): string[] {
  const flags = (Object.keys(FLAGS) as Flag[])
    .flatMap((name) => options[name] === undefined ? [] : [FLAGS[name], String(options[name])]);
  return [...flags, ...set.flatMap(([name, value]) => ["--set", `${name}=${value}`])];
}
