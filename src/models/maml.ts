/**
 * MAML: multimodal attentive metric learning (Liu, Cheng, Sun, Wang, Nie and Kankanhalli, MM 2019, arXiv 1908.07738).
 * Users are near to the items they like, in a metric that depends on the user and the item. With x the features of all
 * modalities side by side, v⁻ a few negatives, d the number of dimensions, n(x) = x / ‖x‖ and σ(x) = max(0, x). The
 * equations are numbered here:
 *
 * | equation | here | formula |
 * |---|---|---|
 * | (1) features | {@link projection} | f = clip(W₄ σ(W₃ n(σ(W₂ n(σ(W₁ n(x))))))), each layer with a bias |
 * | (2) attention | {@link attend} | a = d · softmax σ(W′ n(tanh(W n(u ‖ v ‖ f) + b)) + b′) |
 * | (3) distance | {@link distance} | d(u, v) = ‖a ∘ u − a ∘ v‖², and the score is −d(u, v) |
 * | (4) ranking | {@link ranking} | Σ log(1 + rank) · max(0, m + d(u, v) − min d(u, v⁻)) over a batch |
 * | – | {@link ranking} | rank = the share of v⁻ with d(u, v⁻) < m + d(u, v), times the number of items |
 * | (5) covariance | {@link covariance} | Σ C_kl over k ≠ l, C the covariance of all u and v |
 * | (6) objective | {@link loss} | (4) + λ_f Σ ‖v − f‖² over all items + λ_c · (5) |
 * | (7) bounds | {@link constrain} | ‖u‖ ≤ 1 and ‖v‖ ≤ 1 after every step; clip does the same to f |
 *
 * The first layer of the attention is linear in u, v and f, so it is computed for users and items separately, and only
 * summed and divided by the length of (u ‖ v ‖ f) for a pair. Users × items are scored in tiles.
 *
 * The network of attention sees both sides of a pair, and memorises the pairs that were drawn as negatives. On a
 * checkerboard of 24 users, at a rate of 10⁻², all withheld items come first after 20 epochs if they are never drawn,
 * or if this network alone stays as it was drawn; otherwise not all do. On the garden the recall@20 on test is .117,
 * and .206 if no network learns; popularity has .122.
 *
 * ## Departures
 *
 * The released code (liufancs/MAML, a547be2) is the only complete description, and is followed except for these points:
 *
 * - the code's optimizer receives the two tables alone, so both networks stay as they were drawn. Here they learn;
 *   `trainNetworks: false` is the released code, and published numbers may come from it;
 * - in the code, dropout is never switched on. Here it is (`dropout`, `attentionDropout`); 0 for both is the released
 *   code;
 * - the first layer has a weight matrix per modality. The number of modalities is free, dense or sparse;
 * - in the code, all negatives are uniform over the items outside of the user's history. Here this holds for all but
 *     the batch's own negative, which is an item that occurs in training, see `interactionSampler`;
 * - the code leaves out the last interactions of an epoch that do not fill a batch; here they are a smaller batch;
 * - the code prints test results until the user stops it. Here training stops on validation as for every model.
 *
 * @module
 */
import type { Batch, Dim, Features, Ids, Items, Users } from "../core/axis.ts";
import type { Pattern } from "../core/pattern.ts";
import { foldIn, type Key, split } from "../core/random.ts";
import { scope } from "../core/scope.ts";
import type { Config, Settings } from "../core/settings.ts";
import type { Shape } from "../core/shape.ts";
import {
  type Matrix,
  type Placement,
  type Scalar,
  stopGradient,
  type Tensor,
  type Vector,
  zeros,
} from "../core/tensor.ts";
import { mapTree } from "../core/tree.ts";
import { drawNegatives, singleNegatives, type Triples } from "../data/batch.ts";
import { type Dataset, histories } from "../data/dataset.ts";
import { modalityFeatures } from "../data/tensors.ts";
import { normal, uniform, xavierUniform } from "../ops/draw.ts";
import { add, addAll, leakyRelu, log, mul, neg, rsqrt, scale, shift, step, sub } from "../ops/elementwise.ts";
import { l2 } from "../ops/loss.ts";
import { concatRows, matmulNT, reshape, sliceColumns, sliceRows, transpose } from "../ops/matrix.ts";
import { dropout, linear, softmaxRows } from "../ops/nn.ts";
import { normalizeRows } from "../ops/normalize.ts";
import { pointwise, pointwiseSum } from "../ops/pointwise.ts";
import { addColumn, addRow, columnSums, dot, rowDots, rowMax, rowSums, scaleRows, sum } from "../ops/reduce.ts";
import { gather, segmentSum } from "../ops/rows.ts";
import type { Block } from "../rank/block.ts";
import { type Factors, inputsOf, nodesOf } from "./factors.ts";
import { sumOfItems } from "./fold_in.ts";
import { hiddenOf, hiddenOfAll, logit, nearness, power, weighedSquare } from "./formulas.ts";
import type { ContentContext, Model } from "./model.ts";
import { scoreTiles } from "./tiles.ts";

