/**
 * Which interactions are trained on and which are held out. A {@link Splitter} looks at the interactions as one log and
 * returns a new split column; {@link resplit} puts it into a data set.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { choose, type Key } from "../core/random.ts";
import { type Dataset, type Interactions, SPLITS } from "./dataset.ts";
import { chooseLegacy, mersenneTwister } from "./mersenne.ts";

/** Returns the {@link SPLITS} code of every interaction, whatever their split was before. */
export type Splitter = (interactions: Interactions) => Uint8Array<ArrayBuffer>;

/** Sizes of the held-out parts, as shares of the whole. */
export interface SplitShares {
  /** The share of validation, `0.1` by default. */
  readonly validation?: number;
  /** The share of test, `0.1` by default. */
  readonly test?: number;
}

/** Instants at which the held-out parts begin, in the unit of the log. */
export interface TimeCuts {
  /** The first instant of validation; by default the first with four fifths of the log before it. */
  readonly validation?: number;
  /** The first instant of test; by default the first with nine tenths of the log before it. */
  readonly test?: number;
}

const [TRAIN, VALIDATION, TEST] = SPLITS.keys();

/**
 * Returns a data set with the same interactions, split anew.
 *
 * @example
 * ```ts
 * import { garden, histories, key, leaveLastOut, resplit } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * const data = resplit(garden(key(0)), leaveLastOut());
 * assertEquals(histories(data, "test").indices.length, histories(data, "validation").indices.length);
 * ```
 */
export function resplit(data: Dataset, splitter: Splitter): Dataset {
  return { ...data, interactions: { ...data.interactions, split: splitter(data.interactions) } };
}

/**
 * Returns the splitter of LATTICE, MICRO, MONET, MARIO and GUME, equal to their released scripts bit for bit. Of a user's
 * n interactions it holds out two, or ⌊n/5⌋ from n = 10 on; the first half of those drawn, rounded down, is test and the
 * rest validation. A user with fewer than three keeps everything in training and draws nothing.
 */
export function official(seed = 123): Splitter {
  return ({ users }) => {
    const { validation, test } = officialHoldouts(users, seed);
    return codesOf(users.length, validation.flat(), test.flat());
  };
}

/**
 * Returns the interactions that {@link official} holds out for each user, as positions in the log in the order drawn.
 * Users draw one after another from NumPy's legacy generator, in the order of their first interaction.
 */
export function officialHoldouts(users: Int32Array, seed = 123): { validation: number[][]; test: number[][] } {
  const word = mersenneTwister(seed);
  const validation: number[][] = [], test: number[][] = [];
  for (const [user, log] of groups(users)) {
    const n = log.length;
    const drawn = n < 3 ? [] : chooseLegacy(word, n, n < 10 ? 2 : Math.floor(0.2 * n)).map((position) => log[position]);
    test[user] = drawn.slice(0, drawn.length >> 1);
    validation[user] = drawn.slice(drawn.length >> 1);
  }
  return { validation, test };
}

/**
 * Returns a splitter that holds out interactions at random from the whole log. A user who would be left without training
 * interactions keeps all of them in training, so the held-out shares are at most those asked for.
 *
 * @throws {ValueError} if a share is not a number from 0 to 1, or both together exceed 1.
 */
export function ratio(source: Key, shares: SplitShares = {}): Splitter {
  const [validation, test] = checkedShares(shares);
  return ({ users }) => {
    const order = choose(source, users.length);
    const cuts = [test, test + validation].map((share) => Math.round(share * users.length));
    const codes = codesOf(users.length, order.subarray(cuts[0], cuts[1]), order.subarray(0, cuts[0]));
    for (const log of groups(users).values()) {
      if (log.every((e) => codes[e] !== TRAIN)) log.forEach((e) => codes[e] = TRAIN);
    }
    return codes;
  };
}

/**
 * Returns a splitter that holds out each user's last interaction for test and the one before it for validation: last in
 * time, or in the log where times are equal or absent. A user with fewer than three keeps everything in training.
 */
export function leaveLastOut(): Splitter {
  return ({ users, times }) => {
    const ends = [...groups(users).values()].filter((log) => log.length >= 3)
      .map((log) => (times ? log.toSorted((a, b) => times[a] - times[b]) : log).slice(-2));
    return codesOf(users.length, ends.map(([last]) => last), ends.map(([, last]) => last));
  };
}

/**
 * Returns a splitter by two instants for all users: training is what came before both, test what came last. Nobody is
 * moved: users who came late have no training interactions.
 *
 * @throws {ValueError} if the log has no times, or test would begin before validation.
 */
export function byTime(cuts: TimeCuts = {}): Splitter {
  return ({ times }) => {
    if (!times) throw new ValueError("Cannot split by time: the interactions have no times");
    const sorted = times.toSorted();
    const [validation, test] = [cuts.validation ?? quantile(sorted, 0.8), cuts.test ?? quantile(sorted, 0.9)];
    if (validation > test) {
      throw new ValueError(`Cannot split by time: validation begins at ${validation}, after test at ${test}`);
    }
    return Uint8Array.from(times, (time) => time >= test ? TEST : time >= validation ? VALIDATION : TRAIN);
  };
}

/**
 * Returns a splitter that makes a share of the items cold: none of their interactions is trained on. Half of these items
 * go to test and half to validation, drawn from those that occur in the log. The released cold-start script of LATTICE
 * holds out a fifth. Users who liked cold items only are left without training interactions.
 *
 * @throws {ValueError} if the share is not a number from 0 to 1.
 */
export function coldItems(source: Key, share = 0.2): Splitter {
  const [, total] = checkedShares({ validation: 0, test: share });
  return ({ items }) => {
    const logs = [...groups(items).values()];
    const cold = Array.from(choose(source, logs.length, Math.round(total * logs.length)), (i) => logs[i]);
    const half = cold.length >> 1;
    return codesOf(items.length, cold.slice(half).flat(), cold.slice(0, half).flat());
  };
}

function codesOf(count: number, validation: ArrayLike<number>, test: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const codes = new Uint8Array(count).fill(TRAIN);
  for (let k = 0; k < validation.length; k++) codes[validation[k]] = VALIDATION;
  for (let k = 0; k < test.length; k++) codes[test[k]] = TEST;
  return codes;
}

/** Returns the positions of each value, values in the order of their first appearance. */
function groups(column: Int32Array): Map<number, number[]> {
  const found = new Map<number, number[]>();
  column.forEach((value, position) => {
    const group = found.get(value);
    if (group) group.push(position);
    else found.set(value, [position]);
  });
  return found;
}

/** Returns the first instant with at least this share of the sorted times before it, or infinity if there is none. */
function quantile(sorted: Float64Array, share: number): number {
  const rank = Math.ceil(share * sorted.length);
  return rank === 0 ? -Infinity : sorted.find((time) => time > sorted[rank - 1]) ?? Infinity;
}

function checkedShares({ validation = 0.1, test = 0.1 }: SplitShares): [validation: number, test: number] {
  if (!(validation >= 0 && test >= 0 && validation + test <= 1)) {
    throw new ValueError(
      `Cannot hold out ${validation} for validation and ${test} for test: shares lie between 0 and 1, and so does their sum`,
    );
  }
  return [validation, test];
}
