/**
 * Nympheas, Monet's water lilies: this library's own model. It has MONET's idea, modality embracing with the target
 * left out of the user's history, with a softmax loss of cosines. For every modality m of the items, with x̂ raw
 * features of length 1, and Â the symmetrically normalised interaction graph:
 *
 * | equation | here | formula |
 * |---|---|---|
 * | (1) | {@link interactions} | H = (H⁰ + Â H⁰ + … + Âᴸ H⁰) / (L + 1) from the embeddings of ids, H⁰ = [P ; Q] |
 * | (2) | {@link frozenNeighbours} | Sₘ: the mean of the k nearest items by cosine of features, itself left out |
 * | (3) | {@link embed} | e_u = H_u, and e_i = H_i + c_i with c = Σₘ x̂ₘ Wₘᵀ + w / M Σₘ Sₘ Q |
 * | (4) | {@link coldVectors} | v = Σₘ x̂ₘ Vₘᵀ + w / M Σₘ Sₘ ē with ē = e_i / ‖e_i‖ |
 * | (5) | {@link encode} | ŷ = cos(e_u, e_i), or cos(e_u, v_i) if no training interaction has item i |
 * | (6) | {@link loss} | ℓ(e_i, e_j) + γ ℓ(v_i, r_j), ℓ(x, y) = mean −log softmax of cos(e_u, x)/τ among cos(e_u, y)/τ |
 *
 * In (6) i is the positive of user u, and j are the negatives; r_j is e_j or v_j, with equal probability. So the cold
 * vector of an item competes with items with and without their ids, as cold items do in a ranking. All e are constants
 * in (4) and in this part of (6): it trains V alone, and the vectors of warm items are the same as without it. Items
 * without training interactions are no negatives and no neighbours.
 *
 * In (1), a step of training leaves its batch's interactions out of the graph: the target is no part of the history
 * that it is compared with, as in a ranking. Up to `full` items, all are negatives; beyond, a batch shares a sample.
 *
 * ## Parts
 *
 * R@20 on validation of the garden, whose cold items are candidates too, with one seed; and on validation of the
 * garden's `coldItems` split:
 *
 * | | garden | cold items among all |
 * |---|---|---|
 * | τ = 0.3 | .3130 | .3785 |
 * | τ = 0.2 | .3093 | |
 * | w = 0: without the ids of similar items | .3094 | .3886 |
 * | γ = 0: c for the vectors of cold items | .2943 | |
 *
 * Rows below the second have τ = 0.3. The default follows the negatives: in single runs of an earlier version,
 * MovieLens-100k, with all items as negatives, was ranked better with 0.2 (.348), and TikTok with 0.3 (.116).
 *
 * @module
 */
import type { Dim, Entries, Features, Items, Nodes, Users } from "../core/axis.ts";
import { degree, entries, type Pattern, rowIndices, transposed } from "../core/pattern.ts";
import { range } from "../core/range.ts";
import { foldIn, type Key, split } from "../core/random.ts";
import { free, scope } from "../core/scope.ts";
import type { Config, Settings } from "../core/settings.ts";
import type { Csr } from "../core/sparse.ts";
import { fromArray, type Matrix, type Placement, type Scalar, stopGradient, type Vector } from "../core/tensor.ts";
import { type Sampler, SAMPLERS, type Triples } from "../data/batch.ts";
import { type Dataset, histories } from "../data/dataset.ts";
import { symmetricAdjacency } from "../data/graph.ts";
import { inverseLengths, nearestNeighbours } from "../data/neighbours.ts";
import { type FeatureMatrix, modalityFeatures } from "../data/tensors.ts";
import { linearUniform, uniform } from "../ops/draw.ts";
import { add, addAll, mul, neg, scale, shift } from "../ops/elementwise.ts";
import { linear } from "../ops/nn.ts";
import { normalizeRows } from "../ops/normalize.ts";
import { scaleRows } from "../ops/reduce.ts";
import { step } from "../ops/piecewise.ts";
import { gather } from "../ops/rows.ts";
import { csr, spmm } from "../ops/sparse.ts";
import { dotScore, drawFactors, type Factors, factorsOf, inputsOf, meanOfLayers, nodesOf } from "./factors.ts";
import { type Joinable, joinedMean, meanMessages } from "./fold_in.ts";
import { columnsOf, trainingBytes } from "./memory.ts";
import type { ContentContext, Model, ModelSamplerOptions } from "./model.ts";
import { numbersOfScores, type RankingConfig, rankingLoss, rankingRows, stepGraph } from "./ranking.ts";

