/**
 * LATTICE: graphs of items mined from their modalities, learned along with the recommender they serve (Zhang, Zhu, Liu, Wu, Wang
 * and Wang, MM 2021, arXiv 2104.09036). With kNN the k nearest neighbours by cosine and n(K) = D^(−½) K D^(−½), D the row sums,
 * for every modality m:
 *
 * | equation | here | formula |
 * |---|---|---|
 * | (1, 2, 3) | {@link prepare} | Sₘ = n(kNN(Xₘ)), once |
 * | (4) | `project` | Zₘ = Xₘ Wₘᵀ + bₘ |
 * | (5, 6) | `itemGraph` | A = λ Σ wₘ Sₘ + (1 − λ) n(Σ wₘ kNN(Zₘ)), w = softmax of a number per modality |
 * | (7) | {@link encode} | H = Aᴸ E_i |
 * | (8) | {@link encode} | e_i = ẽ_i + h_i / ‖h_i‖, with ẽ of a recommender that knows ids alone |
 * | (9) | `dotScore` | ŷ = ⟨e_u, e_i⟩ |
 * | (10) | {@link loss} | mean −log σ(ŷ_p − ŷ_n) + λ₂/B ½ Σ‖e‖² |
 *
 * Graphs hold k entries per row and modality and are never written out. Neighbours in Z are found before each epoch and each
 * ranking, by `refresh`.
 *
 * ## Departures
 *
 * The defaults follow the released code (CRIPAC-DIG/LATTICE, 1b72fe7) but in the first point:
 *
 * - ours: raw features stay fixed. The code trains them (`freeze: false`), which reaches them in one step of an epoch while
 *   Adam's memory of it moves all of them in every step;
 * - A has a gradient in the first step of an epoch and is then held until the next (`graphGradient: "first"`), so W, b and w learn
 *   from one batch an epoch. `"every"` computes its weights anew in each step, for the same neighbours; `"none"` never learns them;
 * - the learned graph is normalised after the modalities are mixed; the paper normalises each (`mix: "after"`);
 * - ẽ is LightGCN's mean of layers along (D + I)⁻¹ (A + I), which is not LightGCN's graph (`adjacency: "symmetric"`). With
 *   `encoder: "ngcf"` it is the mean of NGCF's layers, which NGCF has side by side; they are ours, whose slope is 0.2 and weights
 *   are drawn as Glorot and Bengio, where LATTICE's code has PyTorch's defaults;
 * - the code's graphs take k neighbours whatever their similarity. Here similarities of 0 and below do not count, see
 *   `nearestNeighbours`: a row sum would vanish or turn negative. On TikTok all 6,710 items have 10 such neighbours in either
 *   modality.
 *
 * @module
 */
import { KindError } from "../../kernels/errors.ts";
import type { Items, Nodes, Users } from "../core/axis.ts";
import { add } from "../core/autodiff.ts";
import type { Pattern } from "../core/pattern.ts";
import { foldIn, type Key, split } from "../core/random.ts";
import type { Config, Settings } from "../core/settings.ts";
import type { Csr } from "../core/sparse.ts";
import { full, type Placement, type Scalar } from "../core/tensor.ts";
import type { Triples } from "../data/batch.ts";
import { type Dataset, histories } from "../data/dataset.ts";
import { symmetricAdjacency, walkAdjacency } from "../data/graph.ts";
import { similarityGraphs } from "../data/neighbours.ts";
import { modalityFeatures } from "../data/tensors.ts";
import { linearUniform } from "../ops/draw.ts";
import { normalizeRows } from "../ops/normalize.ts";
import {
  batchL2,
  batchRows,
  dotBpr,
  dotScore,
  drawFactors,
  type Factors,
  factorsOf,
  layersOf,
  meanOfLayers,
  nodesOf,
} from "./factors.ts";
import { inputsOf, trainable } from "./features.ts";
import { itemGraph, type ItemGraphContext, type ItemGraphParams, project, refresh } from "./lattice_graph.ts";
import type { Model } from "./model.ts";
import { drawLayers, type NgcfLayer, propagated } from "./ngcf.ts";

/** The settings of LATTICE. */
export type LatticeConfig = Config & {
  readonly dim: number;
  readonly neighbours: number;
  readonly original: number;
  readonly itemLayers: number;
  readonly encoder: "lightgcn" | "ngcf" | "mf";
  readonly layers: number;
  readonly dropout: number;
  readonly adjacency: "walk" | "symmetric";
  readonly mix: "before" | "after";
  readonly graphGradient: "first" | "every" | "none";
  readonly l2: number;
  readonly freeze: boolean;
};