/** (1) The projected features f of all items; `lengths` are 1 / ‖x‖. */
export function projection(
  { first, b, layers }: MamlProjection,
  features: MamlContext["features"],
  lengths: Vector<Items>,
  noise: MamlNoise | null = null,
): Matrix<Items, Dim> {
  const sums = addAll(Object.entries(first).map(([modality, W]) => linear(features[modality], W)));
  const start = drop(rectify(addRow(scaleRows(sums, lengths), b)), noise, 0);
  const inner = layers.slice(0, -1).reduce(
    (x, { W, b }, n) => drop(rectify(linear(normalizeRows(x), W, b)), noise, n + 1),
    start,
  );
  const { W, b: last } = layers[layers.length - 1];
  return clip(linear(inner, W, last));
}

/** (2) The weights a of dimensions for pairs, from the sums of their halves of the first layer. */
export function attend<R extends number>(
  pair: MamlHalf<R>,
  attention: MamlAttention,
  noise: MamlNoise | null = null,
): Matrix<R, Dim> {
  const logits = logitsOf(pair, attention, noise);
  return scale(softmaxRows(logits), logits.shape[1]);
}

/** (2) before the softmax. `own` is a part of the first layer that all pairs share. */
function logitsOf<R extends number>(
  { inner, squares, own }: MamlHalf<R> & { readonly own?: Vector<Dim> },
  { first, second }: MamlAttention,
  noise: MamlNoise | null,
): Matrix<R, Dim> {
  const lengths = rsqrt(reshape(squares, [squares.shape[0]]));
  const [r, b] = [[lengths, "rows"] as const, [first.b, "columns"] as const];
  const layer = own ? pointwise(hiddenOfAll, [inner, r, b, [own, "columns"]]) : pointwise(hiddenOf, [inner, r, b]);
  const hidden = drop(layer, noise, 0);
  // Lengths divide the products, which are narrower than the hidden layer: there is one such row for every pair.
  const inverse = rsqrt(rowDots(hidden, hidden));
  return pointwise(logit, [matmulNT(hidden, second.W), [inverse, "rows"], [second.b, "columns"]]);
}

/** (3) The distances ‖a ∘ u − a ∘ v‖² of pairs, from the differences u − v. */
export function distance<R extends number>(a: Matrix<R, Dim>, difference: Matrix<R, Dim>): Vector<R> {
  const weighed = mul(a, difference);
  return rowDots(weighed, weighed);
}

/**
 * (4) The rank-weighted hinge, summed over a batch, of the distances of B positives (the first row) and of their
 * negatives (a row each below). The weight is a constant to the gradient.
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

/** (5) Σ C_kl over k ≠ l: the mean squared sum of centred rows, less their mean squared length. */
export function covariance<R extends number>(x: Matrix<R, Dim>): Scalar {
  const [rows] = x.shape;
  const centred = addRow(x, scale(columnSums(x), -1 / rows));
  const sums = rowSums(centred);
  return scale(sub(dot(sums, sums), dot(centred, centred)), 1 / rows);
}

/** (6) The objective: ranking, the distances of items to their features, and covariances. */
export function loss(params: MamlParams, batch: Triples, context: MamlContext, key: Key): Scalar {
  const { config, features: raw, lengths, history } = context;
  const [forNegatives, forFeatures, forAttention] = split(key, 3);
  const drawn: MamlNetworks = { projection: params.projection, attention: params.attention };
  const networks = config.trainNetworks ? drawn : mapTree(stopGradient, drawn);
  const f = projection(networks.projection, raw, lengths, { key: forFeatures, rate: config.dropout });
  const e = { ...params, features: f, attention: networks.attention };
  const noise = { key: forAttention, rate: config.attentionDropout };
  const rows = config.negatives + 1;
  const [users, items] = candidates(forNegatives, batch, context);
  const d = distances(e, [users, items], noise);
  return addAll([
    ranking(reshape(d, [rows, users.length / rows]), config, history.columns),
    scale(l2(sub(params.items, f)), 2 * config.featureWeight),
    scale(covariance(nodesOf(params)), config.covarianceWeight),
  ]);
}

/** (7) Scales u and v that are longer than 1 to length 1. */
export function constrain(params: MamlParams): MamlParams {
  return { ...params, users: clip(params.users), items: clip(params.items) };
}