/** (1) The propagated embeddings of ids: the mean of all layers. */
export function interactions(ids: Factors, { adjacency, history, config }: NympheasContext): Factors {
  return factorsOf(meanOfLayers(adjacency, nodesOf(ids), config.layers), history);
}

/** (2) The mean over the k nearest items in a modality that have training interactions, without the item itself. */
export async function frozenNeighbours(x: FeatureMatrix, k: number, warm: Uint8Array): Promise<Csr<Items, Items>> {
  // An item is its own neighbour there.
  const { pattern, values, transposedValues } = await nearestNeighbours<Items>(x, k + 1);
  free([values, transposedValues]);
  const rows = rowIndices(pattern);
  const counts = (e: number) => rows[e] !== pattern.indices[e] && warm[pattern.indices[e]] === 1;
  const each = new Int32Array(pattern.rows);
  const weights = new Float32Array(entries(pattern));
  for (const e of weights.keys()) if (counts(e)) each[rows[e]]++;
  for (const e of weights.keys()) if (counts(e)) weights[e] = 1 / each[rows[e]];
  return scope(() => csr(pattern, fromArray(weights, [weights.length], values.storage)));
}

/** The embeddings of ids. An item without training interactions has zeros. */
function idsOf({ users, items }: Factors, { warm }: NympheasContext): Factors {
  return { users, items: scaleRows(items, warm) };
}

/** Σₘ Tₘ x̂ₘ + w / M Σₘ Sₘ y, for one of the two linear layers T of each modality; y are vectors of items. */
function described(
  params: NympheasParams,
  layer: keyof NympheasModality,
  y: Matrix<Items, Dim>,
  { features, similar, config: { similarity } }: NympheasContext,
): Matrix<Items, Dim> {
  const names = Object.keys(features);
  const near = similarity === 0 ? [] : names.map((m) => scale(spmm(similar[m], y), similarity / names.length));
  return addAll([...names.map((m) => linear(features[m], params.modalities[m][layer])), ...near]);
}

/** (3) The final embeddings: ids along interactions and, for items, features and the ids of similar items. */
export function embed(params: NympheasParams, context: NympheasContext): Factors {
  const ids = idsOf(params, context);
  const { users, items } = interactions(ids, context);
  if (Object.keys(context.features).length === 0) return { users, items };
  return { users, items: add(items, described(params, "W", ids.items, context)) };
}

/** (4) The vectors of items as if they were cold, from their features and the final embeddings of similar items. */
export function coldVectors(
  params: NympheasParams,
  items: Matrix<Items, Dim>,
  context: NympheasContext,
): Matrix<Items, Dim> {
  return described(params, "V", scaleRows(normalizeRows(stopGradient(items)), context.warm), context);
}

/** Returns whether items without training interactions have vectors of their own. */
function servesCold({ features, config: { cold } }: NympheasContext): boolean {
  return cold > 0 && Object.keys(features).length > 0;
}

/** (6) The objective of final embeddings and, with weight γ, of cold vectors. */
export function loss(params: NympheasParams, batch: Triples, context: NympheasContext, key: Key): Scalar {
  const { config, history } = context;
  const ranking = rankingOf(batch, config);
  const adjacency = stepGraph(context.adjacency, batch, history, { ownEdges: false });
  const { users, items } = embed(params, { ...context, adjacency });
  const warm = rankingLoss(rankingRows({ users, items }, batch, ranking), batch, ranking);
  if (!servesCold(context)) return warm;
  const fixed = { users: stopGradient(users), items: stopGradient(items) };
  const v = coldVectors(params, items, context);
  const { positives } = rankingRows({ ...fixed, items: v }, batch, ranking);
  const rivals = rankingRows({ ...fixed, items: withoutIds(key, fixed.items, v) }, batch, ranking);
  return add(warm, scale(rankingLoss({ ...rivals, positives }, batch, ranking), config.cold));
}

/** Replaces the embeddings of every second item, by chance, by its cold vector. */
function withoutIds(key: Key, items: Matrix<Items, Dim>, v: Matrix<Items, Dim>): Matrix<Items, Dim> {
  const chosen = step(shift(uniform(key, [v.shape[0]], { device: v.storage.device }), -0.5));
  return chosenOf(chosen, items, v);
}

