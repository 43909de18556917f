/**
 * GUME: graphs and user modalities enhancement for long-tail multimodal recommendation (Lin, Meng, Wang, Long, Zhou and
 * Xiao, CIKM 2024, arXiv 2407.12338). For every modality m, with E the ID embeddings, σ the logistic function, Sₘ the
 * normalised graph of the k nearest neighbours in raw features Xₘ, Â the interaction graph with entries between
 * semantic neighbours, R̂ its block from users to items, and LG the mean of layers 0 to L along Â. Equations are
 * numbered here, in the order of computation:
 *
 * | equation | here | formula |
 * |---|---|---|
 * | (1) | {@link purify} | Mₘ = E_i ∘ σ(gate(project(Xₘ))) |
 * | (2) | {@link extendedIds} | X = LG(E), the extended ids |
 * | (3) | {@link explicit} | Fₘ = [R̂ Tₘ ; Tₘ] with Tₘ = Sₘⁿ Mₘ |
 * | (4) | {@link attention} | a = softmax over m of ⟨w, tanh(query(Fₘ))⟩ |
 * | (5) | {@link separate} | J = (C + Σ σ(behaviourₘ(X)) ∘ (Fₘ − C)) / (M + 1) with C = Σ aₘ Fₘ |
 * | (6) | {@link encode} | e = X + J |
 * | (7) | {@link interest} | G = mean over m of LG([Qₘ ; Tₘ]), the extended interests |
 * | (8) | {@link loss} | mean −log σ(ŷ_p − ŷ_n) + λ/B ½ Σ‖e‖² + λ_G/B ½ Σ‖g_p‖² + (9) + (10) + (11) |
 * | (9) | {@link internal} | λ_in · mean over pairs of modalities of │Var F − Var F′│ + │Mean F − Mean F′│ |
 * | (10) | {@link external} | λ_ex (N(J_u, X_u) + N(J_p, X_p)), N the InfoNCE of rows at a temperature |
 * | (11) | {@link userModality} | λ_um (N(G_u, J_u) + N(J_u + ε, J_u + ε′) + N(G_u + ε, G_u + ε′)) |
 *
 * Settings remove each part: `enhance: false` the entries between semantic neighbours, weights of 0 the terms (9), (10)
 * and (11) (with `interestL2: 0` for the last). A removed part is not computed.
 *
 * ## Departures
 *
 * The defaults follow the released code (NanGongNingYi/GUME, 44a4dce), with its values for Baby, except for the first
 * two points:
 *
 * - ours: raw features stay fixed. The code trains them (`freeze: false`), while the graphs of their neighbours stay as
 *   they were;
 * - ours: any number of modalities. Semantic neighbours are neighbours in every modality. With one modality they are
 *   all its neighbours, (9) is 0, and (5) halves C; with two, (9) is the sum in the paper;
 * - (9) compares one mean and one variance of all numbers of F, as the code does, where the paper speaks of
 *   distributions;
 * - the code cuts its lists of semantic neighbours into tens, so they are right with k = 10 alone; here with any k;
 * - semantic neighbours are directed, so Â is not symmetric; weights are normalised by row sums;
 * - the code divides the regulariser of an epoch's last, smaller batch by the size of the other batches; here by its
 *   own size;
 * - the code's graphs take k neighbours at any similarity. Here similarities of 0 and below do not count: see
 *   `nearestNeighbours`.
 *
 * @module
 */
