/**
 * MMGCN: multi-modal graph convolution network (Wei, Wang, Nie, He, Hong and Chua, MM 2019, doi
 * 10.1145/3343031.3351034). For every modality of the items, with D⁻¹A the interaction graph in which a node weighs its
 * neighbours equally. The numbers (2), (5) and (6) are the paper's, the others ours:
 *
 * | equation | here | formula |
 * |---|---|---|
 * | (1) | {@link start} | H⁰ = [P ; X Wᵀ + b], or [P ; X] where X is narrow; rows scaled to length 1 |
 * | (2) | {@link aggregate} | h = lrelu(D⁻¹A Hˡ⁻¹ W₁ᵀ) |
 * | (5) | {@link connect} | ĥ = lrelu(Hˡ⁻¹ W₂ᵀ + b₂) + ID |
 * | (6) | {@link combine} | Hˡ = lrelu([h ‖ ĥ] W₃ᵀ + b₃) |
 * | (7) | {@link encode} | e = the mean of the modalities' Hᴸ |
 * | (8) | `dotScore` | ŷ = ⟨e_u, e_i⟩ |
 * | (9) | {@link loss} | mean −log σ(ŷ_p − ŷ_n) + λ (mean(ID_u² + ID_i²) + Σ mean P²) |
 *
 * The setting `propagation` has the variants of MMGCN in the MONET paper. It describes in words the parts that each
 * leaves out and gives no code; these formulas are our reading of it:
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
 * The defaults follow the released code (weiyinwei/MMGCN, a643673), except for its faults:
 *
 * - P and ID are trained. In the released code, and in MMRec's after it, the optimizer does not receive them: they stay
 *   as they were drawn, and λ weighs constants; `trainTables: false` does that. Numbers published for MMGCN come from
 *   those codes as a rule;
 * - rows of H⁰ have length 1, modalities are averaged and L is 3, for all options of the code: in the paper rows
 *   are not scaled, and modalities add up;
 * - λ weighs P of every modality, in the code only of the first; the paper weighs all parameters;
 * - the code projects pictures to 256 and uses sound and text as they are, by name; here the width decides: features of
 *   more than `raw` columns are projected to `latent`, and sparse ones always. Where pictures and sound are equally
 *   wide, as on TikTok, no setting imitates the code;
 * - the code draws negatives from all items; here they are items that occur in training, see `interactionSampler`;
 * - both parts are concatenated in (6): the code means to offer a sum instead, but there the word "False" counts as
 *   true;
 * - the code chooses its epoch by the recall@10 on validation, and gives training items the score 10⁻⁵ in rankings,
 *   which is higher than many other scores. Here training stops and training items are left out as for every model;
 *   there is no switch;
 * - the code ranks with the embeddings that the last step of an epoch computed before its update of the parameters.
 *   Here rankings have the parameters after it.
 *
 * @module
 */
import { formula } from "../../kernels/mod.ts";
import type { Dim, Features, Items, Nodes, Users } from "../core/axis.ts";
import type { Pattern } from "../core/pattern.ts";
import { foldIn, type Key, split } from "../core/random.ts";
import type { Settings } from "../core/settings.ts";
import type { Csr } from "../core/sparse.ts";
import { type Matrix, type Placement, type Scalar, stopGradient, type Vector, zeros } from "../core/tensor.ts";
import { mapTree } from "../core/tree.ts";
import type { Triples } from "../data/batch.ts";
import { type Dataset, histories } from "../data/dataset.ts";
import { walkAdjacency } from "../data/graph.ts";
import { type FeatureMatrix, modalityFeatures } from "../data/tensors.ts";
import { linearUniform, xavierNormal } from "../ops/draw.ts";
import { add, addAll, leakyRelu, scale } from "../ops/elementwise.ts";
import { matmulNT, sliceColumns } from "../ops/matrix.ts";
import { linear } from "../ops/nn.ts";
import { normalizeRows } from "../ops/normalize.ts";
import { pointwise } from "../ops/pointwise.ts";
import { dot } from "../ops/reduce.ts";
import { propagate, spmm } from "../ops/sparse.ts";
import type { Block } from "../rank/block.ts";
import { average, dotScore, type Factors, factorsOf, inputsOf, nodesOf, pairSquares, withinBatch } from "./factors.ts";
import type { ContentContext, Model, ScorePart } from "./model.ts";
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
import { foldInSum, joinedLayers, JOININGS, type Messages, messagesOf } from "./fold_in.ts";
import { dotParts } from "./parts.ts";

