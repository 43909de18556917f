/**
 * Files of settings to try: a table for each model, with a list or a range for each setting.
 *
 * ```toml
 * draws = 20                                   # that many at random; without it, all combinations
 * seed = 1                                     # of the draws; 0 by default
 *
 * [monet]
 * alpha = { from = 0, to = 2, step = 0.5 }
 * beta = [0.1, 0.3, 0.5]
 * lr = { from = 1e-4, to = 1e-2, log = true }  # a range without steps is for draws only
 * ```
 *
 * @module
 */
import { UsageError, ValueError } from "../../kernels/errors.ts";
import * as v from "valibot";
import { parse } from "deno-std/toml/parse.js";
import { foldIn, key } from "../core/random.ts";
import type { Config } from "../core/settings.ts";
import { type Files, localFiles } from "../data/files.ts";
import { readText, unreadable } from "../data/formats/files.ts";
import { models } from "../models/mod.ts";
import { combinations, drawCombinations, type Space } from "../train/search.ts";
import { unknownName } from "../runs/catalogue.ts";

/** The content of a file. */
export interface Grid {
  /** The number of combinations drawn for each model; `null` for all combinations. */
  readonly draws: number | null;
  /** The seed of the draws. */
  readonly seed: number;
  /** The settings to try, by model. */
  readonly spaces: Readonly<Record<string, Space>>;
}

/** The largest number of draws: more trainings would never end. */
const MOST = 10_000;

const Value = v.union([v.number(), v.boolean(), v.string()]);
const Interval = v.strictObject({
  from: v.number(),
  to: v.number(),
  step: v.exactOptional(v.number()),
  log: v.exactOptional(v.boolean()),
});
const Candidates = v.union([v.pipe(v.array(Value), v.minLength(1)), Interval]);
const File = v.objectWithRest(
  {
    draws: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST))),
    seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
  },
  v.pipe(v.record(v.string(), Candidates), v.check((space) => Object.keys(space).length > 0)),
);

/** The rules for parts of a file that are not tables. */
const EXPECTED: Readonly<Record<string, string>> = {
  draws: `a whole number from 1 to ${MOST}`,
  seed: "a whole number from 0 on",
};

/** The options of {@link readGrid}. */
export interface GridOptions {
  /** The names of the models that may have a table; the models of the catalogue by default. */
  readonly known?: readonly string[] | undefined;
  /** The files of this machine by default. */
  readonly files?: Files | undefined;
}

/**
 * Reads a file of settings to try.
 *
 * @throws {FormatError} if it cannot be read, or is not of this form.
 * @throws {UsageError} if it has a table for an unknown model.
 *
 * @example
 * ```ts
 * import { memoryFiles } from "@giverny/giverny/data";
 * import { readGrid } from "@giverny/giverny/experiments";
 * import { deepEqual } from "node:assert/strict";
 * const files = memoryFiles();
 * await files.write("grid.toml", new TextEncoder().encode("draws = 4\n[monet]\nalpha = [0.5, 1]\n"));
 * deepEqual((await readGrid("grid.toml", { files })).spaces, { monet: { alpha: [0.5, 1] } });
 * ```
 */
export async function readGrid(
  path: string,
  { known = Object.keys(models), files = localFiles }: GridOptions = {},
): Promise<Grid> {
  const text = await readText(path, "settings to try", files);
  const found = v.safeParse(File, parsed(text, path));
  if (!found.success) {
    const part = v.getDotPath(found.issues[0]) ?? "it";
    const rule = EXPECTED[part] ??
      "a table per model with a list or a range per setting, as in [monet] alpha = [0.5, 1] and " +
        "beta = { from = 0, to = 1, step = 0.1 }; besides tables, a file may have draws and seed";
    throw unreadable("settings to try", path, `"${part}": expected ${rule}`);
  }
  const { draws = null, seed, ...spaces } = found.output;
  const unknown = Object.keys(spaces).find((name) => !known.includes(name));
  if (unknown !== undefined) throw unknownName("search for settings of the model", unknown, known);
  return { draws, seed, spaces };
}

function parsed(text: string, path: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw unreadable("settings to try", path, `it is no TOML (${reason})`, { cause });
  }
}

/**
 * Returns the combinations of settings to try for a model, in an order that depends on its own table only. There are
 * none if the file has no table for the model, or all settings in it are `fixed`.
 *
 * @throws {UsageError} if a range is invalid.
 */
export function combinationsOf(name: string, { draws, seed, spaces }: Grid, fixed: readonly string[] = []): Config[] {
  const open = Object.entries(spaces[name] ?? {}).filter(([setting]) => !fixed.includes(setting));
  if (open.length === 0) return [];
  const space = Object.fromEntries(open);
  const letters = Array.from(name, (letter) => letter.charCodeAt(0));
  try {
    return draws === null ? combinations(space) : drawCombinations(letters.reduce(foldIn, key(seed)), space, draws);
  } catch (error) {
    throw error instanceof ValueError ? new UsageError(`${error.message} (in the table of ${name})`) : error;
  }
}
