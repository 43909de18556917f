/**
 * MAML: multimodal attentive metric learning (Liu, Cheng, Sun, Wang, Nie and Kankanhalli, MM 2019, arXiv 1908.07738). A user
 * is near to what they like, in a metric of their own for every item. With n(x) = x / ‖x‖ and σ the rectifier max(0, ·):
 *
 * | equation | here | formula |
 * |---|---|---|
 * | features | `projection` | f = clip(W₄ σ(W₃ n(σ(W₂ n(σ(W₁ n(x))))))), x all modalities side by side, each layer with a bias |
 * | attention | `attend` | a = d · softmax σ(W′ n(tanh(W n(u ‖ v ‖ f) + b)) + b′), d the number of dimensions |
 * | distance | `distance` | d(u, v) = ‖a ∘ u − a ∘ v‖², and the score is −d(u, v) |
 * | ranking | {@link ranking} | Σ log(1 + rank) · max(0, m + d(u, v) − min d(u, v⁻)) over a batch, v⁻ a few negatives |
 * | – | {@link ranking} | rank = the share of them with d(u, v⁻) < m + d(u, v), times the number of items |
 * | features | {@link loss} | λ_f Σ ‖v − f‖² over all items |
 * | covariance | {@link covariance} | λ_c Σ C_kl over k ≠ l, C the covariance of all u and v |
 * | bounds | {@link constrain} | ‖u‖ ≤ 1 and ‖v‖ ≤ 1 after every step; clip does the same to f |
 *
 * The first layer of the attention is linear in u, v and f, so it is computed for users and items apart, and only summed and
 * divided by the length of (u ‖ v ‖ f) for a pair. Users × items are gone through in tiles.
 *
 * The network of attention sees both of a pair, and learns by heart which were drawn as negatives. On a checkerboard of 24 users, at
 * a rate of 10⁻², all withheld items come first after 20 epochs if they are never drawn, or if this network alone stays as it was
 * drawn; else not all do. On the garden the recall@20 on test is .117, and .206 if no network learns; popularity has .122.
 *
 * ## Departures
 *
 * The released code (liufancs/MAML, a547be2) is the only complete description, and is followed but in this:
 *
 * - there, the optimizer is given the two tables alone, so both networks stay as they were drawn. Here they learn;
 *   `trainNetworks: false` is the released code, which published numbers may stem from;
 * - there, dropout is never switched on. Here it is (`dropout`, `attentionDropout`); 0 for both is the released code;
 * - the first layer has a weight matrix per modality. Any number of modalities will do, dense or sparse;
 * - there, all negatives are uniform over the items that are not the user's. Here those drawn from the key are; the batch's own
 *   is one that occurs in training, see `interactionSampler`;
 * - there, test results are printed until one stops the program. Here training stops on validation as every model's does.
 *
 * @module
 */
import type { Batch, Dim, Ids, Items, Users } from "../core/axis.ts";
import type { Pattern } from "../core/pattern.ts";
import { type Key, split } from "../core/random.ts";
import { scope } from "../core/scope.ts";
import type { Config, Settings } from "../core/settings.ts";
import { type Matrix, type Placement, type Scalar, stopGradient, type Vector } from "../core/tensor.ts";
import { mapTree } from "../core/tree.ts";
import { drawNegatives, singleNegatives, type Triples } from "../data/batch.ts";
import { type Dataset, histories } from "../data/dataset.ts";
import { modalityFeatures } from "../data/tensors.ts";
import { normal } from "../ops/draw.ts";
import { add, addAll, log, mul, neg, scale, shift, step, sub } from "../ops/elementwise.ts";
import { l2 } from "../ops/loss.ts";
import { reshape, sliceRows, transpose } from "../ops/matrix.ts";
import { addColumn, addRow, columnSums, dot, rowMax, rowSums, sum } from "../ops/reduce.ts";
import { gather } from "../ops/rows.ts";
import type { Block } from "../rank/block.ts";
import { type Factors, nodesOf } from "./factors.ts";
import {
  attend,
  type Attention,
  clip,
  distance,
  drawNetworks,
  inverseLengths,
  itemHalf,
  type Modalities,
  type Networks,
  type Noise,
  projection,
  rectify,
  userHalf,
} from "./maml_networks.ts";
import type { Model } from "./model.ts";
import { scoreTiles } from "./tiles.ts";

