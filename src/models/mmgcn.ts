/**
 * MMGCN: multi-modal graph convolution network (Wei, Wang, Nie, He, Hong and Chua, MM 2019, doi 10.1145/3343031.3351034). For
 * every modality of the items, with D⁻¹A the interaction graph in which a node weighs its neighbours alike:
 *
 * | equation | here | formula |
 * |---|---|---|
 * | – | {@link start} | H⁰ = [P ; X Wᵀ + b], or [P ; X] where X is narrow; rows scaled to length 1 |
 * | (2) | `aggregate` | h = lrelu(D⁻¹A Hˡ⁻¹ W₁ᵀ) |
 * | (5) | `connect` | ĥ = lrelu(Hˡ⁻¹ W₂ᵀ + b₂) + ID |
 * | (6) | `combine` | Hˡ = lrelu([h ‖ ĥ] W₃ᵀ + b₃) |
 * | – | {@link encode} | e = the mean of the modalities' Hᴸ |
 * | – | `dotScore` | ŷ = ⟨e_u, e_i⟩ |
 * | – | {@link loss} | mean −log σ(ŷ_p − ŷ_n) + λ (mean(ID_u² + ID_i²) + Σ mean P²) |
 *
 * What the MONET paper calls variants of MMGCN is `propagation`. It says in words what each leaves out and gives no code; these
 * formulas are our reading of it:
 *
 * | paper | `propagation` | formula |
 * |---|---|---|
 * | MMGCN | `full` | as above |
 * | MMGCN-n, linear | `linear` | Hˡ = D⁻¹A Hˡ⁻¹ + Hˡ⁻¹ + ID |
 * | MMGCN-s, no self-connection | `neighbours` | Hˡ = lrelu(h W₃ᵀ + b₃), no ID |
 * | MMGCN-s+l, layers combined too | `combined` | the same, and e from the mean of H⁰ to Hᴸ |
 * | MMGCN-GCN, no convolution | `none` | e from H⁰ |
 *
 * `linear`, `combined` and `none` need an H⁰ as wide as the output, and project all features to `dim`.
 *
 * ## Departures
 *
 * The defaults follow the released code (weiyinwei/MMGCN, a643673), but for its faults:
 *
 * - P and ID are trained. In the released code, and in MMRec's after it, they are not among the optimizer's parameters and
 *   stay what they were drawn as, and λ then weighs constants; `trainTables: false` does that. Numbers published for MMGCN
 *   come from those codes as a rule;
 * - rows of H⁰ have length 1, modalities are averaged and L is 3, whatever the code is told: in the paper rows are not scaled,
 *   and modalities add up;
 * - λ weighs P of every modality, the code's that of the first alone; the paper weighs all parameters;
 * - the code projects pictures to 256 and uses sound and text as they are, by name; here it goes by width: features of more
 *   than `raw` columns are projected to `latent`, and sparse ones always. Where pictures and sound are as wide, as on TikTok, no
 *   setting does what the code does;
 * - the code draws negatives from all items; here they are items that occur in training, see `interactionSampler`;
 * - both are concatenated in (6): the code means to offer a sum instead, but the word "False" is true there;
 * - the code chooses its epoch by the recall@10 on validation, and gives training items the score 10⁻⁵ in rankings, which beats
 *   that of many others. Here training stops and training items are left out as every model's; there is no switch.
 *
 * @module
 */
import type { Dim, Features, Items, Nodes, Users } from "../core/axis.ts";
import { add } from "../core/autodiff.ts";
import type { Pattern } from "../core/pattern.ts";
import { foldIn, type Key, split } from "../core/random.ts";
import type { Config, Settings } from "../core/settings.ts";
import type { Csr } from "../core/sparse.ts";
import { type Matrix, type Placement, type Scalar, stopGradient, type Vector } from "../core/tensor.ts";
import { mapTree } from "../core/tree.ts";
import type { Triples } from "../data/batch.ts";
import { type Dataset, histories } from "../data/dataset.ts";
import { walkAdjacency } from "../data/graph.ts";
import { type FeatureMatrix, modalityFeatures } from "../data/tensors.ts";
import { linearUniform, xavierNormal } from "../ops/draw.ts";
import { addAll, scale, square } from "../ops/elementwise.ts";
import { l2 } from "../ops/loss.ts";
import { linear } from "../ops/nn.ts";
import { normalizeRows } from "../ops/normalize.ts";
import { mean } from "../ops/reduce.ts";
import { type BatchRows, batchRows, dotBpr, dotScore, type Factors, factorsOf, nodesOf } from "./factors.ts";
import { convolve, drawLayers, type MmgcnLayer, PROPAGATIONS } from "./mmgcn_layers.ts";
import type { Model } from "./model.ts";