/** (1) H⁰: users by their table, items by their features, rows of length 1. */
export function start(x: FeatureMatrix, P: Matrix<Users, Dim>, { W, b }: MmgcnNetwork): Matrix<Nodes, Dim> {
  const items = W ? linear(x, W, b) : x as Matrix;
  return normalizeRows(nodesOf({ users: P, items }));
}

/** (2) Mean aggregation: the mean of a node's neighbours, times W₁; 0 for a node without neighbours. */
export function aggregate(
  mean: Csr<Nodes, Nodes>,
  x: Matrix<Nodes, Dim>,
  { W1 }: Pick<MmgcnLayer, "W1">,
): Matrix<Nodes, Dim> {
  return leakyRelu(spmm(mean, linear(x, W1)));
}

/** (5) The self-connection: a node's own features, times W₂, and its ID embedding. */
export function connect(
  x: Matrix<Nodes, Dim>,
  { W2, b2 }: Pick<MmgcnLayer, "W2" | "b2">,
  ID: Matrix<Nodes, Dim>,
): Matrix<Nodes, Dim> {
  return pointwise(joined, [matmulNT(x, W2!), [b2!, "columns"], ID], [SLOPE]);
}

/** (6) Concatenated combination: all parts side by side, times W₃. */
export function combine(
  parts: readonly Matrix<Nodes, Dim>[],
  { W3, b3 }: Pick<MmgcnLayer, "W3" | "b3">,
): Matrix<Nodes, Dim> {
  const ends = parts.map((_, n) => parts.slice(0, n + 1).reduce((sum, x) => sum + x.shape[1], 0));
  const [first, ...rest] = parts.map((x, n) => matmulNT(x, sliceColumns(W3, ends[n] - x.shape[1], ends[n])));
  return pointwise(rectified, [first, ...rest, [b3, "columns"]], [SLOPE]);
}

/** The slope of lrelu below 0. */
const SLOPE = 0.01;

const joined = formula(
  "leakyRelu",
  ({ add, mul, where, zero }) => (x, b, id, s) => {
    const z = add(x, b);
    return add(where(z, zero, z, mul(s, z)), id);
  },
);
const rectified = formula("leakyRelu", ({ add, mul, where, zero }) => (...values) => {
  const [first, ...rest] = values.slice(0, -1);
  const z = rest.reduce((sum, x) => add(sum, x), first);
  return where(z, zero, z, mul(values[values.length - 1], z));
});

/** Returns Hˡ of Hˡ⁻¹. A variant without weights ignores them. */
type Step = (x: Matrix<Nodes, Dim>, around: MmgcnSurroundings, weights: MmgcnLayer) => Matrix<Nodes, Dim>;

const full: Step = (x, { mean, ID }, w) => combine([aggregate(mean, x, w), connect(x, w, ID!)], w);
const unconnected: Step = (x, { mean }, w) => combine([aggregate(mean, x, w)], w);
const straight: Step = (x, { mean, ID }) => add(propagate(mean, x, 1), ID!);
const identity: Step = (x) => x;

type OneOf = <R extends number>(all: readonly Matrix<R, Dim>[]) => Matrix<R, Dim>;
const last: OneOf = (all) => all[all.length - 1];

/** A way to propagate. */
interface Variant {
  /** Returns Hˡ of Hˡ⁻¹. */
  readonly layer: Step;
  /** Returns the output of a modality, of H⁰ to Hᴸ. */
  readonly output: OneOf;
  /** Whether layers have weights. */
  readonly learns: boolean;
  /** Whether nodes have ID embeddings. */
  readonly named: boolean;
  /** Whether H⁰ must be as wide as the output, since it is part of it. */
  readonly level: boolean;
}

