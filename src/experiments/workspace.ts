/**
 * The surroundings of experiments: the data, the folder of the trials, the device, the clock, and a listener.
 *
 * @module
 */
import { UsageError, ValueError } from "../../kernels/errors.ts";
import type { Dataset } from "../data/dataset.ts";
import { type Files, localFiles } from "../data/files.ts";
import { fingerprint } from "../data/fingerprint.ts";
import { statistics } from "../data/statistics.ts";
import { type DeviceRequest, type Hardware, localHardware } from "../runs/device.ts";
import type { TrainingEvent } from "../runs/events.ts";
import { sweepFolder } from "../runs/folder.ts";
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
  /** The data set. */
  readonly loaded: LoadedData;
  /** The request for a device, one for each trial. */
  readonly device: DeviceRequest;
  /** The number of threads; `undefined` for all of the machine. */
  readonly threads: number | undefined;
  /** The files. */
  readonly files: Files;
  /** The hardware. */
  readonly hardware: Hardware;
  /** The clock, in milliseconds since 1970; it stays at 0 where there is none, and no time is recorded. */
  readonly now: () => number;
  /** Ends the experiment after a step. */
  readonly signal: AbortSignal;
  /** Receives the events. */
  readonly events: (event: ExperimentEvent) => void | Promise<void>;
  /** Returns the bytes of memory that the process has. */
  readonly residentBytes: () => number;
}

/** The options of {@link workspaceOf}: all parts of a workspace but the data. */
export type WorkspaceOptions = { readonly [K in Exclude<keyof Workspace, "loaded">]?: Workspace[K] | undefined } & {
  /** The path of the data, for the records of the runs; `memory` by default. */
  readonly source?: string | undefined;
};

/**
 * Returns a workspace for experiments on a data set. By default trials are kept in the folder `trials`, devices are
 * chosen as `auto` says, no time is measured, and nothing is reported.
 *
 * @example
 * ```ts
 * import { key } from "@giverny/giverny/core";
 * import { garden, memoryFiles } from "@giverny/giverny/data";
 * import { workspaceOf } from "@giverny/giverny/experiments";
 * import { equal } from "node:assert/strict";
 * const workspace = await workspaceOf(garden(key(0), { users: 60, items: 40 }), { files: memoryFiles() });
 * equal(workspace.folder, "trials");
 * ```
 */
export async function workspaceOf(data: Dataset, options: WorkspaceOptions = {}): Promise<Workspace> {
  const { source = "memory", folder = "trials", device = "auto", threads, files = localFiles } = options;
  const { hardware = localHardware, now = () => 0, signal = new AbortController().signal } = options;
  const { events = () => {}, residentBytes = () => 0 } = options;
  const loaded = { data, source, fingerprint: await fingerprint(data) };
  return { folder, loaded, device, threads, files, hardware, now, signal, events, residentBytes };
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
  try {
    await sweepFolder(folder, files);
    for (const { name, kind } of await files.list(folder)) {
      if (kind !== "folder") continue;
      const trial = `${folder}/${name}`;
      await sweepFolder(trial, files);
      // To lock a folder and release it removes the lock of a process that was killed.
      if (await files.stat(`${trial}/lock`)) await (await files.lock(trial))?.();
    }
    return release;
  } catch (error) {
    await release();
    throw error;
  }
}

/** Returns the time of a clock in UTC, as in `2024-05-01T12:00:00.000Z`; `null` for a clock that stays at 0. */
export function timeOf(now: Workspace["now"]): string | null {
  const time = now();
  return time === 0 ? null : new Date(time).toISOString();
}
