/**
 * Where to look for good settings: spaces of settings, all of their combinations, and some drawn from a key.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { foldIn, type Key, uniformArray } from "../core/random.ts";
import type { Config, SettingValue } from "../core/settings.ts";

/** Numbers from one to another. */
export interface Interval {
  /** The least. */
  readonly from: number;
  /** The greatest. */
  readonly to: number;
  /** The distance of one from the next; without it, every number between is meant, and only drawing can choose. */
  readonly step?: number;
  /** Whether numbers are drawn so that equal ratios, not equal differences, are equally likely; `false` by default. */
  readonly log?: boolean;
}

/** What a setting is tried with. */
export type Candidates = readonly SettingValue[] | Interval;

/** What is tried, by setting. */
export type Space = Readonly<Record<string, Candidates>>;

/** The most values of a range, and the most combinations: nobody waits for more trainings. */
const MOST = 10_000;

/**
 * Returns the numbers of a range with a step, `from` and, where the steps meet it, `to` included; 10,000 at most.
 *
 * @throws {ValueError} if the range has no step above 0, ends before it begins, or has more numbers.
 *
 * @example
 * ```ts
 * import { valuesOf } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * assertEquals(valuesOf({ from: 0, to: 0.5, step: 0.1 }), [0, 0.1, 0.2, 0.3, 0.4, 0.5]);
 * ```
 */
export function valuesOf({ from, to, step = 0 }: Interval): number[] {
  if (!(step > 0 && to >= from && Number.isFinite(to / step))) {
    throw new ValueError(
      `Cannot go from ${from} to ${to} in steps of ${step}: name a step above 0, and the least first`,
    );
  }
  const count = Math.floor((to - from) / step + 1e-9) + 1;
  if (count > MOST) {
    throw new ValueError(
      `Cannot go from ${from} to ${to} in steps of ${step}: there are more than ${MOST}; name a larger step`,
    );
  }
  // 3 · 0.1 is not 0.3 to the last bit, but it is meant.
  return Array.from({ length: count }, (_, n) => Number((from + n * step).toPrecision(12)));
}

/**
 * Returns all combinations of a space, the last setting changing fastest; one that changes nothing, of an empty space. There are
 * 10,000 at most.
 *
 * @throws {ValueError} as {@link valuesOf} does, and if there are more.
 *
 * @example
 * ```ts
 * import { combinations } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * assertEquals(combinations({ layers: [1, 2], alpha: { from: 0, to: 1, step: 1 } }), [
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
          `Cannot try all of ${Object.keys(space)}: there are more than ${MOST} combinations; name fewer`,
        );
      }
      return found.flatMap((chosen) => values.map((value) => ({ ...chosen, [name]: value })));
    },
    [{}],
  );
}

/**
 * Returns combinations drawn at random, each setting independently and uniformly from its candidates (Bergstra and Bengio,
 * JMLR 2012). The first n of a longer draw are the draw of n. None comes twice, so there are fewer than asked for where the
 * space has fewer, or almost.
 *
 * @throws {ValueError} if a range ends before it begins, or is to be drawn by ratios and not above 0.
 */
export function drawCombinations(key: Key, space: Space, count: number): Config[] {
  const settings = Object.entries(space);
  const found = new Map<string, Config>();
  for (let attempt = 0; found.size < count && attempt < 20 * count; attempt++) {
    const at = uniformArray(foldIn(key, attempt), settings.length);
    const config = Object.fromEntries(settings.map(([name, candidates], n) => [name, between(candidates, at[n])]));
    found.set(JSON.stringify(config), config);
  }
  return [...found.values()];
}

/** Returns the candidate at a share of the way from the first to the last. */
function between(candidates: Candidates, share: number): SettingValue {
  if (!("from" in candidates)) return candidates[Math.floor(share * candidates.length)];
  if (candidates.step !== undefined) return between(valuesOf(candidates), share);
  const { from, to, log = false } = candidates;
  if (!(to >= from) || log && !(from > 0)) {
    throw new ValueError(
      `Cannot draw from ${from} to ${to}${log ? " by ratios" : ""}: name the least first${log ? ", above 0" : ""}`,
    );
  }
  const value = log ? from * (to / from) ** share : from + (to - from) * share;
  return Number(value.toPrecision(6));
}
