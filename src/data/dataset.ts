/**
 * What a recommender learns from: interactions with a split, the external ids of users and items, and any number of named
 * modalities that describe the items. A plain value: readers make it, splits change it, models prepare from it.
 *
 * @module
 */
import type { Features, Items, Users } from "../core/axis.ts";
import { type Pattern, patternFromCoo } from "../core/pattern.ts";

/** Which part an interaction belongs to. */
export type Split = "train" | "validation" | "test";

/** The splits in the order of their codes in {@link Interactions.split}: 0, 1 and 2. */
export const SPLITS: readonly ["train", "validation", "test"] = ["train", "validation", "test"];

/** Interactions as parallel columns in the order of their source. Users and items are positions in the id lists. */
export interface Interactions {
  /** The user of each, as a position in the id list. */
  readonly users: Int32Array;
  /** The item of each, likewise. */
  readonly items: Int32Array;
  /** The {@link SPLITS} code of each interaction. */
  readonly split: Uint8Array;
  /** When each happened, in the source's own unit; `null` where the source does not say. */
  readonly times: Float64Array | null;
}

/** Features of every item, one row each, as a dense row-major matrix. */
export interface DenseModality {
  /** Tells the two kinds apart. */
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
  /** Tells the two kinds apart. */
  readonly kind: "sparse";
  /** Which words or tags each item has. */
  readonly pattern: Pattern<Items, Features>;
  /** One number per entry of the pattern. */
  readonly values: Float32Array;
  /** 1 where an item has features of its own, 0 where it has none. */
  readonly known: Uint8Array;
}

/** What a modality holds. */
export type Modality = DenseModality | SparseModality;

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
  /** What to call it. */
  readonly name: string;
  /** The external id of each user. */
  readonly users: readonly string[];
  /** The external id of each item. */
  readonly items: readonly string[];
  /** Who did what, and which split it belongs to. */
  readonly interactions: Interactions;
  /** Item features by modality, `image` and `text` say. */
  readonly modalities: Readonly<Record<string, Modality>>;
  /** A title per item, where the source has them. */
  readonly titles?: readonly string[];
  /** Everything the source says about an item in words (title, description, brand, genres …), one text per item. */
  readonly texts?: readonly string[];
  /** A picture per item, where the source has them. */
  readonly pictures?: Pictures;
  /** Sentences about what its reader left out or filled in: duplicates, items without features, users without training. */
  readonly notes?: readonly string[];
}

/**
 * Returns the items of every user in one split: a pattern with a row per user, columns ascending.
 *
 * @example
 * ```ts
 * import { garden, histories, key } from "@giverny/giverny";
 * import { assert } from "deno-std/assert/assert.js";
 * const data = garden(key(0));
 * assert(histories(data, "train").indices.length > histories(data, "test").indices.length);
 * ```
 */
export function histories(data: Dataset, split: Split): Pattern<Users, Items> {
  const { users, items, split: codes } = data.interactions;
  const wanted = SPLITS.indexOf(split);
  const kept = Array.from(codes.keys()).filter((e) => codes[e] === wanted);
  return patternFromCoo([data.users.length, data.items.length], kept.map((e) => users[e]), kept.map((e) => items[e]));
}
