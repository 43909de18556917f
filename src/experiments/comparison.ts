/**
 * The results of a comparison: means over seeds, costs, and tests of the differences between models.
 *
 * @module
 */
import type { Config } from "../core/settings.ts";
import { holm, pairedT, wilcoxon } from "../rank/significance.ts";
import { settingsOf } from "../runs/settings.ts";
import { type Epoch, readJournal } from "../runs/journal.ts";
import { within } from "../runs/record.ts";
import { fromFolder, type Outcome } from "./outcome.ts";
import type { Published } from "./published.ts";
import type { Files } from "../data/files.ts";
import type { Failed, VariantResults } from "./results.ts";
import { mean, type Spread, spread } from "./spread.ts";
import { TESTED, type TestResults } from "./test_results.ts";

/** The difference of a model from the best, tested user by user on means over seeds. */
export interface Difference {
  /** The model's metric minus the best model's, in the mean over users. */
  readonly mean: number;
  /** The standard error of that mean. */
  readonly error: number;
  /** The p of the paired t-test, after Holm's correction. */
  readonly pT: number;
  /** Cohen's d of the differences. */
  readonly d: number;
  /** The p of Wilcoxon's signed-rank test, after Holm's correction. */
  readonly pWilcoxon: number;
  /** The rank-biserial correlation. */
  readonly r: number;
}

/** The results of a model in a comparison. */
export interface Row {
  /** The model, and the settings given to it. */
  readonly label: string;
  /** The name of the model in the catalogue. */
  readonly model: string;
  /** The settings that differ from the model's defaults. */
  readonly settings: Config;
  /** All settings, without the seed. */
  readonly config: Config;
  /** The seeds of the trainings that ended. */
  readonly seeds: readonly number[];
  /**
   * Values on test, by name: the metrics; the metrics of popular (`head`), other (`tail`) and `cold` items, as in
   * `cold recall@20`; and `avgDiff` with a modality.
   */
  readonly test: Readonly<Record<string, Spread>>;
  /** R@20 on test by popularity of the items, the most popular fifth first; `null` if a fifth has no test items. */
  readonly groups: readonly (Spread | null)[];
  /** R@20 of the kept parameters on validation; `null` if there is no validation. */
  readonly validation: Spread | null;
  /** The cost of the training. */
  readonly cost: TrainingCost;
  /** Differences from the best by metric; `null` for the best model, and if there is only one. */
  readonly against: Readonly<Record<string, Difference | null>>;
  /** Published results of this model on these data. */
  readonly published: readonly Published[];
  /** The epochs of every seed. */
  readonly epochs: readonly (readonly Epoch[])[];
}

/** The cost of a model's trainings. */
export interface TrainingCost {
  /** The number of trained parameters. */
  readonly parameters: number;
  /** Seconds of training per epoch, without evaluations; `null` if nothing was trained. */
  readonly secondsPerEpoch: Spread | null;
  /** Epochs until training stopped. */
  readonly epochs: Spread;
  /** Seconds until training stopped, evaluations included. */
  readonly seconds: Spread;
  /** The peak memory of tensors in bytes; `null` if it was not measured. */
  readonly bytes: number | null;
  /** The peak memory of the process in bytes. */
  readonly resident: number;
}

/** Returns the results of each variant. */
export async function rowsOf(
  results: readonly VariantResults[],
  published: readonly Published[],
  files: Files,
): Promise<Row[]> {
  const rows = await Promise.all(results.map((one) => rowOf(one, published, files)));
  const differences = Object.fromEntries(TESTED.map((metric) => [metric, differencesOn(metric, results)]));
  return rows.map((row, n) => ({
    ...row,
    against: Object.fromEntries(TESTED.map((metric) => [metric, differences[metric][n]])),
  }));
}

async function rowOf(
  { variant: { label, model }, outcomes, tests, avgDiffs }: VariantResults,
  published: readonly Published[],
  files: Files,
): Promise<Omit<Row, "against">> {
  const parts = tests.map((test, n) => valuesOf(test, avgDiffs[n]));
  const recalls = (group: number) =>
    tests.flatMap(({ groups }) => {
      const { metrics } = groups[group];
      return metrics ? [metrics["recall@20"]] : [];
    });
  const found = outcomes.flatMap(({ record }) => record?.results[model.name]?.validation?.["recall@20"] ?? []);
  const { seed: _, ...config } = outcomes[0].trial.config;
  const usual = settingsOf(model);
  // A model that is not trained has only its own settings and the way of evaluation, no settings of training.
  const matters = (name: string) => model.training.epochs !== 0 || name in model.settings || name === "maskValidation";
  return {
    label,
    model: model.name,
    settings: Object.fromEntries(
      Object.entries(config).filter(([name, value]) => matters(name) && usual[name].default !== value),
    ),
    config,
    seeds: outcomes.map(({ trial }) => trial.config.seed),
    test: Object.fromEntries(Object.keys(parts[0]).map((name) => [name, spread(parts.map((part) => part[name]))])),
    groups: tests[0].groups.map((_, group) => orNull(recalls(group))),
    validation: orNull(found),
    cost: costOf(outcomes),
    published: published.filter((one) => one.model === model.name && label === model.name),
    epochs: await Promise.all(
      outcomes.map(({ folder }) => fromFolder(folder, () => readJournal(within(folder, "metrics.jsonl"), files))),
    ),
  };
}

