/**
 * The settings of a run: those of its model and of its training in one namespace, each layer laid over the one before.
 *
 * @module
 */
import { FormatError, ValueError } from "../../../kernels/errors.ts";
import { parse } from "deno-std/toml/parse.js";
import { type Config, configure, type Settings, type SettingValue } from "../../core/settings.ts";
import { readText, unreadable } from "../../data/formats/files.ts";
import type { Model } from "../../models/mod.ts";
import { PROTOCOLS, type TrainingConfig, trainingSettings } from "../../train/settings.ts";
import { Misuse } from "../shell/failure.ts";

/** The settings of a run, resolved. */
export type RunConfig = TrainingConfig & Config;

/** Where settings come from, beside the model. */
export interface SettingSources {
  /** A folder or file, or `garden`. */
  readonly data: string;
  /** The protocol to train and stop by; the model's own where there is none. */
  readonly protocol: keyof typeof PROTOCOLS | undefined;
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
 * Returns the settings of a new run. The later wins: the model's defaults, the preset of the data, the protocol, the file,
 * `--set`, and the flags of their own.
 *
 * @throws {Misuse} if the file cannot be read, a name is unknown or a value is out of range.
 */
export async function resolve(
  model: Model,
  { data, protocol, config, set, epochs, seed }: SettingSources,
): Promise<RunConfig> {
  try {
    return configure(settingsOf(model), {
      ...PRESETS[data]?.[model.name],
      ...protocol && PROTOCOLS[protocol],
      ...config === undefined ? {} : await readSettings(model, config),
      ...Object.fromEntries(set),
      ...epochs === undefined ? {} : { epochs },
      ...seed === undefined ? {} : { seed },
    });
  } catch (error) {
    throw error instanceof ValueError || error instanceof FormatError ? new Misuse(error.message) : error;
  }
}

/**
 * Returns the settings of a file, as {@link writtenSettings} wrote them or a person did, over the model's defaults.
 *
 * @throws as {@link readSettings} does.
 */
export async function storedSettings(model: Model, path: string): Promise<RunConfig> {
  return configure(settingsOf(model), await readSettings(model, path));
}

/**
 * Reads settings of a model from a TOML file: `lr = 1e-3`, one a line.
 *
 * @throws {FormatError} if the file cannot be read, or a line is not a setting in TOML.
 * @throws {ValueError} if a name is unknown or a value is out of range.
 */
export async function readSettings(model: Model, path: string): Promise<Config> {
  const lines = (await readText(path, "settings")).split("\n");
  const found = Object.fromEntries(lines.flatMap((line, n) => settingIn(line, path, n + 1)));
  try {
    configure(settingsOf(model), found);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    throw new ValueError(
      error.message.replace(/(; (did you mean|there are) .*)?$/, (hint) => ` (in "${path}")${hint}`),
    );
  }
  return found;
}

/** Returns the name and value in a line of a file of settings; nothing for a comment. */
function settingIn(text: string, path: string, line: number): [name: string, value: SettingValue][] {
  try {
    const settings = Object.entries(parse(text) as Readonly<Record<string, SettingValue>>);
    if (settings.every(([, value]) => typeof value !== "object")) return settings;
  } catch {
    // What the parser says is about its own state; the line says more.
  }
  throw unreadable("settings", path, "expected a setting in TOML, as in lr = 1e-3, and no tables or lists", { line });
}

/** Returns settings as TOML, each with what it does. A JSON number, word or truth value is one of TOML too. */
export function writtenSettings(model: Model, config: RunConfig): string {
  const settings = settingsOf(model);
  return Object.entries(config).map(([name, value]) => `${name} = ${JSON.stringify(value)} # ${settings[name].about}\n`)
    .join("");
}
