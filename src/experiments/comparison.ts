/**
 * What trials say of the models they are of: means over seeds, what they cost, and whether the differences are more than chance.
 *
 * @module
 */
import type { Config } from "../core/settings.ts";
import { holm, pairedT, wilcoxon } from "../rank/significance.ts";
import { settingsOf } from "../cli/runs/config.ts";
import { type Epoch, readJournal } from "../cli/runs/journal.ts";
import { within } from "../cli/runs/folder.ts";
import { fromFolder } from "./outcome.ts";
import type { Published } from "./published.ts";
import type { Failed, Tried } from "./tried.ts";
import { TESTED } from "./verdict.ts";

/** A number over seeds. */
export interface Spread {
  readonly mean: number;
  /** The standard deviation, of one seed `null`. */
  readonly sd: number | null;
  /** One of each seed. */
  readonly values: readonly number[];
}

/** How a model differs from the best, user by user, on means over seeds. */
export interface Difference {
  /** Its metric minus the best one's, in the mean over users. */
  readonly mean: number;
  /** The standard error of that mean. */
  readonly error: number;
  /** Of the paired t-test, corrected. */
  readonly pT: number;
  /** Cohen's d of the differences. */
  readonly d: number;
  /** Of the signed-rank test of Wilcoxon, corrected. */
  readonly pWilcoxon: number;
  /** The rank-biserial correlation. */
  readonly r: number;
}

/** A model in a comparison. */
export interface Row {
  readonly label: string;
  readonly model: string;
  /** What of its settings is not as its paper has it. */
  readonly settings: Config;
  /** Every setting of its trials, but the seed. */
  readonly config: Config;
  readonly seeds: readonly number[];
  /** On test, by name: the metrics, and those of popular (`head`), other (`tail`) and `cold` items, as in `cold recall@20`; and avgDiff. */
  readonly test: Readonly<Record<string, Spread>>;
  /** R@20 on test by how popular the items are, the most popular fifth first; `null` where nobody has any of them. */
  readonly groups: readonly (Spread | null)[];
  /** R@20 on validation, of the parameters that were chosen. */
  readonly validation: Spread | null;
  readonly cost: {
    readonly parameters: number;
    readonly secondsPerEpoch: Spread | null;
    readonly epochs: Spread;
    /** Seconds of training to the end, evaluations included. */
    readonly seconds: Spread;
    readonly bytes: number | null;
    readonly resident: number;
  };
  /** By metric; `null` for the best, and where nothing was to compare. */
  readonly against: Readonly<Record<string, Difference | null>>;
  /** What others have published of this model on these data. */
  readonly published: readonly Published[];
  /** Every seed's epochs. */
  readonly epochs: readonly (readonly Epoch[])[];
}

/** Returns what was found of each variant. */
export async function rowsOf(tried: readonly Tried[], published: readonly Published[]): Promise<Row[]> {
  const rows = await Promise.all(tried.map((one) => rowOf(one, published)));
  const differences = Object.fromEntries(TESTED.map((metric) => [metric, differencesOn(metric, tried)]));
  return rows.map((row, n) => ({
    ...row,
    against: Object.fromEntries(TESTED.map((metric) => [metric, differences[metric][n]])),
  }));
}

