/**
 * What a data set is like, in numbers: how much of it there is, how it is spread, and what is known about the items.
 *
 * @module
 */
import { type Dataset, type Modality, type Split, SPLITS } from "./dataset.ts";

/** How many interactions each user, or each item, has. */
export interface Spread {
  /** The mean. */
  readonly mean: number;
  /** The median. */
  readonly median: number;
  /** The fewest. */
  readonly min: number;
  /** The most. */
  readonly max: number;
}

/** What a modality is like. */
export interface ModalityStatistics {
  /** Dense or sparse. */
  readonly kind: Modality["kind"];
  /** Numbers per item. */
  readonly columns: number;
  /** The share of its numbers that are not zero. */
  readonly density: number;
  /** The share of items that have features of their own. */
  readonly coverage: number;
}

/** What a data set is like. */
export interface Statistics {
  /** What it is called. */
  readonly name: string;
  /** How many users. */
  readonly users: number;
  /** How many items. */
  readonly items: number;
  /** How many interactions, by split. */
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
  /** The share of the training interactions that belongs to the fifth of the items with the most of them. */
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

/** Returns the statistics of a data set. Shares of nothing are 0. */
export function statistics(data: Dataset): Statistics {
  const { users, items, split, times } = data.interactions;
  const trained = Array.from(split.keys()).filter((e) => SPLITS[split[e]] === "train");
  const perUser = counts(users, data.users.length), perItem = counts(items, data.items.length);
  const trainedUsers = counts(trained.map((e) => users[e]), data.users.length);
  const trainedItems = counts(trained.map((e) => items[e]), data.items.length);
  const head = trainedItems.toSorted().slice(-Math.ceil(data.items.length / 5));
  const pairs = new Set(Array.from(users, (user, e) => user * data.items.length + items[e]));
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
    density: share(pairs.size, data.users.length * data.items.length),
    perUser: spread(perUser),
    perItem: spread(perItem),
    usersWithoutTraining: trainedUsers.filter((count) => count === 0).length,
    coldItems: trainedItems.filter((count) => count === 0).length,
    headShare: share(sum(head), trained.length),
    duplicates: split.length - pairs.size,
    modalities: Object.fromEntries(Object.entries(data.modalities).map(([name, m]) => [name, modalityStatistics(m)])),
    titles: data.titles !== undefined,
    pictures: data.pictures !== undefined,
    times: times !== null,
  };
}

function modalityStatistics(modality: Modality): ModalityStatistics {
  const items = modality.known.length;
  const columns = modality.kind === "dense" ? modality.columns : modality.pattern.columns;
  const filled = modality.values.reduce((count, value) => count + Number(value !== 0), 0);
  return {
    kind: modality.kind,
    columns,
    density: share(filled, items * columns),
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
