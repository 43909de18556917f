/**
 * A model of your own: matrix factorisation with a bias for each item. The module uses the package's front doors alone
 * and exports one `Model`. With parameters e of users and items, and b of items:
 *
 * | equation | here | formula |
 * |---|---|---|
 * | (1) | {@link score} | ŷ_ui = ⟨e_u, e_i⟩ + b_i |
 * | (2) | {@link loss} | mean −log σ(ŷ_up − ŷ_un) + λ/B ½ Σ‖e‖², over triples of a user u and items p and n |
 *
 * @example Train it on the command line
 * ```sh
 * deno run -A main.ts train --model ./examples/biased_mf.ts --set dim=32
 * ```
 *
 * @module
 */
import type { Batch, Config, Items, Matrix, Pattern, Placement, Scalar, Users, Vector } from "@giverny/giverny/core";
import { zeros } from "@giverny/giverny/core";
import { histories, singleNegatives, type Triples } from "@giverny/giverny/data";
import { batchL2, batchRows, dotScore, drawFactors, type Factors, type Model } from "@giverny/giverny/models";
import { add, bprLoss, gather, repeatRows, rowDots } from "@giverny/giverny/ops";
import type { Block } from "@giverny/giverny/rank";

/** The settings. `--set dim=32` and a search know them by these names. */
export type BiasedConfig = Config & { readonly dim: number; readonly l2: number };

/** The parameters: an embedding for each user and each item, and the items' biases. */
export type BiasedParams = Factors & { readonly bias: Vector<Items> };

/** The fixed inputs: the settings, the training items of each user, and the device of the parameters. */
export interface BiasedContext {
  readonly config: BiasedConfig;
  readonly history: Pattern<Users, Items>;
  readonly place: Placement;
}

/** (1) The scores of all items for the users of a block. */
export function score(params: BiasedParams, block: Block): Matrix<Batch, Items> {
  return add(dotScore(params, block), repeatRows(params.bias, block.users.length));
}

/** (2) The objective of a batch. */
export function loss(params: BiasedParams, batch: Triples, { config }: BiasedContext): Scalar {
  const e = batchRows(params, batch);
  const { positives, negatives } = singleNegatives(batch);
  const positive = add(rowDots(e.users, e.positives), gather(params.bias, positives));
  const negative = add(rowDots(e.users, e.negatives), gather(params.bias, negatives));
  return add(bprLoss(positive, negative), batchL2(config.l2, e));
}

/** Matrix factorisation with biases, for `--model ./examples/biased_mf.ts`. */
export const biasedMf: Model<BiasedConfig, BiasedContext, BiasedParams, BiasedParams> = {
  name: "biasedmf",
  about: "matrix factorisation with a bias for each item",
  source: "Koren, Bell and Volinsky, Computer 42(8), 2009, with the objective of Rendle et al., UAI 2009",
  settings: {
    dim: { default: 64, min: 1, whole: true, about: "embedding size" },
    l2: { default: 1e-4, min: 0, about: "λ, the weight of the batch's squared norms (2)" },
  },
  training: { sampler: "interaction", batch: 2048, lr: 1e-3 },
  prepare: (data, config, place = {}) => ({ config, history: histories(data, "train"), place }),
  init: (key, { config, history, place: { device } }) => ({
    ...drawFactors(key, history, { dim: config.dim, init: "uniform", device }),
    bias: zeros([history.columns], { device }),
  }),
  loss,
  encode: (params) => params,
  score,
};

if (import.meta.main) {
  // deno-lint-ignore no-console
  console.log("Train this model with: deno run -A main.ts train --model ./examples/biased_mf.ts");
}
