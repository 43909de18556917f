/**
 * Spaces of settings: all of their combinations, or random ones.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { checkedKey, foldIn, type Key, uniformArray } from "../core/random.ts";
import type { Config, SettingValue } from "../core/settings.ts";

/** A range of numbers. */
export interface Interval {
  /** The least number. */
  readonly from: number;
  /** The greatest number. */
  readonly to: number;
  /**
   * The distance of two neighbours. Without a step the range is continuous: numbers can be drawn from it, not listed.
   */
  readonly step?: number | undefined;
  /** Whether the logarithm of a drawn number is uniformly distributed, not the number; `false` by default. */
  readonly log?: boolean | undefined;
}

/** The values of a setting that are tried: a list or a range. */
export type Candidates = readonly SettingValue[] | Interval;

/** The candidates of some settings, by name. */
export type Space = Readonly<Record<string, Candidates>>;

/** The most values of a range, and the most combinations. */
const MOST = 10_000;

/**
 * Returns the numbers of a range with a step. `from` is included, and `to` if the steps reach it.
 *
 * @throws {ValueError} if the step is not above 0, the range ends before it begins, or it has more than 10,000 numbers.
 *
 * @example
 * ```ts
 * import { step } from "@giverny/giverny/ops";
 * import { valuesOf } from "@giverny/giverny/train";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(valuesOf({ from: 0, to: 0.5, step: 0.1 }), [0, 0.1, 0.2, 0.3, 0.4, 0.5]);
 * ```
 */
export function valuesOf({ from, to, step = 0 }: Interval): number[] {
  const refuse = (rule: string) =>
    new ValueError(`Cannot list the numbers from ${from} to ${to} in steps of ${step}: ${rule}`);
  if (!(step > 0 && to >= from && Number.isFinite(to / step))) {
    throw refuse("give a step above 0, and the least number first");
  }
  const count = Math.floor((to - from) / step + 1e-9) + 1;
  if (count > MOST) {
    throw refuse(`there are more than ${MOST}; give a larger step`);
  }
  // 3 · 0.1 differs from 0.3 in the last bit, so numbers are rounded to 12 digits.
  return Array.from({ length: count }, (_, n) => Number((from + n * step).toPrecision(12)));
}

/**
 * Returns all combinations of a space. The last setting changes fastest. An empty space has one combination, without
 * settings.
 *
 * @throws {ValueError} as {@link valuesOf} does, and if there are more than 10,000 combinations.
 *
 * @example
 * ```ts
 * import { step } from "@giverny/giverny/ops";
 * import { combinations } from "@giverny/giverny/train";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(combinations({ layers: [1, 2], alpha: { from: 0, to: 1, step: 1 } }), [
 *   { layers: 1, alpha: 0 },
 *   { layers: 1, alpha: 1 },
 *   { layers: 2, alpha: 0 },
 *   { layers: 2, alpha: 1 },
 * ]);
 * ```
 */
export function combinations(space: Space): Config[] {
  return Object.entries(space).reduce<Config[]>(
    (found, [name, candidates]) => {
      const values = "from" in candidates ? valuesOf(candidates) : candidates;
      if (found.length * values.length > MOST) {
        throw new ValueError(
          `Cannot list all combinations of ${Object.keys(space)}: there are more than ${MOST}; give fewer values`,
        );
      }
      return found.flatMap((chosen) => values.map((value) => ({ ...chosen, [name]: value })));
    },
    [{}],
  );
}

/**
 * Returns `count` different combinations at random: each setting is drawn independently and uniformly from its
 * candidates (Bergstra and Bengio, JMLR 2012). A longer draw begins with the shorter one. If the space is hardly larger
 * than `count`, fewer combinations may be found.
 *
 * @throws {ValueError} if a range ends before it begins, or is logarithmic and not above 0.
 * @throws {KindError} if the key is no key.
 *
 * @example
 * ```ts
 * import { key } from "@giverny/giverny/core";
 * import { log } from "@giverny/giverny/ops";
 * import { drawCombinations } from "@giverny/giverny/train";
 * import { equal } from "node:assert/strict";
 * const space = { lr: { from: 1e-4, to: 1e-2, log: true }, layers: [1, 2, 3] };
 * equal(drawCombinations(key(1), space, 5).length, 5);
 * ```
 */
export function drawCombinations(key: Key, space: Space, count: number): Config[] {
  checkedKey("drawCombinations", key);
  const settings = Object.entries(space);
  const found = new Map<string, Config>();
  for (let attempt = 0; found.size < count && attempt < 20 * count; attempt++) {
    const at = uniformArray(foldIn(key, attempt), settings.length);
    const config = Object.fromEntries(settings.map(([name, candidates], n) => [name, between(candidates, at[n])]));
    found.set(JSON.stringify(config), config);
  }
  return [...found.values()];
}

/** Returns the candidate at a share, from 0 to 1, of the way from the first to the last. */
function between(candidates: Candidates, share: number): SettingValue {
  if (!("from" in candidates)) return candidates[Math.floor(share * candidates.length)];
  if (candidates.step !== undefined) return between(valuesOf(candidates), share);
  const { from, to, log = false } = candidates;
  if (!(to >= from) || log && !(from > 0)) {
    throw new ValueError(
      `Cannot draw from ${from} to ${to}${log ? " with log" : ""}: give the least number first${
        log ? ", above 0" : ""
      }`,
    );
  }
  const value = log ? from * (to / from) ** share : from + (to - from) * share;
  return Number(value.toPrecision(6));
}
