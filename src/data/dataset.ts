/**
 * The data set that a recommender is trained on: interactions with a split, the external ids of users and items, and
 * any number of named modalities that describe the items. It is a plain value: readers make it, splitters change it,
 * models prepare from it.
 *
 * @module
 */
import type { Features, Items, Users } from "../core/axis.ts";
import { displayed } from "../core/display.ts";
import { type Pattern, patternFromCoo } from "../core/pattern.ts";

/** The part of the data that an interaction belongs to. */
export type Split = "train" | "validation" | "test";

/**
 * The splits in the order of their codes in {@link Interactions.split}: 0, 1 and 2.
 *
 * @example
 * ```ts
 * import { garden, SPLITS } from "@giverny/giverny/data";
 * import { key } from "@giverny/giverny/core";
 * import { ok } from "node:assert/strict";
 * const { split } = garden(key(0)).interactions;
 * ok(split.every((code) => SPLITS[code] !== undefined));
 * ```
 */
export const SPLITS: readonly ["train", "validation", "test"] = ["train", "validation", "test"];

/** Interactions as parallel columns in the order of their source. Users and items are positions in the id lists. */
export interface Interactions {
  /** The user of each interaction, as a position in the list of user ids. */
  readonly users: Int32Array;
  /** The item of each interaction, as a position in the list of item ids. */
  readonly items: Int32Array;
  /** The {@link SPLITS} code of each interaction. */
  readonly split: Uint8Array;
  /** The time of each interaction, in the unit of the source; `null` where the source has no times. */
  readonly times: Float64Array | null;
}

/** Features of every item, one row each, as a dense row-major matrix. */
export interface DenseModality {
  /** The kind of the modality. */
  readonly kind: "dense";
  /** Numbers per item. */
  readonly columns: Features;
  /** Items × columns numbers. */
  readonly values: Float32Array;
  /** 1 where an item has features of its own, 0 where the missing-row policy filled them in. */
  readonly known: Uint8Array;
}

/** Features of every item as a sparse matrix: words, tags, attributes. */
export interface SparseModality {
  /** The kind of the modality. */
  readonly kind: "sparse";
  /** The words or tags of each item. */
  readonly pattern: Pattern<Items, Features>;
  /** One number per entry of the pattern. */
  readonly values: Float32Array;
  /** 1 where an item has features of its own, 0 where it has none. */
  readonly known: Uint8Array;
}

/** Features of every item, one row each, that are read when they are needed, from a large file for example. */
export interface SourceModality {
  /** The kind of the modality. */
  readonly kind: "source";
  /** Numbers per item. */
  readonly columns: Features;
  /** 1 where an item has features of its own, 0 where the missing-row policy fills them in. */
  readonly known: Uint8Array;
  /** Returns the rows of the items `from` to `to − 1` as (to − from) × columns numbers. The same rows at each call. */
  readonly read: (from: number, to: number) => Promise<Float32Array>;
}

/** Features of the items: in memory, dense or sparse, or a source that rows are read from. */
export type Modality = DenseModality | SparseModality | SourceModality;

/** Small pictures of the items, all of one size: items × height × width × 3 bytes, red, green, blue. */
export interface Pictures {
  /** Pixels from top to bottom. */
  readonly height: number;
  /** Pixels from left to right. */
  readonly width: number;
  /** All pictures, one after the other. */
  readonly pixels: Uint8Array;
}

/** A data set, ready to train on. */
export interface Dataset {
  /** The name of the data set. */
  readonly name: string;
  /** The external id of each user. */
  readonly users: readonly string[];
  /** The external id of each item. */
  readonly items: readonly string[];
  /** The interactions and the split that each belongs to. */
  readonly interactions: Interactions;
  /** Item features by modality, `image` and `text` for example. */
  readonly modalities: Readonly<Record<string, Modality>>;
  /** A title per item, where the source has them. */
  readonly titles?: readonly string[] | undefined;
  /** The words of the source about each item (title, description, brand, genres …), one text per item. */
  readonly texts?: readonly string[] | undefined;
  /** A picture per item, where the source has them. */
  readonly pictures?: Pictures | undefined;
  /**
   * Sentences about data that a reader left out or filled in: duplicates, items without features, users without
   * training.
   */
  readonly notes?: readonly string[] | undefined;
}

/**
 * Returns the items of every user in one split: a pattern with a row per user, columns ascending.
 *
 * @example
 * ```ts
 * import { garden, histories } from "@giverny/giverny/data";
 * import { key } from "@giverny/giverny/core";
 * import { ok } from "node:assert/strict";
 * const data = garden(key(0));
 * ok(histories(data, "train").indices.length > histories(data, "test").indices.length);
 * ```
 */
export function histories(data: Dataset, split: Split): Pattern<Users, Items> {
  const { users, items, split: codes } = data.interactions;
  const wanted = SPLITS.indexOf(split);
  const kept = Array.from(codes.keys()).filter((e) => codes[e] === wanted);
  return patternFromCoo([data.users.length, data.items.length], kept.map((e) => users[e]), kept.map((e) => items[e]));
}

/**
 * Returns whether a data set has anything from which a model can learn the content of its items: a modality, or texts,
 * titles or pictures, of which {@link withEncodings} makes modalities.
 *
 * @example
 * ```ts
 * import { garden, hasContent } from "@giverny/giverny/data";
 * import { key } from "@giverny/giverny/core";
 * import { equal } from "node:assert/strict";
 * const data = garden(key(0));
 * equal(hasContent(data), true);
 * equal(hasContent({ ...data, modalities: {}, titles: undefined, texts: undefined, pictures: undefined }), false);
 * ```
 */
export function hasContent({ modalities, titles, texts, pictures }: Dataset): boolean {
  return Object.keys(modalities).length > 0 || [titles, texts, pictures].some((part) => part !== undefined);
}

/**
 * Returns a data set of these parts, without those that are `undefined`. In a notebook and in `console.log` it shows
 * itself as {@link description} says. A copy by `{ ...data }` has the same parts and shows them all, as any object
 * does.
 */
export function datasetOf(parts: Dataset): Dataset {
  const data = Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined)) as typeof parts;
  return displayed(data, { text: () => description(data) });
}

/** Returns a short text about a data set: its counts, its splits, its modalities, and the other parts that it has. */
function description({ name, users, items, interactions, modalities, ...others }: Dataset): string {
  const count = (number: number, noun: string) => `${number.toLocaleString("en-US")} ${noun}`;
  const parts = SPLITS.map((split, code) => count(interactions.split.filter((other) => other === code).length, split));
  const features = Object.entries(modalities).map(([modality, m]) =>
    `  ${modality}: ${m.kind}, ${count(m.kind === "sparse" ? m.pattern.columns : m.columns, "columns")}`
  );
  const rest = (["titles", "texts", "pictures", "notes"] as const).filter((part) => others[part] !== undefined);
  return [
    `Dataset ${JSON.stringify(name)}: ${count(users.length, "users")}, ${count(items.length, "items")}, ` +
    `${count(interactions.split.length, "interactions")} (${parts.join(", ")})`,
    ...features,
    ...interactions.times ? ["  times"] : [],
    ...rest.length > 0 ? [`  ${rest.join(", ")}`] : [],
  ].join("\n");
}