/** The propagations by the name that the setting gives them. */
const PROPAGATIONS: Readonly<Record<MmgcnConfig["propagation"], Variant>> = {
  /** (2, 5, 6) */
  full: { layer: full, output: last, learns: true, named: true, level: false },
  /** Without weights and activations: Hˡ = D⁻¹A Hˡ⁻¹ + Hˡ⁻¹ + ID. */
  linear: { layer: straight, output: last, learns: false, named: true, level: true },
  /** Without self-connection: (2) and (6) only. */
  neighbours: { layer: unconnected, output: last, learns: true, named: false, level: false },
  /** The same, and the mean of H⁰ to Hᴸ. */
  combined: { layer: unconnected, output: average, learns: true, named: false, level: true },
  /** H⁰ as it is. */
  none: { layer: identity, output: last, learns: false, named: false, level: true },
};

/** (1, 2, 5, 6) H⁰ to Hᴸ of every modality for all nodes, by its name. */
function layersByModality(
  { tables, networks }: MmgcnParams,
  { config: { propagation, layers }, adjacency, features }: MmgcnContext,
): Readonly<Record<string, readonly Matrix<Nodes, Dim>[]>> {
  const { layer } = PROPAGATIONS[propagation];
  const around: MmgcnSurroundings = { mean: adjacency, ID: tables.ID };
  return Object.fromEntries(
    Object.entries(networks).map(([modality, network]) => {
      const all = [start(features[modality], tables.P[modality], network)];
      for (let l = 0; l < layers; l++) all.push(layer(last(all), around, network.layers?.[l] as MmgcnLayer));
      return [modality, all];
    }),
  );
}

/** The output of every modality for all nodes, by its name. */
function convolved(params: MmgcnParams, context: MmgcnContext): Readonly<Record<string, Matrix<Nodes, Dim>>> {
  const { output } = PROPAGATIONS[context.config.propagation];
  return Object.fromEntries(
    Object.entries(layersByModality(params, context)).map(([modality, all]) => [modality, output(all)]),
  );
}

/** (7) The final embeddings: the mean of all modalities. */
export function encode(params: MmgcnParams, context: MmgcnContext): Factors {
  return factorsOf(average(Object.values(convolved(params, context))), context.history);
}

/** The final embeddings, and what (2, 5, 6) need for users who join, by modality. */
export type MmgcnEncoded = Factors & {
  /** The items' embeddings of each modality, whose mean is the final embedding. */
  readonly parts: { readonly [modality: string]: Matrix<Items, Dim> };
  readonly messages: { readonly [modality: string]: Messages };
  readonly networks: { readonly [modality: string]: Pick<MmgcnNetwork, "layers"> };
};

/** Returns the final embeddings, with the messages of items in the layers before the last. */
function encodeJoinable(params: MmgcnParams, context: MmgcnContext): MmgcnEncoded {
  const { adjacency: { pattern }, history, config: { propagation, layers } } = context;
  const before = propagation === "none" ? {} : layersByModality(params, context);
  const messages = Object.entries(before).map(([modality, all]) =>
    [modality, messagesOf(all.slice(0, layers), pattern, history.rows, JOININGS.walk)] as const
  );
  const networks = Object.entries(params.networks).map(([modality, { layers }]) =>
    [modality, layers ? { layers } : {}] as const
  );
  return {
    ...encode(params, context),
    parts: byModality(params, context),
    messages: Object.fromEntries(messages),
    networks: Object.fromEntries(networks),
  };
}

/** (2, 5, 6, 7) The final embeddings of users who join: P and ID are 0. */
function foldInUser(e: MmgcnEncoded, histories: Pattern<Users, Items>, config: MmgcnConfig): MmgcnEncoded {
  if (config.propagation === "none") return foldInSum(e, histories);
  const { layer, output } = PROPAGATIONS[config.propagation];
  const users = Object.entries(e.messages).map(([modality, sent]) => {
    const weights = Object.values(e.networks[modality]?.layers ?? {});
    const step = (mean: Csr<Nodes, Nodes>, x: Matrix<Nodes, Dim>, l: number) =>
      layer(x, { mean, ID: zeros([x.shape[0], config.dim], x.storage) }, weights[l] as MmgcnLayer);
    return output(joinedLayers(sent, histories, JOININGS.walk, step));
  });
  return { ...e, users: average(users) };
}

