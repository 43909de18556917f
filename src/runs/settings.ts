/**
 * The settings of a run: those of its model and those of its training in one namespace. Later sources overrule earlier
 * ones.
 *
 * @module
 */
import { UsageError, ValueError } from "../../kernels/errors.ts";
import { type Config, configure, type Settings, type SettingValue } from "../core/settings.ts";
import type { Files } from "../data/files.ts";
import { readText, unreadable } from "../data/formats/files.ts";
import type { Model } from "../models/mod.ts";
import { PROTOCOLS, type TrainingConfig, trainingSettings } from "../train/settings.ts";

/** The settings of a run, each with a value. */
export type RunConfig = TrainingConfig & Config;

/** The sources of the settings of a new run, in the order in which they overrule each other. */
export interface SettingSources {
  /** The name of the data set: some have presets. */
  readonly data?: string | undefined;
  /** The protocol of training and stopping; the model's own by default. */
  readonly protocol?: keyof typeof PROTOCOLS | undefined;
  /** Settings by name, such as `{ dim: 32, lr: 1e-3 }`; none by default. Values may be texts, as in a command line. */
  readonly settings?: Config | undefined;
  /** The largest number of epochs; the model's own by default. */
  readonly epochs?: number | undefined;
  /** The seed of all random numbers: a whole number from 0 on; 123 by default. */
  readonly seed?: number | undefined;
}

/** Settings that fit a data set better than those of a model's paper, by data set and model. */
const PRESETS: Readonly<Record<string, Readonly<Record<string, Config>>>> = {
  // With eight steps an epoch the paper's rate of 1e-4 needs hundreds of epochs; of 5e-4 to 3e-2, this is best on
  // validation.
  garden: { monet: { lr: 1e-3, epochs: 60, every: 1 } },
};

/** The greatest values of sizes for which a model names none: more needs memory or time that no machine has. */
const GREATEST: Readonly<Record<string, number>> = { dim: 2 ** 16, layers: 1000, negatives: 10_000 };

/**
 * Returns the settings of a model and of its training, with the defaults of the model's paper.
 *
 * @example
 * ```ts
 * import { monet } from "@giverny/giverny/models";
 * import { settingsOf } from "@giverny/giverny/runs";
 * import { equal } from "node:assert/strict";
 * equal(settingsOf(monet).lr.default, 1e-4); // the paper's rate
 * equal(settingsOf(monet).beta.default, 0.3);
 * ```
 */
export function settingsOf(model: Model): Settings<RunConfig> {
  const settings: Settings = { ...trainingSettings, ...model.settings };
  return Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => [
      name,
      { ...setting, max: setting.max ?? GREATEST[name], default: model.training[name] ?? setting.default },
    ]),
  ) as Settings<RunConfig>;
}

/**
 * Returns the settings of a new run. Each source overrules those before it: the model's defaults, the preset of the
 * data, the protocol, the settings, and the number of epochs and the seed.
 *
 * @throws {UsageError} if a name is unknown or a value is out of its range.
 *
 * @example
 * ```ts
 * import { monet } from "@giverny/giverny/models";
 * import { resolveSettings } from "@giverny/giverny/runs";
 * import { equal, throws } from "node:assert/strict";
 * equal(resolveSettings(monet, { settings: { beta: "0.5" }, seed: 7 }).beta, 0.5);
 * throws(() => resolveSettings(monet, { settings: { beta: 2 } }), /it must lie between 0 and 1/);
 * ```
 */
export function resolveSettings(
  model: Model,
  { data, protocol, settings, epochs, seed }: SettingSources = {},
  { of }: { readonly of?: string | undefined } = {},
): RunConfig {
  try {
    return configure(settingsOf(model), {
      ...PRESETS[data ?? ""]?.[model.name],
      ...(protocol === undefined ? {} : PROTOCOLS[protocol]),
      ...settings,
      ...(epochs === undefined ? {} : { epochs }),
      ...(seed === undefined ? {} : { seed }),
    }, { of });
  } catch (error) {
    throw error instanceof ValueError ? new UsageError(error.message) : error;
  }
}

/**
 * Returns the settings in the `config.toml` of a run, over the model's defaults.
 *
 * @throws as {@link readSettings} does.
 */
export async function storedSettings(model: Model, path: string, files: Files): Promise<RunConfig> {
  return configure(settingsOf(model), await readSettings(model, path, files));
}

/**
 * Reads settings of a model from a TOML file with one setting per line, such as `lr = 1e-3`.
 *
 * @throws {FormatError} if the file cannot be read, or a line is no setting in TOML.
 * @throws {ValueError} if a name is unknown or a value is out of its range; the message names the file.
 */
export async function readSettings(model: Model, path: string, files: Files): Promise<Config> {
  const lines = (await readText(path, "settings", files)).split("\n");
  const { parse } = await import("deno-std/toml/parse.js");
  const found = Object.fromEntries(lines.flatMap((line, n) => settingIn(parse, line, path, n + 1)));
  configure(settingsOf(model), found, { file: path });
  return found;
}

/** Returns the name and value in a line of a file of settings; nothing for a comment. */
function settingIn(
  parse: (text: string) => unknown,
  text: string,
  path: string,
  line: number,
): [name: string, value: SettingValue][] {
  try {
    const settings = Object.entries(parse(text) as Readonly<Record<string, SettingValue>>);
    if (settings.every(([, value]) => typeof value !== "object")) return settings;
  } catch {
    // The parser's message is about its own state; the message below names the line.
  }
  throw unreadable("settings", path, "expected a setting in TOML, as in lr = 1e-3, and no tables or lists", { line });
}

/** Returns settings as TOML, each with its explanation. JSON numbers, texts and truth values are TOML too. */
export function writtenSettings(model: Model, config: RunConfig): string {
  const settings = settingsOf(model);
  return Object.entries(config)
    .map(([name, value]) => `${name} = ${JSON.stringify(value)} # ${settings[name].about}\n`)
    .join("");
}