/** The settings of MAML. */
export type MamlConfig = Config & {
  readonly dim: number;
  readonly hidden: number;
  readonly margin: number;
  readonly negatives: number;
  readonly featureWeight: number;
  readonly covarianceWeight: number;
  readonly trainNetworks: boolean;
  readonly dropout: number;
  readonly attentionDropout: number;
};

/** What stays fixed while MAML trains. */
export interface MamlContext {
  /** The settings. */
  readonly config: MamlConfig;
  /** Every user's training items. */
  readonly history: Pattern<Users, Items>;
  /** The raw features of every modality. */
  readonly features: Modalities;
  /** 1 / ‖x‖ of each item's features, all modalities together. */
  readonly lengths: Vector<Items>;
}

/** The parameters of MAML: u and v, and the networks of features and of attention. */
export type MamlParams = Factors & Networks;
/** What the score needs: u, v, f and the network of attention. */
export type MamlEmbeddings = Factors & { readonly features: Matrix<Items, Dim>; readonly attention: Attention };

const settings: Settings<MamlConfig> = {
  dim: { default: 64, min: 1, whole: true, about: "embedding size" },
  hidden: {
    default: 256,
    min: 1,
    whole: true,
    about: "width of the first layer of features; the next are half as wide",
  },
  margin: { default: 1.6, min: 0, about: "m, how much farther than positives negatives should be" },
  negatives: { default: 4, min: 1, whole: true, about: "negatives for each positive, of which the nearest counts" },
  featureWeight: { default: 5, min: 0, about: "λ_f, the weight of the distances of items to their features" },
  covarianceWeight: { default: 5, min: 0, about: "λ_c, the weight of the covariances of dimensions" },
  trainNetworks: { default: true, about: "train both networks; false leaves them as drawn, as the released code does" },
  dropout: {
    default: 0.2,
    min: 0,
    max: 0.99,
    about: "dropout after layers of features; 0 as the released code has it",
  },
  attentionDropout: {
    default: 0.05,
    min: 0,
    max: 0.99,
    about: "dropout in the attention; 0 as the released code has it",
  },
};

/** Puts the features on the device and measures them. */
function prepare(data: Dataset, config: MamlConfig, place: Placement = {}): MamlContext {
  const features = modalityFeatures(data, place);
  const lengths = scope(() => inverseLengths(features));
  return { config, history: histories(data, "train"), features, lengths };
}

/** Draws u from a normal distribution of variance 1/d, and the networks; v begins as f. */
function init(key: Key, { config: { dim, hidden }, history, features, lengths }: MamlContext): MamlParams {
  const { device } = lengths.storage;
  const [forUsers, forNetworks] = split(key);
  const networks = drawNetworks(forNetworks, features, { dim, hidden, device });
  return {
    users: normal(forUsers, [history.rows, dim], { deviation: dim ** -0.5, device }),
    items: scope(() => projection(networks.projection, features, lengths)),
    ...networks,
  };
}

/**
 * The rank-weighted hinge, summed over a batch, of the distances of B positives (the first row) and, below each, of its negatives.
 * The weight is a constant to the gradient.
 */
export function ranking(
  distances: Matrix<number, Batch>,
  { margin }: Pick<MamlConfig, "margin">,
  items: number,
): Scalar {
  const [rows, batch] = distances.shape;
  const near: Vector<Batch> = shift(reshape(sliceRows(distances, 0, 1), [batch]), margin);
  const closeness = transpose(neg(sliceRows(distances, 1, rows)));
  const impostors = rowSums(step(addColumn(closeness, near)));
  const weights = log(shift(scale(impostors, items / (rows - 1)), 1));
  return sum(mul(weights, rectify(add(near, rowMax(closeness)))));
}

