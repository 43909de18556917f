/**
 * MONET: modality-embracing graph convolutional network and target-aware attention (Kim, Lee, Shin and Kim, WSDM 2024,
 * arXiv 2312.09511). For every modality m of the items, with Â the symmetrically normalised interaction graph:
 *
 * | equation | here | formula |
 * |---|---|---|
 * | (2) | `project` | Z = X Wᵀ + b, rows scaled to length 1 |
 * | (3) | `megcn` | Hˡ = Â Hˡ⁻¹ + α Hˡ⁻¹, from [P ; Z]; the last layer only |
 * | – | `nodes` | e = the modalities' Hᴸ side by side |
 * | (4, 5) | {@link targetAware} | ⟨e_u(c), e_c⟩ = Σᵢ aᵢ sᵢ with sᵢ = ⟨e_c, eᵢ⟩, a = softmax s over the user's items |
 * | (6) | {@link blend} | ŷ = (1 − β) ⟨e_u, e_c⟩ + β ⟨e_u(c), e_c⟩ |
 * | (7) | {@link loss} | mean −log σ(ŷ_p − ŷ_n) + λ/B ½ Σ‖e‖² |
 *
 * The target-aware user embedding e_u(c) = Σ aᵢ eᵢ is never formed: its product with e_c is the softmax-weighted mean of the
 * similarities themselves.
 *
 * ## Departures
 *
 * The defaults follow the released code (Kimyungi/MONET, 21ebb32) where it differs from the paper:
 *
 * - rows of Z have length 1 (`normalize`; the paper's equation has no such step);
 * - λ weighs the batch's final embeddings (`regularize: "final"`; the paper says all parameters, `"parameters"`);
 * - users are drawn uniformly, one positive and one negative each (`sampler`, a training setting; the paper sums over all);
 * - the learning rate decays by 0.96 every 50 epochs (`decay`, a training setting; the paper does not mention it);
 * - the target of a training pair is part of the history it is compared with. It takes most of the attention there, which at
 *   ranking time it cannot; `excludeTarget` leaves it out (an empty history then contributes 0);
 * - "without MeGCN" is LightGCN in the paper (`propagation: "lightgcn"`: no self term, mean of all layers) and no propagation
 *   in the code's README (`layers: 0`).
 *
 * Other variants: `beta: 0` has no target-aware attention. `fusion` has the released code's three others. `cf` adds its tables of
 * users and items, one more part to fuse with the modalities. `propagation: "normalized"` is footnote 9, of which only the idea is
 * given: `normalized` says what it is taken to mean.
 *
 * @module
 */
import type { Batch, Dim, Entries, Items } from "../core/axis.ts";
import { type Pattern, rowIndices, takeRows, without } from "../core/pattern.ts";
import type { Settings } from "../core/settings.ts";
import { type Matrix, ones, type Scalar, type Tensor, type Vector } from "../core/tensor.ts";
import { leaves } from "../core/tree.ts";
import { pairs, type Triples } from "../data/batch.ts";
import { add, mul, neg, scale, shift } from "../ops/elementwise.ts";
import { bprLoss, l2 } from "../ops/loss.ts";
import { matmulNT, reshape, sliceRows } from "../ops/matrix.ts";
import { rowDots } from "../ops/reduce.ts";
import { gather, segmentSoftmaxMean } from "../ops/rows.ts";
import { sddmm, toDense } from "../ops/sparse.ts";
import type { Block } from "../rank/block.ts";
import { dotScore, type Factors } from "./factors.ts";
import {
  byModality,
  encode,
  init,
  type MonetConfig,
  type MonetContext,
  type MonetParams,
  nodes,
  prepare,
} from "./megcn.ts";
import type { Model } from "./model.ts";

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
    about: "a further part beside the modalities, learned from interactions alone, and how it is propagated",
  },
  normalize: { default: true, about: "scale projected features to length 1, as the released code does (2)" },
  regularize: {
    default: "final",
    choices: ["final", "parameters"],
    about: "what λ weighs: the batch's final embeddings, as the code does, or all parameters, as the paper says (7)",
  },
  excludeTarget: { default: false, about: "leave the target out of the history it is compared with (4)" },
  freeze: { default: true, about: "keep dense raw features fixed; false trains them too" },
};

