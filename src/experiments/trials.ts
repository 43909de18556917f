/**
 * Many trials, one after the other: what is there already is not trained again, and Ctrl-C leaves what there is.
 *
 * @module
 */
import { Misuse } from "../cli/shell/failure.ts";
import type { Io } from "../cli/shell/io.ts";
import { duration, type Progress, startProgress } from "../cli/shell/progress.ts";
import type { Purpose } from "./outcome.ts";
import { type Bench, type Outcome, outcomeOf, runTrial, type Trial } from "./trial.ts";

/** A trial and what people call it. */
export interface Named {
  readonly label: string;
  readonly trial: Trial;
}

/** What came of trials, in their order. */
export interface Outcomes {
  readonly outcomes: readonly Outcome[];
  /** Whether Ctrl-C ended them before the last; the outcomes are those before. */
  readonly interrupted: boolean;
}

/** How trials are run. */
export interface TrialsOptions {
  readonly purpose: Purpose;
  /** Ends them after a step. */
  readonly signal: AbortSignal;
  readonly io: Io;
}

/**
 * Keeps other commands from a folder of trials until it is disposed of, or the process ends, and clears away what one that was
 * killed left half-written.
 *
 * @throws {Misuse} if another is at it.
 */
export async function occupy(folder: string): Promise<Disposable> {
  await Deno.mkdir(folder, { recursive: true });
  // Where folders cannot be opened, nobody is kept away.
  const file = await Deno.open(folder).catch(() => null);
  if (await file?.tryLock(true) === false) {
    file?.close();
    throw new Misuse(
      `Cannot keep trials in "${folder}": another command is at them; wait for its end, or choose another --out`,
    );
  }
  for (const within of [folder, ...await foldersIn(folder)]) {
    for (const path of await foldersIn(within)) {
      if (path.endsWith(".partial")) await Deno.remove(path, { recursive: true });
    }
  }
  return { [Symbol.dispose]: () => file?.close() };
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.flatMap(({ name, isDirectory }) => isDirectory ? [`${folder}/${name}`] : []);
}

/** Runs trials that are not done. Equal ones are one. */
export async function runTrials(
  trials: readonly Named[],
  bench: Bench,
  { purpose, signal, io }: TrialsOptions,
): Promise<Outcomes> {
  const missing = await notDone(trials, bench, purpose);
  const progress = await startProgress(io, { total: missing.size, unit: "trial" });
  const found = new Map<string, Outcome>();
  let done = 0;
  try {
    for (const { label, trial } of trials) {
      if (found.has(trial.id)) continue;
      if (signal.aborted) return { outcomes: [...found.values()], interrupted: true };
      const since = io.now();
      const outcome = await runTrial(trial, bench, { purpose, signal, progress: part(progress, done, label), io });
      if (outcome === "interrupted") return { outcomes: [...found.values()], interrupted: true };
      found.set(trial.id, outcome);
      if (!missing.has(trial.id)) continue;
      done++;
      progress.line(lineOf(label, outcome, io.now() - since));
    }
  } finally {
    progress.end();
  }
  return { outcomes: [...found.values()], interrupted: false };
}

async function notDone(trials: readonly Named[], bench: Bench, purpose: Purpose): Promise<Set<string>> {
  const missing = new Set<string>();
  for (const { trial } of trials) if (!await outcomeOf(trial, bench, purpose)) missing.add(trial.id);
  return missing;
}

/** Returns the progress of one trial, shown within that of all: its epochs are not worth a line each. */
function part(progress: Progress, done: number, label: string): Progress {
  return {
    update: (_, shown = {}) => progress.update(done, { training: label, ...shown }),
    line: () => {},
    end: () => {},
  };
}

/** Returns what came of a trial as a line for people. */
export function lineOf(label: string, { record, failure, trial }: Outcome, milliseconds: number): string {
  if (failure !== null) return `${label}  failed: ${failure}`;
  const found = record?.results[trial.model.name]?.validation;
  return [
    label,
    ...found ? [`validation recall@20 ${found["recall@20"].toFixed(4)}`] : [],
    ...record && record.epochs > 0 ? [`${record.epochs} epochs, the best ${record.best ?? "unknown"}`] : [],
    duration(milliseconds),
  ].join("  ");
}
