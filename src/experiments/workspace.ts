/**
 * The surroundings of experiments: the data, the folder of the trials, the device, the clock, and a listener.
 *
 * @module
 */
import { UsageError, ValueError } from "../../kernels/errors.ts";
import type { Files } from "../data/files.ts";
import { statistics } from "../data/statistics.ts";
import type { DeviceRequest, Hardware } from "../runs/device.ts";
import type { TrainingEvent } from "../runs/events.ts";
import type { LoadedData } from "../runs/open.ts";
import type { Outcome } from "./outcome.ts";

/** An event of an experiment. */
export type ExperimentEvent =
  | {
    /** Trials are about to be trained. */
    readonly type: "trials";
    /** The number of trials that are not trained yet. */
    readonly total: number;
  }
  | {
    /** A trial trains. */
    readonly type: "training";
    readonly label: string;
    /** The number of trials that were trained before it. */
    readonly done: number;
    /** The event of its training. */
    readonly event: TrainingEvent;
  }
  | {
    /** A trial has ended. */
    readonly type: "trial";
    readonly label: string;
    readonly outcome: Outcome;
    readonly milliseconds: number;
  }
  | {
    /** Trials are about to be evaluated on test. */
    readonly type: "tests";
    readonly total: number;
  }
  | {
    /** A trial was evaluated on test. */
    readonly type: "test";
    /** The number of trials that are evaluated. */
    readonly done: number;
  }
  | {
    /** The trials, or the evaluations on test, are over, at their end or by an interruption. */
    readonly type: "end";
  };

/** The surroundings of experiments. */
export interface Workspace {
  /** The folder that has a folder for each trial. */
  readonly folder: string;
  readonly loaded: LoadedData;
  readonly device: DeviceRequest;
  readonly threads: number | undefined;
  readonly files: Files;
  readonly hardware: Hardware;
  /** The clock, in milliseconds. */
  readonly now: () => number;
  /** Ends the experiment after a step. */
  readonly signal: AbortSignal;
  readonly events: (event: ExperimentEvent) => void | Promise<void>;
  /** Returns the bytes of memory that the process has. */
  readonly residentBytes: () => number;
}

/**
 * Checks that experiments on a data set have a test split.
 *
 * @throws {ValueError} if no interaction is held out for test.
 */
export function checkTestSplit({ data, source }: LoadedData, action: string): void {
  if (statistics(data).interactions.test > 0) return;
  throw new ValueError(
    `Cannot ${action} on "${source}": no interaction is held out for test; import the data with --split`,
  );
}

/**
 * Checks that trials can be kept in a folder: it does not exist, is empty, or has trials already.
 *
 * @throws {UsageError} if it holds other files.
 */
export async function checkHome(home: string, files: Files): Promise<void> {
  const info = await files.stat(home);
  if (!info || await files.stat(`${home}/trials`)) return;
  const refuse = (rule: string) => new UsageError(`Cannot keep trials in "${home}": ${rule}`);
  if (info.kind !== "folder") throw refuse("it is a file; name a new folder");
  if ((await files.list(home)).length > 0) throw refuse("the folder is not empty, and has no trials; name a new one");
}

/**
 * Locks a folder of trials for this process, removes the leftovers of a process that was killed, and returns the
 * function that releases the lock.
 *
 * @throws {UsageError} if another command uses the trials.
 */
export async function lockTrials(folder: string, files: Files): Promise<() => Promise<void>> {
  await files.makeFolder(folder);
  const release = await files.lock(folder);
  if (!release) {
    throw new UsageError(
      `Cannot keep trials in "${folder}": another command uses them; wait until it ends, or choose another --out`,
    );
  }
  for (const within of [folder, ...await foldersIn(folder, files)]) {
    for (const path of await foldersIn(within, files)) if (path.endsWith(".partial")) await files.remove(path);
  }
  return release;
}

async function foldersIn(folder: string, files: Files): Promise<string[]> {
  return (await files.list(folder)).flatMap(({ name, kind }) => kind === "folder" ? [`${folder}/${name}`] : []);
}
