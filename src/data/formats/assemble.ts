/**
 * From what files hold to a {@link Dataset}: users and items get their numbers, duplicates go, features find their items.
 *
 * @module
 */
import type { Dataset, Interactions, Modality, Pictures } from "../dataset.ts";
import {
  describeCoverage,
  gatherRows,
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
 * interactions the first is kept. Users without training interactions stay, and the notes count them.
 *
 * @throws {RangeError} if there are no training interactions, or features do not fit the items.
 */
export function assemble(
  name: string,
  log: Log,
  side: Side,
  { split, missing = "mean" }: ReadOptions = {},
): Dataset {
  const users = numbered(log.users), items = numbered(itemsOf(log, side));
  const whole = columnsOf(log, positions(users), positions(items));
  const kept = firsts(whole, items.length);
  const unsplit = kept.length === whole.users.length ? whole : takeInteractions(whole, kept);
  const interactions = { ...unsplit, split: split || !log.split ? (split ?? official())(unsplit) : unsplit.split };
  const untrained = users.length - new Set(interactions.users.filter((_, e) => interactions.split[e] === 0)).size;
  if (untrained === users.length) {
    throw new RangeError(`Cannot make a data set of "${name}": no interaction is in training`);
  }
  const matched = Object.entries<Matched<Modality>>({
    ...mapValues(side.features, (table) => matchFeatures(table, items, { missing })),
    ...mapValues(side.tags, (table) => matchTags(table, items)),
  });
  const notes = [
    ...log.notes ?? [],
    kept.length < whole.users.length &&
    `Duplicate interactions left out: ${whole.users.length - kept.length} (the first of each is kept)`,
    untrained > 0 && `Users without training interactions: ${untrained} of ${users.length}`,
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

/** Returns the positions of the first interaction of each pair of user and item. */
function firsts({ users, items }: Interactions, itemCount: number): Int32Array {
  const seen = new Set<number>();
  // A pair that was seen before leaves the count as it is, so the next position overwrites its place.
  const kept = new Int32Array(users.length);
  for (let e = 0; e < users.length; e++) {
    kept[seen.size] = e;
    seen.add(users[e] * itemCount + items[e]);
  }
  return kept.subarray(0, seen.size);
}

function picturesOf({ source, count, height, width, pixels }: PictureTable, items: readonly string[]): Pictures {
  return { height, width, pixels: gatherRows(pixels, rowsByNumber(source, count, items), height * width * 3) };
}
