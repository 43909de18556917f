/**
 * FREEDOM: a frozen item graph and a denoised interaction graph (Zhou and Shen, "A Tale of Two Graphs: Freezing and
 * Denoising Graph Structures for Multimodal Recommendation", MM 2023, arXiv 2211.06924). With n(A) = D^(−½) A D^(−½), D
 * the row sums, and edges (u, i) of degrees d; the equations are numbered here:
 *
 * | equation | here | formula |
 * |---|---|---|
 * | (1) | {@link frozenGraph} | Sₘ = n(kNN(Xₘ)), kNN the k nearest neighbours by cosine, each with weight 1 |
 * | (2) | {@link itemGraph} | S = Σ αₘ Sₘ |
 * | (3) | {@link edgeWeights} | p = 1 / √(d_u d_i) |
 * | (4) | {@link pruned} | A_ρ: a share 1 − ρ of the edges, drawn in each epoch in proportion to p |
 * | (5) | {@link interactions} | Ẽ = (E⁰ + … + Eᴸ) / (L + 1) with Eˡ = n(A_ρ) Eˡ⁻¹ |
 * | (6) | {@link encode} | e_u = ẽ_u, e_i = ẽ_i + Sᴸ E⁰_i |
 * | (7) | {@link project} | fₘ = Xₘ Wₘᵀ + bₘ |
 * | (8) | {@link loss} | B(e_i) + λ Σ B(fₘ) with B(x) = mean −log σ(⟨e_u, x_p⟩ − ⟨e_u, x_n⟩) |
 *
 * Rankings use the whole graph A instead of A_ρ.
 *
 * ## Departures
 *
 * The defaults follow the released code (enoche/MMRec, a75d89a), except for the first three points:
 *
 * - ours: raw features stay fixed. The code trains them (`freeze: false`), while the item graph stays as it was;
 * - ours: any number of modalities. The modality `image` has the share `imageShare` of (2), and the others have equal
 *   parts of the rest; without it, or with it alone, all parts are equal;
 * - ours: neighbours of similarity 0 or below do not count, see `nearestNeighbours`;
 * - the code tunes ρ among 0.8 and 0.9 and λ among 0 and 10⁻⁵ to 10⁻³ for each data set; the defaults here are 0.8 and
 *   10⁻³.
 *
 * @module
 */