/** Returns the rows of `items` where a flag is 1, and of `others` where it is 0. */
function chosenOf(flags: Vector<Items>, items: Matrix<Items, Dim>, others: Matrix<Items, Dim>): Matrix<Items, Dim> {
  return add(scaleRows(items, flags), scaleRows(others, shift(neg(flags), 1)));
}

/** Returns the settings of the ranking loss. With negatives for each triple it is the softmax of single pairs: BPR. */
function rankingOf({ shared }: Pick<Triples, "shared">, { temperature, negatives }: NympheasConfig): RankingConfig {
  return { loss: shared ? "softmax" : "bpr", scores: "cosine", sample: "all", temperature, negatives };
}

/** Returns the items with training interactions. */
function warmItems(history: Pattern<Users, Items>): Int32Array {
  const owners = transposed(history).pattern;
  return range(history.columns).filter((item) => degree(owners, item) > 0);
}

/** Returns batches whose negatives are all warm items, or a sample of them. */
function sampler(
  history: Pattern<Users, Items>,
  { negatives, full }: NympheasConfig,
  { sampler, batch }: ModelSamplerOptions,
): Sampler {
  const [draw, warm] = [SAMPLERS[sampler], warmItems(history)];
  if (warm.length > full) return draw(history, { batch, negatives, shared: true });
  const own = draw(history, { batch, inBatch: true });
  return { ...own, batch: (epoch, step) => ({ ...own.batch(epoch, step), negatives: warm, logQ: undefined }) };
}

/** The settings of Nympheas. */
export type NympheasConfig = Config & {
  readonly dim: number;
  readonly layers: number;
  readonly neighbours: number;
  readonly similarity: number;
  readonly temperature: number;
  readonly cold: number;
  readonly full: number;
  readonly negatives: number;
};

/** The fixed inputs of Nympheas. The features have length 1. */
export interface NympheasContext extends ContentContext<NympheasConfig> {
  /** Â, the normalised interaction graph. */
  readonly adjacency: Csr<Nodes, Nodes>;
  /** Sₘ, by modality. */
  readonly similar: Readonly<Record<string, Csr<Items, Items>>>;
  /** 1 for items with training interactions, and 0 for the others. */
  readonly warm: Vector<Items>;
}

/** The linear layers of a modality: W for final embeddings, V for cold vectors. */
export type NympheasModality = { readonly W: Matrix<Dim, Features>; readonly V: Matrix<Dim, Features> };

/** The parameters of Nympheas: P and Q, and two layers for each modality. */
export type NympheasParams = Factors & { readonly modalities: { readonly [modality: string]: NympheasModality } };

const settings: Settings<NympheasConfig> = {
  dim: { default: 64, min: 1, whole: true, about: "embedding size" },
  layers: { default: 2, min: 0, whole: true, about: "L, graph convolutions (1)" },
  neighbours: { default: 10, min: 1, whole: true, about: "k, neighbours of an item in a modality (2)" },
  similarity: { default: 1, min: 0, about: "w, the weight of the ids of similar items (3)" },
  temperature: {
    default: 0,
    min: 0,
    about: "τ, by which cosines are divided; 0 for 0.2 where all items are negatives and 0.3 with a sample (6)",
  },
  cold: { default: 0.5, min: 0, about: "γ, the weight of the objective of content alone (6)" },
  full: { default: 4096, min: 0, whole: true, about: "the most items that are all negatives; more are sampled" },
  negatives: {
    default: 1024,
    min: 1,
    whole: true,
    about: "the negatives that a batch shares, of more than `full` items",
  },
};

/** Builds the graphs, and scales the features to length 1. */
async function prepare(data: Dataset, config: NympheasConfig, place: Placement = {}): Promise<NympheasContext> {
  const history = histories(data, "train");
  const raw = Object.keys(data.modalities).length > 0 ? modalityFeatures(data, place) : {};
  const flags = new Uint8Array(history.columns);
  const trained = warmItems(history);
  const temperature = config.temperature > 0 ? config.temperature : trained.length > config.full ? 0.3 : 0.2;
  for (const item of trained) flags[item] = 1;
  const similar: Record<string, Csr<Items, Items>> = {};
  for (const [name, x] of Object.entries(raw)) similar[name] = await frozenNeighbours(x, config.neighbours, flags);
  const features = Object.fromEntries(Object.entries(raw).map(([name, x]) => [name, scope(() => ofLengthOne(x))]));
  free(Object.values(raw).map((x) => "pattern" in x ? [x.values, x.transposedValues] : x));
  const warm: Vector<Items> = fromArray(Float32Array.from(flags), [flags.length], place);
  return {
    config: { ...config, temperature },
    history,
    features,
    similar,
    adjacency: symmetricAdjacency(history, place),
    warm,
  };
}