/** Returns a batch's pairs: B positives, then B negatives, and B again for each further negative. */
function candidates(
  key: Key,
  batch: Triples,
  { config: { negatives }, history }: MamlContext,
): readonly [Ids<Users>, Ids<Items>] {
  const { users, positives, negatives: own } = singleNegatives(batch);
  const repeated = (times: number) =>
    Int32Array.from({ length: users.length * times }, (_, n) => users[n % users.length]);
  const further = drawNegatives(key, history, repeated(negatives - 1));
  return [repeated(negatives + 1), Int32Array.from([...positives, ...own, ...further])];
}

/** Returns (3) of pairs of a user and an item. */
export function distances(
  { users, items, features, attention }: MamlEmbeddings,
  [userIds, itemIds]: readonly [Ids<Users>, Ids<Items>],
  noise: MamlNoise | null = null,
): Vector<Batch> {
  const [user, item] = [userHalf(attention, users), itemHalf(attention, items, features)];
  const pair: MamlHalf<Batch> = {
    inner: add(gather(user.inner, userIds), gather(item.inner, itemIds)),
    squares: add(gather(user.squares, userIds), gather(item.squares, itemIds)),
  };
  return distance(attend(pair, attention, noise), sub(gather(users, userIds), gather(items, itemIds)));
}

/** Returns the users' half of the attention's first layer. */
export function userHalf<R extends number>(attention: MamlAttention, u: Matrix<R, Dim>): MamlHalf<R> {
  return half(attention, 0, [u]);
}

/** Returns the items' half of the attention's first layer, from v and f. */
export function itemHalf<R extends number>(
  attention: MamlAttention,
  v: Matrix<R, Dim>,
  f: Matrix<R, Dim>,
): MamlHalf<R> {
  return half(attention, v.shape[1], [v, f]);
}

/** Returns the part of the first layer of some tables that stand side by side in its input, from column `at` on. */
function half<R extends number>(
  { first: { W } }: MamlAttention,
  at: number,
  tables: readonly Matrix<R, Dim>[],
): MamlHalf<R> {
  const dim = tables[0].shape[1];
  return {
    inner: addAll(tables.map((x, n) => matmulNT(x, sliceColumns(W, at + n * dim, at + (n + 1) * dim)))),
    squares: reshape(addAll(tables.map((x) => rowDots(x, x))), [tables[0].shape[0], 1]),
  };
}

/** Returns max(0, x). */
function rectify<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return leakyRelu(x, 0);
}

/** Returns the rows of a matrix, with rows longer than 1 scaled to length 1. */
function clip<R extends number, C extends number>(x: Matrix<R, C>): Matrix<R, C> {
  return scaleRows(x, rsqrt(rowDots(x, x), 1));
}

function drop<S extends Shape>(x: Tensor<S>, noise: MamlNoise | null, n: number): Tensor<S> {
  return noise ? dropout(foldIn(noise.key, n), x, noise.rate) : x;
}

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

/** Dropout in a network during training: a share `rate` of each layer, chosen by the key. */
export interface MamlNoise {
  readonly key: Key;
  readonly rate: number;
}

/** A part of the attention's first layer: of users, of items, or the sum of both for pairs. */
export interface MamlHalf<R extends number> {
  /** x Wᵀ, a row for each x. */
  readonly inner: Matrix<R, Dim>;
  /** ‖x‖², a column. */
  readonly squares: Matrix<R, Dim>;
}

/** The fixed inputs of MAML. */
export interface MamlContext extends ContentContext<MamlConfig> {
  /** 1 / ‖x‖ of each item's features, all modalities together. */
  readonly lengths: Vector<Items>;
}

/** A layer: x Wᵀ + b. */
export type MamlLayer = { readonly W: Matrix<Dim, Dim>; readonly b: Vector<Dim> };

/** The network of features: a weight matrix per modality and the bias of that layer, and the layers after it. */
export type MamlProjection = {
  readonly first: { readonly [modality: string]: Matrix<Dim, Features> };
  readonly b: Vector<Dim>;
  readonly layers: readonly MamlLayer[];
};

/** The network of attention. */
export type MamlAttention = { readonly first: MamlLayer; readonly second: MamlLayer };

/** Both networks. */
export type MamlNetworks = { readonly projection: MamlProjection; readonly attention: MamlAttention };

/** The parameters of MAML: u and v, and the networks of features and of attention. */
export type MamlParams = Factors & MamlNetworks;

/** The inputs of the score: u, v, f and the network of attention. */
export type MamlEmbeddings = Factors & { readonly features: Matrix<Items, Dim>; readonly attention: MamlAttention };

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

/** Puts the features on the device and computes their lengths. */
function prepare(data: Dataset, config: MamlConfig, place: Placement = {}): MamlContext {
  const features = modalityFeatures(data, place);
  const lengths = scope(() => inverseLengths(features));
  return { config, history: histories(data, "train"), features, lengths };
}

