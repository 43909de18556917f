/**
 * A trial: one training among those that are compared. It is a run in a folder named after all that it follows from, so that
 * one that is there already, whole or in part, is never trained twice.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import giverny from "../../deno.json" with { type: "json" };
import type { Choice } from "../../kernels/mod.ts";
import { sizeOf } from "../core/shape.ts";
import { leaves } from "../core/tree.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Model } from "../models/mod.ts";
import type { RunConfig } from "../cli/runs/config.ts";
import { describe, Misuse, Unfinished } from "../cli/shell/failure.ts";
import { fitRun } from "../cli/runs/fitting.ts";
import type { Times } from "../cli/runs/profile.ts";
import type { Io } from "../cli/shell/io.ts";
import { beginning } from "../cli/runs/position.ts";
import type { Progress } from "../cli/shell/progress.ts";
import { judgesOf } from "../cli/runs/ranker.ts";
import { exists, readRecord, type RunRecord, within } from "../cli/runs/folder.ts";
import { type Ground, recordOf, resumed, type Run } from "../cli/runs/start.ts";
import { taskOf } from "../cli/runs/task.ts";
import { watchedDevice } from "../cli/runs/watched.ts";
import { type Cost, fromFolder, keep, kept, NOTHING, type Purpose } from "./outcome.ts";

/** A training to be compared with others. */
export interface Trial {
  /** The name of its folder: the model, the seed and a digest of everything else. */
  readonly id: string;
  readonly model: Model;
  /** Every setting, the seed among them. */
  readonly config: RunConfig;
}

/** Where trials are run and kept. */
export interface Bench {
  /** The folder that has a folder for each. */
  readonly folder: string;
  readonly ground: Ground;
  readonly device: "auto" | "wasm" | "webgpu" | "reference";
  readonly threads: number | undefined;
}

/** What came of a trial. */
export interface Outcome {
  readonly trial: Trial;
  readonly folder: string;
  readonly record: RunRecord | null;
  readonly cost: Cost;
  /** Why it failed; `null` if it did not. */
  readonly failure: string | null;
}

/** Returns the trial of a model with settings on data. */
export async function trialOf(model: Model, config: RunConfig, { fingerprint }: Ground): Promise<Trial> {
  const settings = Object.entries(config).sort(([a], [b]) => a < b ? -1 : 1);
  const digest = await digestOf([giverny.version, fingerprint, model.name, settings]);
  return { id: `${model.name}-${config.seed}-${digest}`, model, config };
}

/** Returns eight letters that tell a plain value from others. */
export async function digestOf(value: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex().slice(0, 8);
}

/** Returns what came of a trial that has ended, and has what its purpose needs; `null` if there is none. */
export async function outcomeOf(trial: Trial, bench: Bench, purpose: Purpose): Promise<Outcome | null> {
  const folder = `${bench.folder}/${trial.id}`;
  const { cost, failure } = await fromFolder(folder, () => kept(folder));
  if (failure !== null) return { trial, folder, record: null, cost, failure };
  const record = await readRecord(folder).catch(() => null);
  if (record?.status !== "finished") return null;
  if (purpose === "ranking" && !await exists(within(folder, "embeddings.safetensors"))) return null;
  return { trial, folder, record, cost, failure };
}

/** How a trial is run. */
export interface TrialOptions {
  readonly purpose: Purpose;
  /** Ends it after a step; it can be gone on with. */
  readonly signal: AbortSignal;
  readonly progress: Progress;
  readonly io: Io;
}

/**
 * Trains what is missing of a trial on a device of its own. Test is not looked at. Numbers or memory that run out are the
 * trial's failure, which is kept; whatever else goes wrong is thrown.
 */
