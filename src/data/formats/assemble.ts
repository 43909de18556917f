/**
 * From what files hold to a {@link Dataset}: users and items get their numbers, duplicates go, features find their items.
 *
 * @module
 */
import { ValueError } from "../../../kernels/errors.ts";
import type { Dataset, Interactions, Modality, Pictures } from "../dataset.ts";
import {
  describeCoverage,
  gatherRows,
  listed,
  type Matched,
  matchFeatures,
  matchTags,
  numbered,
  positions,
  rowsByNumber,
} from "../features.ts";
import { takeInteractions } from "../filter.ts";
import { official } from "../split.ts";
import type { Log } from "./interactions.ts";
import type { ReadOptions } from "./options.ts";
import type { PictureTable, Side } from "./side.ts";

/**
 * Returns the data set of a log and what is known about its items. Users and items are numbered as
 * {@link numbered} says. An item that has only a feature row by its number is an item too, a cold one. Of duplicate
 * interactions the first is kept. Users without training interactions stay. The notes say how many there are of each.
 *
 * @throws {ValueError} if there are no training interactions, or features do not fit the items.
 */
export function assemble(
  name: string,
  log: Log,
  side: Side,
  options: ReadOptions = {},
): Dataset {
  const { split, missing = "mean" } = options;
  const users = numbered(log.users), items = numbered(itemsOf(log, side));
  const whole = columnsOf(log, positions(users), positions(items));
  const first = firsts(whole, items.length);
  const kept = Int32Array.from(first.keys()).filter((e) => first[e] === e);
  const unsplit = kept.length === whole.users.length ? whole : takeInteractions(whole, kept);
  const interactions = { ...unsplit, split: split || !log.split ? (split ?? official())(unsplit) : unsplit.split };
  const trained = new Set(interactions.users.filter((_, e) => interactions.split[e] === 0));
  if (trained.size === 0) throw new ValueError(`Cannot make a data set of "${name}": ${noTraining(log, options)}`);
  const untrained = users.filter((_, u) => !trained.has(u));
  const occurring = new Set(log.items), cold = items.filter((id) => !occurring.has(id));
  const matched = Object.entries<Matched<Modality>>({
    ...mapValues(side.features, (table) => matchFeatures(table, items, { missing })),
    ...mapValues(side.tags, (table) => matchTags(table, items)),
  });
  const notes = [
    ...log.notes ?? [],
    kept.length < first.length && describeRepeats(log, first, split ? null : log.split),
    untrained.length > 0 &&
    `Users without training interactions: ${untrained.length} of ${users.length} (${listed(untrained)})`,
    cold.length > 0 &&
    `Items without any interaction, known by a row of features or pictures alone: ${cold.length} of ${items.length} ` +
      `(${listed(cold)})`,
    ...matched.map(([m, { coverage }]) => describeCoverage(m, coverage)),
  ].filter((note) => typeof note === "string");
  return {
    name,
    users,
    items,
    interactions,
    modalities: Object.fromEntries(matched.map(([m, { modality }]) => [m, modality])),
    ...side.words && {
      titles: items.map((id) => side.words!.get(id)?.title ?? ""),
      texts: items.map((id) => side.words!.get(id)?.text ?? ""),
    },
    ...side.pictures && { pictures: picturesOf(side.pictures, items) },
    ...notes.length > 0 && { notes },
  };
}

/** Returns the items of the log and those that feature rows belong to by number, with repetitions. */
function itemsOf({ items }: Log, { features, pictures }: Side): readonly string[] {
  const counts = Object.values(features).map(({ ids, columns, values }) => ids ? 0 : values.length / columns);
  const rows = Math.max(0, pictures?.count ?? 0, ...counts);
  // Where items are not numbered, no row belongs to one by its number.
  return items.every((id) => /^\d+$/.test(id))
    ? [...items, ...Array.from({ length: rows }, (_, r) => String(r))]
    : items;
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, f: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value)]));
}

function columnsOf(log: Log, users: ReadonlyMap<string, number>, items: ReadonlyMap<string, number>): Interactions {
  return {
    users: new Int32Array(log.users.map((id) => users.get(id)!)),
    items: new Int32Array(log.items.map((id) => items.get(id)!)),
    split: log.split ?? new Uint8Array(log.users.length),
    times: log.times,
  };
}

/** Returns for each interaction the position of the first one of the same user and item. */
function firsts({ users, items }: Interactions, itemCount: number): Int32Array {
  const seen = new Map<number, number>();
  return users.map((user, e) => {
    const pair = user * itemCount + items[e];
    const first = seen.get(pair);
    if (first === undefined) seen.set(pair, e);
    return first ?? e;
  });
}

/** Returns a sentence about repeated pairs. A pair in two splits leaks from one to the other. */
function describeRepeats({ users, items }: Log, first: Int32Array, split: Uint8Array | null): string {
  const repeats = Int32Array.from(first.keys()).filter((e) => first[e] !== e);
  const leaks = split ? repeats.filter((e) => split[e] !== split[first[e]]).length : 0;
  return `Duplicate interactions left out: ${repeats.length} (the first of each is kept); first: user ` +
    `"${users[repeats[0]]}", item "${items[repeats[0]]}"` + (leaks > 0 ? `; ${leaks} of them in another split` : "");
}

/** Returns why nothing can be trained on, and how to mend it. */
function noTraining({ users, splitColumn }: Log, { split, minRating }: ReadOptions): string {
  if (users.length === 0 && minRating !== undefined) {
    return `no interaction is rated ${minRating} or more; ask for less (--min-rating, option minRating)`;
  }
  const by = !split && splitColumn !== undefined ? `, by the column "${splitColumn}"` : "";
  return `no interaction is in training${by}; choose another split (--split ratio, option split)`;
}

function picturesOf({ source, count, height, width, pixels }: PictureTable, items: readonly string[]): Pictures {
  return { height, width, pixels: gatherRows(pixels, rowsByNumber(source, count, items), height * width * 3) };
}