/** (9) The BPR objective, and the regulariser of P and ID. */
export function loss(params: MmgcnParams, batch: Triples, context: MmgcnContext): Scalar {
  const { config, history } = context;
  const tables = config.trainTables ? params.tables : mapTree(stopGradient, params.tables);
  const adjacency = stepGraph(context.adjacency, batch, history, config, "rows");
  const { batch: own, rowsOf } = withinBatch(batch, history);
  const nodes = average(Object.values(convolved({ ...params, tables }, { ...context, adjacency })));
  const e = rankingRows(rowsOf(nodes), own, config);
  const squares = Object.values(tables.P).map((P) => scale(dot(P, P), 1 / (P.shape[0] * P.shape[1])));
  if (tables.ID) squares.push(pairSquares(rankingRows(rowsOf(tables.ID), own, config)));
  return add(rankingLoss(e, own, config), scale(addAll(squares), config.l2));
}

/** The settings of MMGCN. */
export type MmgcnConfig = RankingConfig & EdgesConfig & {
  readonly dim: number;
  readonly layers: number;
  readonly latent: number;
  readonly raw: number;
  readonly propagation: "full" | "linear" | "neighbours" | "combined" | "none";
  readonly trainTables: boolean;
  readonly l2: number;
};

/** The fixed inputs of MMGCN. */
export interface MmgcnContext extends ContentContext<MmgcnConfig> {
  /** D⁻¹ A: every node's neighbours, with equal weights. */
  readonly adjacency: Csr<Nodes, Nodes>;
}

/** The inputs of every layer. */
interface MmgcnSurroundings {
  /** D⁻¹ A: every node's neighbours, with equal weights. */
  readonly mean: Csr<Nodes, Nodes>;
  /** The ID embeddings of nodes, in the variants that have them. */
  readonly ID: Matrix<Nodes, Dim> | undefined;
}

/** The parameters of a layer: W₁ of neighbours, W₂ and b₂ of the nodes themselves, W₃ and b₃ of the combination. */
export type MmgcnLayer = {
  readonly W1: Matrix<Dim, Dim>;
  readonly W2?: Matrix<Dim, Dim>;
  readonly b2?: Vector<Dim>;
  readonly W3: Matrix<Dim, Dim>;
  readonly b3: Vector<Dim>;
};

/** The parameters of a modality: the projection W and b of wide features, and its layers. */
export type MmgcnNetwork = {
  readonly W?: Matrix<Dim, Features>;
  readonly b?: Vector<Dim>;
  readonly layers?: readonly MmgcnLayer[];
};

/** The parameters of MMGCN. */
export type MmgcnParams = {
  /** A row per node besides its features, and a row per user and modality in place of features. */
  readonly tables: {
    readonly ID?: Matrix<Nodes, Dim>;
    readonly P: { readonly [modality: string]: Matrix<Users, Dim> };
  };
  /** The parameters of modalities. */
  readonly networks: { readonly [modality: string]: MmgcnNetwork };
};

const settings: Settings<MmgcnConfig> = {
  dim: { default: 64, min: 1, whole: true, about: "embedding size" },
  layers: { default: 3, min: 1, whole: true, about: "L, graph convolutions" },
  latent: { default: 256, min: 1, whole: true, about: "columns that wide and sparse features are projected to first" },
  raw: {
    default: 1024,
    min: 0,
    whole: true,
    about: "dense features of at most this many columns are used as they are",
  },
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
  ...rankingSettings,
  ...edgesSettings,
};

/** Builds the graph and puts the features on the device. */
function prepare(data: Dataset, config: MmgcnConfig, place: Placement = {}): MmgcnContext {
  const history = histories(data, "train");
  return { config, history, adjacency: walkAdjacency(history, place), features: modalityFeatures(data, place) };
}

/** Draws the parameters: tables from Glorot and Bengio's normal, projections as PyTorch's linear layers do. */
function init(key: Key, { config, history, adjacency, features }: MmgcnContext): MmgcnParams {
  const { device } = adjacency.values.storage;
  const [forID, forModalities] = split(key);
  const drawn = Object.entries(features).map(([modality, x], n) => {
    const [forP, forW, forb, forLayers] = split(foldIn(forModalities, n), 4);
    const [inputs, projected] = widthsOf(x, config);
    const width = projected ?? inputs;
    const P = xavierNormal(forP, [history.rows, width], { device });
    const projection: Pick<MmgcnNetwork, "W" | "b"> = projected === null ? {} : {
      W: linearUniform(forW, [width, inputs], { inputs, device }),
      b: linearUniform(forb, [width], { inputs, device }),
    };
    return { modality, P, network: { ...projection, ...drawLayers(config, forLayers, { device, width }) } };
  });
  const P = Object.fromEntries(drawn.map(({ modality, P }) => [modality, P]));
  const ID = PROPAGATIONS[config.propagation].named &&
    xavierNormal(forID, [adjacency.pattern.rows, config.dim], { device });
  return {
    tables: ID ? { ID, P } : { P },
    networks: Object.fromEntries(drawn.map(({ modality, network }) => [modality, network])),
  };
}