/** What stays fixed while LATTICE trains, and what stays for an epoch. */
export interface LatticeContext extends ItemGraphContext {
  /** The settings. */
  readonly config: LatticeConfig;
  /** Every user's training items. */
  readonly history: Pattern<Users, Items>;
  /** The normalised interaction graph. */
  readonly adjacency: Csr<Nodes, Nodes>;
}

/** The parameters: Ẽ, NGCF's layers where they make ẽ of it, and what the item graph is made of. */
export type LatticeParams = Factors & ItemGraphParams & { readonly ngcf?: readonly NgcfLayer[] };

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
  adjacency: {
    default: "walk",
    choices: ["walk", "symmetric"],
    about: "what it convolves along: (D + I)⁻¹ (A + I) as the code, or D^(−½) A D^(−½) as LightGCN",
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
};

const adjacencies = {
  walk: (history: Pattern<Users, Items>, place: Placement) => walkAdjacency(history, { ...place, self: true }),
  symmetric: symmetricAdjacency,
};

/** (1, 2, 3) Builds the graphs of interactions and of raw features. */
async function prepare(data: Dataset, config: LatticeConfig, place: Placement = {}): Promise<LatticeContext> {
  const history = histories(data, "train");
  const adjacency = adjacencies[config.adjacency](history, place);
  const features = modalityFeatures(data, place);
  return { config, history, adjacency, features, original: await similarityGraphs(features, config.neighbours) };
}

/** Draws the parameters: Ẽ as Glorot and Bengio, W and b as PyTorch's linear layers; all modalities weigh alike. */
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
  return {
    ...drawFactors(forFactors, history, { dim, init: "uniform", device }),
    weights: full([modalities.length], 1 / modalities.length, { device }),
    modalities: Object.fromEntries(modalities),
    ...encoder === "ngcf" && { ngcf: drawLayers(forLayers, { dim, layers, layer: "code" }, { device }) },
  };
}

/** What gives ẽ (8). */
type Encoder = (params: LatticeParams, context: LatticeContext, key?: Key) => Factors;
const encoders: Readonly<Record<LatticeConfig["encoder"], Encoder>> = {
  lightgcn: (params, { adjacency, history, config }) =>
    factorsOf(meanOfLayers(adjacency, nodesOf(params), config.layers), history),
  ngcf: (params, { adjacency, history, config: { dropout } }, key) => {
    const how = { layer: "code", normalize: true, combine: "mean", dropout } as const;
    return factorsOf(propagated(adjacency, nodesOf(params), params.ngcf!, how, key), history);
  },
  mf: ({ users, items }) => ({ users, items }),
};

/** (7, 8) The final embeddings, of the context that `refresh` completes; with a key, those of a training step. */
export function encode(params: LatticeParams, context: LatticeContext, key?: Key): Factors {
  const { config, graph } = context;
  if (!graph) throw new KindError("Cannot encode with LATTICE: its item graph is not built yet, see refresh()");
  const { users, items } = encoders[config.encoder](params, context, key);
  const h = layersOf(graph, params.items, config.itemLayers).at(-1)!;
  return { users, items: add(items, normalizeRows(h)) };
}

/** Whether the item graph has a gradient in a step of an epoch. */
const gradients = {
  first: (step: number) => step === 0,
  every: () => true,
  none: () => false,
};

/** (10) The BPR objective, and the regulariser of the batch's final embeddings. */
export function loss(params: LatticeParams, batch: Triples, context: LatticeContext, key?: Key): Scalar {
  const { config } = context;
  const fresh = gradients[config.graphGradient](batch.step)
    ? { graph: itemGraph(project(params, context), params.weights, context) }
    : {};
  const e = batchRows(encode(params, { ...context, ...fresh }, key), batch);
  return add(dotBpr(e), batchL2(config.l2, e));
}

/** LATTICE as its released code computes it, but for features that stay fixed. */
export const lattice: Model<LatticeConfig, LatticeContext, LatticeParams, Factors, Promise<LatticeContext>> = {
  name: "lattice",
  about: "graphs of similar items, learned from their modalities, beside a recommender of interactions",
  source: "Zhang et al., MM 2021, arXiv 2104.09036",
  settings,
  training: { sampler: "user", batch: 1024, lr: 5e-4, decay: 0.96, epochs: 200, every: 5, patience: 10 },
  prepare,
  init,
  refresh,
  loss,
  encode: (params, context) => encode(params, context),
  score: dotScore,
};
