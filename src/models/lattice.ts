/**
 * LATTICE: item graphs mined from modalities, learned along with a recommender of interactions (Zhang, Zhu, Liu, Wu,
 * Wang and Wang, MM 2021, arXiv 2104.09036). With kNN the k nearest neighbours by cosine and n(K) = D^(−½) K D^(−½), D
 * the row sums, for every modality m:
 *
 * | equation | here | formula |
 * |---|---|---|
 * | (1, 2, 3) | {@link prepare} | Sₘ = n(kNN(Xₘ)), once |
 * | (4) | {@link project} | Zₘ = Xₘ Wₘᵀ + bₘ |
 * | (5, 6) | {@link itemGraph} | A = λ Σ wₘ Sₘ + (1 − λ) n(Σ wₘ kNN(Zₘ)), w = softmax of a number per modality |
 * | (7) | {@link itemPropagation} | H = Aᴸ E_i |
 * | (8) | {@link encode} | e_i = ẽ_i + h_i / ‖h_i‖, with ẽ of a recommender of ID embeddings alone |
 * | (9) | `dotScore` | ŷ = ⟨e_u, e_i⟩ |
 * | (10) | {@link loss} | mean −log σ(ŷ_p − ŷ_n) + λ₂/B ½ Σ‖e‖² |
 *
 * Graphs hold k entries per row and modality and are never written out. {@link refresh} finds the neighbours in Z
 * before each epoch and each ranking.
 *
 * ## Departures
 *
 * The defaults follow the released code (CRIPAC-DIG/LATTICE, 1b72fe7) except in the first point:
 *
 * - ours: raw features stay fixed. The code trains them (`freeze: false`): gradients reach them in one step of an
 *   epoch, and Adam's memory moves all of them in every step. So it is in PyTorch 1, which the code asks for; PyTorch 2
 *   has no gradients in the other steps, and leaves the features as they are;
 * - A has a gradient in the first step of an epoch and is then held until the next (`graphGradient: "first"`), so W, b
 *   and w learn from one batch an epoch. `"every"` computes its weights again in each step, for the same neighbours;
 *   `"none"` never learns them;
 * - the learned graph is normalised after the modalities are mixed; the paper normalises each (`mix: "after"`);
 * - ẽ is LightGCN's mean of layers along (D + I)⁻¹ (A + I), which is not LightGCN's graph (`adjacency: "symmetric"`).
 *   With `encoder: "ngcf"` it is the mean of NGCF's layers, which NGCF has side by side; they are ours, of
 *   `slope` 0.2 and weights drawn as Glorot and Bengio do. LATTICE's code has PyTorch's defaults: the slope 0.01, and
 *   other weights;
 * - the code's graphs take k neighbours at any similarity. Here similarities of 0 and below do not count (see
 *   `nearestNeighbours`): a row sum would vanish or turn negative. On TikTok all 6,710 items have 10 such neighbours in
 *   either modality.
 *
 * @module
 */
import { KindError } from "../../kernels/errors.ts";
import type { Dim, Features, Items, Nodes, Users } from "../core/axis.ts";
import { add } from "../core/autodiff.ts";
import type { Pattern } from "../core/pattern.ts";
import { foldIn, type Key, split } from "../core/random.ts";
import { free, scope } from "../core/scope.ts";
import type { Settings } from "../core/settings.ts";
import type { Csr } from "../core/sparse.ts";
import { full, type Matrix, type Placement, type Scalar, type Vector } from "../core/tensor.ts";
import type { Triples } from "../data/batch.ts";
import { type Dataset, histories } from "../data/dataset.ts";
import { sumSparse, symmetricAdjacency, symmetricNormalized, walkAdjacency } from "../data/graph.ts";
import { nearestNeighbours, similarityGraphs } from "../data/neighbours.ts";
import { modalityFeatures } from "../data/tensors.ts";
import { linearUniform } from "../ops/draw.ts";
import { addAll, neg, scale, shift, step } from "../ops/elementwise.ts";
import { concatColumns, reshape, sliceColumns } from "../ops/matrix.ts";
import { linear, softmaxRows } from "../ops/nn.ts";
import { normalizeRows } from "../ops/normalize.ts";
import { rowDots, scaleBy } from "../ops/reduce.ts";
import { csr, sddmm } from "../ops/sparse.ts";
import {
  batchL2,
  dotScore,
  drawFactors,
  type Factors,
  factorsOf,
  inputsOf,
  layersOf,
  meanOfLayers,
  nodesOf,
  trainable,
} from "./factors.ts";
import { foldInSum, joinedLayers, JOININGS, messagesOf } from "./fold_in.ts";
import type { ContentContext, Model } from "./model.ts";
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
import {
  drawLayers,
  type NgcfEncoded,
  ngcfJoined,
  type NgcfLayer,
  ngcfMessages,
  propagated,
  RENORMALIZE,
} from "./ngcf.ts";