export async function runTrial(trial: Trial, bench: Bench, options: TrialOptions): Promise<Outcome | "interrupted"> {
  const done = await outcomeOf(trial, bench, options.purpose);
  if (done) return done;
  const folder = `${bench.folder}/${trial.id}`;
  const watched = await watchedDevice(bench.device, bench, options.io);
  let resident = 0;
  const look = () => resident = Math.max(resident, Deno.memoryUsage().rss);
  const progress: Progress = {
    ...options.progress,
    update: (...news) => {
      look();
      options.progress.update(...news);
    },
  };
  let { cost, wanted } = NOTHING;
  try {
    const run = await fromFolder(folder, () => startOrResume(trial, bench, watched.choice, options));
    const before = await kept(folder);
    const { task: { start, data, config }, position } = run;
    const parameters = leaves(start.params).reduce((sum, [, leaf]) => sum + sizeOf(leaf.shape), 0);
    if (before.wanted === "ranking" || options.purpose === "ranking") wanted = "ranking";
    cost = { ...before.cost, parameters };
    // Kept with every epoch, so that a command that is killed knows the cost of what it finds.
    const tally = async (epochs: number, times: Times): Promise<void> => {
      look();
      cost = {
        parameters,
        epochs: before.cost.epochs + epochs - position.standing.epochs,
        training: before.cost.training + times.steps / 1000,
        validating: before.cost.validating + times.validation / 1000,
        bytes: largest(before.cost.bytes, watched.bytes()),
        resident: Math.max(before.cost.resident, resident),
      };
      await keep(folder, { cost, failure: null, wanted });
    };
    const io: Io = { ...options.io, interruption: () => options.signal };
    const judges = { ...judgesOf(data, config), test: null };
    const { record, times } = await fitRun(run, { judges, beside: {}, kept: tally, progress, io });
    await tally(record.epochs, times);
    if (record.status === "interrupted") return "interrupted";
    await Deno.remove(within(folder, "last.safetensors")).catch(() => {});
    return { trial, folder, record, cost, failure: null };
  } catch (error) {
    const root = error instanceof Unfinished ? error.cause : error;
    if (!(root instanceof ValueError) || root instanceof Misuse) throw error;
    const failure = describe(root).sentence;
    await Deno.mkdir(folder, { recursive: true });
    await keep(folder, { cost, failure, wanted });
    return { trial, folder, record: null, cost, failure };
  } finally {
    watched.close();
  }
}

/** Forgets the numbers of a trial that nobody has ranked or asked to rank with; what came of it stays. */
export async function lighten({ folder }: Outcome): Promise<void> {
  if ((await kept(folder)).wanted === "ranking" || await exists(`${folder}/test.json`)) return;
  for (const file of ["best.safetensors", "embeddings.safetensors"] as const) {
    await Deno.remove(within(folder, file)).catch(() => {});
  }
}

async function startOrResume(
  { id, model, config }: Trial,
  bench: Bench,
  choice: Choice,
  { io }: TrialOptions,
): Promise<Run> {
  const folder = `${bench.folder}/${id}`;
  const ground = { ...bench.ground, data: unshared(bench.ground.data) };
  const before = await readRecord(folder).catch(() => null);
  if (before && before.status !== "finished" && await exists(within(folder, "last.safetensors"))) {
    return await resumed(folder, before, ground, (model, config) => taskOf(model, config, ground.data, choice));
  }
  const command = ["--data", ground.source, "--model", model.name, "--config", within(folder, "config.toml")];
  const task = await taskOf(model, config, ground.data, choice);
  const record = recordOf(task, { ground, asked: bench.device, command }, io);
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
  return { folder, made: "folder", record, task, position: beginning(task.start) };
}

/** A pattern keeps its copies on devices, and would keep every trial's device with them. */
function unshared(data: Dataset): Dataset {
  const modalities = Object.entries(data.modalities).map(([name, modality]) => [
    name,
    modality.kind === "sparse" ? { ...modality, pattern: { ...modality.pattern } } : modality,
  ]);
  return { ...data, modalities: Object.fromEntries(modalities) };
}

function largest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? a ?? b : Math.max(a, b);
}