import type { Batch, Dim, Features, Ids, Items, Nodes, Users } from "../core/axis.ts";
import { add } from "../core/autodiff.ts";
import { foldIn, type Key, split } from "../core/random.ts";
import { scope } from "../core/scope.ts";
import type { Settings } from "../core/settings.ts";
import type { Pattern } from "../core/pattern.ts";
import type { Csr } from "../core/sparse.ts";
import type { Matrix, Placement, Scalar, Tensor, Vector } from "../core/tensor.ts";
import type { Triples } from "../data/batch.ts";
import { type Dataset, histories } from "../data/dataset.ts";
import { enhancedAdjacency, sharedNeighbours, symmetricAdjacency, userBlock } from "../data/graph.ts";
import { similarityGraphs } from "../data/neighbours.ts";
import { type FeatureMatrix, modalityFeatures } from "../data/tensors.ts";
import { linearUniform, uniform, xavierUniform } from "../ops/draw.ts";
import { abs, addAll, scale, sub } from "../ops/elementwise.ts";
import { infoNce, l2 } from "../ops/loss.ts";
import { concatColumns, matmulNT, reshape, sliceColumns } from "../ops/matrix.ts";
import { linear, softmaxRows } from "../ops/nn.ts";
import { normalizeRows } from "../ops/normalize.ts";
import { pointwise, pointwiseSum } from "../ops/pointwise.ts";
import { mean, scaleRows } from "../ops/reduce.ts";
import { gather } from "../ops/rows.ts";
import { spmm } from "../ops/sparse.ts";
import {
  average,
  batchL2,
  dotScore,
  drawFactors,
  drawLinear,
  type Factors,
  factorsOf,
  inputsOf,
  layersOf,
  meanOfLayers,
  nodesOf,
  trainable,
  withinBatch,
} from "./factors.ts";
import { deviation, gated, noisy, ownAdded, shareAdded, weighed } from "./formulas.ts";
import { type Joinable, joinedLayers, JOININGS, meanMessages, type Messages, messagesOf } from "./fold_in.ts";
import type { ContentContext, Model } from "./model.ts";
import { ranked, type RankingConfig, rankingLoss, rankingRows, rankingSampler, rankingSettings } from "./ranking.ts";

/** (1) Multiplies ID embeddings by a gate computed from a modality's raw features, to suppress its noise. */
export function purify(
  x: FeatureMatrix,
  { project, gate }: Pick<GumeModality, "project" | "gate">,
  ids: Matrix<Items, Dim>,
): Matrix<Items, Dim> {
  const z = matmulNT(linear(x, project.W, project.b), gate.W);
  return pointwise(gated, [ids, z, [gate.b, "columns"]]);
}

/** (2) The extended ids of all nodes: ID embeddings propagated along the enhanced graph. */
export function extendedIds(params: GumeParams, { adjacency, config }: GumeContext): Matrix<Nodes, Dim> {
  return meanOfLayers(adjacency, nodesOf(params), config.layers);
}

/** (3) The explicit features of users and items in a modality: R̂ T and T = Sⁿ M. */
export function explicit(
  m: Matrix<Items, Dim>,
  graph: Csr<Items, Items>,
  { block, config }: Pick<GumeContext, "block"> & { readonly config: Pick<GumeConfig, "itemLayers"> },
): Factors {
  const items = layersOf(graph, m, config.itemLayers).at(-1)!;
  return { users: spmm(block, items), items };
}

/** (4) The attention of each node to modalities, a column per modality. */
export function attention<R extends number>(
  features: readonly Matrix<R, Dim>[],
  { W, b, w }: GumeParams["query"],
): Matrix<R> {
  const weight = reshape(w, [w.shape[1]]);
  const scores = features.map((f) => {
    const [z, rows] = [matmulNT(f, W), f.shape[0]];
    const score = pointwiseSum(weighed, [z, [b, "columns"], [weight, "columns"]], "rows", [rows]);
    return reshape(score, [rows, 1]);
  });
  return softmaxRows(concatColumns(scores));
}

/** (5) The joint features J: features that modalities share, and a gated share of each modality's own. */
export function separate<R extends number>(
  ids: Matrix<R, Dim>,
  features: readonly Matrix<R, Dim>[],
  { query, modalities }: GumeSeparation,
): Matrix<R, Dim> {
  const shares = attention(features, query);
  const share = (m: number) => reshape(sliceColumns(shares, m, m + 1), [ids.shape[0]]);
  const [first, ...rest] = features;
  const shared = rest.reduce(
    (sum, f, m) => pointwise(shareAdded, [sum, f, [share(m + 1), "rows"]]),
    scaleRows(first, share(0)),
  );
  return Object.values(modalities).reduce((sum, { behaviour: { W, b } }, m, { length }) => {
    const divisor = m === length - 1 ? length + 1 : 1;
    return pointwise(ownAdded, [sum, matmulNT(ids, W), [b, "columns"], features[m], shared], [1 / divisor]);
  }, shared);
}

/** The results of (2) to (5): extended ids X, explicit features F of each modality, and joint features J. */
export type GumeViews = { ids: Matrix<Nodes, Dim>; explicit: readonly Factors[]; joint: Matrix<Nodes, Dim> };

/** (1–5) The extended ids, explicit features and joint features. */
export function views(params: GumeParams, context: GumeContext): GumeViews {
  const { features, graphs } = context;
  const ids = extendedIds(params, context);
  const found = Object.entries(params.modalities).map(([modality, p]) =>
    explicit(purify(p.X ?? features[modality], p, params.items), graphs[modality], context)
  );
  return { ids, explicit: found, joint: separate(ids, found.map(nodesOf), params) };
}