/** The settings of MMGCN. */
export type MmgcnConfig = Config & {
  readonly dim: number;
  readonly layers: number;
  readonly latent: number;
  readonly raw: number;
  readonly propagation: "full" | "linear" | "neighbours" | "combined" | "none";
  readonly trainTables: boolean;
  readonly l2: number;
};

/** What stays fixed while MMGCN trains. */
export interface MmgcnContext {
  /** The settings. */
  readonly config: MmgcnConfig;
  /** Every user's training items. */
  readonly history: Pattern<Users, Items>;
  /** D⁻¹ A: every node's neighbours, weighed alike. */
  readonly adjacency: Csr<Nodes, Nodes>;
  /** The raw features of every modality. */
  readonly features: Readonly<Record<string, FeatureMatrix>>;
}

/** What one modality learns: the projection W and b of wide features, and its layers. */
export type MmgcnNetwork = {
  readonly W?: Matrix<Dim, Features>;
  readonly b?: Vector<Dim>;
  readonly layers?: readonly MmgcnLayer[];
};

/** The parameters of MMGCN. */
export type MmgcnParams = {
  /** A row per node beside its features, and a row per user and modality in place of features. */
  readonly tables: {
    readonly ID?: Matrix<Nodes, Dim>;
    readonly P: { readonly [modality: string]: Matrix<Users, Dim> };
  };
  /** What modalities learn. */
  readonly networks: { readonly [modality: string]: MmgcnNetwork };
};

const settings: Settings<MmgcnConfig> = {
  dim: { default: 64, min: 1, whole: true, about: "embedding size" },
  layers: { default: 3, min: 1, whole: true, about: "L, graph convolutions" },
  latent: { default: 256, min: 1, whole: true, about: "columns that wide and sparse features are projected to first" },
  raw: { default: 1024, min: 0, whole: true, about: "dense features of up to as many columns are used as they are" },
  propagation: {
    default: "full",
    choices: ["full", "linear", "neighbours", "combined", "none"],
    about: "full as in (2, 5, 6); linear; neighbours for no self-connection; combined for the layers' mean too; none",
  },
  trainTables: {
    default: true,
    about: "train the embeddings P and ID; false leaves them as drawn, as the released code",
  },
  l2: { default: 1e-5, min: 0, about: "λ, the weight of the mean squares of P and ID" },
};

/** Builds the graph and puts the features on the device. */
function prepare(data: Dataset, config: MmgcnConfig, place: Placement = {}): MmgcnContext {
  const history = histories(data, "train");
  return { config, history, adjacency: walkAdjacency(history, place), features: modalityFeatures(data, place) };
}

/** How many columns features have, and what they are projected to; `null` where they are used as they are. */
function widthsOf(x: FeatureMatrix, { propagation, dim, latent, raw }: MmgcnConfig): [number, number | null] {
  const [columns, sparse] = "pattern" in x ? [x.pattern.columns, true] : [x.shape[1], false];
  if (PROPAGATIONS[propagation].level) return [columns, dim];
  return [columns, sparse || columns > raw ? latent : null];
}

