/**
 * Training batches: users, items that they interacted with, and items that they did not.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { Ids, Items, Users } from "../core/axis.ts";
import { degree, entries, hasEntry, type Pattern, rowIndices } from "../core/pattern.ts";
import { range } from "../core/range.ts";
import { choose, foldIn, integers, type Key, split } from "../core/random.ts";

/** A batch of B triples. Its ids select rows: see `gather`. */
export interface Triples {
  /** The users, B ids. */
  readonly users: Ids<Users>;
  /** An item that each user interacted with, B ids. */
  readonly positives: Ids<Items>;
  /**
   * Items that the users did not interact with: n ids for each triple, triple by triple, or one list of n ids for all
   * triples (`shared`), which may hold items that a user knows.
   */
  readonly negatives: Ids<Items>;
  /** Whether all triples share one list of negatives. */
  readonly shared: boolean;
  /**
   * The logarithm of the expected number of draws of each positive and of each negative as a negative of the batch, for
   * a loss that corrects its sample by it. Absent where all are equally probable.
   */
  readonly logQ?: { readonly positives: Float32Array; readonly negatives: Float32Array } | undefined;
  /** The number of the batch in its epoch, from 0. */
  readonly step: number;
}

/**
 * The pairs of a user and an item that a batch compares: the pairs with positives first, then the pairs with negatives.
 */
export interface Pairs {
  /** The user of each pair. */
  readonly users: Ids<Users>;
  /** The item of each pair. */
  readonly items: Ids<Items>;
}

/**
 * Returns a batch as triples with one negative each: users and positives are repeated for each of their negatives. A
 * batch with one negative per triple is returned as it is.
 *
 * @example
 * ```ts
 * import { singleNegatives } from "@giverny/giverny/data";
 * import { deepEqual } from "node:assert/strict";
 * const [users, positives, negatives] = [[0, 1], [5, 6], [7, 8, 9]].map((ids) => Int32Array.from(ids));
 * const batch = singleNegatives({ users, positives, negatives, shared: true, step: 0 });
 * deepEqual([...batch.positives], [5, 5, 5, 6, 6, 6]);
 * deepEqual([...batch.negatives], [7, 8, 9, 7, 8, 9]);
 * ```
 */
export function singleNegatives(batch: Triples): Triples {
  const { users, positives, negatives, shared, step } = batch;
  const each = shared ? negatives.length : negatives.length / users.length;
  if (!shared && each === 1) return batch;
  const repeated = (ids: Int32Array) => Int32Array.from({ length: users.length * each }, (_, n) => ids[(n / each) | 0]);
  return {
    users: repeated(users),
    positives: repeated(positives),
    negatives: shared ? Int32Array.from({ length: users.length * each }, (_, n) => negatives[n % each]) : negatives,
    shared: false,
    step,
  };
}

/**
 * Returns the pairs of a batch: every user with a positive, then every user with a negative. With several negatives per
 * triple, the pairs are those of {@link singleNegatives}.
 *
 * @example
 * ```ts
 * import { pairs } from "@giverny/giverny/data";
 * import { deepEqual } from "node:assert/strict";
 * const [users, positives, negatives] = [[0, 1], [5, 6], [7, 8]].map((ids) => Int32Array.from(ids));
 * const found = pairs({ users, positives, negatives, shared: false, step: 0 });
 * deepEqual([[...found.users], [...found.items]], [[0, 1, 0, 1], [5, 6, 7, 8]]);
 * ```
 */
export function pairs(batch: Triples): Pairs {
  const { users, positives, negatives } = singleNegatives(batch);
  return { users: Int32Array.from([...users, ...users]), items: Int32Array.from([...positives, ...negatives]) };
}

/** A way to draw the batches of an epoch. */
export interface Sampler {
  /** The number of batches in an epoch. */
  readonly steps: number;
  /** Returns batch `step` of the epoch of a key. It depends on the key and the step only, not on earlier calls. */
  readonly batch: (epoch: Key, step: number) => Triples;
}

