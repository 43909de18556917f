/**
 * GRCN: graph-refined convolutional network (Wei, Wang, Nie, He and Chua, MM 2020, arXiv 2111.02036). The users' tastes
 * in each modality tell the importance of their interactions, and the interaction graph with these weights propagates
 * ID embeddings. The steps are numbered here, for every modality m with raw features X; n scales rows to length 1:
 *
 * | step | here | formula |
 * |---|---|---|
 * | (1) | {@link project} | F = n(lrelu(X Wᵀ + b)) |
 * | (2) | {@link route} | P ← n(P + Σᵢ aᵢ Fᵢ) with a = softmax ⟨P_u, Fᵢ⟩ over the items of user u; R times |
 * | (3) | {@link affinities} | αₙⱼ = softmax ⟨xₙ, xⱼ⟩ over the neighbours j of node n, with x = [P ; F] |
 * | (4) | {@link refine} | x + Σⱼ αₙⱼ xⱼ |
 * | (5) | {@link weigh} | wₙⱼ = maxₘ αₙⱼ Cⱼ, with a confidence C for every node and modality |
 * | (6) | {@link convolve} | E⁰ + w E⁰ + … + wᴸ E⁰ with E⁰ = n(ID) |
 * | (7) | {@link encode} | e = [(6) ‖ (4) of each modality] |
 * | (8) | `dotScore` | ŷ = ⟨e_u, e_i⟩ |
 * | (9) | {@link loss} | mean −log σ(ŷ_p − ŷ_n) + λ (mean(ID_u² + ID_i²) + Σₘ mean P_u²) |
 *
 * Rows of length 1 and weights that sum to 1 do not tell the popularity of an item. The tables have to learn it, which
 * takes long where most items have few users. On TikTok the recall@20 on validation was .049 after 61 epochs at the
 * default rate and .088 after 186 (popularity has .063); on test it is .085 (.060). On the garden it is .230 on test
 * (.122).
 *
 * ## Departures
 *
 * The defaults follow the released code (weiyinwei/GRCN, 24bd1fa), except for its faults:
 *
 * - (2) is the paper's. In the code messages run from users to items, and the messages that users receive are read:
 *   there are none, so P is only scaled to length 1 (`routing: "code"`). Numbers published for GRCN come from that code
 *   as a rule;
 * - (5) leaves negative weights as they are, which the authors' commands call soft pruning; with `pruning: "hard"`, the
 *   code's default, they become 0;
 * - λ weighs the batch's rows of the tables, by their means; the paper weighs all parameters. C is not weighed. Since
 *   (2) and (6) begin with rows of length 1, λ changes how fast tables turn, but not the embeddings they can reach;
 * - the code reads words as embeddings, and takes their mean; here words are sparse features, projected as others are;
 * - the code draws negatives from all items; here they are items that occur in training, see `interactionSampler`;
 * - the code chooses its epoch by the recall@10 on test, and gives training items the score 10⁻⁵ there, which is higher
 *   than many other scores. Here training stops on validation and training items are left out, as for every model;
 *   there is no switch;
 * - the code ranks with the embeddings that the last step of an epoch computed before its update of the parameters.
 *   Here rankings have the parameters after it;
 * - the code's NDCG divides by the best order of the items that it found. Here that is the metric `ndcgRetrieved`, and
 *   `ndcg` divides by the best order of all held-out items.
 *
 * @module
 */
import type { Dim, Entries, Features, Items, Nodes, Users } from "../core/axis.ts";
import { add } from "../core/autodiff.ts";
import { type Pattern, rowSelector } from "../core/pattern.ts";
import { foldIn, type Key, split } from "../core/random.ts";
import type { Settings } from "../core/settings.ts";
import { type Matrix, type Placement, type Scalar, type Vector, zeros } from "../core/tensor.ts";
import { singleNegatives, type Triples } from "../data/batch.ts";
import { type Dataset, histories } from "../data/dataset.ts";
import { bipartite } from "../data/graph.ts";
import { type FeatureMatrix, modalityFeatures } from "../data/tensors.ts";
import { linearUniform, xavierNormal } from "../ops/draw.ts";
import { addAll, leakyRelu, mul, scale, square } from "../ops/elementwise.ts";
import { concatColumns, concatRows, reshape, sliceRows } from "../ops/matrix.ts";
import { linear } from "../ops/nn.ts";
import { normalizeRows } from "../ops/normalize.ts";
import { mean, rowMax, rowSums } from "../ops/reduce.ts";
import { gather, segmentSoftmax } from "../ops/rows.ts";
import { csr, sddmm, spmm } from "../ops/sparse.ts";
import { dotScore, type Factors, factorsOf, inputsOf, layersOf, nodesOf, pairSquares } from "./factors.ts";
import { joined, joinedLayers, JOININGS, type Messages, messagesOf } from "./fold_in.ts";
import type { ContentContext, Model } from "./model.ts";
import { ranked, type RankingConfig, rankingLoss, rankingRows, rankingSampler, rankingSettings } from "./ranking.ts";

