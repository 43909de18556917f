/**
 * The parts that `compare` and `sweep` share: their options, their workspace, their progress, and the files of their
 * results.
 *
 * @module
 */
import { shortDigest } from "../experiments/trial.ts";
import type { CommonSettings } from "../experiments/variant.ts";
import {
  checkHome,
  checkTestSplit,
  type ExperimentEvent,
  lockTrials,
  type Workspace,
} from "../experiments/workspace.ts";
import type { Outcome } from "../experiments/outcome.ts";
import type { DeviceRequest } from "../runs/device.ts";
import { sweepFolder } from "../runs/folder.ts";
import { loadData } from "../runs/open.ts";
import type { RunRecord } from "../runs/record.ts";
import { commandLine } from "./command_line.ts";
import { exitOf } from "./failure.ts";
import type { ReadingOptions } from "./flags.ts";
import { type Io, note, type Report } from "./io.ts";
import { duration, type Progress, startProgress } from "./progress.ts";
import { checkWritable } from "./writable.ts";

/** The options of both commands. */
export interface ExperimentOptions extends CommonSettings, ReadingOptions {
  /** The number of seeds, from 1 on. */
  readonly seeds: number;
  readonly protocol: "A" | "B";
  readonly device: DeviceRequest | undefined;
  readonly threads: number | undefined;
  /**
   * The folder of trials, tables and report. By default, all experiments on a data set share a folder for the trials,
   * and each has a folder in it for its results.
   */
  readonly out: string | undefined;
}

/** The words of a command. */
export interface Words {
  /** The words after the program that repeat it. */
  readonly command: readonly string[];
  /** The words among them that name the trainings. */
  readonly subject: readonly string[];
}

/** Returns the words of a command, given those of its own options. */
export function wordsOf(
  name: "compare" | "sweep",
  own: readonly string[],
  { data, validation, order, encode, set, protocol, epochs, ...options }: ExperimentOptions,
): Words {
  const flags = (given: Readonly<Record<string, string | number | undefined>>) =>
    Object.entries(given).flatMap(([flag, value]) => value === undefined ? [] : [`--${flag}`, String(value)]);
  const { seeds, device, threads, out } = options;
  const subject = [
    ...own,
    ...flags({ protocol, epochs }),
    ...set.flatMap(([name, value]) => ["--set", `${name}=${value}`]),
  ];
  const read = flags({ validation, order, encode });
  return { command: [name, "--data", data, ...read, ...subject, ...flags({ seeds, device, threads, out })], subject };
}

/** A workspace, and the folder of the results. */
export interface Place {
  readonly workspace: Workspace;
  readonly out: string;
}

/**
 * Reads the data, and returns the folders of the trials and of the results.
 *
 * @throws {ValueError} if nothing is held out for test.
 * @throws {UsageError} if the folder exists and holds no trials.
 */
export async function placeOf(
  { command: [name], subject }: Words,
  { data: source, validation, order, encode, out, device = "auto", threads }: ExperimentOptions,
  io: Io,
): Promise<Place> {
  const { files, hardware, now } = io;
  const reading = { validation, order, encode, features: "auto" } as const;
  const loaded = await loadData(source, { ...reading, files, note: (text) => note(io, text) });
  checkTestSplit(loaded, name);
  const plain = (text: string) => text.replaceAll(/[^\p{L}\p{N}_]+/gu, "-");
  const home = out ?? `runs/${plain(loaded.data.name)}`;
  await checkHome(home, files);
  const own = `${home}/${name}-${plain(subject[1]).slice(0, 40)}-${await shortDigest(subject)}`;
  const workspace: Workspace = {
    folder: `${home}/trials`,
    loaded,
    device,
    threads,
    files,
    hardware,
    now,
    signal: new AbortController().signal,
    events: experimentDisplay(io),
    residentBytes: () => Deno.memoryUsage().rss,
  };
  return { workspace, out: out ?? own };
}