/** Σ C_kl over k ≠ l, with C the covariance of all rows: the mean squared sum of centred rows, less their mean squared length. */
export function covariance<R extends number>(x: Matrix<R, Dim>): Scalar {
  const [rows] = x.shape;
  const centred = addRow(x, scale(columnSums(x), -1 / rows));
  const sums = rowSums(centred);
  return scale(sub(dot(sums, sums), dot(centred, centred)), 1 / rows);
}

/** Returns d(u, v) of pairs, each a choice of a user and one of an item. */
export function distances(
  { users, items, features, attention }: MamlEmbeddings,
  [who, what]: readonly [Ids<Users>, Ids<Items>],
  noise: Noise | null = null,
): Vector<Batch> {
  const [user, item] = [userHalf(attention, users), itemHalf(attention, items, features)];
  const pair = {
    inner: add(gather(user.inner, who), gather(item.inner, what)),
    squares: add(gather(user.squares, who), gather(item.squares, what)),
  };
  return distance(attend(pair, attention, noise), sub(gather(users, who), gather(items, what)));
}

/** Returns who and what a batch's distances are of: B positives, then as many negatives, and as many again. */
function candidates(key: Key, batch: Triples, { config: { negatives }, history }: MamlContext) {
  const { users: own, positives, negatives: first } = singleNegatives(batch);
  const users = (times: number) => repeated(own, times);
  const further = drawNegatives(key, history, users(negatives - 1));
  const items = [...positives, ...first, ...further];
  return [users(negatives + 1), Int32Array.from(items)] as const;
}

function repeated(list: Int32Array, times: number): Int32Array {
  return Int32Array.from({ length: list.length * times }, (_, n) => list[n % list.length]);
}

/** The objective: ranking, the distances of items to their features, and covariances. */
export function loss(params: MamlParams, batch: Triples, context: MamlContext, key: Key): Scalar {
  const { config, features: raw, lengths, history } = context;
  const [forNegatives, forFeatures, forAttention] = split(key, 3);
  const drawn: Networks = { projection: params.projection, attention: params.attention };
  const networks = config.trainNetworks ? drawn : mapTree(stopGradient, drawn);
  const f = projection(networks.projection, raw, lengths, { key: forFeatures, rate: config.dropout });
  const e = { ...params, features: f, attention: networks.attention };
  const noise = { key: forAttention, rate: config.attentionDropout };
  const [who, what] = candidates(forNegatives, batch, context);
  const d = distances(e, [who, what], noise);
  return addAll([
    ranking(reshape(d, [config.negatives + 1, who.length / (config.negatives + 1)]), config, history.columns),
    scale(l2(sub(params.items, f)), 2 * config.featureWeight),
    scale(covariance(nodesOf(params)), config.covarianceWeight),
  ]);
}

/** Scales u and v that are longer than 1 to length 1. */
export function constrain(params: MamlParams): MamlParams {
  return { ...params, users: clip(params.users), items: clip(params.items) };
}

/** What the score needs. */
export function encode({ users, items, projection: p, attention }: MamlParams, context: MamlContext): MamlEmbeddings {
  return { users, items, features: projection(p, context.features, context.lengths), attention };
}

/** −d(u, v) of every item for each user of a block. */
export function score({ users, items, features, attention }: MamlEmbeddings, block: Block): Matrix<Batch, Items> {
  const u = gather(users, block.users);
  const [user, item] = [userHalf(attention, u), itemHalf(attention, items, features)];
  return scoreTiles({ ...user, table: u }, { ...item, table: items }, (own, among) => {
    const pair = { inner: addRow(among.inner, own.inner), squares: addRow(among.squares, own.squares) };
    return neg(distance(attend(pair, attention), addRow(among.table, neg(own.table))));
  });
}

/** MAML, with networks that learn. */
export const maml: Model<MamlConfig, MamlContext, MamlParams, MamlEmbeddings> = {
  name: "maml",
  about: "metric learning with an attention over dimensions for every user and item",
  source: "Liu et al., MM 2019, arXiv 1908.07738",
  settings,
  training: { sampler: "interaction", batch: 5000, lr: 1e-3, epochs: 1000, every: 10, patience: 10 },
  prepare,
  init,
  loss,
  constrain,
  encode,
  score,
};
