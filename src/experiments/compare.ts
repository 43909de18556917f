/**
 * Comparing models under one protocol: the search for settings on validation, all seeds, and one look at test in the
 * end.
 *
 * @module
 */
import { version } from "../core/version.ts";
import { UsageError } from "../../kernels/errors.ts";
import { statistics } from "../data/statistics.ts";
import { popularity } from "../models/popularity.ts";
import { type Comparison, rowsOf, type Searched } from "./comparison.ts";
import type { Grid } from "./grid.ts";
import { publishedOf } from "./published.ts";
import { type AllResults, type Entry, runAll, trialsOf } from "./results.ts";
import { type Plan, planSearch, removeUnchosen, search } from "./search.ts";
import { checkCommon, commonOf, type CommonSettings, type Variant } from "./variant.ts";
import { timeOf, type Workspace } from "./workspace.ts";

/** The variants of a comparison, and the settings to try for them. */
export interface ComparisonPlan {
  /** The variants, popularity among them. */
  readonly variants: readonly Variant[];
  /** The settings that they share. */
  readonly common: CommonSettings;
  /** The combinations of settings to try; empty without a search. */
  readonly searches: readonly Plan[];
}

/** The options of {@link planComparison}. */
export interface PlanOptions extends Partial<CommonSettings> {
  /** Settings to try on validation; none by default. */
  readonly grid?: Grid | null | undefined;
}

/**
 * Returns the plan of a comparison, after checking it: popularity takes part, equal variants are one, and no two
 * variants have the same settings.
 *
 * @throws {UsageError} if a setting is unknown or out of its range, or two variants differ in name only.
 *
 * @example
 * ```ts
 * import { garden, key } from "@giverny/giverny";
 * import { planComparison, variantOf, workspaceOf } from "@giverny/giverny/experiments";
 * import { deepEqual } from "node:assert/strict";
 * const workspace = await workspaceOf(garden(key(0), { users: 60, items: 40 }));
 * const { variants } = await planComparison([await variantOf("monet:beta=0")], workspace);
 * deepEqual(variants.map(({ label }) => label), ["popularity", "monet beta=0"]);
 * ```
 */
export async function planComparison(
  named: readonly Variant[],
  { loaded }: Pick<Workspace, "loaded">,
  { grid = null, ...options }: PlanOptions = {},
): Promise<ComparisonPlan> {
  const common = commonOf(loaded, options);
  const variants = withPopularity(named);
  checkCommon(common, variants);
  const searches = grid ? await planSearch(variants, grid, common, { loaded }) : [];
  await checkDistinct(variants, searches, common, { loaded });
  return { variants, common, searches };
}

/** Popularity takes part in every comparison: a model that ranks below it has learned nothing about users. */
function withPopularity(variants: readonly Variant[]): Variant[] {
  const anchor: Variant = { label: popularity.name, model: popularity, module: null, set: [] };
  const anchored = variants.some(({ model }) => model === popularity) ? variants : [anchor, ...variants];
  return [...new Map(anchored.map((variant) => [variant.label, variant])).values()];
}

/** Refuses variants that differ in name only: the test of their difference would weaken the other tests. */
async function checkDistinct(
  variants: readonly Variant[],
  searches: readonly Plan[],
  common: CommonSettings,
  workspace: Pick<Workspace, "loaded">,
): Promise<void> {
  const trials = await trialsOf(variants.map((variant) => ({ variant, changes: {} })), 1, common, workspace);
  const seen = new Map<string, string>();
  for (const { entry: { variant }, named } of trials) {
    const plan = searches.find((plan) => plan.variant === variant);
    const ids = String(plan ? plan.combinations.map(({ named }) => named.trial.id) : [named.trial.id]);
    const other = seen.get(ids);
    if (other !== undefined) {
      throw new UsageError(
        `Cannot compare "${other}" with "${variant.label}": all their settings are the same; leave one out`,
      );
    }
    seen.set(ids, variant.label);
  }
}

/** Returns the labels of the variants that a search does not cover. Popularity has no settings to search. */
export function unsearched({ variants, searches }: ComparisonPlan): string[] {
  return variants.filter((variant) =>
    variant.model !== popularity && !searches.some((plan) => plan.variant === variant)
  ).map(({ label }) => label);
}

/** The options of {@link compare}. */
export interface CompareOptions {
  /** The number of seeds, from 1 on; 1 by default. */
  readonly seeds?: number | undefined;
  /** Whether avg.diff is measured too; `false` by default. */
  readonly avgDiff?: boolean | undefined;
  /** The command line that repeats the comparison; `null`, the default, if no command made it. */
  readonly command?: string | null | undefined;
  /** The version of the runtime, by name; none by default. */
  readonly versions?: Readonly<Record<string, string>> | undefined;
}

/**
 * Trains and evaluates all variants alike, and returns the comparison; `null` if it was interrupted. Trials that are in
 * the workspace's folder already are not trained again.
 *
 * @throws {ValueError} if all combinations of settings of a model failed.
 *
 * @example
 * ```ts
 * import { key } from "@giverny/giverny/core";
 * import { garden, memoryFiles } from "@giverny/giverny/data";
 * import { compare, planComparison, variantOf, workspaceOf } from "@giverny/giverny/experiments";
 * import { deepEqual } from "node:assert/strict";
 * const workspace = await workspaceOf(garden(key(0), { users: 60, items: 40 }), { files: memoryFiles() });
 * const variants = [await variantOf("bprmf:dim=8"), await variantOf("itemknn")];
 * const comparison = await compare(await planComparison(variants, workspace, { epochs: 2 }), workspace);
 * deepEqual(comparison?.rows.map(({ label }) => label).sort(), ["bprmf dim=8", "itemknn", "popularity"]);
 * ```
 */
export async function compare(
  plan: ComparisonPlan,
  workspace: Workspace,
  options: CompareOptions = {},
): Promise<Comparison | null> {
  const { seeds = 1, avgDiff } = options;
  const choice = await search(plan.searches, workspace);
  if (!choice) return null;
  const { searched } = choice;
  const chosenFor = ({ label }: Variant) => searched.find((one) => one.label === label)?.chosen ?? {};
  const entries = plan.variants.map((variant): Entry => ({ variant, changes: chosenFor(variant) }));
  const found = await runAll(entries, workspace, { seeds, common: plan.common, avgDiff });
  if (!found) return null;
  await removeUnchosen(choice, found.results.flatMap(({ outcomes }) => outcomes), workspace);
  return await comparisonOf(found, searched, workspace, { ...options, protocol: plan.common.protocol });
}

async function comparisonOf(
  { results, failed }: AllResults,
  searches: readonly Searched[],
  { loaded: { data, fingerprint }, now, files }: Workspace,
  { protocol, command = null, versions = {} }: CompareOptions & Pick<Comparison, "protocol">,
): Promise<Comparison> {
  const { name, users, items, interactions, coldItems } = statistics(data);
  const published = publishedOf({ users, items, interactions });
  const rows = await rowsOf(results, published, files);
  const shown = new Set(rows.flatMap((row) => row.published));
  const devices = results.flatMap(({ outcomes }) => outcomes.flatMap(({ record }) => record?.device.about ?? []));
  return {
    data: { name, fingerprint, users, items, interactions, coldItems },
    protocol,
    command,
    made: timeOf(now),
    versions: { giverny: version, ...versions },
    device: [...new Set(devices)].join("; "),
    rows: rows.sort((a, b) => b.test["recall@20"].mean - a.test["recall@20"].mean),
    failed,
    others: published.filter((one) => !shown.has(one)),
    searches,
  };
}