import type { Dim, Features, Items, Nodes, Users } from "../core/axis.ts";
import { degree, entries, type Pattern, patternFromCoo, rowIndices, transposed } from "../core/pattern.ts";
import { foldIn, type Key, split, uniformArray } from "../core/random.ts";
import { free, scope } from "../core/scope.ts";
import type { Config, Settings } from "../core/settings.ts";
import type { Csr } from "../core/sparse.ts";
import { type Matrix, ones, type Placement, type Scalar, type Vector } from "../core/tensor.ts";
import type { Triples } from "../data/batch.ts";
import { type Dataset, histories } from "../data/dataset.ts";
import { sumSparse, symmetricAdjacency, symmetricNormalized } from "../data/graph.ts";
import { nearestNeighbours } from "../data/neighbours.ts";
import { type FeatureMatrix, modalityFeatures } from "../data/tensors.ts";
import { linearUniform } from "../ops/draw.ts";
import { add, addAll, scale } from "../ops/elementwise.ts";
import { linear } from "../ops/nn.ts";
import { csr } from "../ops/sparse.ts";
import {
  batchRows,
  dotBpr,
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
import { type Joinable, joinedMean, meanMessages } from "./fold_in.ts";
import type { ContentContext, Model, RefreshAt } from "./model.ts";

/** (1) The normalised graph of the k nearest neighbours in one modality, each with weight 1. */
export async function frozenGraph(x: FeatureMatrix, k: number): Promise<Csr<Items, Items>> {
  const { pattern, values, transposedValues } = await nearestNeighbours<Items>(x, k);
  free([values, transposedValues]);
  return scope(() => symmetricNormalized(csr(pattern, ones([entries(pattern)], values.storage))));
}

/** (2) The item graph: the modalities' graphs, each with its share. */
export function itemGraph(graphs: Readonly<Record<string, Csr<Items, Items>>>, imageShare: number): Csr<Items, Items> {
  const names = Object.keys(graphs);
  const share = (name: string) => {
    if (names.length === 1 || !names.includes("image")) return 1 / names.length;
    return name === "image" ? imageShare : (1 - imageShare) / (names.length - 1);
  };
  return sumSparse(names.map((name) => ({ ...graphs[name], values: scale(graphs[name].values, share(name)) })));
}

/**
 * (3) The weight of each edge in the draw: edges between popular users and items are likely noise, and are kept less
 * often.
 */
export function edgeWeights(history: Pattern<Users, Items>): Float64Array {
  const [users, owners] = [rowIndices(history), transposed(history).pattern];
  return Float64Array.from(
    history.indices,
    (item, e) => 1 / Math.sqrt(degree(history, users[e]) * degree(owners, item)),
  );
}

/** (4) The edges that an epoch keeps: those with the smallest −log(r) / p, r uniform in (0, 1) and drawn by the key. */
export function pruned(key: Key, history: Pattern<Users, Items>, rho: number): Pattern<Users, Items> {
  const [count, weights] = [entries(history), edgeWeights(history)];
  const draws = uniformArray(key, count);
  const turns = weights.map((weight, e) => -Math.log(draws[e]) / weight);
  const order = Array.from(turns.keys()).sort((a, b) => turns[a] - turns[b] || a - b);
  const kept = order.slice(0, Math.max(1, Math.floor(count * (1 - rho))));
  const users = rowIndices(history);
  const shape = [history.rows, history.columns] as const;
  return patternFromCoo(shape, kept.map((e) => users[e]), kept.map((e) => history.indices[e]));
}

/** (5) The embeddings of users and items propagated along the interaction graph. */
export function interactions(params: FreedomParams, { config, history, whole, kept }: FreedomContext): Factors {
  return factorsOf(meanOfLayers(kept ?? whole, nodesOf(params), config.layers), history);
}

/** (6) The final embeddings: the items' are a sum along both graphs. */
export function encode(params: FreedomParams, context: FreedomContext): Factors {
  const { users, items } = interactions(params, context);
  return { users, items: add(items, layersOf(context.similar, params.items, context.config.itemLayers).at(-1)!) };
}

/** (7) The projections of the items' raw features, by modality. */
export function project({ modalities }: FreedomParams, { features }: FreedomContext): FreedomProjections {
  return Object.fromEntries(
    Object.entries(modalities).map(([modality, { W, b, X }]) => [modality, linear(X ?? features[modality], W, b)]),
  );
}

/** (8) The BPR objective of final embeddings and, with weight λ, of each modality. */
export function loss(params: FreedomParams, batch: Triples, context: FreedomContext): Scalar {
  const { users, items } = encode(params, context);
  const bpr = (items: Matrix<Items, Dim>) => dotBpr(batchRows({ users, items }, batch));
  const parts = Object.values(project(params, context)).map((f) => scale(bpr(f), context.config.lambda));
  return addAll([bpr(items), ...parts]);
}

/** The settings of FREEDOM. */
export type FreedomConfig = Config & {
  readonly dim: number;
  readonly neighbours: number;
  readonly imageShare: number;
  readonly rho: number;
  readonly layers: number;
  readonly itemLayers: number;
  readonly lambda: number;
  readonly freeze: boolean;
};

/** The fixed inputs of FREEDOM, and the pruned graph of an epoch. */
export interface FreedomContext extends ContentContext<FreedomConfig> {
  /** n(A), the normalised interaction graph. */
  readonly whole: Csr<Nodes, Nodes>;
  /** S, the item graph. */
  readonly similar: Csr<Items, Items>;
  /** n(A_ρ), in an epoch of training. */
  readonly kept?: Csr<Nodes, Nodes>;
}

/** A linear layer for each modality, and the features X where they are trained. */
export type FreedomModality = {
  readonly W: Matrix<Dim, Features>;
  readonly b: Vector<Dim>;
  readonly X?: Matrix<Items, Features>;
};

/** The parameters of FREEDOM: E⁰, and a set for each modality. */
export type FreedomParams = Factors & { readonly modalities: { readonly [modality: string]: FreedomModality } };

/** The projected features f of each modality. */
export type FreedomProjections = Readonly<Record<string, Matrix<Items, Dim>>>;

const settings: Settings<FreedomConfig> = {
  dim: { default: 64, min: 1, whole: true, about: "embedding size" },
  neighbours: {
    default: 10,
    min: 1,
    whole: true,
    about: "k, neighbours of an item in a modality, itself included (1)",
  },
  imageShare: { default: 0.1, min: 0, max: 1, about: "the share of the modality image in the item graph (2)" },
  rho: { default: 0.8, min: 0, max: 0.99, about: "ρ, the share of edges that an epoch leaves out (4)" },
  layers: { default: 2, min: 0, whole: true, about: "L, graph convolutions along interactions (5)" },
  itemLayers: { default: 1, min: 0, whole: true, about: "graph convolutions along the item graph (6)" },
  lambda: { default: 1e-3, min: 0, about: "λ, the weight of the modalities' objectives (8)" },
  freeze: { default: true, about: "keep raw features fixed; false trains dense ones, as the code does" },
};

/** Builds both graphs. */
async function prepare(data: Dataset, config: FreedomConfig, place: Placement = {}): Promise<FreedomContext> {
  const [history, features] = [histories(data, "train"), modalityFeatures(data, place)];
  const graphs: Record<string, Csr<Items, Items>> = {};
  for (const [name, x] of Object.entries(features)) graphs[name] = await frozenGraph(x, config.neighbours);
  const similar = scope(() => itemGraph(graphs, config.imageShare));
  free(Object.values(graphs).map(({ values, transposedValues }) => [values, transposedValues]));
  return { config, history, whole: symmetricAdjacency(history, place), similar, features };
}

/** Draws the parameters: tables as Glorot and Bengio do, W and b as PyTorch's linear layers do. */
function init(key: Key, { config: { dim, freeze }, history, whole, features }: FreedomContext): FreedomParams {
  const { device } = whole.values.storage;
  const [forFactors, forModalities] = split(key);
  const modalities = Object.entries(features).map(([name, x], n) => {
    const [inputs, [forW, forB]] = [inputsOf(x), split(foldIn(forModalities, n))];
    const how = { inputs, device };
    return [name, {
      W: linearUniform(forW, [dim, inputs], how),
      b: linearUniform(forB, [dim], how),
      ...trainable(x, freeze),
    }];
  });
  const factors = drawFactors(forFactors, history, { dim, init: "uniform", device });
  return { ...factors, modalities: Object.fromEntries(modalities) };
}

/** Prunes the graph for an epoch. Rankings use the whole graph. */
function refresh(_: FreedomParams, context: FreedomContext, at: RefreshAt): Promise<Partial<FreedomContext>> {
  const { config: { rho }, history, whole } = context;
  if (at.purpose === "encode" || rho === 0) return Promise.resolve({});
  return Promise.resolve({ kept: scope(() => symmetricAdjacency(pruned(at.key, history, rho), whole.values.storage)) });
}

/**
 * FREEDOM as its released code computes it, with features that stay fixed.
 *
 * @example
 * ```ts
 * import { freedom } from "@giverny/giverny/models";
 * import { equal } from "node:assert/strict";
 * equal(freedom.settings.rho.default, 0.8);
 * ```
 */
export const freedom: Model<FreedomConfig, FreedomContext, FreedomParams, Joinable, Promise<FreedomContext>> = {
  name: "freedom",
  about: "a frozen graph of similar items, and an interaction graph pruned by degree in each epoch",
  source: "Zhou and Shen, MM 2023, arXiv 2211.06924",
  settings,
  training: { sampler: "interaction", batch: 2048, lr: 1e-3, epochs: 1000, every: 1, patience: 20 },
  prepare,
  init,
  refresh,
  loss,
  encode: (params, context) => ({
    ...encode(params, context),
    messages: meanMessages(context.whole, nodesOf(params), context.history.rows, context.config.layers),
  }),
  foldInUser: (e, histories, { layers }) => ({ ...e, users: joinedMean(e, histories, layers) }),
  beforePropagation: project,
  score: dotScore,
};