/** (6) The final embeddings. */
export function encode(params: GumeParams, context: GumeContext): Factors {
  const { ids, joint } = views(params, context);
  return factorsOf(add(ids, joint), context.history);
}

/** The final embeddings, and what (2) to (5) need for users who join. */
export type GumeEncoded = Joinable & GumeSeparation & {
  /** The messages of explicit features, by modality. */
  readonly explicit: { readonly [modality: string]: Messages };
};

/** The parameters of (4) and (5). */
export type GumeSeparation = Pick<GumeParams, "query"> & {
  readonly modalities: { readonly [modality: string]: Pick<GumeModality, "behaviour"> };
};

/** Returns the final embeddings, with the messages of items in the layers before the last, and of explicit features. */
function encodeJoinable(params: GumeParams, context: GumeContext): GumeEncoded {
  const found = views(params, context);
  const explicit = found.explicit.map(nodesOf);
  return joinable(params, { ...found, explicit }, context);
}

/** Returns the final embeddings X + J, and the inputs of {@link foldInUser}. */
export function joinable(
  params: Factors & GumeSeparation,
  { ids, explicit, joint }: Pick<GumeViews, "ids" | "joint"> & { readonly explicit: readonly Matrix<Nodes, Dim>[] },
  { adjacency, history, config: { layers } }: Pick<GumeContext, "adjacency" | "history"> & {
    readonly config: Pick<GumeConfig, "layers">;
  },
): GumeEncoded {
  const modalities = Object.entries(params.modalities);
  const messages = (of: Matrix<Nodes, Dim>) => messagesOf([of], adjacency.pattern, history.rows, JOININGS.symmetric);
  return {
    ...factorsOf(add(ids, joint), history),
    messages: meanMessages(adjacency, nodesOf(params), history.rows, layers),
    explicit: Object.fromEntries(modalities.map(([name], m) => [name, messages(explicit[m])])),
    query: params.query,
    modalities: Object.fromEntries(modalities.map(([name, { behaviour }]) => [name, { behaviour }])),
  };
}

/** (2–6) The final embeddings of users who join. */
export function foldInUser(
  e: GumeEncoded,
  histories: Pattern<Users, Items>,
  { layers }: Pick<GumeConfig, "layers">,
): GumeEncoded {
  const features = Object.values(e.explicit).map((sent) => joinedLayers(sent, histories, JOININGS.symmetric)[1]);
  const ids = layers === 0
    ? scale(features[0], 0)
    : scale(addAll(joinedLayers(e.messages, histories, JOININGS.symmetric)), 1 / (layers + 1));
  return { ...e, users: add(ids, separate(ids, features, e)) };
}

/**
 * (7) The extended interests of all nodes, from Q and the items' explicit features. Propagation is linear, so the
 * mean over modalities is taken first.
 */
export function interest(
  modalities: Readonly<Record<string, Pick<GumeModality, "Q">>>,
  explicit: readonly Factors[],
  { adjacency, config: { layers } }: Pick<GumeContext, "adjacency"> & {
    readonly config: Pick<GumeConfig, "layers">;
  },
): Matrix<Nodes, Dim> {
  const start = nodesOf({
    users: average(Object.values(modalities).map(({ Q }) => Q)),
    items: average(explicit.map(({ items }) => items)),
  });
  return meanOfLayers(adjacency, start, layers);
}

/** (8) The BPR objective, the regulariser of the batch's final embeddings, and the terms with a weight above 0. */
export function loss(params: GumeParams, batch: Triples, context: GumeContext, key: Key): Scalar {
  const { config, history } = context;
  const { ids, explicit, joint } = views(params, context);
  const { batch: own, rowsOf } = withinBatch(batch, history);
  const [x, j] = [ids, joint].map(rowsOf);
  const e = rankingRows({ users: add(x.users, j.users), items: add(x.items, j.items) }, own, config);
  return addAll([
    rankingLoss(e, own, config),
    batchL2(config.l2, e),
    ...internal(explicit.map(nodesOf), config),
    ...external(x, j, own, config),
    ...userModality(() => rowsOf(interest(params.modalities, explicit, context)), j, own, key, config),
  ]);
}

