/**
 * A trial: one of the trainings that an experiment compares. Its folder is a run whose name follows from all that the
 * training follows from, so that no training is done twice.
 *
 * @module
 */
import { version } from "../core/version.ts";
import { UsageError, ValueError } from "../../kernels/errors.ts";
import { type Device, peakBytes } from "../../kernels/mod.ts";
import { digestOf } from "../runs/catalogue.ts";
import type { Hardware } from "../runs/device.ts";
import type { Listener, TrainingEvent } from "../runs/events.ts";
import { TrainingFailed } from "../runs/failure.ts";
import type { Times } from "../runs/profile.ts";
import { readRecord, within } from "../runs/record.ts";
import { resume } from "../runs/resume.ts";
import type { RunConfig } from "../runs/settings.ts";
import type { TrainedRun } from "../runs/finish.ts";
import { train } from "../runs/train.ts";
import {
  type Cost,
  fromFolder,
  NOTHING,
  type Outcome,
  type Purpose,
  readOutcome,
  type StoredOutcome,
  type Trial,
  writeOutcome,
} from "./outcome.ts";
import type { Workspace } from "./workspace.ts";

/** Returns the trial of a model with settings on a workspace's data. */
export async function trialOf(
  { model, module }: Pick<Trial, "model" | "module">,
  config: RunConfig,
  { loaded: { fingerprint } }: Pick<Workspace, "loaded">,
): Promise<Trial> {
  const settings = Object.entries(config).sort(([a], [b]) => a < b ? -1 : 1);
  const origin = [version, fingerprint, model.name, settings, ...(module ? [module.sha256] : [])];
  return { id: `${model.name}-${config.seed}-${await shortDigest(origin)}`, model, module, config };
}

/** Returns eight letters that tell a plain value from others. */
export async function shortDigest(value: unknown): Promise<string> {
  return (await digestOf(new TextEncoder().encode(JSON.stringify(value)))).slice(0, 8);
}

/** Returns the outcome of a trial that has ended and has the files that its purpose needs; `null` otherwise. */
export async function outcomeOf(
  trial: Trial,
  { folder: home, files }: Workspace,
  purpose: Purpose,
): Promise<Outcome | null> {
  const folder = `${home}/${trial.id}`;
  const { cost, failure } = await fromFolder(folder, () => readOutcome(folder, files));
  if (failure !== null) return { trial, folder, record: null, cost, failure };
  const record = await readRecord(folder, files).catch(() => null);
  if (record?.status !== "finished") return null;
  if (purpose === "ranking" && await files.stat(within(folder, "embeddings.safetensors")) === null) return null;
  return { trial, folder, record, cost, failure };
}

/** The options of {@link runTrial}. */
export interface TrialOptions {
  readonly purpose: Purpose;
  /** Receives the events of the training. */
  readonly events: Listener;
}

/**
 * Trains the missing part of a trial on a device of its own. Test stays unseen. A training that runs out of numbers or
 * memory is a failure of the trial, which is kept; any other error is thrown.
 */
export async function runTrial(
  trial: Trial,
  workspace: Workspace,
  { purpose, events }: TrialOptions,
): Promise<Outcome | "interrupted"> {
  const done = await outcomeOf(trial, workspace, purpose);
  const folder = `${workspace.folder}/${trial.id}`;
  const { files } = workspace;
  if (done) {
    // A command that was killed may have left it.
    if (await files.stat(within(folder, "last.safetensors"))) await removePoint(folder, files);
    return done;
  }
  const meter = meteredHardware(workspace.hardware);
  const tally = await openTally(folder, purpose, meter, workspace);
  const listen: Listener = async (event) => {
    await tally.see(event);
    await events(event);
  };
  try {
    const run = await fromFolder(
      folder,
      () => trainOrResume(trial, folder, { ...workspace, ...meter, events: listen }),
    );
    const { cost } = await tally.save(run.record.epochs, run.times, null);
    if (run.record.status === "interrupted") return "interrupted";
    await removePoint(folder, files);
    return { trial, folder, record: run.record, cost, failure: null };
  } catch (error) {
    const cause = error instanceof TrainingFailed ? error.cause : error;
    if (!(cause instanceof ValueError) || cause instanceof UsageError) throw error;
    await files.makeFolder(folder);
    const { cost, failure } = await tally.fail(cause.message);
    return { trial, folder, record: null, cost, failure };
  } finally {
    meter.close();
  }
}

/** Removes the state from which only an interrupted training, or one with more epochs, goes on. */
async function removePoint(folder: string, files: Workspace["files"]): Promise<void> {
  await files.remove(within(folder, "earlier.safetensors"));
  await files.remove(within(folder, "last.safetensors"));
}

