/**
 * MONET: modality-embracing graph convolutional network and target-aware attention (Kim, Kim, Shin and Kim, WSDM 2024,
 * arXiv 2312.09511). For every modality m of the items, with Â the symmetrically normalised interaction graph:
 *
 * | equation | here | formula |
 * |---|---|---|
 * | (2) | {@link project} | Z = X Wᵀ + b, rows scaled to length 1 |
 * | (3) | {@link megcn} | Hˡ = Â Hˡ⁻¹ + α Hˡ⁻¹, from [P ; Z]; the last layer only |
 * | – | {@link nodes} | e = the modalities' Hᴸ side by side |
 * | (4, 5) | {@link targetAware} | ⟨e_u(c), e_c⟩ = Σᵢ aᵢ sᵢ with sᵢ = ⟨e_c, eᵢ⟩, a = softmax s over the user's items |
 * | (6) | {@link blend} | ŷ = (1 − β) ⟨e_u, e_c⟩ + β ⟨e_u(c), e_c⟩ |
 * | (7) | {@link loss} | mean −log σ(ŷ_p − ŷ_n) + λ/B ½ Σ‖e‖² |
 *
 * The target-aware user embedding e_u(c) = Σ aᵢ eᵢ is never formed: its product with e_c is the softmax-weighted mean
 * of the similarities themselves.
 *
 * ## Departures
 *
 * The defaults follow the released code (Kimyungi/MONET, 21ebb32) where it differs from the paper:
 *
 * - rows of Z have length 1 (`normalize`; the paper's equation has no such step);
 * - λ weighs the batch's final embeddings (`regularize: "final"`; the paper says all parameters, `"parameters"`);
 * - users are drawn uniformly, with one positive and one negative each (`sampler`, a training setting; the paper sums
 *   over all);
 * - the learning rate decays by 0.96 every 50 epochs (`decay`, a training setting; the paper does not mention it);
 * - the target of a training pair is part of the history that it is compared with. It takes most of the attention
 *   there, which cannot happen in a ranking; `excludeTarget` leaves it out;
 * - ours: an empty history contributes 0 to ŷ. The code masks the items outside a history with one large negative
 *   number, so a user without training items attends to all items equally; its data have no such users;
 * - "without MeGCN" is LightGCN in the paper (`propagation: "lightgcn"`: no self term, mean of all layers) and no
 *   propagation in the code's README (`layers: 0`).
 *
 * Other variants: `beta: 0` has no target-aware attention. `fusion` has the three other fusions of the released code.
 * `cf` adds tables of users and items that are learned from interactions alone, as one more part of the fusion.
 * `propagation: "normalized"` is footnote 9, which gives only the idea: {@link normalized} states our reading.
 *
 * @module
 */
import type { Batch, Dim, Entries, Features, Items, Nodes, Users } from "../core/axis.ts";
import { degree, type Pattern, rowIndices, takeRows, without } from "../core/pattern.ts";
import { foldIn, type Key, split } from "../core/random.ts";
import type { Settings } from "../core/settings.ts";
import type { Csr } from "../core/sparse.ts";
import { fromArray, type Matrix, ones, type Placement, type Scalar, type Tensor, type Vector } from "../core/tensor.ts";
import { leaves } from "../core/tree.ts";
import { pairs, type Triples } from "../data/batch.ts";
import { type Dataset, histories } from "../data/dataset.ts";
import { symmetricAdjacency } from "../data/graph.ts";
import { modalityFeatures } from "../data/tensors.ts";
import { linearUniform, xavierUniform } from "../ops/draw.ts";
import { add, mul, neg, scale, shift } from "../ops/elementwise.ts";
import { l2 } from "../ops/loss.ts";
import { concatBlocks, concatColumns, matmulNT, reshape, sliceColumns, sliceRows } from "../ops/matrix.ts";
import { linear } from "../ops/nn.ts";
import { normalizeRows } from "../ops/normalize.ts";
import { rowDots, scaleRows } from "../ops/reduce.ts";
import { gather, segmentSoftmaxMean } from "../ops/rows.ts";
import { propagate, sddmm, spmm, toDense } from "../ops/sparse.ts";
import type { Block } from "../rank/block.ts";
import {
  batchL2,
  dotScore,
  drawFactors,
  drawFusion,
  type Factors,
  factorsOf,
  type FusionParams,
  FUSIONS,
  inputsOf,
  layersOf,
  meanOfLayers,
  nodesOf,
  trainable,
} from "./factors.ts";
import { messagesOf } from "./fold_in.ts";
import { columns, foldInUser, joiningOf, type MonetEncoded } from "./monet_fold_in.ts";
import { columnsOf, trainingBytes } from "./memory.ts";
import type { ContentContext, Model } from "./model.ts";
import {
  comparable,
  type EdgesConfig,
  edgesSettings,
  lossOfPairs,
  lossOfScores,
  numbersOfScores,
  ranked,
  type RankingConfig,
  rankingRows,
  rankingSampler,
  rankingSettings,
  stepGraph,
} from "./ranking.ts";
import { targetAwareParts } from "./parts.ts";