/** Returns the mean of all numbers of a tensor, and their unbiased variance. */
export function moments(x: Tensor): { readonly mean: Scalar; readonly variance: Scalar } {
  const middle = mean(x);
  const count = x.shape.reduce((product: number, length) => product * length, 1);
  const squares = pointwiseSum(deviation, [x, [middle, "none"]], "none", []);
  return { mean: middle, variance: scale(squares, 1 / (count - 1)) };
}

/** (9) The internal alignment: a mean over pairs of modalities; no term at weight 0. */
export function internal(
  explicit: readonly Matrix<Nodes, Dim>[],
  { internal: weight }: Pick<GumeConfig, "internal">,
): readonly Scalar[] {
  if (weight === 0 || explicit.length < 2) return [];
  const all = explicit.map(moments);
  const pairs = all.flatMap((a, n) => all.slice(n + 1).map((b) => [a, b] as const));
  const differences = pairs.map(([a, b]) => add(abs(sub(a.variance, b.variance)), abs(sub(a.mean, b.mean))));
  return [scale(addAll(differences), weight / pairs.length)];
}

/** (10) The external alignment: a batch's users and positives identified by extended ids X, given joint features J. */
export function external(
  x: Factors,
  j: Factors,
  { users, positives }: Triples,
  { external: weight, externalTemperature }: Pick<GumeConfig, "external" | "externalTemperature">,
): readonly Scalar[] {
  if (weight === 0) return [];
  const found = [
    infoNce(gather(j.users, users), gather(x.users, users), externalTemperature),
    infoNce(gather(j.items, positives), gather(x.items, positives), externalTemperature),
  ];
  return [scale(addAll(found), weight)];
}

/**
 * Returns a batch's rows x + s sign x ∘ r / ‖r‖, with r uniform in [0, 1) and drawn once per user: repeated users have
 * the same noise.
 */
export function perturbed(key: Key, e: Matrix<Users, Dim>, users: Ids<Users>, size: number): Matrix<Batch, Dim> {
  const rows = gather(e, users);
  const place = new Map(Array.from(new Set(users), (user, n) => [user, n]));
  const noise = normalizeRows(uniform(key, [place.size, e.shape[1]], { device: e.storage.device }));
  const own = gather(noise, users.map((user) => place.get(user)!));
  return pointwise(noisy, [rows, own], [size]);
}

/**
 * (11) The enhancement of user modalities: a batch's users identified by J, given G, and by each of the two with other
 * noise; and λ_G/B ½ Σ‖g‖² of the positives. G is computed only where one of them counts.
 */
export function userModality(
  interest: () => Factors,
  j: Factors,
  { users, positives }: Triples,
  key: Key,
  { user: weight, userTemperature, noise, interestL2 }: Pick<
    GumeConfig,
    "user" | "userTemperature" | "noise" | "interestL2"
  >,
): readonly Scalar[] {
  if (weight === 0 && interestL2 === 0) return [];
  const g = interest();
  const penalty = scale(l2(gather(g.items, positives)), interestL2 / positives.length);
  if (weight === 0) return [penalty];
  const keys = split(key, 4);
  const robust = [j, g].map((e, n) => {
    const [one, other] = [0, 1].map((m) => perturbed(keys[2 * n + m], e.users, users, noise));
    return infoNce(one, other, userTemperature);
  });
  const aligned = infoNce(gather(g.users, users), gather(j.users, users), userTemperature);
  return [penalty, scale(addAll([aligned, ...robust]), weight)];
}

/** The settings of GUME. */
export type GumeConfig = RankingConfig & {
  readonly dim: number;
  readonly neighbours: number;
  readonly enhance: boolean;
  readonly layers: number;
  readonly itemLayers: number;
  readonly internal: number;
  readonly external: number;
  readonly externalTemperature: number;
  readonly user: number;
  readonly userTemperature: number;
  readonly noise: number;
  readonly interestL2: number;
  readonly l2: number;
  readonly freeze: boolean;
};

/** The fixed inputs of GUME. */
export interface GumeContext extends ContentContext<GumeConfig> {
  /** Â, the enhanced and normalised interaction graph. */
  readonly adjacency: Csr<Nodes, Nodes>;
  /** R̂, its block from users to items. */
  readonly block: Csr<Users, Items>;
  /** S: the graph of each modality's raw features. */
  readonly graphs: Readonly<Record<string, Csr<Items, Items>>>;
}

/** A linear layer: x Wᵀ + b. */
export type GumeLayer<F extends number = Dim> = { readonly W: Matrix<Dim, F>; readonly b: Vector<Dim> };

