/**
 * The settings of a run: those of its model and of its training in one namespace, each layer laid over the one before.
 *
 * @module
 */
import { parse } from "deno-std/toml/parse.js";
import { type Config, configure, type Settings } from "../core/settings.ts";
import { readText } from "../data/formats/files.ts";
import type { Model } from "../models/mod.ts";
import { type TrainingConfig, trainingSettings } from "../train/settings.ts";
import { Misuse } from "./failure.ts";

/** The settings of a run, resolved. */
export type RunConfig = TrainingConfig & Config;

/** Where settings come from, beside the model. */
export interface SettingSources {
  /** A folder or file, or `garden`. */
  readonly data: string;
  /** A TOML file. */
  readonly config: string | undefined;
  /** What `--set` says, in order. */
  readonly set: readonly (readonly [name: string, value: string])[];
  readonly epochs: number | undefined;
  readonly seed: number | undefined;
}

/** Settings that suit a data set better than those of a model's paper, by data set and model. */
const PRESETS: Readonly<Record<string, Readonly<Record<string, Config>>>> = {
  // With eight steps an epoch the paper's rate of 1e-4 needs hundreds of epochs; of 5e-4 to 3e-2, this is best on validation.
  garden: { monet: { lr: 1e-3, epochs: 60, every: 1 } },
};

/** Returns the settings that a run of a model can be given, with the defaults of the model's paper. */
export function settingsOf(model: Model): Settings<RunConfig> {
  const settings: Settings = { ...trainingSettings, ...model.settings };
  return Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => [
      name,
      { ...setting, default: model.training[name] ?? setting.default },
    ]),
  ) as Settings<RunConfig>;
}

/**
 * Returns the settings of a new run. The later wins: the model's defaults, the preset of the data, the file, `--set`, and
 * the flags of their own.
 *
 * @throws {Misuse} if a name is unknown or a value is out of range.
 */
export async function resolve(
  model: Model,
  { data, config, set, epochs, seed }: SettingSources,
): Promise<RunConfig> {
  return checked(model, {
    ...PRESETS[data]?.[model.name],
    ...config === undefined ? {} : await readSettings(config),
    ...Object.fromEntries(set),
    ...epochs === undefined ? {} : { epochs },
    ...seed === undefined ? {} : { seed },
  });
}

/** Returns the settings of a file, as {@link writtenSettings} wrote them or a person did, over the model's defaults. */
export async function storedSettings(model: Model, path: string): Promise<RunConfig> {
  return checked(model, await readSettings(path));
}

function checked(model: Model, changes: Config): RunConfig {
  try {
    return configure(settingsOf(model), changes);
  } catch (error) {
    throw error instanceof RangeError ? new Misuse(error.message) : error;
  }
}

/**
 * Reads settings from a TOML file: `lr = 1e-3`, one a line.
 *
 * @throws {SyntaxError} if the file cannot be read.
 * @throws {Misuse} if it is not TOML, with its name and line.
 */
export async function readSettings(path: string): Promise<Config> {
  const text = await readText(path, "settings");
  try {
    return parse(text) as Config;
  } catch (error) {
    const [, line = "?", rule = ""] = /line (\d+), column \d+: (.*)/.exec(String(error)) ?? [];
    throw new Misuse(`Cannot read settings from "${path}" line ${line}: expected TOML, as in lr = 1e-3 (${rule})`);
  }
}

/** Returns settings as TOML, each with what it does. A JSON number, word or truth value is one of TOML too. */
export function writtenSettings(model: Model, config: RunConfig): string {
  const settings = settingsOf(model);
  return Object.entries(config).map(([name, value]) => `${name} = ${JSON.stringify(value)} # ${settings[name].about}\n`)
    .join("");
}
