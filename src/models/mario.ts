/**
 * MARIO: modality-aware attention and modality-preserving decoders (Kim, Lee, Shin and Kim, CIKM 2022). An item has an
 * embedding in each modality m, and the weight of a modality depends on the user and the item. One of the modalities
 * comes from interactions, by any collaborative filter. The equations are numbered here:
 *
 * | equation | here | formula |
 * |---|---|---|
 * | (1) | {@link interactions} | u and v̄ by BPR-MF, NGCF or LightGCN |
 * | (2) | {@link contents} | v̄ᵐ = W x + b, of the raw features x of each further modality |
 * | (3) | {@link ATTENTIONS} | a = softmax over the modalities of f(u, v̄ᵐ) |
 * | (4) | {@link personal} | r̂ = ⟨u, Σ aᵐ v̄ᵐ⟩ = Σ aᵐ sᵐ with sᵐ = ⟨u, v̄ᵐ⟩ |
 * | (5) | {@link preservation} | Σ mean │x̃ − x│ with x̃ = D v̄ᵐ + c, over modalities, items and features |
 * | (6) | {@link loss} | mean −log σ(r̂_p − r̂_n) + μ · (5) + λ/B ½ Σ‖e‖², with e all u and v̄ᵐ that r̂ is made of |
 *
 * The personalised embedding Σ aᵐ v̄ᵐ is never formed: its product with u is the weighted mean of the products. Where
 * modalities are fused beforehand (`fusion`), one embedding is left, whose weight is 1.
 *
 * ## Departures
 *
 * The authors published no code. On their slides the encoders feed the decoders, as here (a summary of the paper says
 * the personalised embedding does), and the objective has no λ. That term is ours:
 *
 * - λ is 0.1, and weighs all embeddings in the scores of a batch; 0 is the slides' objective. It also limits the
 *   lengths of raw features' embeddings, which would hide an untrained table from the attention (on TikTok, 13 against
 *   0.2). R@20 on its validation part, where popularity has .063, was .016 with 10⁻⁵ and .027 with 10⁻² after 60
 *   epochs, and is .105 with 0.1.
 *
 * Where descriptions of the model are silent, we assume:
 *
 * - f is the inner product (`attention: "dot"`); options are the same divided by √d (`"scaled"`) and wᵀ tanh(W [u ‖
 *   v̄ᵐ]) (`"additive"`);
 * - encoders and decoders of raw features are linear;
 * - (5) is a mean over positives and negatives, so that μ does not depend on the number of features; μ is 0.1;
 * - the encoder of interactions is BPR-MF: the authors later call the MARIO they compare with a simple matrix
 *   factorisation. The other encoders have two layers; NGCF's are its code's, side by side, and every v̄ᵐ is as wide as
 *   all of them;
 * - training is MONET's, with a rate of 10⁻³;
 * - instead of attention, `"max"` takes the largest modality coordinate by coordinate, `"fc"` a linear layer of all.
 *
 * `without` leaves modalities out, as the paper does with either of its two. The zeros of sparse features count in (5),
 * since they are to be preserved, but are not written out.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { Batch, Dim, Features, Ids, Items, Nodes } from "../core/axis.ts";
import { entries, patternFromCsr, takeRows } from "../core/pattern.ts";
import { foldIn, type Key, split } from "../core/random.ts";
import { range } from "../core/range.ts";
import type { Settings } from "../core/settings.ts";
import type { Csr } from "../core/sparse.ts";
import type { Matrix, Placement, Scalar, Vector } from "../core/tensor.ts";
import { type Pairs, pairs, type Triples } from "../data/batch.ts";
import { type Dataset, histories } from "../data/dataset.ts";
import { type FeatureMatrix, modalityFeatures } from "../data/tensors.ts";
import { linearUniform } from "../ops/draw.ts";
import { abs, add, addAll, scale, sub, tanh } from "../ops/elementwise.ts";
import { l2 } from "../ops/loss.ts";
import { concatColumns, concatRows, matmulNT, reshape, sliceColumns, sliceRows } from "../ops/matrix.ts";
import { linear } from "../ops/nn.ts";
import { pointwiseSum } from "../ops/pointwise.ts";
import { addRow, rowDots, sum } from "../ops/reduce.ts";
import { gather, segmentSoftmaxMean } from "../ops/rows.ts";
import { csr, sddmm } from "../ops/sparse.ts";
import type { Block } from "../rank/block.ts";
import {
  drawFactors,
  drawFusion,
  type Factors,
  factorsOf,
  type FusionParams,
  FUSIONS,
  inputsOf,
  nodesOf,
} from "./factors.ts";
import { distance, size } from "./formulas.ts";
import type { ContentContext, Model } from "./model.ts";
import { comparable, lossOfPairs, lossOfScores, ranked, rankingSampler, rankingSettings } from "./ranking.ts";
import type { RankingConfig } from "./ranking.ts";
import { kept, leaveOut } from "./leave_out.ts";
import { attendedParts } from "./parts.ts";
import { INTERACTION_ENCODERS, type MarioEncoderParams } from "./mario_encoders.ts";
import type { NgcfEncoded } from "./ngcf.ts";
import { scoreTiles } from "./tiles.ts";

/** (1) The embeddings of users and items by the encoder of interactions; with a key, those of a training step. */
export function interactions(params: MarioParams, { graph, history, config }: MarioContext, key?: Key): Factors {
  return factorsOf(
    INTERACTION_ENCODERS[config.encoder].encode(graph, nodesOf(params), params.encoder ?? {}, config, key),
    history,
  );
}