/** (1) Projects the items' raw features in one modality. */
export function project(x: FeatureMatrix, { W, b }: Pick<GrcnModality, "W" | "b">): Matrix<Items, Dim> {
  return normalizeRows(leakyRelu(linear(x, W, b)));
}

/** (2) One routing: each user gathers from their items, most from the most similar ones. */
export function route(
  history: Pattern<Users, Items>,
  P: Matrix<Users, Dim>,
  F: Matrix<Items, Dim>,
): Matrix<Users, Dim> {
  const shares = segmentSoftmax(sddmm(history, P, F), history);
  return normalizeRows(add(P, spmm(csr(history, shares), F)));
}

/** (2) by the name of the routing. */
const ROUTINGS: Readonly<Record<"paper" | "code", typeof route>> = {
  paper: route,
  /** P, scaled. */
  code: (_, P) => normalizeRows(P),
};

/** (3) The share of each neighbour of a node in one modality: a number per entry, with sum 1 for each node. */
export function affinities(graph: Pattern<Nodes, Nodes>, x: Matrix<Nodes, Dim>): Vector<Entries> {
  return segmentSoftmax(sddmm(graph, x, x), graph);
}

/** (4) The embeddings of nodes in one modality, with their neighbours'. */
export function refine(
  graph: Pattern<Nodes, Nodes>,
  x: Matrix<Nodes, Dim>,
  alpha: Vector<Entries>,
): Matrix<Nodes, Dim> {
  return add(x, spmm(csr(graph, alpha), x));
}

/** (5) The weight of every entry of the graph, from the affinities of each modality. */
export function weigh(
  alphas: readonly Vector<Entries>[],
  { weights, pruning, sources, C }: GrcnWeighing,
): Vector<Entries> {
  const columns = concatColumns(alphas.map((alpha) => reshape(alpha, [alpha.shape[0], 1])));
  return PRUNINGS[pruning](WEIGHTS[weights](columns, () => gather(C!, sources)));
}

/** (5) by the name of the weights, from the modalities' affinities, a column each, and confidences. */
const WEIGHTS: Readonly<
  Record<GrcnConfig["weights"], (alphas: Matrix<Entries>, confidences: () => Matrix<Entries>) => Vector<Entries>>
> = {
  /** maxₘ αₘ C */
  confidence: (alphas, confidences) => rowMax(mul(alphas, confidences())),
  /** maxₘ αₘ */
  max: (alphas) => rowMax(alphas),
  /** Σₘ αₘ / M */
  mean: (alphas) => scale(rowSums(alphas), 1 / alphas.shape[1]),
};

/** (5) by the name of the pruning: w, or max(w, 0). */
const PRUNINGS: Readonly<Record<GrcnConfig["pruning"], (w: Vector<Entries>) => Vector<Entries>>> = {
  soft: (w) => w,
  hard: (w) => leakyRelu(w, 0),
};

/** (6) The propagation of ID embeddings along weighed interactions: the sum of all layers. */
export function convolve(
  graph: Pattern<Nodes, Nodes>,
  w: Vector<Entries>,
  ID: Matrix<Nodes, Dim>,
  layers: number,
): Matrix<Nodes, Dim> {
  return addAll(layersOf(csr(graph, w), normalizeRows(ID), layers));
}

/** (1, 2, 3, 4) The refined embeddings and the affinities of each modality, by its name. */
function refined(
  { modalities }: GrcnParams,
  { config: { routing, routings }, history, graph, features }: GrcnContext,
): Readonly<Record<string, { readonly x: Matrix<Nodes, Dim>; readonly alpha: Vector<Entries> }>> {
  return Object.fromEntries(
    Object.entries(modalities).map(([modality, p]) => {
      const items = project(features[modality], p);
      const users = Array.from({ length: routings }).reduce<Matrix<Users, Dim>>(
        (P) => ROUTINGS[routing](history, P, items),
        normalizeRows(p.P),
      );
      const x = nodesOf({ users, items });
      const alpha = affinities(graph, x);
      return [modality, { alpha, x: refine(graph, x, alpha) }];
    }),
  );
}