/**
 * Runs an experiment while no other command uses the trials; checks first that its results can be written.
 *
 * @throws {UsageError} if another command uses the trials.
 */
export async function exclusively<T>(
  { workspace, out }: Place,
  fileNames: readonly string[],
  io: Io,
  experiment: (workspace: Workspace) => Promise<T>,
): Promise<T> {
  const { files } = workspace;
  const release = await lockTrials(workspace.folder, files);
  try {
    await files.makeFolder(out);
    await sweepFolder(out, files);
    for (const name of fileNames) await checkWritable(`${out}/${name}`);
    return await experiment({ ...workspace, signal: io.interruption() });
  } finally {
    await release();
  }
}

/** The file that names the command whose results a folder has. */
const RESULT = "result.json";

/**
 * Writes results, and returns a line that names the files. A note names the command whose results were there before.
 */
export async function writeResults(
  out: string,
  texts: Readonly<Record<string, string>>,
  command: readonly string[],
  io: Io,
): Promise<string> {
  const { files } = io;
  const before = await files.read(`${out}/${RESULT}`).then((bytes) => JSON.parse(new TextDecoder().decode(bytes)))
    .catch(() => null);
  const line = commandLine(command);
  const write = (name: string, text: string) => files.write(`${out}/${name}`, new TextEncoder().encode(text));
  for (const [name, text] of Object.entries(texts)) await write(name, text);
  await write(RESULT, `${JSON.stringify({ command: line, files: Object.keys(texts) }, null, 2)}\n`);
  if (typeof before?.command === "string" && before.command !== line) {
    note(
      io,
      `replaced the results in "${out}" of a command that writes them again without training: ${before.command}`,
    );
  }
  return `Written: ${Object.keys(texts).map((name) => `${out}/${name}`).join(", ")}`;
}

/** Returns the report of a command that was interrupted: the same command goes on. */
export function unfinished(command: readonly string[], io: Io): Report {
  return {
    data: { status: "interrupted", command },
    text: () => `Interrupted. The finished trainings are kept; go on with\n  ${commandLine(command)}\n`,
    exit: exitOf(io.interruption()),
  };
}

/** Returns the listener that shows the progress of an experiment: the trials, and the training of the present one. */
function experimentDisplay(io: Io): (event: ExperimentEvent) => Promise<void> {
  let progress: Progress | undefined;
  let due = -Infinity;
  let steps = 0;
  return async (event) => {
    if (event.type === "trials") progress = await startProgress(io, { total: event.total, unit: "trial" });
    if (event.type === "tests") progress = await startProgress(io, { total: event.total, unit: "trial on test" });
    if (event.type === "test") progress?.update(event.done);
    if (event.type === "trial") progress?.line(trialLine(event.label, event.outcome, event.milliseconds));
    if (event.type === "end") progress?.end();
    if (event.type !== "training") return;
    const { label, done, event: training } = event;
    if (training.type === "note") note(io, training.text);
    if (training.type === "start") steps = training.steps;
    if (training.type === "step" && io.now() >= due) {
      const loss = (await training.loss()).toFixed(4);
      progress?.update(done, { training: label, epoch: String(training.epoch + 1), loss }, training.done / steps);
      due = io.now() + 100;
    }
  };
}

function epochsOf({ epochs, best }: RunRecord): string {
  return `${epochs} ${epochs === 1 ? "epoch" : "epochs"}${best === null ? "" : `, the best ${best}`}`;
}

/** Returns the outcome of a trial as a line for people. */
function trialLine(label: string, { record, failure, trial }: Outcome, milliseconds: number): string {
  if (failure !== null) return `${label}  failed: ${failure}`;
  const found = record?.results[trial.model.name]?.validation;
  return [
    label,
    ...(found ? [`validation recall@20 ${found["recall@20"].toFixed(4)}`] : []),
    ...(record && record.epochs > 0 ? [epochsOf(record)] : []),
    duration(milliseconds),
  ].join("  ");
}