/** (2) The embeddings of rows of raw features in each modality. */
export function contents<R extends number>(
  modalities: MarioParts,
  features: Readonly<Record<string, Content<R>>>,
): Matrix<R, Dim>[] {
  return Object.entries(modalities).map(([name, { W, b }]) => linear(features[name], W, b));
}

/** (3) The attentions f before the softmax, by the name that a setting gives them. */
export const ATTENTIONS: Readonly<Record<"dot" | "scaled" | "additive", MarioAttention>> = {
  /** ⟨u, v⟩ */
  dot: ofProducts((s) => s),
  /** ⟨u, v⟩ / √d */
  scaled: ofProducts((s, u) => scale(s, u.shape[1] ** -0.5)),
  /** wᵀ tanh(W [u ‖ v]) */
  additive: {
    ofPairs: (_, u, tables, p) => {
      const [own, others] = halves(u, tables, p);
      return concatColumns(others.map((other) => additive(add(own, other), p)));
    },
    ofAll: (_, u, table, p) => {
      const [users, [items]] = halves(u, [table], p);
      return scoreTiles({ users }, { items }, (own, among) => additive(addRow(among.items, own.users), p));
    },
  },
};

/**
 * (3, 4) The personalised scores Σ a_m s_m with a = softmax f, a row per user. The columns of f and s are `items` items
 * in the first modality, then the same items in the next, and so on.
 */
export function personal(f: Matrix<Batch, number>, s: Matrix<Batch, number>, items: number): Matrix<Batch, number> {
  const [rows, modalities] = [s.shape[0], s.shape[1] / items];
  const ofUser = patternFromCsr(
    [rows, rows * modalities],
    range(rows + 1).map((n) => n * modalities),
    range(rows * modalities),
  );
  const [logits, values] = [f, s].map((x) => reshape(x, [rows * modalities, items]));
  return segmentSoftmaxMean(logits, values, ofUser);
}

/** (5) The distance of decoded embeddings from their raw features: the sum over modalities of mean |x̃ − x|. */
export function preservation<R extends number>(
  modalities: MarioParts,
  embeddings: readonly Matrix<R, Dim>[],
  features: Readonly<Record<string, Content<R>>>,
): Scalar {
  return addAll(Object.entries(modalities).map(([name, part], n) => error(part, embeddings[n], features[name])));
}

/** Returns mean |x̃ − x|. For sparse features, the sum of |x̃| over all cells is corrected at the entries. */
function error<R extends number>({ D, c }: MarioPart, embeddings: Matrix<R, Dim>, x: Content<R>): Scalar {
  const [decoded, share] = [matmulNT(embeddings, D), 1 / (embeddings.shape[0] * D.shape[0])];
  if (!("pattern" in x)) return scale(pointwiseSum(distance, [decoded, [c, "columns"], x], "none", []), share);
  const there = add(sddmm(x.pattern, embeddings, D), gather(c, x.pattern.indices));
  const excess = sum(sub(abs(sub(there, x.values)), abs(there)));
  return scale(add(pointwiseSum(size, [decoded, [c, "columns"]], "none", []), excess), share);
}