/** (1, 2, 3) Builds the graphs of interactions and of raw features. */
async function prepare(data: Dataset, config: LatticeConfig, place: Placement = {}): Promise<LatticeContext> {
  const history = histories(data, "train");
  const adjacency = ADJACENCIES[config.adjacency](history, place);
  const features = modalityFeatures(data, place);
  return { config, history, adjacency, features, original: await similarityGraphs(features, config.neighbours) };
}

/** (4) Projects the raw features of every modality. */
export function project(
  { modalities }: LatticeGraphParams,
  { features }: Pick<LatticeContext, "features">,
): LatticeModal<Matrix<Items, Dim>> {
  return Object.fromEntries(
    Object.entries(modalities).map(([modality, { W, b, X }]) => [modality, linear(X ?? features[modality], W, b)]),
  );
}

/** (5, 6) The item graph: the graphs of raw features, and the learned graph of the similarities of neighbours in Z. */
export function itemGraph(
  z: LatticeModal<Matrix<Items, Dim>>,
  weights: Vector,
  { neighbours = {}, original, config }: LatticeContext,
): Csr<Items, Items> {
  const shares = softmaxRows(reshape(weights, [1, weights.shape[0]]));
  const mixed: typeof sumSparse<Items, Items> = (graphs) =>
    sumSparse(graphs.map(({ pattern, values }, m) => {
      const share = reshape(sliceColumns(shares, m, m + 1), []);
      return { pattern, values: scaleBy(values, share) };
    }));
  const similar = Object.entries(neighbours).map(([modality, near]) => similarities(near, z[modality]));
  const [fixed, learned] = [mixed(Object.values(original)), MIXTURES[config.mix](similar, mixed)];
  return sumSparse([
    { ...fixed, values: scale(fixed.values, config.original) },
    { ...learned, values: scale(learned.values, 1 - config.original) },
  ]);
}

/**
 * Returns the cosines of neighbours in Z. A row of zeros has the only neighbour itself, at similarity 1 as in
 * `nearestNeighbours`: an additional coordinate is 1 there, and 0 elsewhere.
 */
function similarities(near: Pattern<Items, Items>, z: Matrix<Items, Dim>): Csr<Items, Items> {
  const empty = shift(neg(step(rowDots(z, z))), 1);
  const unit = concatColumns([normalizeRows(z), reshape(empty, [z.shape[0], 1])]);
  return csr(near, sddmm(near, unit, unit));
}

/** (5, 6) by the order of mixing modalities and normalising graphs. */
const MIXTURES = {
  before: (graphs: readonly Csr<Items, Items>[], mixed: typeof sumSparse<Items, Items>) =>
    symmetricNormalized(mixed(graphs)),
  after: (graphs: readonly Csr<Items, Items>[], mixed: typeof sumSparse<Items, Items>) =>
    mixed(graphs.map(symmetricNormalized)),
};

/** (7) Propagates the items' ID embeddings along the item graph. */
export function itemPropagation(
  graph: Csr<Items, Items>,
  items: Matrix<Items, Dim>,
  { itemLayers }: Pick<LatticeConfig, "itemLayers">,
): Matrix<Items, Dim> {
  return layersOf(graph, items, itemLayers).at(-1)!;
}

/** (8) The final embeddings, in a context from {@link refresh}; with a key, those of a training step. */
export function encode(params: LatticeParams, context: LatticeContext, key?: Key): Factors {
  const { config, graph } = context;
  if (!graph) throw new KindError("Cannot encode with LATTICE: the context must have an item graph, see refresh()");
  const { users, items } = ENCODERS[config.encoder](params, context, key);
  return { users, items: add(items, normalizeRows(itemPropagation(graph, params.items, config))) };
}

/** (8) ẽ by the name of the encoder. */
const ENCODERS: Readonly<
  Record<LatticeConfig["encoder"], (params: LatticeParams, context: LatticeContext, key?: Key) => Factors>
> = {
  lightgcn: (params, { adjacency, history, config }) =>
    factorsOf(meanOfLayers(adjacency, nodesOf(params), config.layers), history),
  ngcf: (params, { adjacency, history, config: { dropout, slope } }, key) => {
    const how = { layer: "code", normalize: true, combine: "mean", dropout, slope } as const;
    return factorsOf(propagated(adjacency, nodesOf(params), params.ngcf!, how, key), history);
  },
  mf: ({ users, items }) => ({ users, items }),
};

