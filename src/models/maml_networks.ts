/**
 * The two networks of MAML: of features, which says where an item belongs, and of attention, which says by what dimensions a
 * user judges an item. With n(x) = x / ‖x‖ and σ the rectifier max(0, ·).
 *
 * The first layer of the attention is linear in u, v and f before it is divided by the length of (u ‖ v ‖ f), so users and items
 * go through it apart, and pairs of them only add up what it made of either.
 *
 * @module
 */
import type { Dim, Features, Items } from "../core/axis.ts";
import { foldIn, type Key, split } from "../core/random.ts";
import type { Shape } from "../core/shape.ts";
import { type Matrix, type Placement, type Tensor, type Vector, zeros } from "../core/tensor.ts";
import type { FeatureMatrix } from "../data/tensors.ts";
import { uniform, xavierUniform } from "../ops/draw.ts";
import { addAll, leakyRelu, mul, rsqrt, scale, tanh } from "../ops/elementwise.ts";
import { matmulNT, reshape, sliceColumns } from "../ops/matrix.ts";
import { dropout, linear, softmaxRows } from "../ops/nn.ts";
import { normalizeRows } from "../ops/normalize.ts";
import { addRow, rowDots, scaleRows } from "../ops/reduce.ts";
import { segmentSum } from "../ops/rows.ts";
import { inputsOf } from "./features.ts";

/** A layer: x Wᵀ + b. */
export type Layer = { readonly W: Matrix<Dim, Dim>; readonly b: Vector<Dim> };

/** The network of features: a weight matrix per modality and the bias of that layer, and the layers after it. */
export type Projection = {
  readonly first: { readonly [modality: string]: Matrix<Dim, Features> };
  readonly b: Vector<Dim>;
  readonly layers: readonly Layer[];
};

/** The network of attention. */
export type Attention = { readonly first: Layer; readonly second: Layer };

/** Both networks. */
export type Networks = { readonly projection: Projection; readonly attention: Attention };

/** Raw features, by modality. */
export type Modalities = Readonly<Record<string, FeatureMatrix>>;

/** How wide layers are. */
export interface Widths extends Placement {
  /** Dimensions of embeddings. */
  readonly dim: number;
  /** Width of the first layer of features; the next two are half as wide. */
  readonly hidden: number;
}

/** What is dropped of a layer while it learns: a share `rate`, chosen by the key. */
export interface Noise {
  readonly key: Key;
  readonly rate: number;
}

/** Returns max(0, x). */
export function rectify<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return leakyRelu(x, 0);
}

/** Returns the rows of a matrix, those longer than 1 scaled to length 1. */
export function clip<R extends number, C extends number>(x: Matrix<R, C>): Matrix<R, C> {
  return scaleRows(x, rsqrt(rowDots(x, x), 1));
}

/** Draws the weights of both networks as Glorot and Bengio; biases are 0. */
export function drawNetworks(key: Key, features: Modalities, { dim, hidden, ...place }: Widths): Networks {
  const [forFirst, forLayers, forAttention] = split(key, 3);
  const widths = Object.values(features).map(inputsOf);
  // The modalities' matrices are parts of one, which is as wide as all of them.
  const high = Math.sqrt(6 / widths.reduce((total, width) => total + width, hidden));
  const first = Object.keys(features).map((modality, n) => [
    modality,
    uniform(foldIn(forFirst, n), [hidden, widths[n]], { low: -high, high, ...place }),
  ]);
  const layers = (key: Key, widths: readonly number[]): Layer[] =>
    widths.slice(1).map((width, n) => ({
      W: xavierUniform(foldIn(key, n), [width, widths[n]], place),
      b: zeros([width], place),
    }));
  const half = Math.ceil(hidden / 2);
  const [one, two] = layers(forAttention, [3 * dim, 5 * dim, dim]);
  return {
    projection: {
      first: Object.fromEntries(first),
      b: zeros([hidden], place),
      layers: layers(forLayers, [hidden, half, half, dim]),
    },
    attention: { first: one, second: two },
  };
}

/** Returns 1 / ‖x‖ of each item's features x, those of all modalities together. */
export function inverseLengths(features: Modalities): Vector<Items> {
  return rsqrt(addAll(
    Object.values(features).map((x) => "pattern" in x ? segmentSum(mul(x.values, x.values), x.pattern) : rowDots(x, x)),
  ));
}

function drop<S extends Shape>(x: Tensor<S>, noise: Noise | null, n: number): Tensor<S> {
  return noise ? dropout(foldIn(noise.key, n), x, noise.rate) : x;
}

/** Returns f = clip(W₄ σ(W₃ n(σ(W₂ n(σ(W₁ n(x)))))) of all items, each layer with its bias; `lengths` are inverse. */
export function projection(
  { first, b, layers }: Projection,
  features: Modalities,
  lengths: Vector<Items>,
  noise: Noise | null = null,
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

/** What the first layer of the attention sees: of users or of items, or, added up, of pairs of them. */
export interface Half<R extends number> {
  /** x Wᵀ, one row x each. */
  readonly inner: Matrix<R, Dim>;
  /** ‖x‖², a column. */
  readonly squares: Matrix<R, Dim>;
}

/** Returns what the first layer sees of several tables, which stand side by side before it from column `at` on. */
function seen<R extends number>({ first: { W } }: Attention, at: number, tables: readonly Matrix<R, Dim>[]): Half<R> {
  const dim = tables[0].shape[1];
  return {
    inner: addAll(tables.map((x, n) => matmulNT(x, sliceColumns(W, at + n * dim, at + (n + 1) * dim)))),
    squares: reshape(addAll(tables.map((x) => rowDots(x, x))), [tables[0].shape[0], 1]),
  };
}

/** Returns what the attention sees of users u. */
export function userHalf<R extends number>(attention: Attention, u: Matrix<R, Dim>): Half<R> {
  return seen(attention, 0, [u]);
}

/** Returns what the attention sees of items: of their own v, and of f. */
export function itemHalf<R extends number>(attention: Attention, v: Matrix<R, Dim>, f: Matrix<R, Dim>): Half<R> {
  return seen(attention, v.shape[1], [v, f]);
}

/** Returns a = d · softmax σ(W′ n(tanh(W n(u ‖ v ‖ f) + b)) + b′) of pairs, from the sums of what is seen of both. */
export function attend<R extends number>(
  { inner, squares }: Half<R>,
  { first, second }: Attention,
  noise: Noise | null = null,
): Matrix<R, Dim> {
  const lengths = rsqrt(reshape(squares, [squares.shape[0]]));
  const hidden = drop(tanh(addRow(scaleRows(inner, lengths), first.b)), noise, 0);
  // Divided by its lengths when it is narrow: there is one such row for every pair.
  const products = scaleRows(matmulNT(hidden, second.W), rsqrt(rowDots(hidden, hidden)));
  const logits = rectify(addRow(products, second.b));
  return scale(softmaxRows(logits), logits.shape[1]);
}

/** Returns ‖a ∘ u − a ∘ v‖² of pairs, from the differences u − v. */
export function distance<R extends number>(a: Matrix<R, Dim>, difference: Matrix<R, Dim>): Vector<R> {
  const weighed = mul(a, difference);
  return rowDots(weighed, weighed);
}