/** (2) Projects rows of raw features to embeddings. */
export function project<R extends number>(
  x: Matrix<R, Features> | Csr<R, Features>,
  { W, b }: Pick<MonetPart, "W" | "b">,
  { normalize }: Pick<MonetConfig, "normalize">,
): Matrix<R, Dim> {
  return normalize ? normalizeRows(linear(x, W), b) : linear(x, W, b);
}

/** (3) Linear propagation that keeps a share α of each node's own features. */
export function megcn(
  adjacency: Csr<Nodes, Nodes>,
  h: Matrix<Nodes, Dim>,
  { layers, alpha }: Pick<MonetConfig, "layers" | "alpha">,
): Matrix<Nodes, Dim> {
  return layers === 0 ? h : megcn(adjacency, propagate(adjacency, h, alpha), { layers: layers - 1, alpha });
}

/**
 * (3) with a self term that counts as one more neighbour: D̃^(−½) (A + I) D̃^(−½) H with D̃ = D + I, layer by layer. A
 * node of degree D keeps 1 / (D + 1) of itself, and the entries of Â shrink by √(D / (D + 1)) at each end.
 */
export function normalized(
  adjacency: Csr<Nodes, Nodes>,
  h: Matrix<Nodes, Dim>,
  { layers }: Pick<MonetConfig, "layers">,
): Matrix<Nodes, Dim> {
  const { pattern, values } = adjacency;
  const perNode = (f: (neighbours: number) => number) =>
    fromArray(
      Float32Array.from({ length: pattern.rows }, (_, n) => f(degree(pattern, n))),
      [pattern.rows],
      values.storage,
    );
  const [own, root] = [perNode((d) => 1 / (d + 1)), perNode((d) => Math.sqrt(d / (d + 1)))];
  const layer = (h: Matrix<Nodes, Dim>) => add(scaleRows(spmm(adjacency, scaleRows(h, root)), root), scaleRows(h, own));
  return Array.from({ length: layers }).reduce<Matrix<Nodes, Dim>>(layer, h);
}

/** (3) by the name of the propagation. */
const PROPAGATIONS = {
  megcn,
  normalized,
  lightgcn: (adjacency: Csr<Nodes, Nodes>, h: Matrix<Nodes, Dim>, { layers }: Pick<MonetConfig, "layers">) =>
    meanOfLayers(adjacency, h, layers),
};

/** (2) H⁰: users and projected items, all modalities side by side. */
function inputs({ modalities }: MonetParams, { features, config }: MonetContext): Matrix<Nodes, Dim> {
  const items = Object.entries(modalities).map(([modality, p]) => project(p.X ?? features[modality], p, config));
  return concatBlocks([Object.values(modalities).map(({ P }) => P), items]);
}

/**
 * (2, 3) of all nodes in every modality and in the `cf` part if there is one, side by side. Propagation treats columns
 * alike, so one pass serves all modalities.
 */
function parts(params: MonetParams, context: MonetContext): Matrix<Nodes, Dim> {
  const { adjacency, config } = context;
  const { cf } = params;
  const content = PROPAGATIONS[config.propagation](adjacency, inputs(params, context), config);
  if (!cf || config.cf === "none") return content;
  return concatColumns([content, PROPAGATIONS[config.cf](adjacency, nodesOf(cf), config)]);
}

/** The final embeddings of all nodes, users first: the parts fused. */
export function nodes(params: MonetParams, context: MonetContext): Matrix<Nodes, Dim> {
  const side = parts(params, context);
  return FUSIONS[context.config.fusion](side, side.shape[1] / context.config.dim, params.fusion ?? {});
}

/**
 * (4, 5) The target-aware score ⟨e_u(c), e_c⟩ of one target per history: Σ a s with a = softmax s, 0 for an empty
 * history. The histories' columns are rows of `items`.
 */