/**
 * (4, 5) The target-aware score ⟨e_u(c), e_c⟩ of one target per history: Σ a s with a = softmax s, 0 where the history is
 * empty. Items stand where the histories' columns say.
 */
export function targetAware<H extends number, C extends number>(
  history: Pattern<H, C>,
  targets: Matrix<H, Dim>,
  items: Matrix<C, Dim>,
): Vector<H> {
  const s = sddmm(history, targets, items);
  return segmentSoftmaxMean(s, s, history);
}

/** (6) The final score: a blend of the general and the target-aware one. */
export function blend<T extends Tensor>(general: T, target: T, { beta }: Pick<MonetConfig, "beta">): T {
  return add(scale(general, 1 - beta), scale(target, beta)) as T;
}

/** (7) The BPR objective on blended scores, and the regulariser. */
export function loss(params: MonetParams, batch: Triples, context: MonetContext): Scalar {
  const { config, adjacency: { pattern: graph }, history: { rows: userCount } } = context;
  const e = nodes(params, context);
  // Positives and negatives are scored at once. Items are the nodes after the users, whose neighbours are their histories.
  const { users, items } = pairs(batch);
  const size = users.length / 2;
  const targets = items.map((item) => item + userCount);
  const [eu, ec]: Matrix<number, Dim>[] = [users as Int32Array, targets].map((ids) => gather(e, ids));
  const neighbours = takeRows(graph, users);
  const target = targetAware(config.excludeTarget ? without(neighbours, targets) : neighbours, ec, e);
  const both = reshape(blend(rowDots(eu, ec), target, config), [2, size]);
  const [positive, negative] = [0, 1].map((n) => reshape(sliceRows(both, n, n + 1), [size]));
  const penalty = config.regularize === "final"
    // Users were gathered twice, and count once.
    ? scale(add(scale(l2(eu), 0.5), l2(ec)), config.l2 / size)
    : scale(l2(...leaves(params).map(([, leaf]) => leaf)), 2 * config.l2);
  return add(bprLoss(positive, negative), penalty);
}

/** (6) for every item at once: a row of scores per user. */
export function score(e: Factors, block: Block, config: MonetConfig): Matrix<Batch, Items> {
  const { items } = e;
  const { history } = block;
  const s: Matrix<Entries, Items> = matmulNT(gather(items, history.indices), items);
  const target = segmentSoftmaxMean(s, s, history);
  return blend(dotScore(e, block), config.excludeTarget ? apart(target, items, history) : target, config);
}

/** Returns target-aware scores with those of a user's own items as they are without the item itself in the history. */
function apart(
  target: Matrix<Batch, Items>,
  items: Matrix<Items, Dim>,
  history: Pattern<Batch, Items>,
): Matrix<Batch, Items> {
  const others = without(takeRows(history, rowIndices(history)), history.indices);
  const own: Vector<Entries> = targetAware(others, gather(items, history.indices), items);
  const cells = (values: Vector<Entries>) => toDense({ pattern: history, values });
  return add(mul(target, shift(neg(cells(ones([own.shape[0]], own.storage))), 1)), cells(own));
}

/** MONET as its released code computes it. */
export const monet: Model<MonetConfig, MonetContext, MonetParams, Factors> = {
  name: "monet",
  about: "modality-embracing graph convolution and target-aware attention",
  source: "Kim et al., WSDM 2024, arXiv 2312.09511",
  settings,
  training: { sampler: "user", batch: 1024, lr: 1e-4, decay: 0.96, epochs: 1000, every: 5, patience: 10 },
  prepare,
  init,
  loss,
  encode,
  byModality,
  score,
};
