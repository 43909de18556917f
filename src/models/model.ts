/**
 * The interface of a model: plain functions of a context and parameters. Training and ranking receive these functions.
 *
 * @module
 */
import type { Batch, Dim, Items, Users } from "../core/axis.ts";
import type { Pattern } from "../core/pattern.ts";
import type { Key } from "../core/random.ts";
import type { Config, Settings } from "../core/settings.ts";
import type { Matrix, Placement, Scalar } from "../core/tensor.ts";
import type { Tree } from "../core/tree.ts";
import type { Sampler, SamplerOptions, SAMPLERS, Triples } from "../data/batch.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Statistics } from "../data/statistics.ts";
import type { FeatureMatrix } from "../data/tensors.ts";
import type { Block } from "../rank/block.ts";

/** The options of a model's sampler. */
export interface ModelSamplerOptions extends SamplerOptions {
  /** The name of the sampler in the training setting `sampler`. */
  readonly sampler: keyof typeof SAMPLERS;
}

/** The moment of a refresh. */
export interface RefreshAt {
  /** The source of randomness of this refresh. Before an encoding it is always `key(0)`. */
  readonly key: Key;
  /** The number of the epoch, from 0. Before an encoding it is always 0. */
  readonly epoch: number;
  /** `"epoch"` before an epoch of training, `"encode"` before an encoding. */
  readonly purpose: "epoch" | "encode";
}

/** A part of a score. The parts of a score sum to it. */
export interface ScorePart {
  /**
   * `general` for inner products of a user and the item, `target-aware` for those of the item and an item of the
   * history, `neighbour` for a similarity of the two, `whole` for a score that is no sum.
   */
  readonly kind: "general" | "target-aware" | "neighbour" | "whole";
  /** The modality, `interactions` for embeddings of ids; `null` where modalities are fused. */
  readonly modality: string | null;
  /** The item of the history, by number; `null` for a part of the whole user. */
  readonly item: number | null;
  /** The attention to the item of the history or to the modality, from 0 to 1; `null` without attention. */
  readonly attention: number | null;
  /** The part of the score. */
  readonly value: number;
}

/** The columns of a modality in the final embeddings, where modalities lie side by side. */
export interface Columns {
  /** The name of the modality; `interactions` for embeddings of ids. */
  readonly modality: string | null;
  /** The number of columns. */
  readonly width: number;
}

/** The fixed inputs that most models share. */
export interface InteractionContext<C extends Config> {
  /** The settings. */
  readonly config: C;
  /** Every user's training items. */
  readonly history: Pattern<Users, Items>;
}

/** The fixed inputs of a model of item features. */
export interface ContentContext<C extends Config> extends InteractionContext<C> {
  /** The raw features of every modality, by its name. */
  readonly features: Readonly<Record<string, FeatureMatrix>>;
}

/** A recommender: its settings, and the functions that initialise, train and apply it. */
export interface Model<
  C extends Config = Config,
  Context = unknown,
  Params extends Tree = Tree,
  Encoded extends Tree = Tree,
  Prepared extends Context | Promise<Context> = Context,
> {
  /** The model's name, in the catalogue and on the command line. */
  readonly name: string;
  /** One line that describes the method. */
  readonly about: string;
  /** The paper. */
  readonly source: string;
  /**
   * Whether the model uses the features of the items; `true` by default. A training of another model reads no source of
   * features.
   */
  readonly content?: boolean | undefined;
  /** The settings, with defaults, ranges and explanations. */
  readonly settings: Settings<C>;
  /** The training settings of the paper or its code, where they differ from the defaults. */
  readonly training: Config;
  /** Builds the parts that stay fixed: graphs and frozen features. */
  prepare(data: Dataset, config: C, place?: Placement): Prepared;
  /** Draws the initial parameters; an empty tree for a model without training. */
  init(key: Key, context: Context): Params;
  /**
   * Builds the parts of the context that change from epoch to epoch: a learned graph, or a graph with other edges left
   * out. It is called before each epoch and before each encoding; `loss` and `encode` then find these parts in their
   * context. It returns only new parts, whose tensors the caller frees. It must depend on its arguments alone, so that
   * a resumed training repeats it.
   */
  refresh?(params: Params, context: Context, at: RefreshAt): Promise<Partial<Context>>;
  /** Returns the sampler of training batches; by default the one that the setting `sampler` names. */
  sampler?(history: Pattern<Users, Items>, config: C, options: ModelSamplerOptions): Sampler;
  /** Returns the number that training minimises. */
  loss(params: Params, batch: Triples, context: Context, key: Key): Scalar;
  /** Projects parameters back onto their constraints after each step, such as a largest norm. */
  constrain?(params: Params): Params;
  /** Computes, once per ranking, the tensors that scores need besides histories: usually final embeddings. */
  encode(params: Params, context: Context): Encoded;
  /**
   * Returns the items' final embeddings in each modality before fusion, by modality name, for Eq. (1) of the MONET
   * paper. A model whose modalities share one embedding leaves it out.
   */
  byModality?(params: Params, context: Context): Readonly<Record<string, Matrix<Items, Dim>>>;
  /**
   * Returns the items' vectors in each modality before propagation, by modality name: projected features, or embeddings
   * of ids. A run keeps them for users and items that come later.
   */
  beforePropagation?(params: Params, context: Context): Readonly<Record<string, Matrix<Items, Dim>>>;
  /** Scores every item for each user of a block. */
  score(encoded: Encoded, block: Block, config: C): Matrix<Batch, Items>;
  /**
   * Returns an encoding whose users are new: one for each row of histories, numbered from 0. A model that knows users
   * only by a trained embedding leaves it out.
   */
  foldInUser?(encoded: Encoded, histories: Pattern<Users, Items>, config: C): Encoded;
  /**
   * Returns parameters in which the items from number `from` on, who were never trained and whose rows are 0, have
   * embeddings of their features. A model whose new items need no other embeddings of ids than 0 leaves it out.
   */
  placeItems?(params: Params, context: Context, from: number): Params;
  /**
   * Returns the columns of each modality in the final embeddings, from left to right; `modalities` are the names in the
   * order of the data. A model whose modalities are fused leaves it out, or returns nothing.
   */
  columns?(config: C, modalities: readonly string[]): readonly Columns[];
  /**
   * Returns the parts of the score of an item, for the one user of a block. A model whose score is the inner product of
   * final embeddings leaves it out: its parts are those of {@link Model.columns}.
   */
  explain?(
    encoded: Encoded,
    block: Block,
    item: number,
    config: C,
    modalities: readonly string[],
  ): Promise<readonly ScorePart[]>;
  /** Returns an estimate of the bytes that a training takes on a device, from statistics of the data alone. */
  memory?(statistics: Statistics, config: C & { readonly batch: number }): number;
}
