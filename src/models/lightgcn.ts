/**
 * LightGCN: graph convolution without weights or activations (He, Deng, Wang, Li, Zhang and Wang, SIGIR 2020,
 * arXiv 2002.02126). With Â = D^(−½) A D^(−½) the symmetrically normalised interaction graph:
 *
 * | equation | here | formula |
 * |---|---|---|
 * | (3, 7) | `layersOf` | Eᵏ⁺¹ = Â Eᵏ, from the parameters E⁰ |
 * | (4, 8) | {@link encode} | E = (E⁰ + … + Eᴸ) / (L + 1) |
 * | (5) | `dotScore` | ŷ = ⟨e_u, e_i⟩ |
 * | (15) | {@link loss} | mean −log σ(ŷ_p − ŷ_n) + λ/B ½ Σ‖e⁰‖² |
 *
 * ## Departures
 *
 * The defaults follow the authors' PyTorch code (gusye1234/LightGCN-PyTorch, 947ca2b):
 *
 * - λ weighs the squared norms of the batch's rows of E⁰, where the paper says all of E⁰. `regularize: "final"` weighs
 *   the rows of E instead, as LATTICE and MONET do in their baselines; `norm: "unsquared"` weighs Frobenius norms of
 *   the batch's matrices that are not squared, as MMRec does;
 * - E⁰ is drawn from a normal distribution of deviation 0.1 (`init: "small"`; the paper says Glorot and Bengio's
 *   distribution, which is `"uniform"` in MMRec);
 * - the code draws the same number of triples for each user in an epoch, with negatives from all items; `sampler`, a
 *   training setting, has two other ways, and the default, `interactionSampler`, takes negatives from items that occur
 *   in training;
 * - the code trains for 1000 epochs and looks at test results; here training stops on validation as for every model.
 *
 * @module
 */
import type { Items, Nodes, Users } from "../core/axis.ts";
import type { Pattern } from "../core/pattern.ts";
import type { Key } from "../core/random.ts";
import type { Settings } from "../core/settings.ts";
import type { Csr } from "../core/sparse.ts";
import { add } from "../core/autodiff.ts";
import type { Placement, Scalar } from "../core/tensor.ts";
import type { Triples } from "../data/batch.ts";
import { type Dataset, histories } from "../data/dataset.ts";
import { symmetricAdjacency } from "../data/graph.ts";
import { addAll, scale } from "../ops/elementwise.ts";
import {
  dotScore,
  drawFactors,
  type Factors,
  factorsOf,
  layersOf,
  meanOfLayers,
  nodesOf,
  PENALTIES,
} from "./factors.ts";
import { foldInSum, type Joinable, joinedLayers, JOININGS, messagesOf } from "./fold_in.ts";
import { trainingBytes } from "./memory.ts";
import type { InteractionContext, Model } from "./model.ts";
import {
  type EdgesConfig,
  edgesSettings,
  numbersOfScores,
  ranked,
  type RankingConfig,
  rankingLoss,
  rankingRows,
  rankingSampler,
  rankingSettings,
  stepGraph,
} from "./ranking.ts";

/** (3, 4, 7, 8) The final embeddings: the mean of all layers. */
export function encode(params: Factors, { adjacency, history, config }: LightgcnContext): Factors {
  return factorsOf(meanOfLayers(adjacency, nodesOf(params), config.layers), history);
}

/** (7, 8) The mean of layers, and the messages of items to users who join; without layers there are none. */
function encodeJoinable(params: Factors, context: LightgcnContext): Factors & Partial<Joinable> {
  const { adjacency, history, config } = context;
  const encoded = encode(params, context);
  if (config.layers === 0) return encoded;
  const layers = layersOf(adjacency, nodesOf(params), config.layers - 1);
  return { ...encoded, messages: messagesOf(layers, adjacency.pattern, history.rows, JOININGS.symmetric) };
}

/** (3, 7, 8) The same mean for users who join the graph. */
function foldInUser(e: Factors & Partial<Joinable>, histories: Pattern<Users, Items>, { layers }: LightgcnConfig) {
  if (layers === 0) return foldInSum(e, histories);
  const joined = joinedLayers(e.messages, histories, JOININGS.symmetric);
  return { ...e, users: scale(addAll(joined), 1 / (layers + 1)) };
}

