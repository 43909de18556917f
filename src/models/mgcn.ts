/**
 * MGCN: modality features purified by behaviour, propagated in separate views, and fused by behaviour (Yu, Tan, Lu and
 * Bao, "Multi-View Graph Convolutional Network for Multimedia Recommendation", MM 2023, arXiv 2308.03588). For every
 * modality m, with E the ID embeddings, σ the logistic function, Sₘ the normalised graph of the k nearest neighbours in
 * raw features Xₘ, Â the interaction graph and R̂ its block from users to items. Equations are numbered here, in the
 * order of computation; GUME, a later model, has the first four too, along other graphs:
 *
 * | equation | here | formula |
 * |---|---|---|
 * | (1) | `purify` | Mₘ = E_i ∘ σ(gate(project(Xₘ))), the behaviour-guided purifier |
 * | (2) | {@link views} | X = (E + … + Âᴸ E) / (L + 1), the user-item view |
 * | (3) | `explicit` | Fₘ = [R̂ Tₘ ; Tₘ] with Tₘ = Sₘⁿ Mₘ, the item-item view |
 * | (4) | `attention` | a = softmax over m of ⟨w, tanh(query(Fₘ))⟩ |
 * | (5) | `separate` | J = (C + Σ σ(behaviourₘ(X)) ∘ (Fₘ − C)) / (M + 1) with C = Σ aₘ Fₘ, the behaviour-aware fuser |
 * | (6) | {@link encode} | e = X + J |
 * | (7) | {@link contrast} | N(J_u, X_u) + N(J_p, X_p), N the InfoNCE of rows at temperature τ |
 * | (8) | {@link loss} | mean −log σ(ŷ_p − ŷ_n) + λ/B ½ Σ‖e‖² + λ_C · (7) |
 *
 * ## Departures
 *
 * The defaults follow the released code (demonph10/MGCN, d080d5a) except in the first two points:
 *
 * - ours: raw features stay fixed. The code trains them (`freeze: false`), while the graphs of their neighbours stay as
 *   they were;
 * - ours: any number of modalities, where the code has two and divides (5) by 3;
 * - the code divides the regulariser of an epoch's last, smaller batch by the size of the other batches; here by its
 *   own size;
 * - the code's graphs take k neighbours at any similarity. Here similarities of 0 and below do not count: see
 *   `nearestNeighbours`;
 * - the code tunes λ_C among 0.001, 0.01 and 0.1 for each data set; the default is 0.01;
 * - the paper waits for 20 epochs without progress, the code's file of settings says 10 in one version; here 20.
 *
 * @module
 */
import type { Dim, Items, Nodes, Users } from "../core/axis.ts";
import { add } from "../core/autodiff.ts";
import { foldIn, type Key, split } from "../core/random.ts";
import { scope } from "../core/scope.ts";
import type { Config, Settings } from "../core/settings.ts";
import type { Csr } from "../core/sparse.ts";
import type { Matrix, Placement, Scalar } from "../core/tensor.ts";
import type { Triples } from "../data/batch.ts";
import { type Dataset, histories } from "../data/dataset.ts";
import { symmetricAdjacency, userBlock } from "../data/graph.ts";
import { similarityGraphs } from "../data/neighbours.ts";
import { modalityFeatures } from "../data/tensors.ts";
import { linearUniform } from "../ops/draw.ts";
import { addAll, scale } from "../ops/elementwise.ts";
import { infoNce } from "../ops/loss.ts";
import { gather } from "../ops/rows.ts";
import {
  batchL2,
  batchRows,
  dotBpr,
  dotScore,
  drawFactors,
  drawLinear,
  type Factors,
  factorsOf,
  inputsOf,
  meanOfLayers,
  nodesOf,
  trainable,
} from "./factors.ts";
import {
  explicit,
  foldInUser,
  type GumeEncoded,
  type GumeModality,
  type GumeParams,
  joinable,
  purify,
  separate,
} from "./gume.ts";
import type { ContentContext, Model } from "./model.ts";

/** The results of (2), (3) and (5): the user-item view X, the features of each modality, and the fused features J. */
export type MgcnViews = {
  readonly ids: Matrix<Nodes, Dim>;
  readonly features: readonly Matrix<Nodes, Dim>[];
  readonly fused: Matrix<Nodes, Dim>;
};

/** (1–5) The user-item view and the fused features of the item-item views. */
export function views(params: MgcnParams, context: MgcnContext): MgcnViews {
  const { features, graphs, adjacency, config } = context;
  const ids = meanOfLayers(adjacency, nodesOf(params), config.layers);
  const found = Object.entries(params.modalities).map(([modality, p]) =>
    nodesOf(explicit(purify(p.X ?? features[modality], p, params.items), graphs[modality], context))
  );
  return { ids, features: found, fused: separate(ids, found, params) };
}

/** (6) The final embeddings. */
export function encode(params: MgcnParams, context: MgcnContext): Factors {
  const { ids, fused } = views(params, context);
  return factorsOf(add(ids, fused), context.history);
}

/** (7) The contrast of fused features with the user-item view, of a batch's users and positives. */
export function contrast(
  { ids, fused }: Pick<MgcnViews, "ids" | "fused">,
  { users, positives }: Triples,
  context: MgcnContext,
): Scalar {
  const [x, j] = [ids, fused].map((nodes) => factorsOf(nodes, context.history));
  const { temperature } = context.config;
  return add(
    infoNce(gather(j.users, users), gather(x.users, users), temperature),
    infoNce(gather(j.items, positives), gather(x.items, positives), temperature),
  );
}