/** The size of batches. */
export interface SamplerOptions {
  /** B, the triples in a batch. */
  readonly batch: number;
  /** The number n of negatives for each triple, or of all triples together where they are shared; 1 by default. */
  readonly negatives?: number | undefined;
  /**
   * Whether the triples of a batch share one list of negatives, drawn without regard to histories; `false` by default.
   */
  readonly shared?: boolean | undefined;
  /**
   * Whether the positives of a batch are its negatives, which all triples share, with `logQ` of their frequency (Yi et
   * al., RecSys 2019). `negatives` and `shared` have no effect then. `false` by default.
   */
  readonly inBatch?: boolean | undefined;
  /** The ids of the users, for the messages of errors; their numbers by default. */
  readonly users?: readonly string[] | undefined;
}

/**
 * Returns the sampler of LATTICE and MONET. A batch holds different users drawn uniformly (with repetition only if the
 * batch is larger than the number of users). Each comes with one of the user's items, and with negatives that are
 * uniform over all items the user did not interact with. An epoch has ⌊interactions / batch⌋ + 1 batches.
 *
 * @throws {ValueError} if the history is empty, or a user has interacted with every possible negative.
 *
 * @example
 * ```ts
 * import { key, patternFromCoo } from "@giverny/giverny/core";
 * import { userSampler } from "@giverny/giverny/data";
 * import { equal } from "node:assert/strict";
 * const history = patternFromCoo([3, 9], [0, 1, 1, 2], [0, 1, 2, 3]);
 * const { steps, batch } = userSampler(history, { batch: 3, negatives: 2 });
 * equal(steps, 2);
 * equal(batch(key(1), 0).negatives.length, 6);
 * ```
 */
export function userSampler(history: Pattern<Users, Items>, options: SamplerOptions): Sampler {
  const { batch } = options;
  const candidates = range(history.columns);
  const active = usersToDraw(history, options, candidates);
  const expected = draws(history, options, (user) => batch / (active.length * degree(history, user)));
  return {
    steps: Math.floor(entries(history) / batch) + 1,
    batch: (epoch, step) => {
      const [forUsers, forItems, forNegatives] = split(foldIn(epoch, step), 3);
      const picks = batch <= active.length
        ? choose(forUsers, active.length, batch)
        : integers(forUsers, batch, active.length);
      const users = picks.map((n) => active[n]);
      const turns = integers(forItems, batch, 2 ** 30);
      const positives = users.map((user, n) =>
        history.indices[history.offsets[user] + Math.floor(turns[n] * 2 ** -30 * degree(history, user))]
      );
      if (expected) return { users, ...inBatch(positives, expected), step };
      return { users, positives, ...negativesOf(forNegatives, history, users, candidates, options), step };
    },
  };
}

/**
 * Returns the sampler of MMRec and GUME. An epoch goes once through all interactions in random order, each with
 * negatives that are uniform over the items that occur in training and that the user did not interact with. The last
 * batch may be shorter.
 *
 * LightGCN, MAML, MMGCN and GRCN use it by default too. Their released codes draw negatives from all items; here an
 * item without training interactions is never a negative.
 *
 * @throws {ValueError} if the history is empty, or a user has interacted with every possible negative.
 *
 * @example
 * ```ts
 * import { key, patternFromCoo } from "@giverny/giverny/core";
 * import { interactionSampler } from "@giverny/giverny/data";
 * import { deepEqual } from "node:assert/strict";
 * const sampler = interactionSampler(patternFromCoo([3, 9], [0, 1, 1, 2], [0, 1, 2, 3]), { batch: 4 });
 * deepEqual([...sampler.batch(key(1), 0).positives].sort(), [0, 1, 2, 3]);
 * ```
 */
export function interactionSampler(history: Pattern<Users, Items>, options: SamplerOptions): Sampler {
  const { batch } = options;
  const candidates = Int32Array.from(new Set(history.indices)).sort();
  usersToDraw(history, options, candidates);
  const owners = rowIndices(history);
  const expected = draws(history, options, () => batch / entries(history));
  let shuffled: { epoch: Key; order: Int32Array } | null = null;
  return {
    steps: Math.ceil(entries(history) / batch),
    batch: (epoch, step) => {
      // A cache of the last shuffle: the order depends on the key alone.
      if (shuffled?.epoch !== epoch) shuffled = { epoch, order: choose(foldIn(epoch, -1), entries(history)) };
      const part = shuffled.order.subarray(step * batch, (step + 1) * batch);
      const users = part.map((e) => owners[e]);
      const positives = part.map((e) => history.indices[e]);
      if (expected) return { users, ...inBatch(positives, expected), step };
      const drawn = negativesOf(foldIn(epoch, step), history, users, candidates, options);
      return { users, positives, ...drawn, step };
    },
  };
}

