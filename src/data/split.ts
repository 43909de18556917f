/**
 * The split of interactions into training, validation and test. A {@link Splitter} takes the interactions as one log
 * and returns a new split column; {@link resplit} puts it into a data set.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { choose, foldIn, type Key } from "../core/random.ts";
import { type Dataset, datasetOf, type Interactions, SPLITS } from "./dataset.ts";
import { mersenneTwister, numpyChoice } from "./mersenne.ts";

/**
 * Returns the {@link SPLITS} code of every interaction. The old split has no influence, except on splitters that say
 * so.
 */
export type Splitter = (interactions: Interactions) => Uint8Array<ArrayBuffer>;

/** Sizes of the held-out parts, as shares of all interactions. */
export interface SplitShares {
  /** The share of validation, `0.1` by default. */
  readonly validation?: number | undefined;
  /** The share of test, `0.1` by default. */
  readonly test?: number | undefined;
}

/** The times at which the held-out parts begin, in the unit of the log. */
export interface TimeCuts {
  /** The first time of validation; by default the first time with four fifths of the log before it. */
  readonly validation?: number | undefined;
  /** The first time of test; by default the first time with nine tenths of the log before it. */
  readonly test?: number | undefined;
}

const [TRAIN, VALIDATION, TEST] = SPLITS.keys();

/**
 * Returns a data set with the same interactions and another split.
 *
 * @example
 * ```ts
 * import { garden, histories, ratio, resplit } from "@giverny/giverny/data";
 * import { key } from "@giverny/giverny/core";
 * import { equal } from "node:assert/strict";
 * const data = resplit(garden(key(0)), ratio(key(1), { validation: 0 }));
 * equal(histories(data, "validation").indices.length, 0);
 * ```
 */
export function resplit(data: Dataset, splitter: Splitter): Dataset {
  return datasetOf({ ...data, interactions: { ...data.interactions, split: splitter(data.interactions) } });
}

/**
 * Returns the splitter of LATTICE, MICRO and MONET, equal to their released scripts bit for bit. Of a user's n
 * interactions it holds out two, or ⌊n/5⌋ if n ≥ 10, drawn at random. The first half of them, rounded down, is test,
 * the rest validation. A user with fewer than three interactions keeps all of them in training.
 *
 * MARIO and GUME released no script of a split: MARIO, from the group of MONET, is taken to use this rule, and GUME's
 * data are MMRec's, see {@link mmrec}.
 *
 * @example
 * ```ts
 * import { official } from "@giverny/giverny/data";
 * import { deepEqual } from "node:assert/strict";
 * const column = new Int32Array(5);
 * const split = official()({ users: column, items: column, split: new Uint8Array(5), times: null });
 * deepEqual([...split].sort(), [0, 0, 0, 1, 2]);
 * ```
 */
export function official(seed = 123): Splitter {
  return ({ users }) => {
    const { validation, test } = officialHoldouts(users, seed);
    return codesOf(users.length, validation.flat(), test.flat());
  };
}

/**
 * Returns a splitter by the rule of MMRec, whose data FREEDOM, BM3, MGCN and GUME use: as many interactions as
 * {@link official} holds out of each user, but the odd one is in test, not in validation. MMRec's notebook draws
 * without a seed, so its own files are the only copy of its split; the key draws others by the same rule. A user with
 * fewer than three interactions keeps all of them in training, where the notebook leaves such a user without any.
 *
 * @example
 * ```ts
 * import { mmrec } from "@giverny/giverny/data";
 * import { key } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * const column = new Int32Array(15);
 * const split = mmrec(key(1))({ users: column, items: column, split: new Uint8Array(15), times: null });
 * deepEqual([...split].sort(), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 2]);
 * ```
 */
export function mmrec(source: Key): Splitter {
  return ({ users }) => {
    const drawn = [...groups(users)].map(([user, log]) =>
      Array.from(choose(foldIn(source, user), log.length, heldOutOf(log.length)), (position) => log[position])
    );
    const [validation, test] = [drawn.map((e) => e.slice(0, e.length >> 1)), drawn.map((e) => e.slice(e.length >> 1))];
    return codesOf(users.length, validation.flat(), test.flat());
  };
}

/** Returns how many of a user's n interactions are held out by the rule of LATTICE and of MMRec. */
function heldOutOf(n: number): number {
  return n < 3 ? 0 : n < 10 ? 2 : Math.floor(0.2 * n);
}

/**
 * Returns the interactions that {@link official} holds out for each user, as positions in the log in the order of the
 * draws. The draws of NumPy's legacy generator go to the users in the order of their first interaction.
 */
export function officialHoldouts(users: Int32Array, seed = 123): { validation: number[][]; test: number[][] } {
  const word = mersenneTwister(seed);
  const validation: number[][] = [], test: number[][] = [];
  for (const [user, log] of groups(users)) {
    const n = log.length;
    const drawn = n < 3 ? [] : numpyChoice(word, n, heldOutOf(n)).map((position) => log[position]);
    test[user] = drawn.slice(0, drawn.length >> 1);
    validation[user] = drawn.slice(drawn.length >> 1);
  }
  return { validation, test };
}