export function targetAware<H extends number, C extends number>(
  history: Pattern<H, C>,
  targets: Matrix<H, Dim>,
  items: Matrix<C, Dim>,
): Vector<H> {
  const s = sddmm(history, targets, items);
  return segmentSoftmaxMean(s, s, history);
}

/** (6) The final score: a blend of the general and the target-aware score. */
export function blend<T extends Tensor>(general: T, target: T, { beta }: Pick<MonetConfig, "beta">): T {
  return add(scale(general, 1 - beta), scale(target, beta)) as T;
}

/** (7) The ranking objective on blended scores, and the regulariser. */
export function loss(params: MonetParams, batch: Triples, context: MonetContext): Scalar {
  const { config, history } = context;
  // Footnote 9 counts the neighbours of the whole graph.
  const renormalize = config.propagation === "normalized" ? "none" : "symmetric";
  const e = nodes(params, { ...context, adjacency: stepGraph(context.adjacency, batch, history, config, renormalize) });
  const { ranking, penalty } = (config.loss === "bpr" ? pairwise : listwise)(e, batch, context);
  if (config.regularize === "final") return add(ranking, penalty);
  return add(ranking, scale(l2(...leaves(params).map(([, leaf]) => leaf)), 2 * config.l2));
}

/** The parts of the objective that follow from final embeddings. */
interface Objective {
  readonly ranking: Scalar;
  /** λ/B ½ Σ‖e‖² over the rows of the batch. */
  readonly penalty: Scalar;
}

/** Returns BPR of pairs of a positive and a negative. */
function pairwise(e: Matrix<Nodes, Dim>, batch: Triples, { config, history, adjacency }: MonetContext): Objective {
  // Positives and negatives are scored together. Items are the nodes after the users, whose neighbours are their
  // histories.
  const { users, items } = pairs(batch);
  const [size, targets] = [users.length / 2, items.map((item) => item + history.rows)];
  const rowsOf = (e: Matrix<Nodes, Dim>): Matrix<number, Dim>[] =>
    [users, targets].map((ids: Int32Array) => gather(e, ids));
  const [eu, ec] = rowsOf(e);
  const compared = comparable(e, config);
  const [u, c] = compared === e ? [eu, ec] : rowsOf(compared);
  const neighbours = takeRows(adjacency.pattern, users);
  const target = targetAware(config.excludeTarget ? without(neighbours, targets) : neighbours, c, compared);
  const both = reshape(blend(rowDots(u, c), target, config), [2, size]);
  const [positive, negative] = [0, 1].map((n) => reshape(sliceRows(both, n, n + 1), [size]));
  return {
    ranking: lossOfPairs(positive, negative, config),
    // Users are gathered twice, and count once.
    penalty: scale(add(scale(l2(eu), 0.5), l2(ec)), config.l2 / size),
  };
}

/** Returns the softmax loss. A negative that a user knows stays in the user's history. */
function listwise(e: Matrix<Nodes, Dim>, batch: Triples, { config, history }: MonetContext): Objective {
  const rows = rankingRows(factorsOf(e, history), batch, config);
  const { items } = factorsOf(comparable(e, config), history);
  const [u, p, n] = [rows.users, rows.positives, rows.negatives].map((x) => comparable(x, config));
  const known = takeRows(history, batch.users);
  const own = targetAware(config.excludeTarget ? without(known, batch.positives) : known, p, items);
  const s: Matrix<Entries, number> = matmulNT(gather(items, known.indices), n);
  const others: Matrix<Batch, number> = segmentSoftmaxMean(s, s, known);
  return {
    ranking: lossOfScores(blend(rowDots(u, p), own, config), blend(matmulNT(u, n), others, config), batch, config),
    penalty: batchL2(config.l2, rows),
  };
}

/** The settings of MONET. */
export type MonetConfig = RankingConfig & EdgesConfig & {
  readonly dim: number;
  readonly layers: number;
  readonly alpha: number;
  readonly beta: number;
  readonly l2: number;
  readonly propagation: "megcn" | "normalized" | "lightgcn";
  readonly fusion: "concat" | "sum" | "weighted" | "fc";
  readonly cf: "none" | "lightgcn" | "megcn";
  readonly normalize: boolean;
  readonly regularize: "final" | "parameters";
  readonly excludeTarget: boolean;
  readonly freeze: boolean;
};

