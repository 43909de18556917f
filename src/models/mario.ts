/**
 * MARIO: modality-aware attention and modality-preserving decoders (Kim, Lee, Shin and Kim, CIKM 2022). An item is something else
 * in each modality m, and how much each of these counts depends on the user and the item. One modality is what interactions
 * say of it, by any collaborative filter. The numbers of the equations are ours:
 *
 * | equation | here | formula |
 * |---|---|---|
 * | (1) | {@link interactions} | u and v̄ by BPR-MF, NGCF or LightGCN |
 * | (2) | `contents` | v̄ᵐ = W x + b, of the raw features x of each further modality |
 * | (3) | `ATTENTIONS` | a = softmax over the modalities of f(u, v̄ᵐ) |
 * | (4) | `personal` | r̂ = ⟨u, Σ aᵐ v̄ᵐ⟩ = Σ aᵐ sᵐ with sᵐ = ⟨u, v̄ᵐ⟩ |
 * | (5) | `preservation` | Σ mean \|x̃ − x\| with x̃ = D v̄ᵐ + c, over the modalities, a batch's items, and features |
 * | (6) | {@link loss} | mean −log σ(r̂_p − r̂_n) + μ · (5) + λ/B ½ Σ‖e‖², with e all u and v̄ᵐ that r̂ is made of |
 *
 * The personalised embedding Σ aᵐ v̄ᵐ is never formed: its product with u is the weighted mean of the products. Where
 * modalities are fused beforehand (`fusion`), one embedding is left, whose weight is 1.
 *
 * ## Departures
 *
 * The authors published no code. What follows is assumed, where descriptions of the model do not say:
 *
 * - f is the inner product (`attention: "dot"`), and can be that divided by √d (`"scaled"`) or wᵀ tanh(W [u ‖ v̄ᵐ])
 *   (`"additive"`);
 * - encoders and decoders of raw features are linear, and decoders are given v̄ᵐ, not the personalised embedding;
 * - (5) is a mean, so that μ does not depend on how many features there are, over positives and negatives; μ is 0.1;
 * - the encoder of interactions is BPR-MF: the authors later call the MARIO they compare with a simple matrix factorisation.
 *   The others have two layers, NGCF's as its code computes them and side by side, so that every v̄ᵐ is as wide;
 * - λ is 0.1, and weighs all embeddings that a batch's scores are made of. It also holds those of raw features down, whose
 *   lengths would hide an untrained table from the attention (on tiktok, 13 beside 0.2). R@20 on its validation part, where
 *   popularity has .063, was .016 with 10⁻⁵ and .027 with 10⁻² after 60 epochs, and is .105 with 0.1;
 * - training is MONET's, with a rate of 10⁻³;
 * - instead of attention, `"max"` takes the largest modality coordinate by coordinate, `"fc"` a linear layer of all.
 *
 * `without` leaves modalities out, as the paper does with either of its two. The zeros of
 * sparse features count in (5), since they are to be preserved, but are not written out.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { Batch, Dim, Items, Nodes, Users } from "../core/axis.ts";
import type { Pattern } from "../core/pattern.ts";
import { foldIn, type Key, split } from "../core/random.ts";
import type { Config, Settings } from "../core/settings.ts";
import type { Csr } from "../core/sparse.ts";
import type { Matrix, Placement, Scalar } from "../core/tensor.ts";
import { pairs, type Triples } from "../data/batch.ts";
import { type Dataset, histories } from "../data/dataset.ts";
import { type FeatureMatrix, modalityFeatures } from "../data/tensors.ts";
import { addAll, scale } from "../ops/elementwise.ts";
import { bprLoss, l2 } from "../ops/loss.ts";
import { concatColumns, concatRows, matmulNT, reshape, sliceRows } from "../ops/matrix.ts";
import { rowDots } from "../ops/reduce.ts";
import { gather } from "../ops/rows.ts";
import type { Block } from "../rank/block.ts";
import { drawFactors, type Factors, factorsOf, nodesOf } from "./factors.ts";
import { drawFusion, type FusionParams, FUSIONS } from "./fusion.ts";
import { type AttentionParams, ATTENTIONS, drawAttention, personal } from "./mario_attention.ts";
import {
  contents,
  drawPart,
  type EncoderParams,
  ENCODERS,
  type MarioParts,
  preservation,
  rowsOf,
} from "./mario_modalities.ts";
import type { Model } from "./model.ts";

/** The settings of MARIO. */
export type MarioConfig = Config & {
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

/** What stays fixed while MARIO trains. */
export interface MarioContext {
  /** The settings. */
  readonly config: MarioConfig;
  /** Every user's training items. */
  readonly history: Pattern<Users, Items>;
  /** The graph that the encoder of interactions propagates along. */
  readonly graph: Csr<Nodes, Nodes>;
  /** The raw features of every modality that is not left out. */
  readonly features: Readonly<Record<string, FeatureMatrix>>;
}

/** The parameters of MARIO: tables of users and items, modalities, and what encoder, attention and fusion learn. */
export type MarioParams = Factors & {
  readonly modalities: MarioParts;
  readonly encoder?: EncoderParams;
  readonly attention?: AttentionParams;
  readonly fusion?: FusionParams;
};

/** u, all v̄ᵐ one modality after the other, and what the attention learned. */
export type MarioEmbeddings = Factors & { readonly attention?: AttentionParams };

const settings: Settings<MarioConfig> = {
  dim: { default: 64, min: 1, whole: true, about: "embedding size" },
  encoder: {
    default: "bprmf",
    choices: ["bprmf", "ngcf", "lightgcn"],
    about: "what makes embeddings of interactions (1)",
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
    about: "attention as in (3, 4); or one embedding for everybody: their mean, the largest, or a linear layer",
  },
  mu: { default: 0.1, min: 0, about: "μ, the weight of the decoders' error (6)" },
  l2: { default: 0.1, min: 0, about: "λ, the weight of the squared norms (6)" },
  without: { default: "", about: "modalities to leave out, by name, with + or commas between" },
};

/** Builds the graph and puts the features on the device. */
function prepare(data: Dataset, config: MarioConfig, place: Placement = {}): MarioContext {
  const history = histories(data, "train");
  const features = modalityFeatures(leaveOut(data, config.without), place);
  return { config, history, graph: ENCODERS[config.encoder].graph(history, place), features };
}

/** Returns a data set without some of its modalities. */
function leaveOut(data: Dataset, names: string): Dataset {
  const [out, all] = [names.split(/[,+]/).map((name) => name.trim()).filter(Boolean), Object.keys(data.modalities)];
  const unknown = out.find((name) => !all.includes(name));
  if (unknown !== undefined) {
    throw new ValueError(
      `Cannot leave out the modality "${unknown}" of "${data.name}": there are ${all.map((m) => `"${m}"`).join(", ")}`,
    );
  }
  const kept = Object.entries(data.modalities).filter(([name]) => !out.includes(name));
  return { ...data, modalities: Object.fromEntries(kept) };
}

/** Draws the parameters: tables as Glorot and Bengio, layers of raw features as PyTorch's linear ones. */
function init(key: Key, { config, history, features, graph }: MarioContext): MarioParams {
  const { device } = graph.values.storage;
  const [forTables, forEncoder, forParts, forAttention, forFusion] = split(key, 5);
  const encoder = ENCODERS[config.encoder];
  const [dim, learned] = [encoder.width(config), encoder.draw(forEncoder, config, { device })];
  const part = (x: FeatureMatrix, n: number) => drawPart(foldIn(forParts, n), x, { dim, device });
  const modalities = Object.entries(features).map(([name, x], n) => [name, part(x, n)] as const);
  return {
    ...drawFactors(forTables, history, { dim: config.dim, init: "uniform", device }),
    modalities: Object.fromEntries(modalities),
    ...Object.keys(learned).length > 0 ? { encoder: learned } : {},
    ...config.fusion === "attention"
      ? drawAttention(config.attention, forAttention, { dim, device })
      : drawFusion(config.fusion, forFusion, { parts: modalities.length + 1, dim, device }),
  };
}

/** (1) What users and items are to the encoder of interactions; with a key, in a training step. */
export function interactions(params: MarioParams, { graph, history, config }: MarioContext, key?: Key): Factors {
  return factorsOf(ENCODERS[config.encoder].encode(graph, nodesOf(params), params.encoder ?? {}, config, key), history);
}

/** The tables that a score is made of: those of all modalities, or what they are fused to, in which attention changes nothing. */
function joined<R extends number>(
  tables: readonly Matrix<R, Dim>[],
  { fusion = {} }: MarioParams,
  { config }: MarioContext,
): readonly Matrix<R, Dim>[] {
  if (config.fusion === "attention") return tables;
  return [FUSIONS[config.fusion](concatColumns(tables), tables.length, fusion)];
}

/** How modalities are weighed; with one table left, it does not matter how. */
function attentionOf({ fusion, attention }: MarioConfig) {
  return ATTENTIONS[fusion === "attention" ? attention : "dot"];
}

/** (6) The objective. */
export function loss(params: MarioParams, batch: Triples, context: MarioContext, key?: Key): Scalar {
  const { config, features } = context;
  const e = interactions(params, context, key);
  // Positives and negatives are scored at once.
  const { users, items } = pairs(batch);
  const size = users.length / 2;
  const x = Object.fromEntries(Object.entries(features).map(([name, x]) => [name, rowsOf(x, items)]));
  const known = contents(params.modalities, x);
  const u = gather(e.users, users.subarray(0, size));
  const v = joined([gather(e.items, items), ...known], params, context);
  const twice = concatRows([u, u]);
  const s = concatColumns(v.map((table) => reshape(rowDots(twice, table), [2 * size, 1])));
  const f = attentionOf(config).ofPairs(s, twice, v, params.attention ?? {});
  const both = reshape(personal(f, s, 1), [2, size]);
  const [positive, negative] = [0, 1].map((n) => reshape(sliceRows(both, n, n + 1), [size]));
  return addAll([
    bprLoss(positive, negative),
    scale(preservation(params.modalities, known, x), config.mu),
    scale(l2(u, ...v), config.l2 / size),
  ]);
}

/** Everything that scores are made of. */
export function encode(params: MarioParams, context: MarioContext): MarioEmbeddings {
  const { users, items } = interactions(params, context);
  const tables = joined([items, ...contents(params.modalities, context.features)], params, context);
  return { users, items: concatRows(tables), ...params.attention ? { attention: params.attention } : {} };
}

/** (2) What the items are in each modality of raw features. */
function byModality({ modalities }: MarioParams, { features }: MarioContext): Record<string, Matrix<Items, Dim>> {
  const names = Object.keys(modalities);
  return Object.fromEntries(contents(modalities, features).map((v, n) => [names[n], v]));
}

/** (3, 4) for every item at once: a row of scores per user. */
export function score(e: MarioEmbeddings, { users, history }: Block, config: MarioConfig): Matrix<Batch, Items> {
  const u = gather(e.users, users);
  const s = matmulNT(u, e.items);
  return personal(attentionOf(config).ofAll(s, u, e.items, e.attention ?? {}), s, history.columns);
}

/** MARIO, with inner products for attention. */
export const mario: Model<MarioConfig, MarioContext, MarioParams, MarioEmbeddings> = {
  name: "mario",
  about: "attention over modalities for every user and item, with decoders that preserve each",
  source: "Kim et al., CIKM 2022",
  settings,
  training: { sampler: "user", batch: 1024, lr: 1e-3, decay: 0.96, epochs: 1000, every: 5, patience: 10 },
  prepare,
  init,
  loss,
  encode,
  byModality,
  score,
};
