/**
 * Popularity: items in the order of their number of training interactions, the same for every user. It is the baseline
 * of every table: a recommender below it has learned nothing about users. With n_i the training users of item i:
 *
 * | step | here | formula |
 * |---|---|---|
 * | (1) count | {@link counted} | n_i |
 * | (2) score | {@link score} | ŷ_ui = n_i, for every user u |
 *
 * It has no parameters.
 *
 * ## Departures
 *
 * It has no paper. Users count once for an item, as in all training here, however often they came back; validation does
 * not count. Items with equal counts are ranked by their numbers, the lower first, as all ties are.
 *
 * @module
 */
import type { Batch, Items, Users } from "../core/axis.ts";
import { entries, type Pattern } from "../core/pattern.ts";
import { fromArray, full, type Matrix, type Placement, type Vector } from "../core/tensor.ts";
import { histories } from "../data/dataset.ts";
import { repeatRows } from "../ops/reduce.ts";
import type { Block } from "../rank/block.ts";
import type { Model } from "./model.ts";

/** (1) The number of users of each item. */
export function counted(history: Pattern<Users, Items>, place: Placement = {}): PopularityCounts {
  const counts = new Float32Array(history.columns);
  for (let e = 0; e < entries(history); e++) counts[history.indices[e]]++;
  return { counts: fromArray(counts, [history.columns], place) };
}

/** (2) The same scores for every user. */
export function score({ counts }: PopularityCounts, { users }: Block): Matrix<Batch, Items> {
  return repeatRows(counts, users.length);
}

/** The number of training users of each item. */
export type PopularityCounts = { readonly counts: Vector<Items> };

/**
 * The popularity ranking. It has no parameters and is not trained.
 *
 * @example
 * ```ts
 * import { popularity } from "@giverny/giverny/models";
 * import { equal } from "node:assert/strict";
 * equal(popularity.training.epochs, 0);
 * ```
 */
export const popularity: Model<Record<string, never>, PopularityCounts, Record<string, never>, PopularityCounts> = {
  name: "popularity",
  about: "ranks items by their number of training interactions",
  source: "the non-personalised baseline",
  content: false,
  settings: {},
  training: { epochs: 0 },
  prepare: (data, _config, place = {}) => counted(histories(data, "train"), place),
  init: () => ({}),
  loss: (_params, _batch, { counts }) => full([], 0, counts.storage),
  encode: (_params, context) => context,
  foldInUser: (encoded) => encoded,
  score,
};
