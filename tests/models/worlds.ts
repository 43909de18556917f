/**
 * Small data sets for tests of models, and the training of a model on them.
 *
 * @module
 */
import { fc } from "../fc.ts";
import { type Pattern, takeRows } from "../../src/core/pattern.ts";
import { key, normalArray } from "../../src/core/random.ts";
import type { Config } from "../../src/core/settings.ts";
import type { Tree } from "../../src/core/tree.ts";
import type { Dataset, Modality } from "../../src/data/dataset.ts";
import type { Model } from "../../src/models/mod.ts";
import type { Block, Score } from "../../src/rank/block.ts";
import type { ContinueOptions } from "../../src/runs/finish.ts";
import { scoreOf } from "../../src/runs/run.ts";
import { train } from "../../src/runs/train.ts";

/** A small data set, before it is built. */
export interface World {
  /** The training items of every user. */
  readonly train: readonly (readonly number[])[];
  /** The test items of every user; none by default. */
  readonly test?: readonly (readonly number[])[];
  readonly modalities: Readonly<Record<string, Modality>>;
  readonly items: number;
}

/** Returns a data set. */
export function dataset({ train, test = [], modalities, items }: World): Dataset {
  const rows = [train, test].flatMap((lists, part) =>
    lists.flatMap((list, user) => list.map((item) => ({ user, item, code: 2 * part })))
  );
  return {
    name: "world",
    users: train.map((_, user) => `user ${user}`),
    items: Array.from({ length: items }, (_, item) => `item ${item}`),
    interactions: {
      users: Int32Array.from(rows, ({ user }) => user),
      items: Int32Array.from(rows, ({ item }) => item),
      split: Uint8Array.from(rows, ({ code }) => code),
      times: null,
    },
    modalities,
  };
}

/** Returns a dense modality of normal random numbers. */
export function noise(seed: number, items: number, columns: number): Modality {
  return {
    kind: "dense",
    columns,
    values: normalArray(key(seed), items * columns),
    known: new Uint8Array(items).fill(1),
  };
}

/** Draws data sets of a few users and items with `modalities` of noise. Some have no interactions. */
export function worlds(modalities: readonly string[] = ["image", "text"]): fc.Arbitrary<World> {
  return fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 2, max: 7 }), fc.nat(1e6)).chain(
    ([users, items, seed]) => {
      const list = fc.uniqueArray(fc.nat(items - 1), { maxLength: items - 1 })
        .map((list) => list.toSorted((a, b) => a - b));
      return fc.array(list, { minLength: users, maxLength: users }).filter((train) => train.flat().length > 0)
        .map((train): World => ({
          train,
          items,
          modalities: Object.fromEntries(modalities.map((name, n) => [name, noise(seed + n, items, n + 2)])),
        }));
    },
  );
}

/**
 * The checkerboard: even users like even items, and odd users like odd items. Item u is held out for user u. The
 * features are noise, so only the interactions help to find it.
 */
export function checkerboard(size: number): Dataset {
  const alike = (user: number) => [...Array(size).keys()].filter((item) => item % 2 === user % 2 && item !== user);
  return dataset({
    train: Array.from({ length: size }, (_, user) => alike(user)),
    test: Array.from({ length: size }, (_, user) => [user]),
    modalities: { image: noise(1, size, 6), text: noise(2, size, 3) },
    items: size,
  });
}

/** Returns the block of all users. */
export function everyone(history: Pattern): Block {
  const users = Int32Array.from({ length: history.rows }, (_, user) => user);
  return { users, history: takeRows(history, users) };
}

/** The changes of {@link trained} to the model's defaults, and its device. */
export interface TrainedOptions extends Pick<ContinueOptions, "device" | "events"> {
  readonly settings?: Config;
  readonly training?: Config;
}

/** Trains a model and returns its parameters, the best on validation if there is any, and its score. */
export async function trained<C extends Config, X, P extends Tree, E extends Tree>(
  model: Model<C, X, P, E, X | Promise<X>>,
  data: Dataset,
  { settings, training, ...options }: TrainedOptions = {},
): Promise<{ params: P; score: Score }> {
  const run = await train(model, data, { ...options, settings: { ...settings, ...training }, test: false });
  return { params: run.params as P, score: scoreOf(run) };
}