/** (8) The final embeddings, with what the encoder needs for users who join. */
function encodeJoinable(params: LatticeParams, context: LatticeContext): NgcfEncoded {
  const { adjacency, history, config } = context;
  const [nodes, users] = [nodesOf(params), history.rows];
  const encoded = encode(params, context);
  if (config.encoder === "ngcf") {
    return { ...encoded, ...ngcfMessages(adjacency, nodes, params.ngcf!, { ...config, layer: "code", users }) };
  }
  if (config.encoder === "mf" || config.layers === 0) return encoded;
  const layers = layersOf(adjacency, nodes, config.layers - 1);
  return { ...encoded, messages: messagesOf(layers, adjacency.pattern, users, JOINS[config.adjacency]) };
}

/** The ways to join the interaction graph. */
const JOINS = { walk: JOININGS.selfWalk, symmetric: JOININGS.symmetric } as const;

/** (8) ẽ of users who join. */
function foldInUser(e: NgcfEncoded, histories: Pattern<Users, Items>, config: LatticeConfig): NgcfEncoded {
  const { encoder, adjacency, layers } = config;
  if (encoder === "mf" || layers === 0) return foldInSum(e, histories);
  if (encoder === "ngcf") {
    const how = { layer: "code", normalize: true, combine: "mean", adjacency } as const;
    return { ...e, users: ngcfJoined(e, histories, how) };
  }
  const joined = joinedLayers(e.messages, histories, JOINS[adjacency]);
  return { ...e, users: scale(addAll(joined), 1 / (layers + 1)) };
}

/** (10) The BPR objective, and the regulariser of the batch's final embeddings. */
export function loss(params: LatticeParams, batch: Triples, context: LatticeContext, key?: Key): Scalar {
  const { config, history } = context;
  const learned: Pick<LatticeContext, "graph"> = GRADIENTS[config.graphGradient](batch.step)
    ? { graph: itemGraph(project(params, context), params.weights, context) }
    : {};
  const adjacency = stepGraph(context.adjacency, batch, history, config, RENORMALIZE[config.adjacency]);
  const e = rankingRows(encode(params, { ...context, ...learned, adjacency }, key), batch, config);
  return add(rankingLoss(e, batch, config), batchL2(config.l2, e));
}

/** Whether the item graph has a gradient in a step of an epoch. */
const GRADIENTS = {
  first: (step: number) => step === 0,
  every: () => true,
  none: () => false,
};

/** The settings of LATTICE. */
export type LatticeConfig = RankingConfig & EdgesConfig & {
  readonly dim: number;
  readonly neighbours: number;
  readonly original: number;
  readonly itemLayers: number;
  readonly encoder: "lightgcn" | "ngcf" | "mf";
  readonly layers: number;
  readonly dropout: number;
  readonly slope: number;
  readonly adjacency: "walk" | "symmetric";
  readonly mix: "before" | "after";
  readonly graphGradient: "first" | "every" | "none";
  readonly l2: number;
  readonly freeze: boolean;
};

/** A value of every modality, by its name. */
export type LatticeModal<T> = Readonly<Record<string, T>>;

/** The fixed inputs of LATTICE, and the item graph of an epoch. */
export interface LatticeContext extends ContentContext<LatticeConfig> {
  /** The normalised interaction graph. */
  readonly adjacency: Csr<Nodes, Nodes>;
  /** S: the graph of each modality's raw features. */
  readonly original: LatticeModal<Csr<Items, Items>>;
  /** The neighbours in each modality's Z, for an epoch. */
  readonly neighbours?: LatticeModal<Pattern<Items, Items>>;
  /** A, without gradient, for an epoch. */
  readonly graph?: Csr<Items, Items>;
}

/** The parameters of the item graph: a number per modality for w, and per modality W and b, and X if trained. */
export type LatticeGraphParams = {
  readonly weights: Vector;
  readonly modalities: {
    readonly [modality: string]: {
      readonly W: Matrix<Dim, Features>;
      readonly b: Vector<Dim>;
      readonly X?: Matrix<Items, Features>;
    };
  };
};

/** The parameters: Ẽ, the item graph's, and NGCF's layers where the encoder is NGCF. */
export type LatticeParams = Factors & LatticeGraphParams & { readonly ngcf?: readonly NgcfLayer[] };

