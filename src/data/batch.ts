/**
 * Training batches: triples of a user, an item they interacted with, and one they did not.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { Batch, Items, Users } from "../core/axis.ts";
import { degree, entries, hasEntry, type Pattern, rowIndices, rowSelector } from "../core/pattern.ts";
import { range } from "../core/range.ts";
import { choose, foldIn, integers, type Key, split } from "../core/random.ts";

/** A batch, each part a choice of rows as `gather` takes it. */
export interface Triples {
  /** Who. */
  readonly users: Pattern<Batch, Users>;
  /** What they interacted with. */
  readonly positives: Pattern<Batch, Items>;
  /** What they did not. */
  readonly negatives: Pattern<Batch, Items>;
  /** The place of the batch in its epoch, from 0. */
  readonly step: number;
}

/**
 * Returns the pairs of a batch that are to be scored, as positions: every user twice, first with what they interacted with,
 * then with what they did not.
 */
export function pairs(
  { users, positives, negatives }: Triples,
): { readonly users: Int32Array; readonly items: Int32Array } {
  const join = (a: Int32Array, b: Int32Array) => {
    const both = new Int32Array(a.length + b.length);
    both.set(a);
    both.set(b, a.length);
    return both;
  };
  return { users: join(users.indices, users.indices), items: join(positives.indices, negatives.indices) };
}

/** A way to draw the batches of an epoch. */
export interface Sampler {
  /** Batches in an epoch. */
  readonly steps: number;
  /** Returns batch `step` of the epoch that a key stands for; the same for the same key, whatever was drawn before. */
  readonly batch: (epoch: Key, step: number) => Triples;
}

/** How batches are drawn. */
export interface SamplerOptions {
  /** Triples in a batch. */
  readonly batch: number;
}

/**
 * Returns the sampler of LATTICE and MONET: each batch holds different users drawn uniformly (with repetition only if the
 * batch is larger than there are users), one of each user's items, and one item they never interacted with, uniform over
 * all. An epoch is ⌊interactions / batch⌋ + 1 batches.
 *
 * @throws {ValueError} if there is nothing to learn from, or a user has every item that could be a negative.
 */
export function userSampler(history: Pattern<Users, Items>, { batch }: SamplerOptions): Sampler {
  const candidates = range(history.columns);
  const active = usersToDraw(history, { batch, candidates });
  return {
    steps: Math.floor(entries(history) / batch) + 1,
    batch: (epoch, step) => {
      const [who, which, others] = split(foldIn(epoch, step), 3);
      const picks = batch <= active.length ? choose(who, active.length, batch) : integers(who, batch, active.length);
      const users = picks.map((n) => active[n]);
      const turns = integers(which, batch, 2 ** 30);
      const positives = users.map((user, n) =>
        history.indices[history.offsets[user] + Math.floor(turns[n] * 2 ** -30 * degree(history, user))]
      );
      return triples(history, step, users, positives, drawNegatives(others, history, users, candidates));
    },
  };
}

/**
 * Returns the sampler of MMRec and GUME: an epoch goes through all interactions once in random order, each with one
 * negative, uniform over the items that occur in training. The last batch may be shorter.
 *
 * It is also the default of models whose codes draw negatives from all items: LightGCN, MAML, MMGCN and GRCN. Here an item
 * without training interactions is never the negative of a batch.
 *
 * @throws {ValueError} if there is nothing to learn from, or a user has every item that could be a negative.
 */
export function interactionSampler(history: Pattern<Users, Items>, { batch }: SamplerOptions): Sampler {
  const candidates = Int32Array.from(new Set(history.indices)).sort();
  usersToDraw(history, { batch, candidates });
  const owners = rowIndices(history);
  let shuffled: { epoch: Key; order: Int32Array } | null = null;
  return {
    steps: Math.ceil(entries(history) / batch),
    batch: (epoch, step) => {
      // Kept only to spare the shuffle: the order follows from the key alone.
      if (shuffled?.epoch !== epoch) shuffled = { epoch, order: choose(foldIn(epoch, -1), entries(history)) };
      const part = shuffled.order.subarray(step * batch, (step + 1) * batch);
      const users = part.map((e) => owners[e]);
      const positives = part.map((e) => history.indices[e]);
      const others = drawNegatives(foldIn(epoch, step), history, users, candidates);
      return triples(history, step, users, positives, others);
    },
  };
}

/** The samplers by the name a configuration gives them. */
export const SAMPLERS: Readonly<Record<"user" | "interaction", typeof userSampler>> = {
  user: userSampler,
  interaction: interactionSampler,
};

/** Returns the users with items, after checking that there are some and that each leaves a candidate to draw. */
function usersToDraw(
  history: Pattern<Users, Items>,
  { batch, candidates }: SamplerOptions & { readonly candidates: Int32Array },
): Int32Array {
  if (!(Number.isInteger(batch) && batch > 0)) {
    throw new ValueError(`Cannot draw batches of ${batch} triples: a whole number above 0 is needed`);
  }
  const active = range(history.rows).filter((user) => degree(history, user) > 0);
  if (active.length === 0) throw new ValueError("Cannot draw batches: no user has a training interaction");
  const sated = active.find((user) => degree(history, user) >= candidates.length);
  if (sated !== undefined) {
    throw new ValueError(
      `Cannot draw negatives for user ${sated}: they have interacted with all ${candidates.length} items to draw from; ` +
        "leave them out",
    );
  }
  return active;
}

/**
 * Returns an item for every user listed that is not in their history, uniform over those of the candidates (by default all items)
 * that are not. It is drawn, and drawn again until that holds, so each user must leave a candidate; samplers see to it.
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

function triples(
  { rows, columns }: Pattern<Users, Items>,
  step: number,
  users: Int32Array,
  positives: Int32Array,
  negatives: Int32Array,
): Triples {
  return {
    users: rowSelector(users, rows),
    positives: rowSelector(positives, columns),
    negatives: rowSelector(negatives, columns),
    step,
  };
}