/** (15) The BPR objective, and the regulariser. */
export function loss(params: Factors, batch: Triples, context: LightgcnContext): Scalar {
  const { config, history } = context;
  const adjacency = stepGraph(context.adjacency, batch, history, config);
  const e = rankingRows(encode(params, { ...context, adjacency }), batch, config);
  const weighed = config.regularize === "final" ? e : rankingRows(params, batch, config);
  return add(rankingLoss(e, batch, config), PENALTIES[config.norm](config.l2, weighed));
}

/** The settings of LightGCN. */
export type LightgcnConfig = RankingConfig & EdgesConfig & {
  readonly dim: number;
  readonly layers: number;
  readonly l2: number;
  readonly regularize: "initial" | "final";
  readonly norm: "squared" | "unsquared";
  readonly init: "small" | "uniform" | "normal";
};

/** The fixed inputs of LightGCN. */
export interface LightgcnContext extends InteractionContext<LightgcnConfig> {
  /** Â, the normalised interaction graph. */
  readonly adjacency: Csr<Nodes, Nodes>;
}

const settings: Settings<LightgcnConfig> = {
  dim: { default: 64, min: 1, whole: true, about: "embedding size" },
  layers: { default: 3, min: 0, whole: true, about: "L, graph convolutions (3)" },
  l2: { default: 1e-4, min: 0, about: "λ, the weight of the norms (15)" },
  regularize: {
    default: "initial",
    choices: ["initial", "final"],
    about: "the rows that λ weighs: the batch's rows of E⁰, or of E (15)",
  },
  norm: {
    default: "squared",
    choices: ["squared", "unsquared"],
    about: "½ Σ‖e‖² as the paper, or the matrices' Frobenius norms as MMRec (15)",
  },
  init: {
    default: "small",
    choices: ["small", "uniform", "normal"],
    about:
      "how E⁰ is drawn: normal, of deviation 0.1, as the code; or Glorot and Bengio's uniform, as the paper, or normal",
  },
  ...rankingSettings,
  ...edgesSettings,
};

/** Builds the graph. */
function prepare(data: Dataset, config: LightgcnConfig, place: Placement = {}): LightgcnContext {
  const history = histories(data, "train");
  return { config, history, adjacency: symmetricAdjacency(history, place) };
}

/** Draws E⁰. */
function init(key: Key, { config, history, adjacency }: LightgcnContext): Factors {
  return drawFactors(key, history, { ...config, device: adjacency.values.storage.device });
}

/**
 * LightGCN as its authors' code computes it.
 *
 * @example
 * ```ts
 * import { defaultsOf, key } from "@giverny/giverny/core";
 * import { garden } from "@giverny/giverny/data";
 * import { lightgcn } from "@giverny/giverny/models";
 * import { deepEqual } from "node:assert/strict";
 * const context = lightgcn.prepare(garden(key(0), { users: 12, items: 24 }), defaultsOf(lightgcn.settings));
 * deepEqual(lightgcn.encode(lightgcn.init(key(1), context), context).users.shape, [12, 64]);
 * ```
 */
export const lightgcn: Model<LightgcnConfig, LightgcnContext, Factors, Factors & Partial<Joinable>> = {
  name: "lightgcn",
  about: "linear propagation of embeddings along interactions, and the mean of its layers",
  source: "He et al., SIGIR 2020, arXiv 2002.02126",
  content: false,
  settings,
  training: { sampler: "interaction", batch: 2048, lr: 1e-3, epochs: 1000, every: 1, patience: 20 },
  prepare,
  init,
  sampler: rankingSampler,
  loss,
  encode: ranked(encodeJoinable),
  foldInUser,
  beforePropagation: ({ items }) => ({ ids: items }),
  memory: (statistics, config) => {
    const { dim, layers, batch } = config;
    const nodes = (statistics.users + statistics.items) * dim;
    const intermediate = (3 * layers + 2) * nodes + numbersOfScores(statistics, config);
    return trainingBytes({ ...statistics, modalities: {} }, { parameters: nodes, intermediate, batch, dim });
  },
  score: dotScore,
  columns: ({ dim }) => [{ modality: "interactions", width: dim }],
};
