/**
 * Settings from a file and from the command line, laid over defaults and checked against them.
 *
 * @module
 */
import { parse } from "deno-std/toml/parse.js";
import { Misuse, unknownName } from "./failure.ts";

/** What a setting may be. */
export type Setting = string | number | boolean | null | readonly Setting[];

/** Settings by name. */
export type Settings = Readonly<Record<string, Setting>>;

/**
 * Reads settings from a TOML file: `lr = 1e-3`, one a line.
 *
 * @throws {Misuse} if the file is not TOML, with its name and line.
 */
export async function readSettings(path: string): Promise<Settings> {
  const text = await Deno.readTextFile(path);
  try {
    return parse(text) as Settings;
  } catch (error) {
    const [, line = "?", rule = ""] = /line (\d+), column \d+: (.*)/.exec(String(error)) ?? [];
    throw new Misuse(`Cannot read settings from "${path}" line ${line}: expected TOML, as in lr = 1e-3 (${rule})`);
  }
}

/** Returns the settings of `--set`: values as in TOML, where a word needs no quotes. */
export function parseSettings(pairs: readonly (readonly [name: string, value: string])[]): Settings {
  return Object.fromEntries(pairs.map(([name, value]) => [name, parseValue(value)]));
}

function parseValue(value: string): Setting {
  try {
    return (parse(`value = ${value}`) as { value: Setting }).value;
  } catch {
    return value;
  }
}

/**
 * Returns the defaults with the given settings in their places.
 *
 * @param given Later settings win.
 * @throws {Misuse} if a name is not among the defaults, with the nearest that is; or if a value is of another kind.
 */
export function resolve<T extends Settings>(defaults: T, ...given: readonly Settings[]): T {
  const settings = Object.assign({}, ...given);
  for (const [name, value] of Object.entries(settings)) {
    if (!Object.hasOwn(defaults, name)) throw unknownName("set", name, Object.keys(defaults));
    const [expected, found] = [kind(defaults[name]), kind(value as Setting)];
    if (expected !== "nothing" && expected !== found) {
      throw new Misuse(`Cannot set "${name}" to ${JSON.stringify(value)}: expected a ${expected}, found a ${found}`);
    }
  }
  return { ...defaults, ...settings };
}

function kind(value: Setting): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "list";
  return { string: "word", number: "number", boolean: "truth value" }[typeof value as string] ?? "table";
}
