/**
 * Settings: the named numbers and choices that a model or a training run can be given, each with its default, its range and
 * a sentence saying what it does. One description serves the defaults, the checks, the help and the record of a run.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";

/** What a setting may be. */
export type SettingValue = number | boolean | string;

/** One setting. */
export interface Setting<V extends SettingValue = SettingValue> {
  /** What it is unless it is set; its type is the type of the setting. */
  readonly default: V;
  /** What it does, in a sentence; with the equation or section it comes from. */
  readonly about: string;
  /** The least number allowed. */
  readonly min?: number;
  /** The greatest number allowed. */
  readonly max?: number;
  /** Only whole numbers; no by default. */
  readonly whole?: boolean;
  /** The words allowed. */
  readonly choices?: readonly V[];
}

/** The values of some settings, by name. */
export type Config = Readonly<Record<string, SettingValue>>;

/** A setting per name. */
export type Settings<C extends Config = Config> = { readonly [K in keyof C]: Setting<C[K]> };

/** Returns the default of every setting. */
export function defaultsOf<C extends Config>(settings: Settings<C>): C {
  return Object.fromEntries(Object.entries<Setting>(settings).map(([name, s]) => [name, s.default])) as C;
}

/**
 * Returns the settings with some of them changed. Values may be texts, as they come from a command line: `"0.5"`, `"true"`.
 *
 * @throws {ValueError} naming a setting that does not exist (with the nearest one that does), or a value out of range.
 *
 * @example
 * ```ts
 * import { configure } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * const settings = { beta: { default: 0.3, min: 0, max: 1, about: "share of the target-aware score" } };
 * assertEquals(configure(settings, { beta: "0.5" }), { beta: 0.5 });
 * ```
 */
export function configure<C extends Config>(settings: Settings<C>, changes: Config): C {
  const known = settings as Readonly<Record<string, Setting>>;
  const changed = Object.entries(changes).map(([name, value]) => {
    if (!Object.hasOwn(known, name)) {
      const near = nearest(name, Object.keys(known));
      const hint = near === null ? `there are ${Object.keys(known).join(", ")}` : `did you mean "${near}"?`;
      throw new ValueError(`Cannot set "${name}": there is no such setting; ${hint}`);
    }
    return [name, checked(name, value, known[name])];
  });
  return { ...defaultsOf(settings), ...Object.fromEntries(changed) };
}

function checked(name: string, given: SettingValue, setting: Setting): SettingValue {
  const value = parsed(given, setting.default);
  const { min = -Infinity, max = Infinity, whole = false, choices } = setting;
  const shown = typeof given === "string" ? JSON.stringify(given) : given;
  const refuse = (rule: string) => new ValueError(`Cannot set ${name} to ${shown}: ${rule}`);
  if (typeof value !== typeof setting.default) throw refuse(`a ${typeof setting.default} is needed`);
  if (choices && !choices.includes(value)) throw refuse(`it must be one of ${choices.join(", ")}`);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw refuse("a number is needed");
    if (whole && !Number.isInteger(value)) throw refuse("a whole number is needed");
    if (value < min || value > max) throw refuse(range(min, max));
  }
  return value;
}

function parsed(given: SettingValue, like: SettingValue): SettingValue {
  if (typeof given !== "string" || typeof like === "string") return given;
  if (typeof like === "number") return given.trim() === "" ? NaN : Number(given);
  return given === "true" ? true : given === "false" ? false : given;
}

/** Returns a range in words. */
function range(min: number, max: number): string {
  return max === Infinity
    ? `it must be at least ${min}`
    : min === -Infinity
    ? `it must be at most ${max}`
    : `it must lie between ${min} and ${max}`;
}

/**
 * Returns the name that takes the fewest insertions, deletions and replacements to reach (Levenshtein, 1966); `null` if that
 * is more than a third of its letters, two at least.
 */
export function nearest(name: string, among: readonly string[]): string | null {
  const distances = among.map((other) => edits(name, other));
  const least = Math.min(...distances);
  return least <= Math.max(2, name.length / 3) ? among[distances.indexOf(least)] ?? null : null;
}

function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}