/** (7) The final embeddings: of IDs, along the weighed graph, and of each modality. */
export function encode(params: GrcnParams, context: GrcnContext): Factors {
  const { config, history, graph, sources } = context;
  const { ID, C } = params;
  const parts = Object.values(refined(params, context));
  const w = weigh(parts.map(({ alpha }) => alpha), { ...config, sources, C });
  return factorsOf(concatColumns([convolve(graph, w, ID, config.layers), ...parts.map(({ x }) => x)]), history);
}

/** The final embeddings, and what (2) to (6) need for users who join. */
export type GrcnEncoded = Factors & {
  /** The items' ID embeddings in the layers before the last of (6). */
  readonly messages: Messages;
  /** F, by modality. */
  readonly F: { readonly [modality: string]: Matrix<Items, Dim> };
  /** C of items, where the weights need it. */
  readonly C?: Matrix<Items, number>;
};

/** Returns the final embeddings, with all that users who join receive. */
function encodeJoinable(params: GrcnParams, context: GrcnContext): GrcnEncoded {
  const { config, history, graph, sources, features } = context;
  const parts = refined(params, context);
  const w = weigh(Object.values(parts).map(({ alpha }) => alpha), { ...config, sources, C: params.C });
  const ids = config.layers === 0 ? [] : layersOf(csr(graph, w), normalizeRows(params.ID), config.layers - 1);
  const F = Object.entries(params.modalities).map(([modality, p]) =>
    [modality, project(features[modality], p)] as const
  );
  return {
    ...encode(params, context),
    messages: messagesOf(ids, graph, history.rows, JOININGS.walk),
    F: Object.fromEntries(F),
    ...(params.C ? { C: sliceRows(params.C, history.rows, graph.rows) } : {}),
  };
}

/** (2–7) The final embeddings of users who join: their P and ID are 0. */
function foldInUser(e: GrcnEncoded, histories: Pattern<Users, Items>, config: GrcnConfig): GrcnEncoded {
  const { graph: { pattern }, items } = joined(histories, { ...JOININGS.walk, self: () => 0 }, e.items.storage);
  const parts = Object.values(e.F).map((all) => {
    const F = gather(all, items);
    const zero: Matrix<Users, Dim> = zeros([histories.rows, F.shape[1]], F.storage);
    const P = Array.from({ length: config.routings }).reduce<Matrix<Users, Dim>>(
      (P) => ROUTINGS[config.routing](histories, P, all),
      zero,
    );
    const x = concatRows([P, F]) as Matrix<Nodes, Dim>;
    const alpha = affinities(pattern, x);
    return { alpha, x: refine(pattern, x, alpha) };
  });
  const C = e.C && concatRows([zeros([histories.rows, parts.length], e.C.storage), gather(e.C, items)]);
  const sources: Pattern<Entries, Nodes> = rowSelector(pattern.indices, pattern.columns);
  const w = weigh(parts.map(({ alpha }) => alpha), { ...config, sources, C: C as Matrix<Nodes, number> | undefined });
  const own = (x: Matrix<Nodes, Dim>): Matrix<Users, Dim> => sliceRows(x, 0, histories.rows);
  const ids = config.layers === 0
    ? zeros<[Users, Dim]>([histories.rows, parts[0].x.shape[1]], e.items.storage)
    : addAll(joinedLayers(e.messages, histories, JOININGS.walk, (_, h) => spmm(csr(pattern, w), h)));
  return { ...e, users: concatColumns([ids, ...parts.map(({ x }) => own(x))]) };
}

/** (9) The BPR objective, and the regulariser of the batch's rows of ID and P. */
export function loss(params: GrcnParams, batch: Triples, context: GrcnContext): Scalar {
  const { config, history } = context;
  const ranking = rankingLoss(rankingRows(encode(params, context), batch, config), batch, config);
  const users = batch.shared ? batch.users : singleNegatives(batch).users;
  const squares = [
    pairSquares(rankingRows(factorsOf(params.ID, history), batch, config)),
    ...Object.values(params.modalities).map(({ P }) => mean(square(gather(P, users)))),
  ];
  return add(ranking, scale(addAll(squares), config.l2));
}

/** The settings of GRCN. */
export type GrcnConfig = RankingConfig & {
  readonly dim: number;
  readonly routing: "paper" | "code";
  readonly routings: number;
  readonly weights: "confidence" | "max" | "mean";
  readonly pruning: "soft" | "hard";
  readonly layers: number;
  readonly l2: number;
};

