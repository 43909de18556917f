/**
 * Variants put to the test: all their trials are run, and only when every one has ended is test looked at.
 *
 * @module
 */
import type { Config } from "../core/settings.ts";
import { anglesOf } from "../cli/runs/angles.ts";
import { deviceFor } from "../cli/runs/device.ts";
import { startProgress } from "../cli/shell/progress.ts";
import { fromFolder } from "./outcome.ts";
import type { Bench, Outcome } from "./trial.ts";
import { type Named, runTrials, type TrialsOptions } from "./trials.ts";
import { type Common, namedTrial, seedsOf, type Variant } from "./variant.ts";
import { type Verdict, verdictOn } from "./verdict.ts";

/** A variant that takes part, with what else is set of it. */
export interface Entry {
  readonly variant: Variant;
  readonly changes: Config;
}

/** The trials of an entry that have ended, and what was found on test. */
export interface Tried extends Entry {
  readonly outcomes: readonly Outcome[];
  readonly verdicts: readonly Verdict[];
  /** avgDiff by modality, for each outcome; empty if it was not asked for, or the model has no item embeddings. */
  readonly avgDiff: readonly Readonly<Record<string, number>>[];
}

/** A training that failed. */
export interface Failed {
  /** The model with its settings and seed. */
  readonly label: string;
  /** The reason, in a sentence. */
  readonly failure: string;
}

/** What came of entries. */
export interface TriedAll {
  /** In their order, without those all of whose trials failed. */
  readonly tried: readonly Tried[];
  readonly failed: readonly Failed[];
}

/** How entries are tried. */
export interface TryOptions extends Omit<TrialsOptions, "purpose"> {
  /** Whether to measure avgDiff too; `false` by default. */
  readonly avgDiff?: boolean;
}

/** Runs the trials of all entries, seed by seed, and judges them on test. `null` if it was interrupted. */
export async function tryAll(
  entries: readonly Entry[],
  seeds: number,
  common: Common,
  bench: Bench,
  { avgDiff = false, ...options }: TryOptions,
): Promise<TriedAll | null> {
  const trials = await trialsOf(entries, seeds, common, bench);
  const ran = await runTrials(trials.map(({ named }) => named), bench, { ...options, purpose: "ranking" });
  if (ran.interrupted) return null;
  const byId = new Map(ran.outcomes.map((outcome) => [outcome.trial.id, outcome]));
  const all = trials.map(({ entry, named }) => ({ entry, named, outcome: byId.get(named.trial.id)! }));
  const failed = all.flatMap(({ named: { label }, outcome: { failure } }) =>
    failure === null ? [] : { label, failure }
  );
  const ended = all.filter(({ outcome }) => outcome.failure === null);
  const verdicts = await judgedAll(ended.map(({ outcome }) => outcome), bench, { ...options, avgDiff });
  if (!verdicts) return null;
  const tried = entries.map((entry): Tried => {
    const outcomes = ended.flatMap((one) => one.entry === entry ? [one.outcome] : []);
    const found = outcomes.map(({ trial }) => verdicts.get(trial.id)!);
    return {
      ...entry,
      outcomes,
      verdicts: found.map(({ verdict }) => verdict),
      avgDiff: found.map(({ avgDiff }) => avgDiff),
    };
  });
  return { tried: tried.filter(({ outcomes }) => outcomes.length > 0), failed };
}

/**
 * Returns the trials of entries, the first seed of all before the second of any.
 *
 * @throws {Misuse} if a model has no such setting, or a value is out of range.
 */
export async function trialsOf(
  entries: readonly Entry[],
  seeds: number,
  common: Common,
  bench: Bench,
): Promise<{ readonly entry: Entry; readonly named: Named }[]> {
  const found = [];
  for (let seed = 1; seed <= seeds; seed++) {
    for (const entry of entries) {
      const { variant, changes } = entry;
      if (!seedsOf(variant, seeds).includes(seed)) continue;
      found.push({ entry, named: await namedTrial(variant, common, bench, { seed, changes }) });
    }
  }
  return found;
}

/** What was found of one trial. */
interface Found {
  readonly verdict: Verdict;
  readonly avgDiff: Readonly<Record<string, number>>;
}

async function judgedAll(
  outcomes: readonly Outcome[],
  { ground, device, threads }: Bench,
  { avgDiff, signal, io }: TryOptions,
): Promise<Map<string, Found> | null> {
  const choice = await deviceFor(device, { threads }, io);
  const progress = await startProgress(io, { total: outcomes.length, unit: "trial on test" });
  const found = new Map<string, Found>();
  try {
    for (const [n, outcome] of outcomes.entries()) {
      if (signal.aborted) return null;
      const { trial, folder, record } = outcome;
      if (found.has(trial.id)) continue;
      found.set(trial.id, {
        verdict: await verdictOn(outcome, ground.data, choice),
        avgDiff: avgDiff && record && await fromFolder(folder, () => anglesOf(folder, record, ground, choice)) || {},
      });
      progress.update(n + 1);
    }
  } finally {
    progress.end();
  }
  return found;
}
