/**
 * Variants: the models that are compared, each with settings of its own, such as `monet:beta=0`.
 *
 * @module
 */
import { UsageError } from "../../kernels/errors.ts";
import { type Config, nearest } from "../core/settings.ts";
import { type Files, localFiles } from "../data/files.ts";
import type { Model } from "../models/mod.ts";
import { findModel, type ModelModule, namesModule, unknownName } from "../runs/catalogue.ts";
import { resolveSettings, type RunConfig, settingsOf } from "../runs/settings.ts";
import { trialOf } from "./trial.ts";
import type { NamedTrial } from "./trials.ts";
import type { Workspace } from "./workspace.ts";

/** Settings as texts, in order. */
export type SettingTexts = readonly (readonly [name: string, value: string])[];

/** A model that is compared, with settings of its own. */
export interface Variant {
  /** The name in tables: `monet`, or `monet beta=0`. */
  readonly label: string;
  /** The model. */
  readonly model: Model;
  /** The module of a model that is not in the catalogue. */
  readonly module: ModelModule | null;
  /** Settings of the variant's own, as texts. */
  readonly set: SettingTexts;
}

/** The settings that all variants of an experiment share. */
export interface CommonSettings {
  /** The name of the data: some have presets. */
  readonly data: string;
  /** The protocol of training and stopping. */
  readonly protocol: "A" | "B";
  /** Settings of all models that have them. */
  readonly set: SettingTexts;
  /** The largest number of epochs; each model's own if it is `undefined`. */
  readonly epochs: number | undefined;
}

/** Returns common settings with their defaults: protocol A, the data of a workspace, and no other settings. */
export function commonOf(
  { data: { name }, source }: { readonly data: { readonly name: string }; readonly source: string },
  { data = source === "memory" ? name : source, protocol = "A", set = [], epochs }: Partial<CommonSettings>,
): CommonSettings {
  return { data, protocol, set, epochs };
}

/**
 * Returns the variant that a word asks for: a name of the catalogue or the path of a module, and settings after colons.
 *
 * @throws {UsageError} if there is no such model or setting, or a value is out of its range.
 *
 * @example
 * ```ts
 * import { variantOf } from "@giverny/giverny/experiments";
 * import { equal } from "node:assert/strict";
 * equal((await variantOf("monet:beta=0:layers=1")).label, "monet beta=0 layers=1");
 * ```
 */
export async function variantOf(word: string, files: Files = localFiles): Promise<Variant> {
  // A colon before a drive's backslash is part of a path.
  const [name, ...settings] = word.split(/:(?![\\/])/);
  const { model, module } = await findModel(name, files);
  const set = settings.map((text): readonly [string, string] => {
    const at = text.indexOf("=");
    if (at < 1) {
      throw new UsageError(`Cannot train "${word}": expected settings after the colon, as in ${name}:lr=1e-3`);
    }
    return [text.slice(0, at), text.slice(at + 1)];
  });
  return { label: [namesModule(name) ? model.name : name, ...settings].join(" "), model, module, set };
}

/** The seed of a trial, and settings that overrule those of its variant. */
export interface TrialSettings {
  readonly seed: number;
  readonly changes?: Config | undefined;
}

/**
 * Returns the settings of a trial. Settings of the variant overrule those that all variants share, and the changes
 * overrule both.
 *
 * @throws {UsageError} if the model has no such setting, a value is out of its range, or the seed is among them.
 */
function configOf(
  { model, set }: Variant,
  { data, protocol, set: common, epochs }: CommonSettings,
  { seed, changes = {} }: TrialSettings,
): RunConfig {
  const own = settingsOf(model);
  const general = common.filter(([name]) => Object.hasOwn(own, name));
  const settings: Config = {
    ...Object.fromEntries(general),
    ...(epochs === undefined ? {} : { epochs }),
    ...Object.fromEntries(set),
    ...changes,
  };
  if (Object.hasOwn(settings, "seed")) {
    throw new UsageError(
      `Cannot set "seed" of ${model.name}: every model is trained with the seeds from 1 on; use --seeds`,
    );
  }
  return resolveSettings(model, { data, protocol, settings, seed }, { of: model.name });
}

/**
 * Checks that every common setting is a setting of one of the variants.
 *
 * @throws {UsageError} naming the first that is not, with the nearest name.
 */
export function checkCommon({ set }: CommonSettings, variants: readonly Variant[]): void {
  const known = new Set(variants.flatMap(({ model }) => Object.keys(settingsOf(model))));
  const unknown = set.find(([name]) => !known.has(name))?.[0];
  if (unknown === undefined) return;
  const near = nearest(unknown, [...known]);
  throw near === null ? unknownName("set", unknown, [...known]) : new UsageError(
    `Cannot set "${unknown}": none of the models has such a setting; did you mean "${near}"?`,
  );
}

/** Returns the seeds of a variant's trials: only the first for a model that is not trained. */
export function seedsOf({ model }: Variant, seeds: number): number[] {
  return Array.from({ length: model.training.epochs === 0 ? 1 : seeds }, (_, n) => n + 1);
}

/** Returns a variant's trial, with its name. */
export async function namedTrial(
  variant: Variant,
  common: CommonSettings,
  workspace: Pick<Workspace, "loaded">,
  settings: TrialSettings,
): Promise<NamedTrial> {
  const changes = Object.entries(settings.changes ?? {}).map(([name, value]) => `${name}=${value}`);
  const trial = await trialOf(variant, configOf(variant, common, settings), workspace);
  return { label: [variant.label, ...changes, `seed ${settings.seed}`].join("  "), trial };
}
