/**
 * Sweeps: a model is trained at several values of one setting after the other.
 *
 * @module
 */
import { UsageError, ValueError } from "../../kernels/errors.ts";
import type { Config, SettingValue } from "../core/settings.ts";
import { combinations } from "../train/search.ts";
import { type Row, rowsOf } from "./comparison.ts";
import { type Entry, type Failed, runAll, trialsOf } from "./results.ts";
import { checkCommon, commonOf, type CommonSettings, type Variant } from "./variant.ts";
import { timeOf, type Workspace } from "./workspace.ts";

/** The results at one value of a setting. */
export interface SweepPoint {
  /** The value. */
  readonly value: SettingValue;
  /** The model's results with it. */
  readonly row: Row;
}

/** The results along one setting. */
export interface SettingSweep {
  /** The setting. */
  readonly setting: string;
  /** The value that the model has by default. */
  readonly usual: SettingValue;
  /** The results, one per value. */
  readonly points: readonly SweepPoint[];
}

/** The results of a sweep. */
export interface Sweep {
  /** The model, and the settings given to it. */
  readonly label: string;
  /** The name of the data set. */
  readonly data: string;
  /** The protocol of training and evaluation. */
  readonly protocol: string;
  /** The command line that repeats the sweep; `null` if no command made it. */
  readonly command: string | null;
  /** The time of the results in UTC, as in `2024-05-01T12:00:00.000Z`; `null` without a clock. */
  readonly made: string | null;
  /** The results, one entry per setting. */
  readonly settings: readonly SettingSweep[];
  /** The trainings that failed. */
  readonly failed: readonly Failed[];
}

/** A setting and its values. */
export interface Range {
  /** The name of the setting. */
  readonly name: string;
  /** A list of texts, or a range. */
  readonly values: readonly string[] | { readonly from: number; readonly to: number; readonly step: number };
}

/** The options of {@link sweep}. */
export interface SweepOptions {
  /** The number of seeds, from 1 on; 1 by default. */
  readonly seeds?: number | undefined;
  /** The command line that repeats the sweep; `null`, the default, if no command made it. */
  readonly command?: string | null | undefined;
}

/** The trials of a sweep, checked. */
export interface SweepPlan {
  /** The variant. */
  readonly variant: Variant;
  /** The settings of all trials. */
  readonly common: CommonSettings;
  /** The trials, one per value. */
  readonly entries: readonly (Entry & { readonly setting: string })[];
  /** The settings of the variant without changes. */
  readonly usual: Config;
}

/**
 * Returns the trials of a sweep, after checking them. Equal values are one.
 *
 * @throws {UsageError} if the variant fixes a setting that is to vary, a setting is unknown or a value is out of its
 * range.
 *
 * @example
 * ```ts
 * import { garden, key } from "@giverny/giverny";
 * import { planSweep, variantOf, workspaceOf } from "@giverny/giverny/experiments";
 * import { equal } from "node:assert/strict";
 * const workspace = await workspaceOf(garden(key(0), { users: 60, items: 40 }));
 * const over = [{ name: "alpha", values: { from: 0, to: 1, step: 0.5 } }];
 * equal((await planSweep(await variantOf("monet"), over, workspace)).entries.length, 3);
 * ```
 */
export async function planSweep(
  variant: Variant,
  over: readonly Range[],
  { common: given, loaded }: Pick<Workspace, "loaded"> & { readonly common?: Partial<CommonSettings> | undefined },
): Promise<SweepPlan> {
  const common = commonOf(loaded, given ?? {});
  checkCommon(common, [variant]);
  const asked = entriesOf(variant, over);
  const [first, ...trials] = await trialsOf([{ variant, changes: {} }, ...asked], 1, common, { loaded });
  const entries = new Map(asked.map((entry, n) => [`${entry.setting} ${trials[n].named.trial.id}`, entry]));
  return { variant, common, entries: [...entries.values()], usual: first.named.trial.config };
}

function entriesOf(variant: Variant, over: readonly Range[]): SweepPlan["entries"] {
  const fixed = over.find(({ name }) => variant.set.some(([own]) => own === name))?.name;
  if (fixed !== undefined) {
    throw new UsageError(
      `Cannot sweep over ${fixed}: "${variant.label}" sets it; leave it out of --model, or out of --over`,
    );
  }
  try {
    return over.flatMap(({ name, values }) =>
      combinations({ [name]: values }).map((changes) => ({ variant, changes, setting: name }))
    );
  } catch (error) {
    throw error instanceof ValueError ? new UsageError(error.message) : error;
  }
}

/**
 * Trains a model at every value of each setting, the others unchanged, and returns the results; `null` if it was
 * interrupted. Test is looked at when all trials have ended.
 *
 * @example
 * ```ts
 * import { key } from "@giverny/giverny/core";
 * import { garden, memoryFiles } from "@giverny/giverny/data";
 * import { planSweep, sweep, variantOf, workspaceOf } from "@giverny/giverny/experiments";
 * import { deepEqual } from "node:assert/strict";
 * const workspace = await workspaceOf(garden(key(0), { users: 60, items: 40 }), { files: memoryFiles() });
 * const over = [{ name: "neighbours", values: ["5", "10"] }];
 * const plan = await planSweep(await variantOf("itemknn"), over, workspace);
 * const result = await sweep(plan, workspace);
 * deepEqual(result?.settings[0].points.map(({ value }) => value), [5, 10]);
 * ```
 */
export async function sweep(
  { variant, common, entries, usual }: SweepPlan,
  workspace: Workspace,
  { seeds = 1, command = null }: SweepOptions = {},
): Promise<Sweep | null> {
  const found = await runAll(entries, workspace, { seeds, common });
  if (!found) return null;
  const rows = await rowsOf(found.results, [], workspace.files);
  const settings = [...new Set(entries.map(({ setting }) => setting))].map((setting): SettingSweep => ({
    setting,
    usual: usual[setting],
    points: found.results.flatMap(({ changes, outcomes }, n) =>
      setting in changes ? [{ value: outcomes[0].trial.config[setting], row: rows[n] }] : []
    ),
  }));
  return {
    label: variant.label,
    data: workspace.loaded.data.name,
    protocol: common.protocol,
    command,
    made: timeOf(workspace.now),
    settings,
    failed: found.failed,
  };
}
