/**
 * Settings of models and of training: named numbers, texts and switches. One description of a setting (its default, its
 * range and a sentence) serves the defaults, the checks, the help and the record of a run.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";

/** The value of a setting. */
export type SettingValue = number | boolean | string;

/** The description of a setting. */
export interface Setting<V extends SettingValue = SettingValue> {
  /** The value unless another is given; its type is the type of the setting. */
  readonly default: V;
  /** A phrase for the help, with the equation or section of the paper. */
  readonly about: string;
  /** The least number allowed. */
  readonly min?: number | undefined;
  /** The greatest number allowed. */
  readonly max?: number | undefined;
  /** Whether only whole numbers are allowed; `false` by default. */
  readonly whole?: boolean | undefined;
  /** The values allowed. */
  readonly choices?: readonly V[] | undefined;
}

/** The values of some settings, by name. */
export type Config = Readonly<Record<string, SettingValue>>;

/** The descriptions of some settings, by name. */
export type Settings<C extends Config = Config> = { readonly [K in keyof C]: Setting<C[K]> };

/**
 * Returns the default of every setting.
 *
 * @example
 * ```ts
 * import { defaultsOf } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * const settings = { layers: { default: 2, about: "steps of propagation" } };
 * deepEqual(defaultsOf(settings), { layers: 2 });
 * ```
 */
export function defaultsOf<C extends Config>(settings: Settings<C>): C {
  return Object.fromEntries(Object.entries<Setting>(settings).map(([name, s]) => [name, s.default])) as C;
}

/**
 * A setting does not exist, or cannot have the value that it is given.
 *
 * @example
 * ```ts
 * import { configure, SettingError } from "@giverny/giverny/core";
 * import { throws } from "node:assert/strict";
 * const settings = { beta: { default: 0.3, max: 1, about: "share of the target-aware score" } };
 * throws(() => configure(settings, { beta: 2 }), SettingError);
 * ```
 */
export class SettingError extends ValueError {
  /** The name of this class. */
  override readonly name = "SettingError";
  /** The name of the setting. */
  readonly setting: string;
  /** The value that it was given. */
  readonly value: SettingValue;
  /** The rule that is broken. */
  readonly rule: string;
  /** The nearest name, for a setting that does not exist; `null` where no name is near. */
  readonly nearest: string | null;

  /** Makes the error, with its message: `Cannot set ⟨name⟩ …: ⟨rule⟩`. */
  constructor(
    message: string,
    about: {
      readonly setting: string;
      readonly value: SettingValue;
      readonly rule: string;
      readonly nearest?: string | null;
    },
  ) {
    super(message);
    this.setting = about.setting;
    this.value = about.value;
    this.rule = about.rule;
    this.nearest = about.nearest ?? null;
  }
}

/**
 * Returns the values of all settings: the given ones, and the defaults of the others. Values may be texts from a
 * command line: `"0.5"`, `"true"`.
 *
 * @throws {SettingError} if a setting does not exist, or a value is not allowed.
 *
 * @example
 * ```ts
 * import { configure } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * const settings = { beta: { default: 0.3, min: 0, max: 1, about: "share of the target-aware score" } };
 * deepEqual(configure(settings, { beta: "0.5" }), { beta: 0.5 });
 * ```
 */
export function configure<C extends Config>(settings: Settings<C>, changes: Config, origin: SettingOrigin = {}): C {
  const known = settings as Readonly<Record<string, Setting>>;
  const changed = Object.entries(changes).map(([name, value]) => {
    if (!Object.hasOwn(known, name)) {
      const near = nearest(name, Object.keys(known));
      const hint = near === null ? `there are ${Object.keys(known).join(", ")}` : `did you mean "${near}"?`;
      const rule = `there is no such setting${place(origin)}; ${hint}`;
      throw new SettingError(`Cannot set "${name}"${owner(origin)}: ${rule}`, {
        setting: name,
        value,
        rule,
        nearest: near,
      });
    }
    return [name, checked(name, value, known[name], origin)];
  });
  return { ...defaultsOf(settings), ...Object.fromEntries(changed) };
}

/** The owner and the file of settings, for the messages of errors. */
export interface SettingOrigin {
  /** The name of the model that has the settings. */
  readonly of?: string | undefined;
  /** The path of the file that names them. */
  readonly file?: string | undefined;
}

function owner({ of }: SettingOrigin): string {
  return of === undefined ? "" : ` of ${of}`;
}

function place({ file }: SettingOrigin): string {
  return file === undefined ? "" : ` (in "${file}")`;
}

function checked(name: string, given: SettingValue, setting: Setting, origin: SettingOrigin): SettingValue {
  const value = parsed(given, setting.default);
  const { min = -Infinity, max = Infinity, whole = false, choices } = setting;
  const shown = typeof given === "string" ? JSON.stringify(given) : given;
  const refuse = (rule: string) =>
    new SettingError(`Cannot set ${name}${owner(origin)} to ${shown}: ${rule}${place(origin)}`, {
      setting: name,
      value: given,
      rule,
    });
  if (typeof value !== typeof setting.default) throw refuse(`a ${typeof setting.default} is needed`);
  if (choices && !choices.includes(value)) throw refuse(`it must be one of ${choices.join(", ")}`);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw refuse("a number is needed");
    if (whole && !Number.isInteger(value)) throw refuse("a whole number is needed");
    if (value < min || value > max) throw refuse(boundsRule(min, max));
  }
  return value;
}

function parsed(given: SettingValue, like: SettingValue): SettingValue {
  if (typeof given !== "string" || typeof like === "string") return given;
  if (typeof like === "number") return given.trim() === "" ? NaN : Number(given);
  return given === "true" ? true : given === "false" ? false : given;
}

/** Returns the rule of a range. */
function boundsRule(min: number, max: number): string {
  return max === Infinity
    ? `it must be at least ${min}`
    : min === -Infinity
    ? `it must be at most ${max}`
    : `it must lie between ${min} and ${max}`;
}

/**
 * Returns the nearest of some names: the one that needs the fewest insertions, deletions and replacements (Levenshtein,
 * 1966). Returns `null` if more than a third of the letters would change, and more than two.
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
