/**
 * From the contents of files to a {@link Dataset}: numbers users and items, drops duplicates, matches features to
 * items.
 *
 * @module
 */
import { ValueError } from "../../../kernels/errors.ts";
import { type Dataset, datasetOf, type Interactions, type Modality, type Pictures } from "../dataset.ts";
import {
  describeCoverage,
  gatherRows,
  grouped,
  listed,
  type Matched,
  matchFeatures,
  matchTags,
  numbered,
  positions,
  rowsByNumber,
} from "../features.ts";
import { takeInteractions } from "../filter.ts";
import { firstOfPairs } from "../pairs.ts";
import { matchSource } from "../sources.ts";
import { official } from "../split.ts";
import { few } from "./files.ts";
import type { Log } from "./interactions.ts";
import type { ReadOptions } from "./options.ts";
import type { PictureTable, Side } from "./side.ts";

/**
 * Returns the data set of a log and of the descriptions of its items. Users and items are numbered as {@link numbered}
 * says. A row of features that belongs to an item by its number makes a cold item if the log has none of that number.
 * Of duplicate interactions the first is kept. Users without training interactions stay. The notes count cold items,
 * duplicates and such users.
 *
 * @throws {ValueError} if there are no training interactions, or features do not match the items.
 */
export function assemble(
  name: string,
  log: Log,
  side: Side,
  options: ReadOptions = {},
): Dataset {
  const { split, missing = "mean" } = options;
  const coded = { users: encode(log.users), items: encode(log.items, numberedRows(log, side)) };
  const [users, items] = [coded.users.ids, coded.items.ids];
  const whole: Interactions = {
    users: coded.users.codes,
    items: coded.items.codes,
    split: log.split ?? new Uint8Array(log.users.length),
    times: log.times,
  };
  const first = firstOfPairs(whole.users, whole.items);
  const kept = Int32Array.from(first.keys()).filter((e) => first[e] === e);
  const unsplit = kept.length === whole.users.length ? whole : takeInteractions(whole, kept);
  const interactions = { ...unsplit, split: split || !log.split ? (split ?? official())(unsplit) : unsplit.split };
  const trained = new Set(interactions.users.filter((_, e) => interactions.split[e] === 0));
  if (trained.size === 0) throw new ValueError(`Cannot make a data set of "${name}": ${noTraining(log, options)}`);
  const untrained = users.filter((_, u) => !trained.has(u));
  const occurring = new Set(coded.items.codes), cold = items.filter((_, i) => !occurring.has(i));
  const matched = Object.entries<Matched<Modality>>({
    ...mapValues<Side["features"][string], Matched<Modality>>(
      side.features,
      (table) => "read" in table ? matchSource(table, items, { missing }) : matchFeatures(table, items, { missing }),
    ),
    ...mapValues(side.tags, (table) => matchTags(table, items)),
  });
  const unused = [...side.unused, ...log.unused ?? []];
  const notes = [
    ...log.notes ?? [],
    unused.length > 0 && `Not used: ${few(unused)}`,
    !split && !log.split && describeNewSplit(interactions.split),
    kept.length < first.length && describeRepeats(log, first, split ? null : log.split),
    untrained.length > 0 &&
    `Users without training interactions: ${untrained.length} of ${users.length} (${listed(untrained)})`,
    cold.length > 0 &&
    `Items without any interaction, known by a row of features or pictures alone: ${cold.length} of ${items.length} ` +
      `(${listed(cold)})`,
    ...matched.map(([m, { coverage }]) => describeCoverage(m, coverage)),
  ].filter((note) => typeof note === "string");
  return datasetOf({
    name,
    users,
    items,
    interactions,
    modalities: Object.fromEntries(matched.map(([m, { modality }]) => [m, modality])),
    titles: side.words ? items.map((id) => side.words!.get(id)?.title ?? "") : undefined,
    texts: side.words ? items.map((id) => side.words!.get(id)?.text ?? "") : undefined,
    pictures: side.pictures ? picturesOf(side.pictures, items) : undefined,
    notes: notes.length > 0 ? notes : undefined,
  });
}

/** A column of ids: the different ids in their order, and the position of each entry of the column among them. */
interface Encoded {
  readonly ids: readonly string[];
  readonly codes: Int32Array<ArrayBuffer>;
}

/** Returns a column of ids in the order of {@link numbered}, which has more ids too. */
function encode(column: readonly string[], more: readonly string[] = []): Encoded {
  const found = new Map<string, number>();
  const codeOf = (id: string): number => {
    const known = found.get(id);
    if (known === undefined) found.set(id, found.size);
    return known ?? found.size - 1;
  };
  const codes = new Int32Array(column.length);
  for (let e = 0; e < codes.length; e++) codes[e] = codeOf(column[e]);
  more.forEach(codeOf);
  const ids = numbered(found.keys());
  const order = new Int32Array(ids.length);
  ids.forEach((id, position) => order[found.get(id)!] = position);
  return { ids, codes: codes.map((code) => order[code]) };
}

/** Returns the items to which rows of features without ids belong. */
function numberedRows({ items }: Log, { features, pictures }: Side): readonly string[] {
  const counts = Object.values(features).map((table) =>
    table.ids ? 0 : "read" in table ? table.rows : table.values.length / table.columns
  );
  const rows = Math.max(0, pictures && !pictures.ids ? pictures.count : 0, ...counts);
  // Where items are not numbered, no row belongs to one by its number.
  return rows > 0 && items.every((id) => /^\d+$/.test(id)) ? Array.from({ length: rows }, (_, r) => String(r)) : [];
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, f: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value)]));
}

/** Returns a sentence about repeated pairs. A pair in two splits leaks from one to the other. */
function describeRepeats({ users, items }: Log, first: Int32Array, split: Uint8Array | null): string {
  const repeats = Int32Array.from(first.keys()).filter((e) => first[e] !== e);
  const leaks = split ? repeats.filter((e) => split[e] !== split[first[e]]).length : 0;
  return `Duplicate interactions left out: ${repeats.length} (the first of each is kept); first: user ` +
    `"${users[repeats[0]]}", item "${items[repeats[0]]}"` + (leaks > 0 ? `; ${leaks} of them in another split` : "");
}

/** Returns a sentence about a split that the source does not have. */
function describeNewSplit(split: Uint8Array): string {
  const [validation, test] = [1, 2].map((code) => split.filter((other) => other === code).length);
  return `The source has no split: ${grouped(validation)} of ${grouped(split.length)} interactions were drawn for ` +
    `validation and ${grouped(test)} for test, as by data import --split official (option split)`;
}

/** Returns the reason why there are no training interactions, and the remedy. */
function noTraining({ users, splitColumn }: Log, { split, minRating }: ReadOptions): string {
  if (users.length === 0 && minRating !== undefined) {
    return `no interaction is rated ${minRating} or more; ask for less (--min-rating, option minRating)`;
  }
  const by = !split && splitColumn !== undefined ? `, by the column "${splitColumn}"` : "";
  return `no interaction is in training${by}; choose another split (--split ratio, option split)`;
}

function picturesOf(table: PictureTable, items: readonly string[]): Pictures {
  const { source, ids, count, height, width, pixels } = table;
  const rowOf = ids && positions(ids);
  const rows = rowOf ? Int32Array.from(items, (id) => rowOf.get(id) ?? -1) : rowsByNumber(source, count, items);
  return { height, width, pixels: gatherRows(pixels, rows, height * width * 3) };
}