const settings: Settings<LatticeConfig> = {
  dim: { default: 64, min: 1, whole: true, about: "embedding size, of ids and of projected features" },
  neighbours: {
    default: 10,
    min: 1,
    whole: true,
    about: "k, neighbours of an item in a modality, itself included (2)",
  },
  original: { default: 0.9, min: 0, max: 1, about: "λ, the share of the graphs of raw features in the item graph (5)" },
  itemLayers: { default: 1, min: 0, whole: true, about: "L, graph convolutions along the item graph (7)" },
  encoder: { default: "lightgcn", choices: ["lightgcn", "ngcf", "mf"], about: "the recommender that gives ẽ (8)" },
  layers: { default: 2, min: 0, whole: true, about: "its graph convolutions along interactions" },
  dropout: { default: 0.1, min: 0, max: 0.99, about: "the share of NGCF's messages that training drops" },
  slope: { default: 0.2, min: 0, max: 1, about: "the slope of NGCF's lrelu; LATTICE's code has 0.01" },
  adjacency: {
    default: "walk",
    choices: ["walk", "symmetric"],
    about: "its interaction graph: (D + I)⁻¹ (A + I) as the code, or D^(−½) A D^(−½) as LightGCN",
  },
  mix: {
    default: "before",
    choices: ["before", "after"],
    about:
      "modalities are mixed before the learned graph is normalised, as the code does, or after, as the paper says (5)",
  },
  graphGradient: {
    default: "first",
    choices: ["first", "every", "none"],
    about: "the steps of an epoch in which the item graph has a gradient; the code's is the first",
  },
  l2: { default: 1e-5, min: 0, about: "λ₂, the weight of the batch's squared norms (10)" },
  freeze: { default: true, about: "keep raw features fixed; false trains dense ones, as the code does" },
  ...rankingSettings,
  ...edgesSettings,
};

const ADJACENCIES = {
  walk: (history: Pattern<Users, Items>, place: Placement) => walkAdjacency(history, { ...place, self: true }),
  symmetric: symmetricAdjacency,
};

/** Draws the parameters: Ẽ as Glorot and Bengio do, W and b as PyTorch's linear layers do, w equal. */
function init(key: Key, { config, history, features, adjacency }: LatticeContext): LatticeParams {
  const { dim, freeze, encoder, layers } = config;
  const { device } = adjacency.values.storage;
  const [forFactors, forModalities, forLayers] = split(key, 3);
  const modalities = Object.entries(features).map(([modality, x], n) => {
    const inputs = inputsOf(x);
    const [forW, forB] = split(foldIn(forModalities, n));
    const W = linearUniform(forW, [dim, inputs], { inputs, device });
    const b = linearUniform(forB, [dim], { inputs, device });
    return [modality, { W, b, ...trainable(x, freeze) }];
  });
  const params: LatticeParams = {
    ...drawFactors(forFactors, history, { dim, init: "uniform", device }),
    weights: full([modalities.length], 1 / modalities.length, { device }),
    modalities: Object.fromEntries(modalities),
  };
  if (encoder !== "ngcf") return params;
  return { ...params, ngcf: drawLayers(forLayers, { dim, layers, layer: "code" }, { device }) };
}

/** Finds the neighbours in Z, and builds the item graph of an epoch. */
export async function refresh(
  params: LatticeGraphParams,
  context: LatticeContext,
): Promise<Required<Pick<LatticeContext, "neighbours" | "graph">>> {
  const z = scope(() => project(params, context));
  const neighbours: Record<string, Pattern<Items, Items>> = {};
  for (const [modality, x] of Object.entries(z)) {
    const { pattern, values, transposedValues } = await nearestNeighbours(x, context.config.neighbours);
    neighbours[modality] = pattern;
    free([values, transposedValues]);
  }
  const graph = scope(() => itemGraph(z, params.weights, { ...context, neighbours }));
  free(z);
  return { neighbours, graph };
}

/**
 * LATTICE as its released code computes it, with features that stay fixed.
 *
 * @example
 * ```ts
 * import { lattice } from "@giverny/giverny/models";
 * import { equal } from "node:assert/strict";
 * equal(lattice.settings.original.default, 0.9);
 * ```
 */
export const lattice: Model<LatticeConfig, LatticeContext, LatticeParams, NgcfEncoded, Promise<LatticeContext>> = {
  name: "lattice",
  about: "graphs of similar items, learned from their modalities, along with a recommender of interactions",
  source: "Zhang et al., MM 2021, arXiv 2104.09036",
  settings,
  training: { sampler: "user", batch: 1024, lr: 5e-4, decay: 0.96, epochs: 200, every: 5, patience: 10 },
  prepare,
  init,
  refresh,
  sampler: rankingSampler,
  loss,
  encode: ranked(encodeJoinable),
  foldInUser,
  beforePropagation: ({ items }) => ({ ids: items }),
  score: dotScore,
};