/** (6) The objective; with a key, in a training step, in which NGCF drops messages. */
export function loss(params: MarioParams, batch: Triples, context: MarioContext, key?: Key): Scalar {
  const { config, features } = context;
  const e = interactions(params, context, key);
  // Positives and negatives are scored together.
  const { users, items } = config.loss === "bpr" ? pairs(batch) : listed(batch);
  const size = config.loss === "bpr" ? users.length / 2 : users.length;
  const x = Object.fromEntries(Object.entries(features).map(([name, x]) => [name, rowsOf(x, items)]));
  const known = contents(params.modalities, x);
  const u = gather(e.users, users.subarray(0, size));
  const v = joined([gather(e.items, items), ...known], params, context);
  const ranking = (config.loss === "bpr" ? pairwise : listwise)(
    comparable(u, config),
    v.map((table) => comparable(table, config)),
    { params, batch, config },
  );
  return addAll([
    ranking,
    scale(preservation(params.modalities, known, x), config.mu),
    scale(l2(u, ...v), config.l2 / size),
  ]);
}

/** Returns a batch's users, and its positives with the negatives that all users share. */
function listed({ users, positives, negatives }: Triples): Pairs {
  return { users, items: Int32Array.from([...positives, ...negatives]) };
}

/** The rest of the inputs of a ranking loss. */
type Ranking = { readonly params: MarioParams; readonly batch: Triples; readonly config: MarioConfig };

/** Returns BPR of B users u, with the tables of 2B items: positives, then negatives. */
function pairwise(u: Table, v: readonly Table[], { params, config }: Ranking): Scalar {
  const [size] = u.shape;
  const both = reshape(ofPairs(concatRows([u, u]), v, params, config), [2, size]);
  const [positive, negative] = [0, 1].map((n) => reshape(sliceRows(both, n, n + 1), [size]));
  return lossOfPairs(positive, negative, config);
}

/** Returns the softmax loss of B users u, with the tables of B positives and of the negatives after them. */
function listwise(u: Table, v: readonly Table[], { params, batch, config }: Ranking): Scalar {
  const [size, count] = [u.shape[0], v[0].shape[0]];
  const own = ofPairs(u, v.map((table) => sliceRows(table, 0, size)), params, config);
  const negatives = concatRows(v.map((table) => sliceRows(table, size, count)));
  const s = matmulNT(u, negatives);
  const f = attentionOf(config).ofAll(s, u, negatives, params.attention ?? {});
  return lossOfScores(reshape(own, [size]), personal(f, s, count - size), batch, config);
}

/** Returns (3, 4) of users u with the items in the same rows of each table: a column. */
function ofPairs(u: Table, v: readonly Table[], params: MarioParams, config: MarioConfig): Matrix<Batch, number> {
  const s = concatColumns(v.map((table) => reshape(rowDots(u, table), [u.shape[0], 1])));
  const f = attentionOf(config).ofPairs(s, u, v, params.attention ?? {});
  return personal(f, s, 1);
}

/** Returns the tables of a score: of all modalities, or their fusion, which attention cannot change. */
function joined<R extends number>(
  tables: readonly Matrix<R, Dim>[],
  { fusion = {} }: MarioParams,
  { config }: MarioContext,
): readonly Matrix<R, Dim>[] {
  if (config.fusion === "attention") return tables;
  return [FUSIONS[config.fusion](concatColumns(tables), tables.length, fusion)];
}

/** Returns the attention of (3). A single table needs none, so any will do. */
function attentionOf({ fusion, attention }: MarioConfig): MarioAttention {
  return ATTENTIONS[fusion === "attention" ? attention : "dot"];
}

/** Raw features of some items. */
type Content<R extends number> = Matrix<R, Features> | Csr<R, Features>;

/** Returns the features of a batch's items. */
function rowsOf(x: FeatureMatrix, items: Ids<Items>): Content<Batch> {
  if (!("pattern" in x)) return gather(x, items);
  const { pattern, values } = x;
  const count = entries(pattern);
  const at = takeRows({ ...pattern, columns: count, indices: range(count) }, items);
  return csr(takeRows(pattern, items), gather(values, at.indices));
}

/** A table of embeddings. */
type Table = Matrix<number, Dim>;

/** An attention before the softmax: f(u, v), given s = ⟨u, v⟩ of the same users and items. */
interface MarioAttention {
  /** Returns f of users u with the items in the same rows of each table: a column per table. */
  readonly ofPairs: (s: Matrix, u: Table, tables: readonly Table[], p: MarioAttentionParams) => Matrix;
  /** Returns f of all users u with all rows of a table. */
  readonly ofAll: (s: Matrix, u: Table, table: Table, p: MarioAttentionParams) => Matrix;
}

function ofProducts(f: (s: Matrix, u: Table) => Matrix): MarioAttention {
  return { ofPairs: f, ofAll: f };
}

