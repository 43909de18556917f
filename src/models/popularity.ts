/**
 * Popularity: items in the order of their number of training interactions, the same for everyone. The anchor of every table:
 * a recommender that ends below it has learned nothing about anyone. With n_i the training users of item i:
 *
 * | step | here | formula |
 * |---|---|---|
 * | count | `prepare` | n_i |
 * | score | `score` | ŷ_ui = n_i, for every user u |
 *
 * It has no parameters.
 *
 * ## Departures
 *
 * There is no paper that it is of. Users count once for an item, as in all that is trained here, however often they came back;
 * validation does not count. Items alike in number are ranked by their own, the lower first, as all ties are.
 *
 * @module
 */
import type { Items } from "../core/axis.ts";
import { entries } from "../core/pattern.ts";
import { fromArray, full, type Vector } from "../core/tensor.ts";
import { histories } from "../data/dataset.ts";
import { repeatRows } from "../ops/reduce.ts";
import type { Model } from "./model.ts";

/** What popularity knows: how often each item occurs in training. */
export type Popularity = { readonly counts: Vector<Items> };

/** The popularity ranking. It has no parameters and is not trained. */
export const popularity: Model<Record<string, never>, Popularity, Record<string, never>, Popularity> = {
  name: "popularity",
  about: "ranks items by their number of training interactions",
  source: "the non-personalised baseline",
  settings: {},
  training: { epochs: 0 },
  prepare: (data, _config, place = {}) => {
    const history = histories(data, "train");
    const counts = new Float32Array(history.columns);
    for (let e = 0; e < entries(history); e++) counts[history.indices[e]]++;
    return { counts: fromArray(counts, [history.columns], place) };
  },
  init: () => ({}),
  loss: (_params, _batch, { counts }) => full([], 0, counts.storage),
  encode: (_params, context) => context,
  score: ({ counts }, { users }) => repeatRows(counts, users.length),
};