/** The fixed inputs of MONET. */
export interface MonetContext extends ContentContext<MonetConfig> {
  /** Â, the normalised interaction graph. */
  readonly adjacency: Csr<Nodes, Nodes>;
}

/** The parameters of a modality: user embeddings P, projection W and b, and the features X where they are trained. */
export type MonetPart = {
  readonly P: Matrix<Users, Dim>;
  readonly W: Matrix<Dim, Features>;
  readonly b: Vector<Dim>;
  readonly X?: Matrix<Items, Features>;
};

/** The parameters of MONET: one set per modality, and the `cf` tables and the fusion's where a variant has them. */
export type MonetParams = {
  readonly modalities: { readonly [modality: string]: MonetPart };
  readonly cf?: Factors;
  readonly fusion?: FusionParams;
};

const settings: Settings<MonetConfig> = {
  dim: { default: 64, min: 1, whole: true, about: "embedding size of each modality" },
  layers: { default: 2, min: 0, whole: true, about: "L, graph convolutions (3); 0 for none" },
  alpha: { default: 1, min: 0, about: "α, the share of its own features a node keeps at each layer (3)" },
  beta: { default: 0.3, min: 0, max: 1, about: "β, the share of the target-aware score (6)" },
  l2: { default: 1e-5, min: 0, about: "λ, the weight of the squared norms (7)" },
  propagation: {
    default: "megcn",
    choices: ["megcn", "normalized", "lightgcn"],
    about: "megcn as in (3); normalized with a self term that counts as a neighbour (footnote 9); " +
      "lightgcn for no self term and the mean of all layers",
  },
  fusion: {
    default: "concat",
    choices: ["concat", "sum", "weighted", "fc"],
    about: "how modalities become one: side by side, their sum, a sum with learned weights, or a linear layer",
  },
  cf: {
    default: "none",
    choices: ["none", "lightgcn", "megcn"],
    about: "an additional part, learned from interactions alone, and its propagation",
  },
  normalize: { default: true, about: "scale projected features to length 1, as the released code does (2)" },
  regularize: {
    default: "final",
    choices: ["final", "parameters"],
    about: "the target of λ: the batch's final embeddings, as the code does, or all parameters, as the paper says (7)",
  },
  excludeTarget: { default: false, about: "leave the target out of the history it is compared with (4)" },
  freeze: { default: true, about: "keep dense raw features fixed; false trains them too" },
  ...rankingSettings,
  ...edgesSettings,
};

/** Builds the graph and puts the features on the device. */
function prepare(data: Dataset, config: MonetConfig, place: Placement = {}): MonetContext {
  const history = histories(data, "train");
  return { config, history, adjacency: symmetricAdjacency(history, place), features: modalityFeatures(data, place) };
}

/** Draws the parameters: tables as Glorot and Bengio do, W and b as PyTorch's linear layers do. */
function init(
  key: Key,
  { config: { dim, freeze, cf, fusion }, history, features, adjacency }: MonetContext,
): MonetParams {
  const { device } = adjacency.values.storage;
  const modalities = Object.entries(features).map(([modality, x], n): [string, MonetPart] => {
    const inputs = inputsOf(x);
    const [forP, forW, forB] = split(foldIn(key, n), 3);
    return [modality, {
      P: xavierUniform(forP, [history.rows, dim], { device }),
      W: linearUniform(forW, [dim, inputs], { inputs, device }),
      b: linearUniform(forB, [dim], { inputs, device }),
      ...trainable(x, freeze),
    }];
  });
  const [forTables, forFusion] = split(foldIn(key, -1));
  const further = cf === "none" ? {} : { cf: drawFactors(forTables, history, { dim, init: "uniform", device }) };
  const parts = modalities.length + Object.keys(further).length;
  return {
    modalities: Object.fromEntries(modalities),
    ...further,
    ...drawFusion(fusion, forFusion, { parts, dim, device }),
  };
}

/** Returns the final embeddings of users and items. */
export function encode(params: MonetParams, context: MonetContext): Factors {
  return factorsOf(nodes(params, context), context.history);
}

/** Returns the final embeddings, with the messages of items in the layers before the last. */
function encodeJoinable(params: MonetParams, context: MonetContext): MonetEncoded {
  const { adjacency, config, config: { layers, propagation, cf }, history } = context;
  const messages = (start: Matrix<Nodes, Dim>, name: MonetConfig["propagation"]) => {
    const before = Array.from({ length: layers }, (_, n) => LAYERS[name](adjacency, start, { ...config, layers: n }));
    return messagesOf(before, adjacency.pattern, history.rows, joiningOf(name, config));
  };
  return {
    ...encode(params, context),
    messages: messages(inputs(params, context), propagation),
    ...(params.cf && cf !== "none" ? { cfMessages: messages(nodesOf(params.cf), cf) } : {}),
    ...(params.fusion ? { fusion: params.fusion } : {}),
  };
}

