/**
 * The results of variants: all their trials run first, and test is looked at when every one has ended.
 *
 * @module
 */
import type { Config } from "../core/settings.ts";
import { requestDevice } from "../runs/device.ts";
import { avgDiffOf } from "./avg_diff.ts";
import { fromFolder, type Outcome } from "./outcome.ts";
import { type TestResults, testResults } from "./test_results.ts";
import { type NamedTrial, runTrials } from "./trials.ts";
import { type CommonSettings, namedTrial, seedsOf, type Variant } from "./variant.ts";
import type { Workspace } from "./workspace.ts";

/** A variant with changed settings. */
export interface Entry {
  /** The variant. */
  readonly variant: Variant;
  /** The changed settings. */
  readonly changes: Config;
}

/** The results of an entry's trials that have ended. */
export interface VariantResults extends Entry {
  readonly outcomes: readonly Outcome[];
  readonly tests: readonly TestResults[];
  /** avg.diff by modality, for each outcome; empty if it was not asked for, or the model has no embeddings of items. */
  readonly avgDiffs: readonly Readonly<Record<string, number>>[];
}

/** A trial that failed. */
export interface Failed {
  /** The name of the trial. */
  readonly label: string;
  /** The reason. */
  readonly failure: string;
}

/** The results of several entries. */
export interface AllResults {
  /** In the order of the entries, without those all of whose trials failed. */
  readonly results: readonly VariantResults[];
  readonly failed: readonly Failed[];
}

/** The options of {@link runAll}. */
export interface RunAllOptions {
  /** The number of seeds. */
  readonly seeds: number;
  readonly common: CommonSettings;
  /** Whether avg.diff is measured too; `false` by default. */
  readonly avgDiff?: boolean | undefined;
}

/** Runs the trials of all entries, seed by seed, and evaluates them on test. `null` if it was interrupted. */
export async function runAll(
  entries: readonly Entry[],
  workspace: Workspace,
  { seeds, common, avgDiff = false }: RunAllOptions,
): Promise<AllResults | null> {
  const trials = await trialsOf(entries, seeds, common, workspace);
  const ran = await runTrials(trials.map(({ named }) => named), workspace, "ranking");
  if (ran.interrupted) return null;
  const byId = new Map(ran.outcomes.map((outcome) => [outcome.trial.id, outcome]));
  const all = trials.map(({ entry, named }) => ({ entry, named, outcome: byId.get(named.trial.id)! }));
  const failed = all.flatMap(({ named: { label }, outcome: { failure } }) =>
    failure === null ? [] : { label, failure }
  );
  const ended = all.filter(({ outcome }) => outcome.failure === null);
  const tested = await testAll(ended.map(({ outcome }) => outcome), workspace, avgDiff);
  if (!tested) return null;
  const results = entries.map((entry): VariantResults => {
    const outcomes = ended.flatMap((one) => one.entry === entry ? [one.outcome] : []);
    const found = outcomes.map(({ trial }) => tested.get(trial.id)!);
    return {
      ...entry,
      outcomes,
      tests: found.map(({ test }) => test),
      avgDiffs: found.map(({ avgDiff }) => avgDiff),
    };
  });
  return { results: results.filter(({ outcomes }) => outcomes.length > 0), failed };
}

/**
 * Returns the trials of entries: the first seed of all entries before the second of any.
 *
 * @throws {UsageError} if a model has no such setting, or a value is out of its range.
 */
export async function trialsOf(
  entries: readonly Entry[],
  seeds: number,
  common: CommonSettings,
  workspace: Pick<Workspace, "loaded">,
): Promise<{ readonly entry: Entry; readonly named: NamedTrial }[]> {
  const found = [];
  for (let seed = 1; seed <= seeds; seed++) {
    for (const entry of entries) {
      const { variant, changes } = entry;
      if (!seedsOf(variant, seeds).includes(seed)) continue;
      found.push({ entry, named: await namedTrial(variant, common, workspace, { seed, changes }) });
    }
  }
  return found;
}

/** The results of one trial. */
interface Tested {
  readonly test: TestResults;
  readonly avgDiff: Readonly<Record<string, number>>;
}

async function testAll(
  outcomes: readonly Outcome[],
  workspace: Workspace,
  avgDiff: boolean,
): Promise<Map<string, Tested> | null> {
  const { loaded, device, threads, hardware, signal, events, files } = workspace;
  const choice = await requestDevice(device, { threads }, hardware, () => {});
  await events({ type: "tests", total: outcomes.length });
  const found = new Map<string, Tested>();
  try {
    for (const [n, outcome] of outcomes.entries()) {
      if (signal.aborted) return null;
      const { trial, folder } = outcome;
      if (found.has(trial.id)) continue;
      const test = await testResults(outcome, loaded.data, { ...choice, files });
      const measured = avgDiff ? await fromFolder(folder, () => avgDiffOf(folder, loaded, { ...choice, files })) : null;
      found.set(trial.id, { test, avgDiff: measured ?? {} });
      await events({ type: "test", done: n + 1 });
    }
  } finally {
    await events({ type: "end" });
  }
  return found;
}