function ofLengthOne(x: FeatureMatrix): FeatureMatrix {
  if (!("pattern" in x)) return normalizeRows(x);
  return csr(x.pattern, mul(x.values, gather(inverseLengths(x), rowIndices(x.pattern)) as Vector<Entries>));
}

/** Draws P and Q from a normal distribution of deviation 0.1, and layers as PyTorch does. */
function init(key: Key, { config: { dim }, history, features, adjacency }: NympheasContext): NympheasParams {
  const { device } = adjacency.values.storage;
  const [forIds, forContent] = split(key);
  const modalities = Object.entries(features).map(([name, x], n) => {
    const inputs = inputsOf(x);
    const [W, V] = split(foldIn(forContent, n)).map((key) => linearUniform(key, [dim, inputs], { inputs, device }));
    return [name, { W, V }];
  });
  return {
    ...drawFactors(forIds, history, { dim, init: "small", device }),
    modalities: Object.fromEntries(modalities),
  };
}

/** (5) The final embeddings, scaled to length 1; those of cold items are their cold vectors. */
export function encode(params: NympheasParams, context: NympheasContext): Factors {
  const e = embed(params, context);
  const [users, items] = [normalizeRows(e.users), normalizeRows(e.items)];
  if (!servesCold(context)) return { users, items };
  return { users, items: chosenOf(context.warm, items, normalizeRows(coldVectors(params, e.items, context))) };
}

/** (5) The same, and the messages of items to users who join the graph. */
function encodeJoinable(params: NympheasParams, context: NympheasContext): Factors & Joinable {
  const { adjacency, history, config } = context;
  const ids = nodesOf(idsOf(params, context));
  return { ...encode(params, context), messages: meanMessages(adjacency, ids, history.rows, config.layers) };
}

/**
 * Nympheas, this library's own model. Items without training interactions are recommended by their features.
 *
 * @example
 * ```ts
 * import { garden, key } from "@giverny/giverny";
 * import { defaultsOf } from "@giverny/giverny/core";
 * import { nympheas } from "@giverny/giverny/models";
 * import { deepEqual } from "node:assert/strict";
 * const data = garden(key(0), { users: 12, items: 24 });
 * const context = await nympheas.prepare(data, defaultsOf(nympheas.settings));
 * deepEqual(nympheas.encode(nympheas.init(key(1), context), context).items.shape, [24, 64]);
 * ```
 */
export const nympheas: Model<
  NympheasConfig,
  NympheasContext,
  NympheasParams,
  Factors & Joinable,
  Promise<NympheasContext>
> = {
  name: "nympheas",
  about: "Monet's water lilies: ids along interactions, features for items new and old, a softmax loss of cosines",
  source: "this library",
  settings,
  training: { sampler: "interaction", batch: 2048, lr: 5e-3, epochs: 300, every: 1, patience: 15 },
  prepare,
  init,
  sampler,
  loss,
  encode: encodeJoinable,
  foldInUser: (e, histories, { layers }) => ({ ...e, users: normalizeRows(joinedMean(e, histories, layers)) }),
  beforePropagation: ({ items, modalities }, { features }) => ({
    ids: items,
    ...Object.fromEntries(Object.entries(modalities).map(([name, { W }]) => [name, linear(features[name], W)])),
  }),
  memory: (statistics, config) => {
    const { users, items, modalities } = statistics;
    const { dim, layers, batch, full, negatives, cold } = config;
    const parameters = dim * (users + items + 2 * columnsOf(statistics));
    const parts = cold > 0 ? 2 : 1;
    const scores = numbersOfScores(statistics, {
      ...rankingOf({ shared: true }, config),
      sample: items > full ? "uniform" : "all",
      negatives,
      batch,
    });
    const content = (4 * Object.keys(modalities).length + 8) * items * dim;
    const intermediate = (3 * layers + 2) * (users + items) * dim + content + parts * scores;
    return trainingBytes(statistics, { parameters, intermediate, batch, dim });
  },
  score: dotScore,
};