/** (8) The BPR objective, the regulariser of the batch's final embeddings, and the contrast. */
export function loss(params: MgcnParams, batch: Triples, context: MgcnContext): Scalar {
  const { contrast: weight, l2 } = context.config;
  const found = views(params, context);
  const e = batchRows(factorsOf(add(found.ids, found.fused), context.history), batch);
  const parts = weight === 0 ? [] : [scale(contrast(found, batch, context), weight)];
  return addAll([dotBpr(e), batchL2(l2, e), ...parts]);
}

/** The settings of MGCN. */
export type MgcnConfig = Config & {
  readonly dim: number;
  readonly neighbours: number;
  readonly layers: number;
  readonly itemLayers: number;
  readonly contrast: number;
  readonly temperature: number;
  readonly l2: number;
  readonly freeze: boolean;
};

/** The fixed inputs of MGCN. */
export interface MgcnContext extends ContentContext<MgcnConfig> {
  /** Â, the normalised interaction graph. */
  readonly adjacency: Csr<Nodes, Nodes>;
  /** R̂, its block from users to items. */
  readonly block: Csr<Users, Items>;
  /** S: the graph of each modality's raw features. */
  readonly graphs: Readonly<Record<string, Csr<Items, Items>>>;
}

/** The parameters of a modality: the layers of (1) and (5), and the features X where they are trained. */
export type MgcnModality = Omit<GumeModality, "Q">;

/** The parameters of MGCN: E, the attention of (4), and a set for each modality. */
export type MgcnParams = Factors & Pick<GumeParams, "query"> & {
  readonly modalities: { readonly [modality: string]: MgcnModality };
};

const settings: Settings<MgcnConfig> = {
  dim: { default: 64, min: 1, whole: true, about: "embedding size" },
  neighbours: { default: 10, min: 1, whole: true, about: "k, neighbours of an item in a modality, itself included" },
  layers: { default: 2, min: 0, whole: true, about: "L, graph convolutions along interactions (2)" },
  itemLayers: { default: 1, min: 0, whole: true, about: "n, graph convolutions along similar items (3)" },
  contrast: { default: 0.01, min: 0, about: "λ_C, the weight of the contrast of features with behaviour (7)" },
  temperature: { default: 0.2, min: 0.01, about: "τ, the temperature of the contrast (7)" },
  l2: { default: 1e-4, min: 0, about: "λ, the weight of the batch's squared norms (8)" },
  freeze: { default: true, about: "keep raw features fixed; false trains dense ones, as the code does" },
};

/** Builds the graphs. */
async function prepare(data: Dataset, config: MgcnConfig, place: Placement = {}): Promise<MgcnContext> {
  const history = histories(data, "train");
  const features = modalityFeatures(data, place);
  const graphs = await similarityGraphs(features, config.neighbours);
  const adjacency = symmetricAdjacency(history, place);
  return { config, history, adjacency, block: scope(() => userBlock(adjacency, history.rows)), features, graphs };
}

/** Draws the parameters: tables as Glorot and Bengio do, layers as PyTorch does. */
function init(key: Key, { config: { dim, freeze }, history, features, adjacency }: MgcnContext): MgcnParams {
  const { device } = adjacency.values.storage;
  const [forFactors, forQuery, forWeights, forModalities] = split(key, 4);
  const layer = <F extends number>(key: Key, inputs: F) => drawLinear(key, [dim, inputs], { device });
  const modalities = Object.entries(features).map(([modality, x], m): [string, MgcnModality] => {
    const [forProject, forGate, forBehaviour] = split(foldIn(forModalities, m), 3);
    return [modality, {
      project: layer(forProject, inputsOf(x)),
      gate: layer(forGate, dim),
      behaviour: layer(forBehaviour, dim),
      ...trainable(x, freeze),
    }];
  });
  return {
    ...drawFactors(forFactors, history, { dim, init: "uniform", device }),
    query: { ...layer(forQuery, dim), w: linearUniform(forWeights, [1, dim], { inputs: dim, device }) },
    modalities: Object.fromEntries(modalities),
  };
}

/**
 * MGCN as its released code computes it, with features that stay fixed.
 *
 * @example
 * ```ts
 * import { mgcn } from "@giverny/giverny/models";
 * import { equal } from "node:assert/strict";
 * equal(mgcn.settings.temperature.default, 0.2);
 * ```
 */
export const mgcn: Model<MgcnConfig, MgcnContext, MgcnParams, GumeEncoded, Promise<MgcnContext>> = {
  name: "mgcn",
  about: "features purified and fused by behaviour, in separate graphs, with a contrast of the two views",
  source: "Yu et al., MM 2023, arXiv 2308.03588",
  settings,
  training: { sampler: "interaction", batch: 2048, lr: 1e-3, decay: 0.96, epochs: 1000, every: 1, patience: 20 },
  prepare,
  init,
  loss,
  encode: (params, context) => {
    const { ids, features, fused } = views(params, context);
    return joinable(params, { ids, explicit: features, joint: fused }, context);
  },
  foldInUser,
  score: dotScore,
};