/** Returns W u and W v, each with its own half of W. */
function halves(
  u: Table,
  tables: readonly Table[],
  { W }: MarioAttentionParams,
): readonly [ofUsers: Table, ofItems: Table[]] {
  const dim = u.shape[1];
  const [left, right] = [sliceColumns(W!, 0, dim), sliceColumns(W!, dim, 2 * dim)];
  return [matmulNT(u, left), tables.map((v) => matmulNT(v, right))];
}

function additive(sums: Table, { w }: MarioAttentionParams): Matrix {
  return matmulNT(tanh(sums), w!);
}

/** The settings of MARIO. */
export type MarioConfig = RankingConfig & {
  readonly dim: number;
  readonly encoder: "bprmf" | "ngcf" | "lightgcn";
  readonly layers: number;
  readonly dropout: number;
  readonly attention: "dot" | "scaled" | "additive";
  readonly fusion: "attention" | "mean" | "max" | "fc";
  readonly mu: number;
  readonly l2: number;
  readonly without: string;
};

/** The fixed inputs of MARIO. A modality that is left out has no features here. */
export interface MarioContext extends ContentContext<MarioConfig> {
  /** The graph of the encoder of interactions. */
  readonly graph: Csr<Nodes, Nodes>;
}

/** The parameters of a modality: W and b of its encoder, D and c of its decoder. */
export type MarioPart = {
  readonly W: Matrix<Dim, Features>;
  readonly b: Vector<Dim>;
  readonly D: Matrix<Features, Dim>;
  readonly c: Vector<Features>;
};

/** The parameters of all modalities of raw features. */
export type MarioParts = { readonly [modality: string]: MarioPart };

/** The parameters of the additive attention: W and w of wᵀ tanh(W [u ‖ v]). The others have none. */
export type MarioAttentionParams = { readonly W?: Matrix<Dim, Dim>; readonly w?: Matrix<number, Dim> };

/** The parameters of MARIO: tables of users and items, modalities, and those of encoder, attention and fusion. */
export type MarioParams = Factors & {
  readonly modalities: MarioParts;
  readonly encoder?: MarioEncoderParams;
  readonly attention?: MarioAttentionParams;
  readonly fusion?: FusionParams;
};

/**
 * The inputs of the score: u, all v̄ᵐ one modality after the other, and the attention's parameters; and the encoder's
 * inputs for users who join.
 */
export type MarioEmbeddings = NgcfEncoded & { readonly attention?: MarioAttentionParams };

const settings: Settings<MarioConfig> = {
  dim: { default: 64, min: 1, whole: true, about: "embedding size" },
  encoder: {
    default: "bprmf",
    choices: ["bprmf", "ngcf", "lightgcn"],
    about: "the encoder of interactions (1)",
  },
  layers: { default: 2, min: 0, whole: true, about: "graph convolutions of the encoder; bprmf has none (1)" },
  dropout: { default: 0.1, min: 0, max: 0.99, about: "the share of messages that ngcf drops in training (1)" },
  attention: {
    default: "dot",
    choices: ["dot", "scaled", "additive"],
    about: "f, how user and modality are compared (3)",
  },
  fusion: {
    default: "attention",
    choices: ["attention", "mean", "max", "fc"],
    about: "attention as in (3, 4); or one embedding for all users: the mean, the largest, or a linear layer",
  },
  mu: { default: 0.1, min: 0, about: "μ, the weight of the decoders' error (6)" },
  l2: { default: 0.1, min: 0, about: "λ, the weight of the squared norms (6)" },
  without: { default: "", about: "modalities to leave out, by name, with + or commas between" },
  ...rankingSettings,
};

/** Builds the graph and puts the features on the device. */
function prepare(data: Dataset, config: MarioConfig, place: Placement = {}): MarioContext {
  if (config.loss === "softmax" && config.fusion === "attention" && config.attention === "additive") {
    const rule = "its network would run for each user with each negative; take attention=dot or attention=scaled";
    throw new ValueError(`Cannot train mario with loss=softmax and attention=additive: ${rule}`);
  }
  const history = histories(data, "train");
  const features = modalityFeatures(leaveOut(data, config.without), place);
  return { config, history, graph: INTERACTION_ENCODERS[config.encoder].graph(history, place), features };
}