/**
 * Returns a splitter that holds out interactions at random from the whole log. A user who would have no training
 * interactions keeps all interactions in training, so the held-out shares can be smaller than requested.
 *
 * @throws {ValueError} if a share is not a number from 0 to 1, or both together exceed 1.
 *
 * @example
 * ```ts
 * import { garden, histories, ratio, resplit } from "@giverny/giverny/data";
 * import { key } from "@giverny/giverny/core";
 * import { equal } from "node:assert/strict";
 * const data = resplit(garden(key(0)), ratio(key(1), { validation: 0, test: 0.2 }));
 * equal(histories(data, "validation").indices.length, 0);
 * ```
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
 * Returns a splitter that holds out each user's last interaction for test and the last but one for validation: last in
 * time, or in the log where times are equal. A user with fewer than three keeps all of them in training.
 *
 * @throws {ValueError} the splitter, if the log has no times.
 *
 * @example
 * ```ts
 * import { leaveLastOut } from "@giverny/giverny/data";
 * import { deepEqual } from "node:assert/strict";
 * const column = new Int32Array(4);
 * const log = { users: column, items: column, split: new Uint8Array(4), times: Float64Array.of(1, 4, 2, 3) };
 * deepEqual([...leaveLastOut()(log)], [0, 2, 0, 1]);
 * ```
 */
export function leaveLastOut(): Splitter {
  return (interactions) => {
    const { users } = interactions, times = timesOf(interactions, "Cannot hold out each user's last interactions");
    const ends = [...groups(users).values()].filter((log) => log.length >= 3)
      .map((log) => log.toSorted((a, b) => times[a] - times[b]).slice(-2));
    return codesOf(users.length, ends.map(([last]) => last), ends.map(([, last]) => last));
  };
}

/**
 * Returns a splitter by two times, the same for all users: training ends where validation begins, validation ends where
 * test begins. A user whose first interaction is late has no training interactions.
 *
 * @throws {ValueError} if the log has no times, or test would begin before validation.
 *
 * @example
 * ```ts
 * import { byTime } from "@giverny/giverny/data";
 * import { deepEqual } from "node:assert/strict";
 * const column = new Int32Array(4);
 * const log = { users: column, items: column, split: new Uint8Array(4), times: Float64Array.of(1, 4, 2, 3) };
 * deepEqual([...byTime({ validation: 3, test: 4 })(log)], [0, 2, 0, 1]);
 * ```
 */
export function byTime(cuts: TimeCuts = {}): Splitter {
  return (interactions) => {
    const times = timesOf(interactions, "Cannot split by time");
    const sorted = times.toSorted();
    const [validation, test] = [cuts.validation ?? quantile(sorted, 0.8), cuts.test ?? quantile(sorted, 0.9)];
    if (validation > test) {
      throw new ValueError(`Cannot split by time: validation begins at ${validation}, after test at ${test}`);
    }
    return Uint8Array.from(times, (time) => time >= test ? TEST : time >= validation ? VALIDATION : TRAIN);
  };
}

/**
 * Returns a splitter that takes the order of the log for the order of time, and the positions in it, from 0, for times.
 *
 * @example
 * ```ts
 * import { inFileOrder, leaveLastOut } from "@giverny/giverny/data";
 * import { deepEqual } from "node:assert/strict";
 * const column = new Int32Array(4);
 * const log = { users: column, items: column, split: new Uint8Array(4), times: null };
 * deepEqual([...inFileOrder(leaveLastOut())(log)], [0, 0, 1, 2]);
 * ```
 */
export function inFileOrder(splitter: Splitter): Splitter {
  return (interactions) => splitter({ ...interactions, times: Float64Array.from(interactions.users.keys()) });
}

/**
 * Returns the times of interactions.
 *
 * @throws {ValueError} if they have none.
 */
export function timesOf({ times }: Interactions, what: string): Float64Array {
  if (times) return times;
  throw new ValueError(
    `${what}: the interactions have no times; name their column (--time-column, option columns), ` +
      "or take the order of the file for the order of time (--order file, inFileOrder)",
  );
}

/**
 * Returns a splitter that makes a share of the items cold: none of their interactions is in training. The cold items
 * are drawn from the items of the log; half of them are in test and half in validation. The released cold-start
 * script of LATTICE holds out a fifth. A user with cold items only has no training interactions.
 *
 * @throws {ValueError} if the share is not a number from 0 to 1.
 *
 * @example
 * ```ts
 * import { coldItems, garden, resplit, statistics } from "@giverny/giverny/data";
 * import { key } from "@giverny/giverny/core";
 * import { ok } from "node:assert/strict";
 * ok(statistics(resplit(garden(key(0)), coldItems(key(1), 0.5))).coldItems >= 200);
 * ```
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

/** Returns the positions of each value, the values in the order of their first appearance. */
export function groups(column: Int32Array): Map<number, number[]> {
  const found = new Map<number, number[]>();
  column.forEach((value, position) => {
    const group = found.get(value);
    if (group) group.push(position);
    else found.set(value, [position]);
  });
  return found;
}

/** Returns the first time with at least this share of the sorted times before it, or infinity if there is none. */
function quantile(sorted: Float64Array, share: number): number {
  const rank = Math.ceil(share * sorted.length);
  return rank === 0 ? -Infinity : sorted.find((time) => time > sorted[rank - 1]) ?? Infinity;
}

function checkedShares({ validation = 0.1, test = 0.1 }: SplitShares): [validation: number, test: number] {
  if (!(validation >= 0 && test >= 0 && validation + test <= 1)) {
    throw new ValueError(
      `Cannot hold out ${validation} for validation and ${test} for test: ` +
        "shares lie between 0 and 1, and so does their sum",
    );
  }
  return [validation, test];
}