/** Draws the parameters: tables as Glorot and Bengio's normal, projections as PyTorch's linear layers. */
function init(key: Key, { config, history, adjacency, features }: MmgcnContext): MmgcnParams {
  const { device } = adjacency.values.storage;
  const { dim, layers, propagation } = config;
  const [forID, forModalities] = split(key);
  const drawn = Object.entries(features).map(([modality, x], n) => {
    const [forP, forW, forb, forLayers] = split(foldIn(forModalities, n), 4);
    const [inputs, projected] = widthsOf(x, config);
    const width = projected ?? inputs;
    const P = xavierNormal(forP, [history.rows, width], { device });
    const projection = projected !== null && {
      W: linearUniform(forW, [width, inputs], { inputs, device }),
      b: linearUniform(forb, [width], { inputs, device }),
    };
    return {
      modality,
      P,
      network: { ...projection, ...drawLayers(propagation, forLayers, { width, dim, layers, device }) },
    };
  });
  const named = PROPAGATIONS[propagation].named && {
    ID: xavierNormal(forID, [adjacency.pattern.rows, dim], { device }),
  };
  return {
    tables: { ...named, P: Object.fromEntries(drawn.map(({ modality, P }) => [modality, P])) },
    networks: Object.fromEntries(drawn.map(({ modality, network }) => [modality, network])),
  };
}

/** H⁰: users by their table, items by their features, rows of length 1. */
export function start(x: FeatureMatrix, P: Matrix<Users, Dim>, { W, b }: MmgcnNetwork): Matrix<Nodes, Dim> {
  const items = W ? linear(x, W, b) : x as Matrix;
  return normalizeRows(nodesOf({ users: P, items }));
}

/** What all nodes are in each modality, by its name. */
function convolved(
  { tables, networks }: MmgcnParams,
  { config, adjacency, features }: MmgcnContext,
): Readonly<Record<string, Matrix<Nodes, Dim>>> {
  const around = { mean: adjacency, ...(tables.ID && { ID: tables.ID }) };
  return Object.fromEntries(
    Object.entries(networks).map(([modality, network]) => {
      const x = start(features[modality], tables.P[modality], network);
      return [modality, convolve(x, around, network.layers ?? [], config)];
    }),
  );
}

/** The final embeddings: every modality convolved, and their mean. */
export function encode(params: MmgcnParams, context: MmgcnContext): Factors {
  const parts = Object.values(convolved(params, context));
  return factorsOf(scale(addAll(parts), 1 / parts.length), context.history);
}

/** The items' embeddings of each modality, before their mean is taken. */
export function byModality(params: MmgcnParams, context: MmgcnContext): Readonly<Record<string, Matrix<Items, Dim>>> {
  const parts = Object.entries(convolved(params, context));
  return Object.fromEntries(parts.map(([modality, x]) => [modality, factorsOf(x, context.history).items]));
}

/**
 * Returns the mean of u² + i² over the rows u and i of a batch's pairs, of users with positives and of users with negatives: what
 * MMGCN and GRCN weigh of their ID embeddings.
 */
export function pairSquares({ users, positives, negatives }: BatchRows): Scalar {
  const [rows, dim] = users.shape;
  return scale(add(l2(users, users), l2(positives, negatives)), 1 / (rows * dim));
}

/** The BPR objective, and what λ weighs. */
export function loss(params: MmgcnParams, batch: Triples, context: MmgcnContext): Scalar {
  const { config, history } = context;
  const tables = config.trainTables ? params.tables : mapTree(stopGradient, params.tables);
  const ranked = dotBpr(batchRows(encode({ ...params, tables }, context), batch));
  const squares = Object.values(tables.P).map((P) => mean(square(P)));
  if (tables.ID) squares.push(pairSquares(batchRows(factorsOf(tables.ID, history), batch)));
  return add(ranked, scale(addAll(squares), config.l2));
}

/** MMGCN as its released code means it. */
export const mmgcn: Model<MmgcnConfig, MmgcnContext, MmgcnParams, Factors> = {
  name: "mmgcn",
  about: "a graph convolution network for each modality, joined by embeddings of who and what nodes are",
  source: "Wei et al., MM 2019, doi 10.1145/3343031.3351034",
  settings,
  training: { sampler: "interaction", batch: 1024, lr: 1e-4, epochs: 1000, every: 1, patience: 21 },
  prepare,
  init,
  loss,
  encode,
  byModality,
  score: dotScore,
};
