/**
 * Statistics of a data set: its size, how interactions spread over users and items, and how features cover the items.
 *
 * @module
 */
import { type Dataset, type Modality, type Split, SPLITS } from "./dataset.ts";
import { firstOfPairs } from "./pairs.ts";

/** The number of interactions per user, or per item. */
export interface Spread {
  /** The mean. */
  readonly mean: number;
  /** The median. */
  readonly median: number;
  /** The smallest number. */
  readonly min: number;
  /** The largest number. */
  readonly max: number;
}

/** Statistics of a modality. */
export interface ModalityStatistics {
  /** The kind of the modality. */
  readonly kind: Modality["kind"];
  /** Numbers per item. */
  readonly columns: number;
  /** The share of its numbers that are not zero; `null` for a source, whose rows are not read for it. */
  readonly density: number | null;
  /** The share of items that have features of their own. */
  readonly coverage: number;
}

/** Statistics of a data set. */
export interface Statistics {
  /** The name of the data set. */
  readonly name: string;
  /** The number of users. */
  readonly users: number;
  /** The number of items. */
  readonly items: number;
  /** The number of interactions, by split. */
  readonly interactions: Readonly<Record<Split | "all", number>>;
  /** The share of pairs of user and item that interacted. */
  readonly density: number;
  /** Interactions per user. */
  readonly perUser: Spread;
  /** Interactions per item. */
  readonly perItem: Spread;
  /** Users without training interactions. */
  readonly usersWithoutTraining: number;
  /** Items without training interactions. */
  readonly coldItems: number;
  /** The share of the training interactions that belongs to the most popular fifth of the items. */
  readonly headShare: number;
  /** Interactions that repeat an earlier one. */
  readonly duplicates: number;
  /** The modalities by name. */
  readonly modalities: Readonly<Record<string, ModalityStatistics>>;
  /** Whether items have titles. */
  readonly titles: boolean;
  /** Whether items have pictures. */
  readonly pictures: boolean;
  /** Whether interactions have times. */
  readonly times: boolean;
}

/**
 * Returns the statistics of a data set. Shares of nothing are 0.
 *
 * @example
 * ```ts
 * import { garden, statistics } from "@giverny/giverny/data";
 * import { key } from "@giverny/giverny/core";
 * import { equal, ok } from "node:assert/strict";
 * const { items, coldItems, headShare } = statistics(garden(key(0)));
 * equal(items, 400);
 * equal(coldItems, 20);
 * ok(headShare > 0.2);
 * ```
 */
export function statistics(data: Dataset): Statistics {
  const { users, items, split, times } = data.interactions;
  const trained = Array.from(split.keys()).filter((e) => SPLITS[split[e]] === "train");
  const perUser = counts(users, data.users.length), perItem = counts(items, data.items.length);
  const trainedUsers = counts(trained.map((e) => users[e]), data.users.length);
  const trainedItems = counts(trained.map((e) => items[e]), data.items.length);
  const head = trainedItems.toSorted().slice(-Math.ceil(data.items.length / 5));
  const pairs = firstOfPairs(users, items).reduce((sum, first, e) => sum + (first === e ? 1 : 0), 0);
  const inSplit = (name: Split): number => split.reduce((count, code) => count + Number(SPLITS[code] === name), 0);
  return {
    name: data.name,
    users: data.users.length,
    items: data.items.length,
    interactions: {
      train: trained.length,
      validation: inSplit("validation"),
      test: inSplit("test"),
      all: split.length,
    },
    density: share(pairs, data.users.length * data.items.length),
    perUser: spread(perUser),
    perItem: spread(perItem),
    usersWithoutTraining: trainedUsers.filter((count) => count === 0).length,
    coldItems: trainedItems.filter((count) => count === 0).length,
    headShare: share(sum(head), trained.length),
    duplicates: split.length - pairs,
    modalities: Object.fromEntries(Object.entries(data.modalities).map(([name, m]) => [name, modalityStatistics(m)])),
    titles: data.titles !== undefined,
    pictures: data.pictures !== undefined,
    times: times !== null,
  };
}

function modalityStatistics(modality: Modality): ModalityStatistics {
  const items = modality.known.length;
  const columns = modality.kind === "sparse" ? modality.pattern.columns : modality.columns;
  const filled = (values: Float32Array) => values.reduce((count, value) => count + Number(value !== 0), 0);
  return {
    kind: modality.kind,
    columns,
    density: modality.kind === "source" ? null : share(filled(modality.values), items * columns),
    coverage: share(sum(modality.known), items),
  };
}

function counts(of: ArrayLike<number>, size: number): Int32Array {
  const found = new Int32Array(size);
  for (let e = 0; e < of.length; e++) found[of[e]]++;
  return found;
}

function spread(of: Int32Array): Spread {
  const sorted = of.toSorted(), half = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  return { mean: share(sum(of), of.length), median: median || 0, min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0 };
}

function sum(of: Iterable<number>): number {
  let total = 0;
  for (const value of of) total += value;
  return total;
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
