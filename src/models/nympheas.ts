/**
 * Nympheas, Monet's water lilies: this library's own model. It has MONET's idea, modality embracing with the target
 * left out of the user's history, with a softmax loss of cosines. For every modality m of the items, with x̂ raw
 * features of length 1, and Â the symmetrically normalised interaction graph:
 *
 * | equation | here | formula |
 * |---|---|---|
 * | (1) | {@link interactions} | H = (H⁰ + Â H⁰ + … + Âᴸ H⁰) / (L + 1) from the embeddings of ids, H⁰ = [P ; Q] |
 * | (2) | {@link frozenNeighbours} | Sₘ: the mean of the k nearest items by cosine of features, itself left out |
 * | (3) | {@link content} | c_i = Σₘ Wₘ x̂_i + w / M Σₘ Sₘ Q |
 * | (4) | {@link embed} | e_u = H_u, and e_i = H_i + c_i, or c_i for an item without training interactions |
 * | (5) | {@link encode} | ŷ = cos(e_u, e_i) |
 * | (6) | {@link loss} | ℓ(e_i, e_j) + γ ℓ(c_i, v_j), ℓ(x, y) = mean −log softmax of cos(e_u, x) / τ among cos(e_u, y) / τ |
 *
 * In (6) i is the positive of a user u and j are the negatives; v_j is c_j with probability ½, else e_j. The second part
 * trains the vectors of cold items, which have nothing but c: a positive without its id competes with items with and
 * without theirs. Users and e_j are constants there, so this part moves content alone. Items without training
 * interactions are no negatives, and their rows of Q are no part of (1) and (3).
 *
 * In (1), a step of training leaves its batch's interactions out of the graph: the target is no part of the history
 * that it is compared with, as in a ranking. Up to `full` items, all are negatives; beyond, a batch shares a sample.
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
import { columnsOf, trainingBytes } from "./memory.ts";
import type { ContentContext, Model, ModelSamplerOptions } from "./model.ts";
import { numbersOfScores, type RankingConfig, rankingLoss, rankingRows, stepGraph } from "./ranking.ts";

/** (1) The propagated embeddings of ids: the mean of all layers. */
export function interactions(ids: Factors, { adjacency, history, config }: NympheasContext): Factors {
  return factorsOf(meanOfLayers(adjacency, nodesOf(ids), config.layers), history);
}

/** (2) The mean over the k nearest items in a modality that are no strangers to training, without the item itself. */
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

/** (3) The items as their features and the ids of similar items describe them; `null` without features. */
export function content(params: NympheasParams, context: NympheasContext): Matrix<Items, Dim> | null {
  const { features, similar, config: { similarity } } = context;
  const names = Object.keys(features);
  if (names.length === 0) return null;
  const { items } = idsOf(params, context);
  const near = similarity === 0 ? [] : names.map((m) => scale(spmm(similar[m], items), similarity / names.length));
  return addAll([...names.map((m) => linear(features[m], params.modalities[m])), ...near]);
}

/** (4) The final embeddings, and the content c if there is any. */
export function embed(params: NympheasParams, context: NympheasContext): Factors & { c: Matrix<Items, Dim> | null } {
  const { users, items } = interactions(idsOf(params, context), context);
  const c = content(params, context);
  return { users, items: c ? add(items, c) : items, c };
}

/** (6) The objective of final embeddings and, with weight γ, of items whose ids are dropped. */
export function loss(params: NympheasParams, batch: Triples, context: NympheasContext, key: Key): Scalar {
  const { config, history } = context;
  const ranking = rankingOf(batch, config);
  const adjacency = stepGraph(context.adjacency, batch, history, { ownEdges: false });
  const { users, items, c } = embed(params, { ...context, adjacency });
  const warm = rankingLoss(rankingRows({ users, items }, batch, ranking), batch, ranking);
  if (!c || config.cold === 0) return warm;
  const fixed = { users: stopGradient(users), items: stopGradient(items) };
  const { positives } = rankingRows({ ...fixed, items: c }, batch, ranking);
  const rivals = rankingRows({ ...fixed, items: withoutIds(key, fixed.items, c) }, batch, ranking);
  return add(warm, scale(rankingLoss({ ...rivals, positives }, batch, ranking), config.cold));
}

