/**
 * What a model is: plain functions over a context and parameters. Training and ranking are handed these functions and know
 * nothing else of a model.
 *
 * @module
 */
import type { Batch, Items } from "../core/axis.ts";
import type { Key } from "../core/random.ts";
import type { Config, Settings } from "../core/settings.ts";
import type { Matrix, Placement, Scalar } from "../core/tensor.ts";
import type { Tree } from "../core/tree.ts";
import type { Triples } from "../data/batch.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Block } from "../rank/block.ts";

/** A recommender: its settings and the functions that make, train and apply it. */
export interface Model<
  C extends Config = Config,
  Context = unknown,
  Params extends Tree = Tree,
  Encoded extends Tree = Tree,
> {
  /** Its name in the catalogue. */
  readonly name: string;
  /** One line: what it does. */
  readonly about: string;
  /** Where it comes from. */
  readonly source: string;
  /** What can be set, with defaults, ranges and explanations. */
  readonly settings: Settings<C>;
  /** How its paper trains it, as far as that differs from the defaults. */
  readonly training: Config;
  /** Builds what stays fixed: graphs, frozen features. */
  prepare(data: Dataset, config: C, place?: Placement): Context;
  /** Draws the initial parameters; an empty tree for models that are not trained. */
  init(key: Key, context: Context): Params;
  /** What training minimises. */
  loss(params: Params, batch: Triples, context: Context, key: Key): Scalar;
  /** Computes once per ranking what does not depend on who is asked for. With a history, all that scoring needs. */
  encode(params: Params, context: Context): Encoded;
  /** Scores every item for each user of a block. */
  score(encoded: Encoded, block: Block, config: C): Matrix<Batch, Items>;
}