/** The parameters of a modality: interests Q, the layers of (1) and (5), and the features X where they are trained. */
export type GumeModality = {
  readonly Q: Matrix<Users, Dim>;
  readonly project: GumeLayer<Features>;
  readonly gate: GumeLayer;
  readonly behaviour: GumeLayer;
  readonly X?: Matrix<Items, Features>;
};

/** The parameters of GUME: E, the attention of (4), and a set per modality. */
export type GumeParams = Factors & {
  readonly query: GumeLayer & { readonly w: Matrix<number, Dim> };
  readonly modalities: { readonly [modality: string]: GumeModality };
};

const settings: Settings<GumeConfig> = {
  dim: { default: 64, min: 1, whole: true, about: "embedding size" },
  neighbours: { default: 10, min: 1, whole: true, about: "k, neighbours of an item in a modality, itself included" },
  enhance: { default: true, about: "add entries between items near in every modality to the interaction graph" },
  layers: { default: 3, min: 0, whole: true, about: "L, graph convolutions along interactions (2, 7)" },
  itemLayers: { default: 2, min: 0, whole: true, about: "n, graph convolutions along similar items (3)" },
  internal: { default: 0.1, min: 0, about: "λ_in, the weight of the alignment of modalities (9)" },
  external: { default: 0.01, min: 0, about: "λ_ex, the weight of the alignment of modalities with behaviour (10)" },
  externalTemperature: { default: 0.4, min: 0.01, about: "the temperature of (10)" },
  user: { default: 0.01, min: 0, about: "λ_um, the weight of the enhancement of user modalities (11)" },
  userTemperature: { default: 0.1, min: 0.01, about: "the temperature of (11)" },
  noise: { default: 0.1, min: 0, about: "the length of the noise ε (11)" },
  interestL2: { default: 0.1, min: 0, about: "λ_G, the weight of the squared norms of positives in G (8)" },
  l2: { default: 1e-5, min: 0, about: "λ, the weight of the batch's squared norms (8)" },
  freeze: { default: true, about: "keep raw features fixed; false trains dense ones, as the code does" },
  ...rankingSettings,
};

/** Builds the graphs. */
async function prepare(data: Dataset, config: GumeConfig, place: Placement = {}): Promise<GumeContext> {
  const history = histories(data, "train");
  const features = modalityFeatures(data, place);
  const graphs = await similarityGraphs(features, config.neighbours);
  const semantic = sharedNeighbours(Object.values(graphs).map(({ pattern }) => pattern));
  const enhanced = () => enhancedAdjacency(history, semantic, place);
  const adjacency = scope(config.enhance ? enhanced : () => symmetricAdjacency(history, place));
  return { config, history, adjacency, block: scope(() => userBlock(adjacency, history.rows)), features, graphs };
}

/** Draws the parameters: tables as Glorot and Bengio do, layers as PyTorch does. */
function init(key: Key, { config: { dim, freeze }, history, features, adjacency }: GumeContext): GumeParams {
  const { device } = adjacency.values.storage;
  const [forFactors, forQuery, forWeights, forModalities] = split(key, 4);
  const layer = <F extends number>(key: Key, inputs: F) => drawLinear(key, [dim, inputs], { device });
  const modalities = Object.entries(features).map(([modality, x], n): [string, GumeModality] => {
    const [forQ, forProject, forGate, forBehaviour] = split(foldIn(forModalities, n), 4);
    return [modality, {
      Q: xavierUniform(forQ, [history.rows, dim], { device }),
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
 * GUME as its released code computes it, with features that stay fixed.
 *
 * @example
 * ```ts
 * import { gume } from "@giverny/giverny/models";
 * import { equal } from "node:assert/strict";
 * equal(gume.settings.neighbours.default, 10);
 * ```
 */
export const gume: Model<GumeConfig, GumeContext, GumeParams, GumeEncoded, Promise<GumeContext>> = {
  name: "gume",
  about: "a graph enhanced between similar items, user modalities, and alignment of modalities with behaviour",
  source: "Lin et al., CIKM 2024, arXiv 2407.12338",
  settings,
  training: { sampler: "interaction", batch: 2048, lr: 1e-3, decay: 0.96, epochs: 1000, every: 1, patience: 20 },
  prepare,
  init,
  sampler: rankingSampler,
  loss,
  encode: ranked(encodeJoinable),
  foldInUser,
  score: dotScore,
};