/** Replaces the embeddings of every second item, by chance, by its content: a warm item becomes a cold one. */
function withoutIds(key: Key, items: Matrix<Items, Dim>, c: Matrix<Items, Dim>): Matrix<Items, Dim> {
  const chosen = step(shift(uniform(key, [c.shape[0]], { device: c.storage.device }), -0.5));
  return add(scaleRows(items, chosen), scaleRows(c, shift(neg(chosen), 1)));
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

/** The parameters of Nympheas: P and Q, and W of each modality. */
export type NympheasParams = Factors & {
  readonly modalities: { readonly [modality: string]: Matrix<Dim, Features> };
};

const settings: Settings<NympheasConfig> = {
  dim: { default: 64, min: 1, whole: true, about: "embedding size" },
  layers: { default: 2, min: 0, whole: true, about: "L, graph convolutions (1)" },
  neighbours: { default: 10, min: 1, whole: true, about: "k, neighbours of an item in a modality (2)" },
  similarity: { default: 1, min: 0, about: "w, the weight of the ids of similar items (3)" },
  temperature: { default: 0.3, min: 0.001, about: "τ, by which cosines are divided (6)" },
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
  for (const item of warmItems(history)) flags[item] = 1;
  const similar: Record<string, Csr<Items, Items>> = {};
  for (const [name, x] of Object.entries(raw)) similar[name] = await frozenNeighbours(x, config.neighbours, flags);
  const features = Object.fromEntries(Object.entries(raw).map(([name, x]) => [name, scope(() => ofLengthOne(x))]));
  free(Object.values(raw).map((x) => "pattern" in x ? [x.values, x.transposedValues] : x));
  const warm: Vector<Items> = fromArray(Float32Array.from(flags), [flags.length], place);
  return { config, history, features, similar, adjacency: symmetricAdjacency(history, place), warm };
}

function ofLengthOne(x: FeatureMatrix): FeatureMatrix {
  if (!("pattern" in x)) return normalizeRows(x);
  return csr(x.pattern, mul(x.values, gather(inverseLengths(x), rowIndices(x.pattern)) as Vector<Entries>));
}

/** Draws P and Q from a normal distribution of deviation 0.1, and W as PyTorch's linear layers are. */
function init(key: Key, { config: { dim }, history, features, adjacency }: NympheasContext): NympheasParams {
  const { device } = adjacency.values.storage;
  const [forIds, forContent] = split(key);
  const modalities = Object.entries(features).map(([name, x], n) => {
    const inputs = inputsOf(x);
    return [name, linearUniform(foldIn(forContent, n), [dim, inputs], { inputs, device })];
  });
  return {
    ...drawFactors(forIds, history, { dim, init: "small", device }),
    modalities: Object.fromEntries(modalities),
  };
}

/** (5) The final embeddings, scaled to length 1. */
export function encode(params: NympheasParams, context: NympheasContext): Factors {
  const { users, items } = embed(params, context);
  return { users: normalizeRows(users), items: normalizeRows(items) };
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
export const nympheas: Model<NympheasConfig, NympheasContext, NympheasParams, Factors, Promise<NympheasContext>> = {
  name: "nympheas",
  about: "Monet's water lilies: ids along interactions, features for items new and old, a softmax loss of cosines",
  source: "this library",
  settings,
  training: { sampler: "interaction", batch: 2048, lr: 5e-3, epochs: 300, every: 1, patience: 15 },
  prepare,
  init,
  sampler,
  loss,
  encode,
  beforePropagation: ({ items, modalities }, { features }) => ({
    ids: items,
    ...Object.fromEntries(Object.entries(modalities).map(([name, W]) => [name, linear(features[name], W)])),
  }),
  memory: (statistics, config) => {
    const { users, items, modalities } = statistics;
    const { dim, layers, batch, full, negatives, cold } = config;
    const parameters = dim * (users + items + columnsOf(statistics));
    const parts = cold > 0 ? 2 : 1;
    const scores = numbersOfScores(statistics, {
      ...rankingOf({ shared: true }, config),
      sample: items > full ? "uniform" : "all",
      negatives,
      batch,
    });
    const content = (2 * Object.keys(modalities).length + 4) * items * dim;
    const intermediate = (3 * layers + 2) * (users + items) * dim + content + parts * scores;
    return trainingBytes(statistics, { parameters, intermediate, batch, dim });
  },
  score: dotScore,
};