async function rowOf(
  { variant: { label, model }, outcomes, verdicts, avgDiff }: Tried,
  published: readonly Published[],
): Promise<Omit<Row, "against">> {
  const parts = verdicts.map(({ metrics, head, tail, cold }, n): Record<string, number> => ({
    ...metrics,
    ...Object.fromEntries(
      Object.entries({ head, tail, cold }).flatMap(([group, { metrics }]) =>
        Object.entries(metrics ?? {}).map(([name, value]) => [`${group} ${name}`, value])
      ),
    ),
    ...Object.fromEntries(Object.entries(avgDiff[n]).map(([modality, value]) => [`avgDiff ${modality}`, value])),
  }));
  const recalls = (group: number) =>
    verdicts.flatMap(({ groups }) => {
      const { metrics } = groups[group];
      return metrics ? [metrics["recall@20"]] : [];
    });
  const found = outcomes.flatMap(({ record }) => record?.results[model.name]?.validation?.["recall@20"] ?? []);
  const { seed: _, ...config } = outcomes[0].trial.config;
  const usual = settingsOf(model);
  // Of a model that learns nothing it matters what it is, and what it is judged on, not how others learn.
  const matters = (name: string) => model.training.epochs !== 0 || name in model.settings || name === "maskValidation";
  const paced = outcomes.filter(({ cost }) => cost.epochs > 0);
  return {
    label,
    model: model.name,
    settings: Object.fromEntries(
      Object.entries(config).filter(([name, value]) => matters(name) && usual[name].default !== value),
    ),
    config,
    seeds: outcomes.map(({ trial }) => trial.config.seed),
    test: Object.fromEntries(Object.keys(parts[0]).map((name) => [name, spread(parts.map((part) => part[name]))])),
    groups: verdicts[0].groups.map((_, group) => orNull(recalls(group))),
    validation: orNull(found),
    cost: {
      parameters: outcomes[0].cost.parameters,
      secondsPerEpoch: orNull(paced.map(({ cost }) => cost.training / cost.epochs)),
      epochs: spread(outcomes.map(({ record }) => record?.epochs ?? 0)),
      seconds: spread(outcomes.map(({ cost }) => cost.training + cost.validating)),
      bytes: outcomes.some(({ cost }) => cost.bytes === null)
        ? null
        : Math.max(...outcomes.map(({ cost }) => cost.bytes ?? 0)),
      resident: Math.max(...outcomes.map(({ cost }) => cost.resident)),
    },
    published: published.filter((one) => one.model === model.name && label === model.name),
    epochs: await Promise.all(
      outcomes.map(({ folder }) => fromFolder(folder, () => readJournal(within(folder, "metrics.jsonl")))),
    ),
  };
}

/** Returns how each differs from the best, tested user by user; `null` for the best itself, and if there are no two. */
function differencesOn(metric: (typeof TESTED)[number], tried: readonly Tried[]): (Difference | null)[] {
  const users = tried.map(({ verdicts }) =>
    verdicts[0].perUser[metric].map((_, user) => mean(verdicts.map(({ perUser }) => perUser[metric][user])))
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

/**
 * Returns the mean and the standard deviation of some numbers.
 *
 * @example
 * ```ts
 * import { spread } from "@giverny/giverny/experiments";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(spread([1, 2, 3]), { mean: 2, sd: 1, values: [1, 2, 3] });
 * ```
 */
export function spread(values: readonly number[]): Spread {
  // From the first, so that equal numbers have exactly themselves for a mean, and no spread.
  const middle = values[0] + mean(values.map((value) => value - values[0]));
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return { mean: middle, sd: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : null, values };
}

function orNull(values: readonly number[]): Spread | null {
  return values.length > 0 ? spread(values) : null;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Everything that a comparison found: what its files and reports show. */
export interface Comparison {
  readonly data: {
    readonly name: string;
    readonly fingerprint: string;
    readonly users: number;
    readonly items: number;
    readonly interactions: Readonly<Record<string, number>>;
    readonly coldItems: number;
  };
  readonly protocol: "A" | "B";
  /** The command line that repeats the comparison; `null` if no command made it. */
  readonly command: string | null;
  /** When it was put together, in UTC. */
  readonly made: string;
  readonly versions: Readonly<Record<string, string>>;
  /** What computed, in words. */
  readonly device: string;
  /** The best R@20 first. */
  readonly rows: readonly Row[];
  readonly failed: readonly Failed[];
  /** What has been published of other models on these data. */
  readonly others: readonly Published[];
  readonly searches: readonly Searched[];
}

/** What was tried for a model before its seeds were run. */
export interface Searched {
  readonly label: string;
  /** Each combination with its best R@20 on validation, `null` where it failed; in the order they were tried. */
  readonly tried: readonly { readonly changes: Config; readonly score: number | null }[];
  /** The combination chosen. */
  readonly chosen: Config;
}