/** Returns the columns of features and of their projection; `null` where they are used as they are. */
function widthsOf(x: FeatureMatrix, { propagation, dim, latent, raw }: MmgcnConfig): [number, number | null] {
  const columns = inputsOf(x);
  if (PROPAGATIONS[propagation].level) return [columns, dim];
  return [columns, "pattern" in x || columns > raw ? latent : null];
}

/**
 * Draws the layers of a modality whose H⁰ has `width` columns, or nothing where they have no weights: weights from
 * Glorot and Bengio's normal distribution, but W₃ after the first layer and all biases as PyTorch's linear layers, as
 * the released code does.
 */
function drawLayers(
  { propagation, dim, layers }: MmgcnConfig,
  key: Key,
  { width, ...place }: Placement & { readonly width: number },
): Pick<MmgcnNetwork, "layers"> {
  const { learns, named } = PROPAGATIONS[propagation];
  if (!learns) return {};
  return {
    layers: split(key, layers).map((key, l): MmgcnLayer => {
      const [forW1, forW2, forb2, forW3, forb3] = split(key, 5);
      const inputs = l === 0 ? width : dim;
      const joined = named ? inputs + dim : inputs;
      const self: Pick<MmgcnLayer, "W2" | "b2"> = !named ? {} : {
        W2: xavierNormal(forW2, [dim, inputs], place),
        b2: linearUniform(forb2, [dim], { inputs, ...place }),
      };
      const W3 = l === 0
        ? xavierNormal(forW3, [dim, joined], place)
        : linearUniform(forW3, [dim, joined], { inputs: joined, ...place });
      return {
        W1: xavierNormal(forW1, [inputs, inputs], place),
        ...self,
        W3,
        b3: linearUniform(forb3, [dim], { inputs: joined, ...place }),
      };
    }),
  };
}

/** Returns the items' embeddings of each modality, before their mean is taken. */
export function byModality(params: MmgcnParams, context: MmgcnContext): Readonly<Record<string, Matrix<Items, Dim>>> {
  const parts = Object.entries(convolved(params, context));
  return Object.fromEntries(parts.map(([modality, x]) => [modality, factorsOf(x, context.history).items]));
}

/** Returns (8) by the modalities of the item. With cosines, all of them have one more factor: 1 / the item's length. */
async function explain({ users, items, parts }: MmgcnEncoded, block: Block, item: number): Promise<ScorePart[]> {
  const tables = Object.entries(parts);
  const found = await Promise.all(tables.map(([, items]) => dotParts({ users, items }, block, item, [])));
  const [{ value: whole }] = await dotParts({ users, items }, block, item, []);
  const sum = found.reduce((sum, [{ value }]) => sum + value, 0);
  return found.map(([part], m) => ({ ...part, modality: tables[m][0], value: sum ? part.value * whole / sum : 0 }));
}

/**
 * MMGCN as its released code is meant.
 *
 * @example
 * ```ts
 * import { mmgcn } from "@giverny/giverny/models";
 * import { equal } from "node:assert/strict";
 * equal(mmgcn.settings.trainTables.default, true);
 * ```
 */
export const mmgcn: Model<MmgcnConfig, MmgcnContext, MmgcnParams, MmgcnEncoded> = {
  name: "mmgcn",
  about: "a graph convolution network for each modality, joined by ID embeddings of users and items",
  source: "Wei et al., MM 2019, doi 10.1145/3343031.3351034",
  settings,
  training: { sampler: "interaction", batch: 1024, lr: 1e-4, epochs: 1000, every: 1, patience: 21 },
  prepare,
  init,
  sampler: rankingSampler,
  loss,
  encode: ranked(encodeJoinable),
  foldInUser,
  byModality,
  score: dotScore,
  explain,
};