/** The inputs of (5) besides affinities. */
export interface GrcnWeighing extends Pick<GrcnConfig, "weights" | "pruning"> {
  /** The neighbour of each entry of the graph. */
  readonly sources: Pattern<Entries, Nodes>;
  /** The confidence of every node in each modality, where the weights need it. */
  readonly C?: Matrix<Nodes, number> | undefined;
}

/** The fixed inputs of GRCN. */
export interface GrcnContext extends ContentContext<GrcnConfig> {
  /** The interaction graph, without weights. */
  readonly graph: Pattern<Nodes, Nodes>;
  /** The neighbour of each entry of the graph. */
  readonly sources: Pattern<Entries, Nodes>;
}

/** The parameters of a modality: user embeddings P, projection W and b. */
export type GrcnModality = {
  readonly P: Matrix<Users, Dim>;
  readonly W: Matrix<Dim, Features>;
  readonly b: Vector<Dim>;
};

/** The parameters of GRCN: ID embeddings, confidences C where the weights need them, and a set per modality. */
export type GrcnParams = {
  readonly ID: Matrix<Nodes, Dim>;
  readonly C?: Matrix<Nodes, number>;
  readonly modalities: { readonly [modality: string]: GrcnModality };
};

const settings: Settings<GrcnConfig> = {
  dim: { default: 64, min: 1, whole: true, about: "embedding size, of IDs and of each modality" },
  routing: {
    default: "paper",
    choices: ["paper", "code"],
    about: "whether users gather from their items, as in (2), or nothing, as in the released code",
  },
  routings: { default: 3, min: 0, whole: true, about: "R, how often users gather (2)" },
  weights: {
    default: "confidence",
    choices: ["confidence", "max", "mean"],
    about: "how modalities weigh an interaction: the largest after confidence (5), the largest, or the mean",
  },
  pruning: { default: "soft", choices: ["soft", "hard"], about: "hard for no negative weights (5)" },
  layers: { default: 2, min: 0, whole: true, about: "L, graph convolutions of ID embeddings (6)" },
  l2: { default: 1e-5, min: 0, about: "λ, the weight of the mean squares (9)" },
  ...rankingSettings,
};

/** Builds the graph and puts the features on the device. */
function prepare(data: Dataset, config: GrcnConfig, place: Placement = {}): GrcnContext {
  const history = histories(data, "train");
  const graph = bipartite(history);
  const sources: Pattern<Entries, Nodes> = rowSelector(graph.indices, graph.columns);
  return { config, history, graph, sources, features: modalityFeatures(data, place) };
}

/** Draws the parameters: tables from Glorot and Bengio's normal distribution, W and b as PyTorch's linear layers do. */
function init(key: Key, { config: { dim, weights }, history, graph, features }: GrcnContext): GrcnParams {
  const [forID, forC, forModalities] = split(key, 3);
  const drawn = Object.entries(features).map(([modality, x], n): [string, GrcnModality] => {
    const [inputs, { device }] = [inputsOf(x), ("pattern" in x ? x.values : x).storage];
    const [forP, forW, forb] = split(foldIn(forModalities, n), 3);
    return [modality, {
      P: xavierNormal(forP, [history.rows, dim], { device }),
      W: linearUniform(forW, [dim, inputs], { inputs, device }),
      b: linearUniform(forb, [dim], { inputs, device }),
    }];
  });
  const { device } = drawn[0][1].P.storage;
  const ID = xavierNormal(forID, [graph.rows, dim], { device });
  const modalities = Object.fromEntries(drawn);
  if (weights !== "confidence") return { ID, modalities };
  return { ID, C: xavierNormal(forC, [graph.rows, drawn.length], { device }), modalities };
}

/** Returns the items' embeddings of each modality, before they are put side by side. */
export function byModality(params: GrcnParams, context: GrcnContext): Readonly<Record<string, Matrix<Items, Dim>>> {
  const parts = Object.entries(refined(params, context));
  return Object.fromEntries(parts.map(([modality, { x }]) => [modality, factorsOf(x, context.history).items]));
}

/**
 * GRCN as its released code is meant, with the paper's routing.
 *
 * @example
 * ```ts
 * import { grcn } from "@giverny/giverny/models";
 * import { equal } from "node:assert/strict";
 * equal(grcn.settings.routing.default, "paper");
 * ```
 */
export const grcn: Model<GrcnConfig, GrcnContext, GrcnParams, GrcnEncoded> = {
  name: "grcn",
  about: "interactions weighed by the users' tastes in each modality, and a graph convolution along them",
  source: "Wei et al., MM 2020, arXiv 2111.02036",
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
  columns: ({ dim }, modalities) => ["interactions", ...modalities].map((modality) => ({ modality, width: dim })),
};
