/**
 * NGCF: neural graph collaborative filtering (Wang, He, Wang, Feng and Chua, SIGIR 2019, arXiv 1905.08108). With 𝓛 the
 * normalised interaction graph, ⊙ the elementwise product, and users and items one below the other in E:
 *
 * | equation | here | formula |
 * |---|---|---|
 * | (3–8) | {@link LAYERS} | Eˡ = lrelu((𝓛 + I) Eˡ⁻¹ W₁ + (𝓛 Eˡ⁻¹ ⊙ Eˡ⁻¹) W₂), from the parameters E⁰ |
 * | (9) | {@link propagated} | E = E⁰ ‖ E¹ ‖ … ‖ Eᴸ |
 * | (10) | `dotScore` | ŷ = ⟨e_u, e_i⟩ |
 * | (11) | {@link loss} | mean −log σ(ŷ_p − ŷ_n) + λ/B ½ Σ‖e‖² |
 *
 * ## Departures
 *
 * The defaults follow the authors' code (xiangwang1223/neural_graph_collaborative_filtering) where it differs from the
 * paper:
 *
 * - a layer is lrelu(M W₁ + b₁) + lrelu((E ⊙ M) W₂ + b₂) with M = 𝓛 E: two activations, biases, and a self term only in
 *   𝓛 (`layer: "code"`; the paper's is `"paper"`);
 * - 𝓛 is (D + I)⁻¹ (A + I) (`adjacency: "walk"`; the paper's D^(−½) A D^(−½) is `"symmetric"`). So the paper's equation
 *   is `layer: "paper"` with `adjacency: "symmetric"`;
 * - the layers that are put side by side are scaled to rows of length 1, except E⁰ (`normalize`; the paper has no such
 *   step). The input of the next layer is not scaled;
 * - λ weighs the batch's rows of E; the paper says all parameters. The slope of lrelu is 0.2, TensorFlow's default;
 * - the code's node dropout is off by default, and left out here. Message dropout is applied to the output of a layer,
 *   `dropout`;
 * - LATTICE's pipeline takes the mean of the layers instead of putting them side by side: `combine: "mean"`;
 * - the code evaluates on test every 10 epochs, and stops after 5 evaluations without progress. Here training stops on
 *   validation, without a switch; it evaluates every 5 epochs and has more patience, as MONET's pipeline does (`every`
 *   and `patience`, training settings).
 *
 * @module
 */
import { formula } from "../../kernels/mod.ts";
import type { Dim, Items, Nodes, Users } from "../core/axis.ts";
import type { Pattern } from "../core/pattern.ts";
import { foldIn, type Key, split } from "../core/random.ts";
import type { Settings } from "../core/settings.ts";
import type { Csr } from "../core/sparse.ts";
import type { Matrix, Placement, Scalar, Vector } from "../core/tensor.ts";
import type { Triples } from "../data/batch.ts";
import { type Dataset, histories } from "../data/dataset.ts";
import { symmetricAdjacency, walkAdjacency } from "../data/graph.ts";
import { xavierUniform } from "../ops/draw.ts";
import { add, leakyRelu, mul } from "../ops/elementwise.ts";
import { concatColumns, matmulNT, reshape } from "../ops/matrix.ts";
import { dropout, linear } from "../ops/nn.ts";
import { normalizeRows } from "../ops/normalize.ts";
import { pointwise } from "../ops/pointwise.ts";
import { propagate, spmm } from "../ops/sparse.ts";
import { average, batchL2, dotScore, drawFactors, type Factors, factorsOf, nodesOf, withinBatch } from "./factors.ts";
import { joinedLayers, JOININGS, type Messages, messagesOf, sumOfItems } from "./fold_in.ts";
import type { InteractionContext, Model } from "./model.ts";
import {
  type EdgesConfig,
  edgesSettings,
  ranked,
  type RankingConfig,
  rankingLoss,
  rankingRows,
  rankingSampler,
  rankingSettings,
  stepGraph,
} from "./ranking.ts";