/** Returns 1 / ‖x‖ of each item's features x, all modalities together. */
function inverseLengths(features: MamlContext["features"]): Vector<Items> {
  return rsqrt(addAll(
    Object.values(features).map((x) => "pattern" in x ? segmentSum(mul(x.values, x.values), x.pattern) : rowDots(x, x)),
  ));
}

/** Draws u from a normal distribution of variance 1/d, and the networks; v begins as f. */
function init(key: Key, { config, history, features, lengths }: MamlContext): MamlParams {
  const { dim } = config;
  const { device } = lengths.storage;
  const [forUsers, forNetworks] = split(key);
  const networks = drawNetworks(forNetworks, features, config, { device });
  return {
    users: normal(forUsers, [history.rows, dim], { deviation: dim ** -0.5, device }),
    items: scope(() => projection(networks.projection, features, lengths)),
    ...networks,
  };
}

/** Draws the weights of both networks as Glorot and Bengio do; biases are 0. */
function drawNetworks(
  key: Key,
  features: MamlContext["features"],
  { dim, hidden }: MamlConfig,
  place: Placement,
): MamlNetworks {
  const [forFirst, forLayers, forAttention] = split(key, 3);
  const widths = Object.values(features).map(inputsOf);
  // The modalities' matrices are parts of one matrix, which has as many columns as all of them.
  const high = Math.sqrt(6 / widths.reduce((total, width) => total + width, hidden));
  const first = Object.keys(features).map((modality, n) => [
    modality,
    uniform(foldIn(forFirst, n), [hidden, widths[n]], { low: -high, high, ...place }),
  ]);
  const layers = (key: Key, widths: readonly number[]): MamlLayer[] =>
    widths.slice(1).map((width, n) => ({
      W: xavierUniform(foldIn(key, n), [width, widths[n]], place),
      b: zeros([width], place),
    }));
  const narrow = Math.ceil(hidden / 2);
  const [one, two] = layers(forAttention, [3 * dim, 5 * dim, dim]);
  return {
    projection: {
      first: Object.fromEntries(first),
      b: zeros([hidden], place),
      layers: layers(forLayers, [hidden, narrow, narrow, dim]),
    },
    attention: { first: one, second: two },
  };
}

/** Returns the inputs of the score. */
export function encode({ users, items, projection: p, attention }: MamlParams, context: MamlContext): MamlEmbeddings {
  return { users, items, features: projection(p, context.features, context.lengths), attention };
}

/** Returns new users at the mean of their items, within the bounds (7). */
function foldInUser(e: MamlEmbeddings, histories: Pattern<Users, Items>): MamlEmbeddings {
  return { ...e, users: clip(sumOfItems(e.items, histories, (n) => 1 / n)) };
}

/** Returns parameters in which v of new items is f, as that of all items was before the training. */
function placeItems(params: MamlParams, { features, lengths }: MamlContext, from: number): MamlParams {
  const f = projection(params.projection, features, lengths);
  return { ...params, items: concatRows([sliceRows(params.items, 0, from), sliceRows(f, from, f.shape[0])]) };
}

/** Returns −d(u, v) of every item for each user of a block. */
export function score({ users, items, features, attention }: MamlEmbeddings, block: Block): Matrix<Batch, Items> {
  const u = gather(users, block.users);
  const [user, item] = [userHalf(attention, u), itemHalf(attention, items, features)];
  return scoreTiles({ ...user, table: u }, { ...item, table: items }, (own, among) => {
    const pair = { inner: among.inner, squares: addRow(among.squares, own.squares), own: own.inner };
    return scoresOf(logitsOf(pair, attention, null), among.table, own.table);
  });
}

/** (3) −‖d/Σe · e ∘ (v − u)‖² with e the exponentials of logits, for some items v and one user u. */
function scoresOf<R extends number>(logits: Matrix<R, Dim>, v: Matrix<R, Dim>, u: Vector<Dim>): Vector<R> {
  const [most, rows] = [rowMax(logits), logits.shape[0]];
  const sums = pointwiseSum(power, [logits, [most, "rows"]], "rows", [rows]);
  const squares = pointwiseSum(weighedSquare, [logits, [most, "rows"], v, [u, "columns"]], "rows", [rows]);
  return pointwise(nearness, [squares, sums], [logits.shape[1] ** 2]);
}

/**
 * MAML, with networks that learn.
 *
 * @example
 * ```ts
 * import { maml } from "@giverny/giverny/models";
 * import { equal } from "node:assert/strict";
 * equal(maml.settings.negatives.default, 4);
 * ```
 */
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
  foldInUser,
  placeItems,
  score,
};