/** Layer l of (3), by the name of the propagation; `lightgcn` takes their mean in the end. */
const LAYERS: typeof PROPAGATIONS = {
  ...PROPAGATIONS,
  lightgcn: (adjacency, h, { layers }) => layersOf(adjacency, h, layers)[layers],
};

/** Returns the items' final embeddings of each modality, before fusion. */
export function byModality(params: MonetParams, context: MonetContext): Readonly<Record<string, Matrix<Items, Dim>>> {
  const { config: { dim }, history } = context;
  const { items } = factorsOf(parts(params, context), history);
  return Object.fromEntries(
    Object.keys(params.modalities).map((modality, n) => [modality, sliceColumns(items, n * dim, (n + 1) * dim)]),
  );
}

/** Returns (6) of every item: a row of scores per user. */
export function score(e: Factors, block: Block, config: MonetConfig): Matrix<Batch, Items> {
  const { items } = e;
  const { history } = block;
  const own: Matrix<Entries, Dim> = gather(items, history.indices);
  const s: Matrix<Entries, Items> = matmulNT(
    block.weights ? mul(own, gather(block.weights, rowIndices(history))) : own,
    items,
  );
  const attended = segmentSoftmaxMean(s, s, history);
  const target = config.excludeTarget ? excluded(attended, items, block) : attended;
  const general = dotScore(e, block);
  if (!block.beta) return blend(general, target, config);
  return add(scaleRows(general, shift(neg(block.beta), 1)), scaleRows(target, block.beta));
}

/** Replaces the target-aware scores of a user's own items by the scores with a history that lacks the item itself. */
function excluded(
  target: Matrix<Batch, Items>,
  items: Matrix<Items, Dim>,
  { history, weights }: Block,
): Matrix<Batch, Items> {
  const others = without(takeRows(history, rowIndices(history)), history.indices);
  const targets = gather(items, history.indices);
  const weighed = weights ? mul(targets, gather(weights, rowIndices(history))) : targets;
  const own: Vector<Entries> = targetAware(others, weighed, items);
  const cells = (values: Vector<Entries>) => toDense({ pattern: history, values });
  return add(mul(target, shift(neg(cells(ones([own.shape[0]], own.storage))), 1)), cells(own));
}

/**
 * MONET as its released code computes it.
 *
 * @example
 * ```ts
 * import { defaultsOf } from "@giverny/giverny/core";
 * import { monet } from "@giverny/giverny/models";
 * import { equal } from "node:assert/strict";
 * equal(defaultsOf(monet.settings).beta, 0.3);
 * ```
 */
export const monet: Model<MonetConfig, MonetContext, MonetParams, MonetEncoded> = {
  name: "monet",
  about: "modality-embracing graph convolution and target-aware attention",
  source: "Kim et al., WSDM 2024, arXiv 2312.09511",
  settings,
  training: { sampler: "user", batch: 1024, lr: 1e-4, decay: 0.96, epochs: 1000, every: 5, patience: 10 },
  prepare,
  init,
  sampler: rankingSampler,
  loss,
  encode: ranked(encodeJoinable),
  foldInUser,
  byModality,
  beforePropagation: ({ modalities }, { features, config }) =>
    Object.fromEntries(
      Object.entries(modalities).map(([modality, p]) => [modality, project(p.X ?? features[modality], p, config)]),
    ),
  memory: (statistics, config) => {
    const { dim, layers, batch } = config;
    const { users, items, modalities, interactions } = statistics;
    const side = dim * Object.keys(modalities).length;
    const parameters = side * users + dim * columnsOf(statistics);
    const scores = numbersOfScores(statistics, config);
    // Softmax compares each negative with every item of a history too: the similarities, and matrices of their size.
    const compared = (1 + 3 * interactions.train / users) * scores;
    const intermediate = (layers + 4) * (users + items) * side + compared;
    return trainingBytes(statistics, { parameters, intermediate, batch, dim: side, attention: true });
  },
  score,
  columns,
  explain: (e, block, item, config, modalities) =>
    targetAwareParts(e, block, item, { ...config, columns: columns(config, modalities) }),
};
