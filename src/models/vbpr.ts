/**
 * VBPR: visual Bayesian personalised ranking (He and McAuley, AAAI 2016, arXiv 1510.01784), of any number of modalities
 * m with raw features X_m, dense or sparse.
 *
 * | equation | here | formula |
 * |---|---|---|
 * | (3) | {@link project} | E f_i = Σ_m X_m W_mᵀ |
 * | (4) | {@link encode}, `dotScore` | ŷ = ⟨γ_u, γ_i⟩ + ⟨θ_u, E f_i⟩ + β_i + Σ_m ⟨β′_m, X_m⟩ |
 * | (5) | {@link loss} | mean −log σ(ŷ_p − ŷ_n) + λ/B ½ Σ‖e‖² + λ_E ½‖E‖² |
 *
 * Users are γ and θ side by side, items γ and E f, so that all of it is one inner product; biases are another column,
 * with a 1 for users. The terms that are equal for all items of a user, α and β_u, change no ranking. The number (5) is
 * ours.
 *
 * ## Departures
 *
 * The defaults follow MMRec (enoche/MMRec, e775373), whose numbers GUME's tables repeat, except for λ:
 *
 * - E has a bias, and there is none of items or of features (`biases: "projection"`; the paper's (4) is `"items"`);
 * - all modalities are projected to one θ, as if they were one long feature vector;
 * - λ weighs the squared norms of the batch's final embeddings. MMRec's are Frobenius norms that are not squared
 *   (`norm: "unsquared"`). With the paper's biases λ weighs the batch's rows of γ, θ and β, as there, and λ_E the rest
 *   (`l2Projection`; MMRec has no such term). λ_E is 0 by default; then E and β′ memorise the pairs: on a checkerboard
 *   of 24 users, with noise for features, 11 to 13 withheld items come first after 20 epochs, and all 24 with λ_E =
 *   0.1;
 * - λ is 0.1 by the validation of TikTok, where 71% of the users have one or two training items; it ranks better than
 *   popularity there. With norms that are not squared (10⁻³ and 10 were tried) it does not: it memorises the pairs, or
 *   learns nothing;
 * - features are used as they are. The paper's come from one CNN; here the data set decides.
 *
 * @module
 */
import type { Dim, Features, Items, Users } from "../core/axis.ts";
import type { Pattern } from "../core/pattern.ts";
import { foldIn, type Key, split } from "../core/random.ts";
import type { Settings } from "../core/settings.ts";
import { isTensor, type Matrix, ones, type Placement, type Scalar, type Vector, zeros } from "../core/tensor.ts";
import type { Triples } from "../data/batch.ts";
import { type Dataset, histories } from "../data/dataset.ts";
import { modalityFeatures } from "../data/tensors.ts";
import { normal, xavierUniform } from "../ops/draw.ts";
import { add, addAll, scale } from "../ops/elementwise.ts";
import { l2 } from "../ops/loss.ts";
import { concatColumns, sliceColumns } from "../ops/matrix.ts";
import { linear } from "../ops/nn.ts";
import { addRow } from "../ops/reduce.ts";
import { dotScore, type Factors, inputsOf, PENALTIES } from "./factors.ts";
import { foldInSum } from "./fold_in.ts";
import { columnsOf, trainingBytes } from "./memory.ts";
import type { ContentContext, Model } from "./model.ts";
import {
  numbersOfScores,
  ranked,
  type RankingConfig,
  rankingLoss,
  rankingRows,
  rankingSampler,
  rankingSettings,
} from "./ranking.ts";

/** (3) Σ_m X_m W_mᵀ: the projection of all features of an item together. */
export function project(features: VbprContext["features"], weights: VbprProjections): Matrix<Items, Dim> {
  return addAll(Object.entries(weights).map(([modality, W]) => linear(features[modality], W)));
}

/** (4) Embeddings of users and items whose inner products are the scores. */
export function encode({ users, items, E, b, beta, B }: VbprParams, { features }: VbprContext): Factors {
  const theta = project(features, E);
  if (!beta || !B) return { users, items: concatColumns([items, b ? addRow(theta, b) : theta]) };
  const one = ones([users.shape[0], 1], users.storage);
  return {
    users: concatColumns([users, one]),
    items: concatColumns([items, theta, add(beta, project(features, B))]),
  };
}

/** Returns new users: (4) with the sum of their items for γ and θ, and the 1 of the biases. */
function foldInUser(e: Factors, histories: Pattern<Users, Items>, { biases }: VbprConfig): Factors {
  const { users } = foldInSum(e, histories);
  if (biases === "projection") return { ...e, users };
  const [rows, columns] = users.shape;
  return { ...e, users: concatColumns([sliceColumns(users, 0, columns - 1), ones([rows, 1], users.storage)]) };
}

