/**
 * BPR-MF: matrix factorisation trained to rank (Rendle, Freudenthaler, Gantner and Schmidt-Thieme, UAI 2009,
 * arXiv 1205.2618).
 *
 * | section | here | formula |
 * |---|---|---|
 * | 4.3.1 | `dotScore` | ŷ = ⟨w_u, h_i⟩ |
 * | 4.1 | {@link loss} | mean −log σ(ŷ_p − ŷ_n) + λ/B ½ Σ‖x‖² |
 *
 * ## Departures
 *
 * - The paper sums over all triples, and takes one at a time by stochastic gradient descent with a λ for each kind of
 *   parameter. Here, as in all later codes, the loss is the mean of a batch, one λ weighs the batch's rows, and Adam
 *   takes the steps.
 * - MMRec weighs Frobenius norms of the batch's matrices that are not squared, `norm: "unsquared"`, and draws from a
 *   normal distribution, `init: "normal"`. It adds 10⁻¹⁰ inside the logarithm, which changes no score below 20 and is
 *   left out.
 * - There are no biases, as in all of these codes.
 * - λ is 0.1, of MMRec's grid from 10⁻⁵ to 2, by the validation of TikTok, where 71% of the users have one or two
 *   training items. With 10⁻² and less the model memorises the pairs there, and popularity ranks better; with 1 it
 *   learns nothing.
 *
 * @module
 */
import type { Key } from "../core/random.ts";
import type { Settings } from "../core/settings.ts";
import type { Placement, Scalar } from "../core/tensor.ts";
import type { Triples } from "../data/batch.ts";
import { type Dataset, histories } from "../data/dataset.ts";
import { add } from "../ops/elementwise.ts";
import { dotScore, drawFactors, type Factors, PENALTIES } from "./factors.ts";
import { foldInSum } from "./fold_in.ts";
import { trainingBytes } from "./memory.ts";
import type { InteractionContext, Model } from "./model.ts";
import {
  numbersOfScores,
  ranked,
  type RankingConfig,
  rankingLoss,
  rankingRows,
  rankingSampler,
  rankingSettings,
} from "./ranking.ts";

/** (4.1) The BPR objective, and the regulariser of a batch's rows. */
export function loss(params: Factors, batch: Triples, { config }: BprMfContext): Scalar {
  const rows = rankingRows(params, batch, config);
  return add(rankingLoss(rows, batch, config), PENALTIES[config.norm](config.l2, rows));
}

/** The settings of BPR-MF. */
export type BprMfConfig = RankingConfig & {
  readonly dim: number;
  readonly l2: number;
  readonly norm: "squared" | "unsquared";
  readonly init: "uniform" | "normal" | "small";
};

/** The fixed inputs of BPR-MF. */
export interface BprMfContext extends InteractionContext<BprMfConfig> {
  /** The device of the parameters. */
  readonly place: Placement;
}

const settings: Settings<BprMfConfig> = {
  dim: { default: 64, min: 1, whole: true, about: "embedding size" },
  l2: { default: 0.1, min: 0, about: "λ, the weight of the norms of a batch's rows" },
  norm: {
    default: "squared",
    choices: ["squared", "unsquared"],
    about: "½ Σ‖x‖² as the paper, or the matrices' Frobenius norms as MMRec",
  },
  init: {
    default: "uniform",
    choices: ["uniform", "normal", "small"],
    about: "how embeddings are drawn: Glorot and Bengio's uniform or normal, or normal of deviation 0.1",
  },
  ...rankingSettings,
};

/** Collects the training items. */
function prepare(data: Dataset, config: BprMfConfig, { device }: Placement = {}): BprMfContext {
  return { config, history: histories(data, "train"), place: device ? { device } : {} };
}

/** Draws the embeddings. */
function init(key: Key, { config, history, place }: BprMfContext): Factors {
  return drawFactors(key, history, { ...config, ...place });
}

/**
 * BPR-MF with the mean loss of a batch, as in later codes.
 *
 * @example
 * ```ts
 * import { bprMf } from "@giverny/giverny/models";
 * import { equal } from "node:assert/strict";
 * equal(bprMf.settings.l2.default, 0.1);
 * ```
 */
export const bprMf: Model<BprMfConfig, BprMfContext, Factors, Factors> = {
  name: "bprmf",
  about: "matrix factorisation trained to rank",
  source: "Rendle et al., UAI 2009, arXiv 1205.2618",
  content: false,
  settings,
  training: { sampler: "interaction", batch: 2048, lr: 1e-3, epochs: 1000, every: 1, patience: 20 },
  prepare,
  init,
  loss,
  sampler: rankingSampler,
  encode: ranked((params: Factors) => params),
  foldInUser: foldInSum,
  memory: (statistics, config) => {
    const { dim, batch } = config;
    const parameters = (statistics.users + statistics.items) * dim;
    return trainingBytes({ ...statistics, modalities: {} }, {
      parameters,
      intermediate: numbersOfScores(statistics, config),
      batch,
      dim,
    });
  },
  score: dotScore,
  columns: ({ dim }) => [{ modality: "interactions", width: dim }],
};