/** Draws the parameters: tables as Glorot and Bengio do, all layers as PyTorch's linear layers do. */
function init(key: Key, { config, history, features, graph }: MarioContext): MarioParams {
  const { device } = graph.values.storage;
  const [forTables, forEncoder, forParts, forAttention, forFusion] = split(key, 5);
  const encoder = INTERACTION_ENCODERS[config.encoder];
  const [dim, learned] = [encoder.width(config), encoder.draw(forEncoder, config, { device })];
  const part = (x: FeatureMatrix, n: number) => drawPart(foldIn(forParts, n), x, { dim, device });
  const modalities = Object.entries(features).map(([name, x], n) => [name, part(x, n)] as const);
  const ofEncoder: Pick<MarioParams, "encoder"> = Object.keys(learned).length > 0 ? { encoder: learned } : {};
  const ofScore: Pick<MarioParams, "attention" | "fusion"> = config.fusion === "attention"
    ? drawAttention(config.attention, forAttention, { dim, device })
    : drawFusion(config.fusion, forFusion, { parts: modalities.length + 1, dim, device });
  return {
    ...drawFactors(forTables, history, { dim: config.dim, init: "uniform", device }),
    modalities: Object.fromEntries(modalities),
    ...ofEncoder,
    ...ofScore,
  };
}

function drawPart(key: Key, x: FeatureMatrix, { dim, ...place }: Placement & { readonly dim: number }): MarioPart {
  const inputs = inputsOf(x);
  const [forW, forB, forD, forC] = split(key, 4);
  return {
    W: linearUniform(forW, [dim, inputs], { inputs, ...place }),
    b: linearUniform(forB, [dim], { inputs, ...place }),
    D: linearUniform(forD, [inputs, dim], { inputs: dim, ...place }),
    c: linearUniform(forC, [inputs], { inputs: dim, ...place }),
  };
}

function drawAttention(
  name: MarioConfig["attention"],
  key: Key,
  { dim, ...place }: Placement & { readonly dim: number },
): Pick<MarioParams, "attention"> {
  if (name !== "additive") return {};
  const [forW, forw] = split(key);
  return {
    attention: {
      W: linearUniform(forW, [dim, 2 * dim], { inputs: 2 * dim, ...place }),
      w: linearUniform(forw, [1, dim], { inputs: dim, ...place }),
    },
  };
}

/** Returns the inputs of the score. */
export function encode(params: MarioParams, context: MarioContext): MarioEmbeddings {
  const { users, items } = interactions(params, context);
  const tables = joined([items, ...contents(params.modalities, context.features)], params, context);
  const joining = INTERACTION_ENCODERS[context.config.encoder].joinable(params, context);
  const embeddings: MarioEmbeddings = { users, items: concatRows(tables), ...joining };
  return params.attention ? { ...embeddings, attention: params.attention } : embeddings;
}

/** Returns (2) of all items. */
function byModality({ modalities }: MarioParams, { features }: MarioContext): Record<string, Matrix<Items, Dim>> {
  return Object.fromEntries(contents(modalities, features).map((v, n) => [Object.keys(modalities)[n], v]));
}

/** Returns (3, 4) of every item: a row of scores per user. */
export function score(e: MarioEmbeddings, { users, history }: Block, config: MarioConfig): Matrix<Batch, Items> {
  const u = gather(e.users, users);
  const s = matmulNT(u, e.items);
  return personal(attentionOf(config).ofAll(s, u, e.items, e.attention ?? {}), s, history.columns);
}

/**
 * MARIO, with inner products for attention.
 *
 * @example
 * ```ts
 * import { mario } from "@giverny/giverny/models";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(mario.settings.encoder.choices, ["bprmf", "ngcf", "lightgcn"]);
 * ```
 */
export const mario: Model<MarioConfig, MarioContext, MarioParams, MarioEmbeddings> = {
  name: "mario",
  about: "attention over modalities for every user and item, with decoders that preserve each",
  source: "Kim et al., CIKM 2022",
  settings,
  training: { sampler: "user", batch: 1024, lr: 1e-3, decay: 0.96, epochs: 1000, every: 5, patience: 10 },
  prepare,
  init,
  sampler: rankingSampler,
  loss,
  encode: ranked(encode),
  foldInUser: (e, histories, config) => ({
    ...e,
    users: INTERACTION_ENCODERS[config.encoder].join(e, histories, config),
  }),
  byModality,
  score,
  explain: (e, { users, history }, item, config, modalities) =>
    attendedParts(e, users, { item, items: history.columns }, {
      attention: (s, u, tables) => attentionOf(config).ofPairs(s, u, tables, e.attention ?? {}),
      names: config.fusion === "attention" ? ["interactions", ...kept(modalities, config.without)] : null,
    }),
};