/**
 * The samplers by the name that a setting gives them.
 *
 * @example
 * ```ts
 * import { interactionSampler, SAMPLERS } from "@giverny/giverny/data";
 * import { equal } from "node:assert/strict";
 * equal(SAMPLERS.interaction, interactionSampler);
 * ```
 */
export const SAMPLERS: Readonly<Record<"user" | "interaction", typeof userSampler>> = {
  user: userSampler,
  interaction: interactionSampler,
};

/**
 * Checks the options, that there are users with items, and that each of them leaves a negative. Returns these users.
 */
function usersToDraw(history: Pattern<Users, Items>, options: SamplerOptions, candidates: Int32Array): Int32Array {
  const { batch, negatives = 1, shared = false, inBatch = false, users } = options;
  for (const [count, noun] of [[batch, "triples"], [negatives, "negatives"]] as const) {
    if (!(Number.isInteger(count) && count > 0)) {
      throw new ValueError(`Cannot draw batches of ${count} ${noun}: a whole number above 0 is needed`);
    }
  }
  const active = range(history.rows).filter((user) => degree(history, user) > 0);
  if (active.length === 0) throw new ValueError("Cannot draw batches: no user has a training interaction");
  const sated = active.find((user) => degree(history, user) >= candidates.length);
  if (sated !== undefined && !shared && !inBatch) {
    throw new ValueError(
      `Cannot draw negatives for user ${users ? JSON.stringify(users[sated]) : sated}: they have interacted with all ` +
        `${candidates.length} items to draw from; leave this user out of the data, or add items`,
    );
  }
  return active;
}

/**
 * Returns, for batches whose positives are their negatives, how often each item is expected in a batch: the sum over
 * its users of `share`. `null` for other batches.
 */
function draws(
  history: Pattern<Users, Items>,
  { inBatch = false }: SamplerOptions,
  share: (user: number) => number,
): Float64Array | null {
  if (!inBatch) return null;
  const expected = new Float64Array(history.columns);
  rowIndices(history).forEach((user, e) => expected[history.indices[e]] += share(user));
  return expected;
}

/** Returns the items of a batch whose positives are its negatives. */
function inBatch(positives: Ids<Items>, expected: Float64Array): Omit<Triples, "users" | "step"> {
  const logs = Float32Array.from(positives, (item) => Math.log(expected[item]));
  return { positives, negatives: positives, shared: true, logQ: { positives: logs, negatives: logs } };
}

/** Draws the negatives of a batch. */
function negativesOf(
  key: Key,
  history: Pattern<Users, Items>,
  users: Int32Array,
  candidates: Int32Array,
  { negatives: each = 1, shared = false }: SamplerOptions,
): Pick<Triples, "negatives" | "shared"> {
  if (shared) return { negatives: integers(key, each, candidates.length).map((n) => candidates[n]), shared };
  const owners = each === 1 ? users : Int32Array.from({ length: users.length * each }, (_, n) => users[(n / each) | 0]);
  return { negatives: drawNegatives(key, history, owners, candidates), shared };
}

/**
 * Returns, for each listed user, an item that is not in the user's history. It is uniform over the candidates, by
 * default all items. Every user must leave a candidate; the samplers check this.
 *
 * @example
 * ```ts
 * import { key, patternFromCoo } from "@giverny/giverny/core";
 * import { drawNegatives } from "@giverny/giverny/data";
 * import { deepEqual } from "node:assert/strict";
 * const history = patternFromCoo([2, 3], [0, 0, 1, 1], [0, 1, 1, 2]);
 * deepEqual([...drawNegatives(key(0), history, Int32Array.of(0, 1, 0))], [2, 0, 2]);
 * ```
 */
export function drawNegatives(
  key: Key,
  history: Pattern<Users, Items>,
  users: Int32Array,
  candidates: Int32Array = range(history.columns),
): Int32Array {
  const out = new Int32Array(users.length);
  let pending = range(users.length);
  for (let attempt = 0; pending.length > 0; attempt++) {
    const draws = integers(foldIn(key, attempt), pending.length, candidates.length);
    pending.forEach((n, i) => out[n] = candidates[draws[i]]);
    pending = pending.filter((n) => hasEntry(history, users[n], out[n]));
  }
  return out;
}
