/**
 * What is compared: models, each with some settings of its own, as in `monet:beta=0`.
 *
 * @module
 */
import { type Config, nearest } from "../core/settings.ts";
import type { Model } from "../models/mod.ts";
import { resolve, type RunConfig, settingsOf } from "../cli/runs/config.ts";
import { Misuse, unknownName } from "../cli/shell/failure.ts";
import { modelNamed } from "../cli/runs/task.ts";
import type { Named } from "./trials.ts";
import { type Bench, trialOf } from "./trial.ts";

/** A setting as it is typed. */
type Typed = readonly (readonly [name: string, value: string])[];

/** A model that takes part, and what is set of it. */
export interface Variant {
  /** What tables call it: `monet`, or `monet beta=0`. */
  readonly label: string;
  readonly model: Model;
  readonly set: Typed;
}

/** What all that is compared has in common. */
export interface Common {
  /** The word that names the data. */
  readonly data: string;
  readonly protocol: "A" | "B" | undefined;
  /** Settings of all models that have them. */
  readonly set: Typed;
  readonly epochs: number | undefined;
}

/**
 * Returns the variant that a word asks for: the name of a model, and settings of it after colons.
 *
 * @throws {Misuse} if there is no such model or setting, or a value is out of range.
 */
export function variantOf(word: string): Variant {
  const [name, ...settings] = word.split(":");
  const model = modelNamed(name);
  const set = settings.map((text): readonly [string, string] => {
    const at = text.indexOf("=");
    if (at < 1) throw new Misuse(`Cannot train "${word}": expected settings after the colon, as in ${name}:lr=1e-3`);
    return [text.slice(0, at), text.slice(at + 1)];
  });
  return { label: [name, ...settings].join(" "), model, set };
}

/**
 * Returns the settings of a trial. The more special wins: over what all have in common those of the variant, over these
 * `changes`.
 *
 * @throws {Misuse} if the model has no such setting, a value is out of range, or it is the seed that is set.
 */
export async function configOf(
  { model, set }: Variant,
  common: Common,
  { seed, changes = {} }: { readonly seed: number; readonly changes?: Config },
): Promise<RunConfig> {
  const own = settingsOf(model);
  const general = common.set.filter(([name]) => Object.hasOwn(own, name));
  const epochs: Typed = common.epochs === undefined ? [] : [["epochs", String(common.epochs)]];
  const changed = Object.entries(changes).map(([name, value]): readonly [string, string] => [name, String(value)]);
  const all = [...general, ...epochs, ...set, ...changed];
  if (all.some(([name]) => name === "seed")) {
    throw new Misuse(`Cannot set "seed" of ${model.name}: all are trained with the seeds from 1 on; use --seeds`);
  }
  try {
    return await resolve(model, { ...common, config: undefined, set: all, epochs: undefined, seed });
  } catch (error) {
    if (!(error instanceof Misuse)) throw error;
    throw new Misuse(error.message.replace(/^Cannot set ("[^"]*"|\S+)/, `$& of ${model.name}`));
  }
}

/**
 * Refuses settings that none of the variants has.
 *
 * @throws {Misuse} naming the first, with the nearest that there is.
 */
export function checkCommon({ set }: Common, variants: readonly Variant[]): void {
  const known = new Set(variants.flatMap(({ model }) => Object.keys(settingsOf(model))));
  const odd = set.find(([name]) => !known.has(name))?.[0];
  if (odd === undefined) return;
  const near = nearest(odd, [...known]);
  throw near === null ? unknownName("set", odd, [...known]) : new Misuse(
    `Cannot set "${odd}": none of the models has such a setting; did you mean "${near}"?`,
  );
}

/** Returns the seeds of a variant's trials: of a model that learns nothing, only the first. */
export function seedsOf({ model }: Variant, seeds: number): number[] {
  return Array.from({ length: model.training.epochs === 0 ? 1 : seeds }, (_, n) => n + 1);
}

/** Returns a variant's trial, named. */
export async function namedTrial(
  variant: Variant,
  common: Common,
  bench: Bench,
  choice: { readonly seed: number; readonly changes?: Config },
): Promise<Named> {
  const changes = Object.entries(choice.changes ?? {}).map(([name, value]) => `${name}=${value}`);
  const trial = await trialOf(variant.model, await configOf(variant, common, choice), bench.ground);
  return { label: [variant.label, ...changes, `seed ${choice.seed}`].join("  "), trial };
}