/** The slope of lrelu for negative numbers. */
const SLOPE = 0.2;

/** (3–8) A layer, Eˡ of Eˡ⁻¹, by the source of its formula. */
export const LAYERS: Readonly<
  Record<
    NgcfConfig["layer"],
    (graph: Csr<Nodes, Nodes>, e: Matrix<Nodes, Dim>, weights: NgcfLayer, slope?: number) => Matrix<Nodes, Dim>
  >
> = {
  /** lrelu(M W₁ + b₁) + lrelu((E ⊙ M) W₂ + b₂), M = 𝓛 E. */
  code: (graph, e, { W1, W2, b1, b2 }, slope = SLOPE) => {
    const m = spmm(graph, e);
    return pointwise(rectifiedSum, [matmulNT(m, W1), [b1!, "columns"], matmulNT(mul(e, m), W2), [b2!, "columns"]], [
      slope,
    ]);
  },
  /** (7) lrelu((𝓛 + I) E W₁ + (𝓛 E ⊙ E) W₂). */
  paper: (graph, e, { W1, W2 }, slope = SLOPE) =>
    leakyRelu(add(linear(propagate(graph, e, 1), W1), linear(mul(e, spmm(graph, e)), W2)), slope),
};

/** lrelu(x + b) + lrelu(y + c) */
const rectifiedSum = formula("leakyRelu", ({ add, mul, where, zero }) => (x, b, y, c, s) => {
  const [p, q] = [add(x, b), add(y, c)];
  return add(where(p, zero, p, mul(s, p)), where(q, zero, q, mul(s, q)));
});

/** (9) All layers as one embedding. */
const COMBINED: Readonly<
  Record<NgcfConfig["combine"], <R extends number>(layers: readonly Matrix<R, Dim>[]) => Matrix<R, Dim>>
> = {
  concat: (layers) => concatColumns(layers),
  mean: average,
};

/** The form of {@link propagated}: that of NGCF's settings, and the slope of lrelu, 0.2 by default. */
export type NgcfForm = Pick<NgcfConfig, "layer" | "normalize" | "combine" | "dropout"> & {
  readonly slope?: number | undefined;
};

/** (3–8) E⁰ and its layers, normalised where the form says so; with a key, those of a step, which drops messages. */
function layersFrom(
  graph: Csr<Nodes, Nodes>,
  start: Matrix<Nodes, Dim>,
  layers: readonly NgcfLayer[],
  { layer, normalize, dropout: rate, slope }: NgcfForm,
  key?: Key,
): readonly Matrix<Nodes, Dim>[] {
  const all = [start];
  let e = start;
  for (const [n, weights] of layers.entries()) {
    const next = LAYERS[layer](graph, e, weights, slope);
    e = key ? dropout(foldIn(key, n), next, rate) : next;
    all.push(normalize ? normalizeRows(e) : e);
  }
  return all;
}

/** (3–9) The final embeddings of all nodes from E⁰; with a key, those of a training step, which drops messages. */
export function propagated(
  graph: Csr<Nodes, Nodes>,
  start: Matrix<Nodes, Dim>,
  layers: readonly NgcfLayer[],
  form: NgcfForm,
  key?: Key,
): Matrix<Nodes, Dim> {
  return COMBINED[form.combine](layersFrom(graph, start, layers, form, key));
}

/** (9) The final embeddings, of users and of items; with a key, those of a training step. */
export function encode(params: NgcfParams, { adjacency, history, config }: NgcfContext, key?: Key): Factors {
  return factorsOf(propagated(adjacency, nodesOf(params), params.layers, config, key), history);
}

/** The final embeddings, and what (3–8) need for users who join: items' messages and the weights of layers. */
export type NgcfEncoded = Factors & { readonly messages?: Messages; readonly layers?: readonly NgcfLayer[] };