/** Returns the values of a trial on test, by the names of {@link Row.test}. */
function valuesOf(
  { metrics, head, tail, cold }: TestResults,
  avgDiffs: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const prefixed = (prefix: string, values: Readonly<Record<string, number>> | null) =>
    Object.fromEntries(Object.entries(values ?? {}).map(([name, value]) => [`${prefix} ${name}`, value]));
  return {
    ...metrics,
    ...prefixed("head", head.metrics),
    ...prefixed("tail", tail.metrics),
    ...prefixed("cold", cold.metrics),
    ...prefixed("avgDiff", avgDiffs),
  };
}

function costOf(outcomes: readonly Outcome[]): TrainingCost {
  const costs = outcomes.map(({ cost }) => cost);
  const bytes = costs.map(({ bytes }) => bytes);
  return {
    parameters: costs[0].parameters,
    secondsPerEpoch: orNull(costs.flatMap(({ training, epochs }) => epochs > 0 ? [training / epochs] : [])),
    epochs: spread(outcomes.map(({ record }) => record?.epochs ?? 0)),
    seconds: spread(costs.map(({ training, validating }) => training + validating)),
    bytes: bytes.includes(null) ? null : Math.max(...bytes.map((some) => some ?? 0)),
    resident: Math.max(...costs.map(({ resident }) => resident)),
  };
}

/**
 * Returns the difference of each variant from the best, tested user by user; `null` for the best, and if there is only
 * one.
 */
function differencesOn(metric: (typeof TESTED)[number], results: readonly VariantResults[]): (Difference | null)[] {
  const users = results.map(({ tests }) =>
    tests[0].perUser[metric].map((_, user) => mean(tests.map(({ perUser }) => perUser[metric][user])))
  );
  const means = users.map(mean);
  const best = means.indexOf(Math.max(...means));
  const others = users.map((values, n) => n === best || values.length < 2 ? null : values);
  const tests = others.map((values) => values && { t: pairedT(values, users[best]), w: wilcoxon(values, users[best]) });
  const tested = tests.flatMap((test) => test ?? []);
  const corrected = {
    t: holm(tested.map(({ t }) => t.p)),
    w: holm(tested.map(({ w }) => w.p)),
  };
  return tests.map((test) => {
    if (!test) return null;
    const { t, w } = test;
    const at = tested.indexOf(test);
    return {
      mean: t.difference,
      error: t.error,
      pT: corrected.t[at],
      d: t.effect,
      pWilcoxon: corrected.w[at],
      r: w.effect,
    };
  });
}

function orNull(values: readonly number[]): Spread | null {
  return values.length > 0 ? spread(values) : null;
}

/** The results of a comparison. */
export interface Comparison {
  /** The data set: its name, its fingerprint and its sizes. */
  readonly data: {
    /** The name. */
    readonly name: string;
    /** The fingerprint of its contents, in hexadecimal digits. */
    readonly fingerprint: string;
    /** Number of users. */
    readonly users: number;
    /** Number of items. */
    readonly items: number;
    /** Numbers of interactions by split, and of `all`. */
    readonly interactions: Readonly<Record<string, number>>;
    /** Number of items without training interactions. */
    readonly coldItems: number;
  };
  /** The protocol of training and evaluation. */
  readonly protocol: "A" | "B";
  /** The command line that repeats the comparison; `null` if no command made it. */
  readonly command: string | null;
  /** The time of the results in UTC, as in `2024-05-01T12:00:00.000Z`; `null` without a clock. */
  readonly made: string | null;
  /** Versions of the software, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** The devices that computed, in words. */
  readonly device: string;
  /** The models, the best R@20 first. */
  readonly rows: readonly Row[];
  /** The trainings that failed. */
  readonly failed: readonly Failed[];
  /** Published results of other models on these data. */
  readonly others: readonly Published[];
  /** The searches for settings. */
  readonly searches: readonly Searched[];
}

/** A search for a model's settings on validation. */
export interface Searched {
  /** The model, and the settings given to it. */
  readonly label: string;
  /** Each combination with its best R@20 on validation, `null` where it failed; in the order of the search. */
  readonly tried: readonly { readonly changes: Config; readonly score: number | null }[];
  /** The chosen combination. */
  readonly chosen: Config;
}