/** Removes the parameters and embeddings of a trial that no experiment ranks with. Its results stay. */
export async function removeWeights({ folder }: Outcome, { files }: Workspace): Promise<void> {
  const { wanted } = await readOutcome(folder, files);
  if (wanted === "ranking" || await files.stat(`${folder}/test.json`)) return;
  for (const file of ["best", "embeddings", "modalities"] as const) {
    await files.remove(within(folder, `${file}.safetensors`));
  }
}

/** Hardware whose devices have a memory of their own that is measured. */
interface Meter {
  readonly hardware: Hardware;
  /** Returns the most bytes that tensors took at one time; `null` if a device cannot tell. */
  readonly bytes: () => number | null;
  /** Ends the threads of the devices. Their memory is freed with the last tensor. */
  readonly close: () => void;
}

function meteredHardware(hardware: Hardware): Meter {
  const devices: { readonly device: Device; readonly bytes: () => number | null }[] = [];
  return {
    hardware: {
      ...hardware,
      open: async (name, options) => {
        const peak = peakBytes();
        const choice = await hardware.open(name, { ...options, private: true, instrument: peak.instrument });
        devices.push({ device: choice.device, bytes: peak.bytes });
        return choice;
      },
    },
    bytes: () => devices.reduce<number | null>((most, { bytes }) => larger(most, bytes()), null),
    close: () => devices.forEach(({ device }) => device.close?.()),
  };
}

function larger(a: number | null, b: number | null): number | null {
  return a === null || b === null ? a ?? b : Math.max(a, b);
}

/**
 * The cost of a trial so far, written to its folder with every epoch: a command that is killed knows the cost of its
 * epochs.
 */
interface Tally {
  readonly see: (event: TrainingEvent) => Promise<void>;
  readonly save: (epochs: number, times: Times, failure: string | null) => Promise<StoredOutcome>;
  readonly fail: (failure: string) => Promise<StoredOutcome>;
}

async function openTally(
  folder: string,
  purpose: Purpose,
  meter: Meter,
  { files, residentBytes }: Workspace,
): Promise<Tally> {
  const resumes = await isResumable(folder, files);
  const before = resumes ? await fromFolder(folder, () => readOutcome(folder, files)) : NOTHING;
  const wanted = before.wanted === "ranking" ? "ranking" : purpose;
  let cost: Cost = before.cost;
  let [resident, from] = [before.cost.resident, 0];
  const write = async (failure: string | null) => {
    const outcome = { cost, failure, wanted };
    await writeOutcome(folder, outcome, files);
    return outcome;
  };
  const save: Tally["save"] = async (epochs, times, failure) => {
    resident = Math.max(resident, residentBytes());
    cost = {
      parameters: cost.parameters,
      epochs: before.cost.epochs + epochs - from,
      training: before.cost.training + times.steps / 1000,
      validating: before.cost.validating + times.validation / 1000,
      bytes: larger(before.cost.bytes, meter.bytes()),
      resident,
    };
    return await write(failure);
  };
  return {
    see: async (event) => {
      if (event.type === "start") [from, cost] = [event.from, { ...cost, parameters: event.parameters }];
      if (event.type === "step") resident = Math.max(resident, residentBytes());
      if (event.type === "saved") await save(event.status.epochs, event.times, null);
    },
    save,
    fail: write,
  };
}

async function isResumable(folder: string, files: Workspace["files"]): Promise<boolean> {
  const record = await readRecord(folder, files).catch(() => null);
  return record !== null && record.status !== "finished" &&
    await files.stat(within(folder, "last.safetensors")) !== null;
}

async function trainOrResume(
  { model, module, config }: Trial,
  folder: string,
  { loaded: { data, source, reading }, device, threads, files, hardware, now, signal, events }:
    & Omit<Workspace, "events">
    & { readonly events: Listener },
): Promise<TrainedRun> {
  const options = { device, threads, files, hardware, now, signal, events, test: false };
  if (await isResumable(folder, files)) return await resume(folder, { ...options, data, model });
  await files.remove(folder);
  const name = module?.path ?? model.name;
  const read = Object.entries(reading ?? {}).flatMap(([flag, value]) =>
    value === undefined ? [] : [`--${flag}`, value]
  );
  const place = ["--model", name, "--config", within(folder, "config.toml")];
  const command = ["train", "--data", source, ...read, ...place];
  return await train(model, data, { ...options, settings: config, folder, source, reading, command, module });
}