/** (5) The BPR objective, and the regularisers. */
export function loss(params: VbprParams, batch: Triples, context: VbprContext): Scalar {
  const { l2: lambda, l2Projection, norm } = context.config;
  const e = encode(params, context);
  const { users, items, beta, E, B = {} } = params;
  const weighed = beta ? { users, items: concatColumns([items, beta]) } : e;
  return addAll([
    rankingLoss(rankingRows(e, batch, context.config), batch, context.config),
    PENALTIES[norm](lambda, rankingRows(weighed, batch, context.config)),
    ...(l2Projection > 0 ? [scale(l2(...Object.values(E), ...Object.values(B)), l2Projection)] : []),
  ]);
}

/** The settings of VBPR. */
export type VbprConfig = RankingConfig & {
  readonly dim: number;
  readonly biases: "projection" | "items";
  readonly l2: number;
  readonly l2Projection: number;
  readonly norm: "squared" | "unsquared";
};

/** The fixed inputs of VBPR. */
export type VbprContext = ContentContext<VbprConfig>;

/** The projections of the modalities to one vector, or to one number: a row of weights each per output. */
export type VbprProjections = { readonly [modality: string]: Matrix<Dim, Features> };

/** The parameters of VBPR. */
export type VbprParams = {
  /** γ and θ, side by side. */
  readonly users: Matrix<Users, Dim>;
  /** γ of items. */
  readonly items: Matrix<Items, Dim>;
  /** E, by modality. */
  readonly E: VbprProjections;
  /** The bias of E. */
  readonly b?: Vector<Dim>;
  /** The biases of items, a column. */
  readonly beta?: Matrix<Items, Dim>;
  /** β′, a bias per feature, by modality. */
  readonly B?: VbprProjections;
};

const settings: Settings<VbprConfig> = {
  dim: { default: 64, min: 1, whole: true, about: "size of γ, and of θ" },
  biases: {
    default: "projection",
    choices: ["projection", "items"],
    about: "the place of biases: in E as in MMRec, or of items and features as in the paper (4)",
  },
  l2: { default: 0.1, min: 0, about: "λ, the weight of the norms of a batch's rows" },
  l2Projection: {
    default: 0,
    min: 0,
    about: "λ_E, the weight of the squared norms of E and β′; biases of items need it, say 0.1",
  },
  norm: {
    default: "squared",
    choices: ["squared", "unsquared"],
    about: "½ Σ‖x‖² as the paper, or the matrices' Frobenius norms as MMRec",
  },
  ...rankingSettings,
};

/** Puts the features on the device. */
function prepare(data: Dataset, config: VbprConfig, place: Placement = {}): VbprContext {
  return { config, history: histories(data, "train"), features: modalityFeatures(data, place) };
}

/** Draws tables and projections as Glorot and Bengio do, all modalities as one matrix; biases begin at 0. */
function init(key: Key, { config: { dim, biases }, history, features }: VbprContext): VbprParams {
  const all = Object.entries(features);
  const { device } = (isTensor(all[0][1]) ? all[0][1] : all[0][1].values).storage;
  const [forUsers, forItems, forE] = split(key, 3);
  const inputs = all.reduce((sum, [, x]) => sum + inputsOf(x), 0);
  const deviation = Math.sqrt(2 / (inputs + dim));
  const each = (draw: (columns: number, n: number) => VbprProjections[string]): VbprProjections =>
    Object.fromEntries(all.map(([modality, x], n) => [modality, draw(inputsOf(x), n)]));
  const bias: Partial<VbprParams> = {
    projection: () => ({ b: zeros([dim], { device }) }),
    items: () => ({
      beta: zeros([history.columns, 1], { device }),
      B: each((columns) => zeros([1, columns], { device })),
    }),
  }[biases]();
  return {
    users: xavierUniform(forUsers, [history.rows, 2 * dim], { device }),
    items: xavierUniform(forItems, [history.columns, dim], { device }),
    E: each((columns, n) => normal(foldIn(forE, n), [dim, columns], { deviation, device })),
    ...bias,
  };
}

/**
 * VBPR as MMRec computes it.
 *
 * @example
 * ```ts
 * import { vbpr } from "@giverny/giverny/models";
 * import { equal } from "node:assert/strict";
 * equal(vbpr.settings.biases.default, "projection");
 * ```
 */
export const vbpr: Model<VbprConfig, VbprContext, VbprParams, Factors> = {
  name: "vbpr",
  about: "matrix factorisation with projected item features",
  source: "He and McAuley, AAAI 2016, arXiv 1510.01784",
  settings,
  training: { sampler: "interaction", batch: 2048, lr: 1e-3, epochs: 1000, every: 1, patience: 20 },
  prepare,
  init,
  sampler: rankingSampler,
  loss,
  encode: ranked(encode),
  foldInUser,
  memory: (statistics, config) => {
    const { dim, batch } = config;
    const { users, items } = statistics;
    const parameters = dim * (2 * users + items + columnsOf(statistics));
    const intermediate = 2 * items * dim + numbersOfScores(statistics, config);
    return trainingBytes(statistics, { parameters, intermediate, batch, dim: 2 * dim });
  },
  score: dotScore,
  columns: ({ dim, biases }, modalities) => [
    { modality: "interactions", width: dim },
    { modality: modalities.join(" + "), width: dim },
    ...(biases === "items" ? [{ modality: "biases", width: 1 }] : []),
  ],
};