/** The ways to join 𝓛. */
const JOINS = { walk: JOININGS.selfWalk, symmetric: JOININGS.symmetric } as const;

/** Returns the items' messages along 𝓛 in the layers before the last; none without layers. */
export function ngcfMessages(
  graph: Csr<Nodes, Nodes>,
  start: Matrix<Nodes, Dim>,
  layers: readonly NgcfLayer[],
  { layer, adjacency, users }: Pick<NgcfConfig, "layer" | "adjacency"> & { readonly users: Users },
): Pick<NgcfEncoded, "messages" | "layers"> {
  if (layers.length === 0) return {};
  const all = layers.slice(0, -1).reduce((all, weights) => [...all, LAYERS[layer](graph, all.at(-1)!, weights)], [
    start,
  ]);
  return { messages: messagesOf(all, graph.pattern, users, JOINS[adjacency]), layers };
}

/** (3–9) The final embeddings of users who join. */
export function ngcfJoined(
  { items, messages, layers }: NgcfEncoded,
  histories: Pattern<Users, Items>,
  { layer, adjacency, normalize, combine }: Pick<NgcfConfig, "layer" | "adjacency" | "normalize" | "combine">,
): Matrix<Users, Dim> {
  const weights = Object.values(layers ?? {});
  if (weights.length === 0) return sumOfItems(items, histories);
  const all = joinedLayers(messages, histories, JOINS[adjacency], (graph, h, l) => LAYERS[layer](graph, h, weights[l]));
  return COMBINED[combine](all.map((x, l) => normalize && l > 0 ? normalizeRows(x) : x));
}

/** (11) The BPR objective, and the regulariser of the batch's rows of E. */
export function loss(params: NgcfParams, batch: Triples, context: NgcfContext, key?: Key): Scalar {
  const { config, history } = context;
  const adjacency = stepGraph(context.adjacency, batch, history, config, RENORMALIZE[config.adjacency]);
  const { batch: own, rowsOf } = withinBatch(batch, history);
  // The batch's rows of each layer are joined: the tables of all nodes side by side would be large.
  const rows = layersFrom(adjacency, nodesOf(params), params.layers, config, key).map(rowsOf);
  const join = COMBINED[config.combine];
  const e = rankingRows(
    { users: join(rows.map(({ users }) => users)), items: join(rows.map(({ items }) => items)) },
    own,
    config,
  );
  return add(rankingLoss(e, own, config), batchL2(config.l2, e));
}

/** The normalisation of 𝓛 without a batch's own interactions, by the name of the graph. */
export const RENORMALIZE = { walk: "rows", symmetric: "symmetric" } as const;

/** The settings of NGCF. */
export type NgcfConfig = RankingConfig & EdgesConfig & {
  readonly dim: number;
  readonly layers: number;
  readonly l2: number;
  readonly dropout: number;
  readonly layer: "code" | "paper";
  readonly adjacency: "walk" | "symmetric";
  readonly normalize: boolean;
  readonly combine: "concat" | "mean";
};

/** The fixed inputs of NGCF. */
export interface NgcfContext extends InteractionContext<NgcfConfig> {
  /** 𝓛, the normalised interaction graph. */
  readonly adjacency: Csr<Nodes, Nodes>;
}

/** The weights of a layer; biases only in the code's. */
export type NgcfLayer = {
  readonly W1: Matrix<Dim, Dim>;
  readonly W2: Matrix<Dim, Dim>;
  readonly b1?: Vector<Dim>;
  readonly b2?: Vector<Dim>;
};

/** The parameters of NGCF: E⁰ of users and of items, and the weights of every layer. */
export type NgcfParams = Factors & { readonly layers: readonly NgcfLayer[] };

