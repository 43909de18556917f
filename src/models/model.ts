/**
 * What a model is: plain functions over a context and parameters. Training and ranking are handed these functions and know
 * nothing else of a model.
 *
 * @module
 */
import type { Batch, Dim, Items } from "../core/axis.ts";
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
  Prepared extends Context | Promise<Context> = Context,
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
  /** Builds what stays fixed: graphs, frozen features. It may take its time. */
  prepare(data: Dataset, config: C, place?: Placement): Prepared;
  /** Draws the initial parameters; an empty tree for models that are not trained. */
  init(key: Key, context: Context): Params;
  /**
   * Builds what follows from the parameters and yet stays for an epoch: a learned graph, say. Called before each epoch and before
   * each encoding; `loss` and `encode` then find it in their context. It returns only new parts, whose tensors are the
   * caller's to free, and depends on nothing else, so that a resumed training repeats it.
   */
  refresh?(params: Params, context: Context): Promise<Partial<Context>>;
  /** What training minimises. */
  loss(params: Params, batch: Triples, context: Context, key: Key): Scalar;
  /** Makes hold again, after a step, what must hold of parameters: clipped norms, say. */
  constrain?(params: Params): Params;
  /** Computes once per ranking what does not depend on who is asked for. With a history, all that scoring needs. */
  encode(params: Params, context: Context): Encoded;
  /**
   * Computes the items' final embeddings of each modality before they are fused, by the modalities' names: for Eq. (1) of MONET.
   * Models whose modalities share one embedding leave it out.
   */
  byModality?(params: Params, context: Context): Readonly<Record<string, Matrix<Items, Dim>>>;
  /** Scores every item for each user of a block. */
  score(encoded: Encoded, block: Block, config: C): Matrix<Batch, Items>;
}