const settings: Settings<NgcfConfig> = {
  dim: { default: 64, min: 1, whole: true, about: "embedding size, of E⁰ and of every layer" },
  layers: { default: 3, min: 0, whole: true, about: "L, graph convolutions (7)" },
  l2: { default: 1e-5, min: 0, about: "λ, the weight of the squared norms of the batch's rows of E (11)" },
  dropout: { default: 0.1, min: 0, max: 0.99, about: "the share of messages that training drops after each layer" },
  layer: {
    default: "code",
    choices: ["code", "paper"],
    about: "the code's two activations and biases, or one activation on both terms and a self term (7)",
  },
  adjacency: {
    default: "walk",
    choices: ["walk", "symmetric"],
    about: "𝓛: (D + I)⁻¹ (A + I) as the code, or D^(−½) A D^(−½) as the paper (8)",
  },
  normalize: { default: true, about: "scale the rows of layers 1 to L to length 1 before they are combined (9)" },
  combine: {
    default: "concat",
    choices: ["concat", "mean"],
    about: "layers side by side (9), or their mean as in LATTICE's pipeline",
  },
  ...rankingSettings,
  ...edgesSettings,
};

/** Builds the graph. */
function prepare(data: Dataset, config: NgcfConfig, place: Placement = {}): NgcfContext {
  const history = histories(data, "train");
  const adjacency = {
    walk: () => walkAdjacency(history, { ...place, self: true }),
    symmetric: () => symmetricAdjacency(history, place),
  }[config.adjacency]();
  return { config, history, adjacency };
}

/** Draws the weights of L layers as Glorot and Bengio do, and biases as matrices of one row. */
export function drawLayers(
  key: Key,
  { dim, layers, layer }: Pick<NgcfConfig, "dim" | "layers" | "layer">,
  place: Placement = {},
): NgcfLayer[] {
  return Array.from({ length: layers }, (_, n) => {
    const [forW1, forW2, forB1, forB2] = split(foldIn(key, n), 4);
    const bias = (key: Key): Vector<Dim> => reshape(xavierUniform(key, [1, dim], place), [dim]);
    const weights: NgcfLayer = {
      W1: xavierUniform(forW1, [dim, dim], place),
      W2: xavierUniform(forW2, [dim, dim], place),
    };
    return layer === "code" ? { ...weights, b1: bias(forB1), b2: bias(forB2) } : weights;
  });
}

/** Draws E⁰ and the weights of the layers. */
function init(key: Key, { config, history, adjacency }: NgcfContext): NgcfParams {
  const { device } = adjacency.values.storage;
  const [forFactors, forLayers] = split(key);
  return {
    ...drawFactors(forFactors, history, { dim: config.dim, init: "uniform", device }),
    layers: drawLayers(forLayers, config, { device }),
  };
}

/**
 * NGCF as its authors' code computes it.
 *
 * @example
 * ```ts
 * import { ngcf } from "@giverny/giverny/models";
 * import { equal } from "node:assert/strict";
 * equal(ngcf.settings.layers.default, 3);
 * ```
 */
export const ngcf: Model<NgcfConfig, NgcfContext, NgcfParams, NgcfEncoded> = {
  name: "ngcf",
  about: "graph convolution with weights, activations and products of neighbours",
  source: "Wang et al., SIGIR 2019, arXiv 1905.08108",
  content: false,
  settings,
  training: { sampler: "user", batch: 1024, lr: 5e-4, epochs: 500, every: 5, patience: 10 },
  prepare,
  init,
  sampler: rankingSampler,
  loss,
  encode: ranked((params: NgcfParams, context: NgcfContext): NgcfEncoded => ({
    ...encode(params, context),
    ...ngcfMessages(context.adjacency, nodesOf(params), params.layers, {
      ...context.config,
      users: context.history.rows,
    }),
  })),
  foldInUser: (e, histories, config) => ({ ...e, users: ngcfJoined(e, histories, config) }),
  beforePropagation: ({ items }) => ({ ids: items }),
  score: dotScore,
  columns: ({ dim, layers, combine }) => [
    { modality: "interactions", width: combine === "concat" ? dim * (layers + 1) : dim },
  ],
};
