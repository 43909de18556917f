/**
 * The ranking loss as a setting: BPR, as in the papers, or a softmax over many negatives, with inner products or
 * cosines for scores. Models whose only ranking loss is BPR share these settings, so a comparison can separate the
 * effect of a model from the effect of its loss.
 *
 * @module
 */
import { KindError } from "../../kernels/errors.ts";
import type { Items, Nodes, Users } from "../core/axis.ts";
import type { Pattern } from "../core/pattern.ts";
import { range } from "../core/range.ts";
import type { Config, Settings } from "../core/settings.ts";
import type { Csr } from "../core/sparse.ts";
import { fromArray, type Matrix, type Scalar, type Vector } from "../core/tensor.ts";
import type { Tree } from "../core/tree.ts";
import { type Sampler, SAMPLERS, type Triples } from "../data/batch.ts";
import type { Statistics } from "../data/statistics.ts";
import { scale } from "../ops/elementwise.ts";
import { bprLoss } from "../ops/loss.ts";
import { matmulNT } from "../ops/matrix.ts";
import { normalizeRows } from "../ops/normalize.ts";
import { rowDots } from "../ops/reduce.ts";
import { gather } from "../ops/rows.ts";
import { softmaxLoss } from "../ops/softmax_loss.ts";
import { leaveOut, type MaskOptions } from "../ops/sparse_mask.ts";
import { type BatchRows, batchRows, type Factors } from "./factors.ts";
import type { ModelSamplerOptions } from "./model.ts";

/** The settings of a ranking loss. */
export type RankingConfig = Config & {
  readonly loss: "bpr" | "softmax";
  readonly scores: "auto" | "inner" | "cosine";
  readonly temperature: number;
  readonly sample: "uniform" | "batch" | "all";
  readonly negatives: number;
};

/**
 * The settings of a ranking loss, for the settings of a model. The defaults are BPR of inner products.
 *
 * @example
 * ```ts
 * import { lightgcn, rankingSettings } from "@giverny/giverny/models";
 * import { equal } from "node:assert/strict";
 * equal(lightgcn.settings.loss, rankingSettings.loss);
 * ```
 */
export const rankingSettings: Settings<RankingConfig> = {
  loss: {
    default: "bpr",
    choices: ["bpr", "softmax"],
    about:
      "the ranking loss: BPR as in the paper, or the cross-entropy of a softmax over negatives that a batch shares",
  },
  scores: {
    default: "auto",
    choices: ["auto", "inner", "cosine"],
    about:
      "inner products of final embeddings, or their cosines, also in rankings; auto is cosine with softmax, else inner",
  },
  temperature: { default: 0.3, min: 0.001, about: "τ, by which the scores of softmax, and cosines, are divided" },
  sample: {
    default: "uniform",
    choices: ["uniform", "batch", "all"],
    about: "the negatives of softmax: uniform draws, the batch's positives corrected by their frequency, or all items",
  },
  negatives: { default: 1024, min: 1, whole: true, about: "the number of uniform negatives of softmax in a batch" },
};

/**
 * Returns the sampler that a ranking loss needs: with one negative for each triple for BPR, and with the negatives that
 * a batch shares for softmax. A model has it as its `sampler`.
 *
 * @example
 * ```ts
 * import { configure, key, patternFromCoo } from "@giverny/giverny/core";
 * import { rankingSampler, rankingSettings } from "@giverny/giverny/models";
 * import { deepEqual } from "node:assert/strict";
 * const history = patternFromCoo([2, 5], [0, 1], [0, 3]);
 * const config = configure(rankingSettings, { loss: "softmax", sample: "all" });
 * const { negatives } = rankingSampler(history, config, { sampler: "user", batch: 2 }).batch(key(1), 0);
 * deepEqual([...negatives], [0, 1, 2, 3, 4]);
 * ```
 */
export function rankingSampler(
  history: Pattern<Users, Items>,
  { loss, sample, negatives }: RankingConfig,
  { sampler, batch }: ModelSamplerOptions,
): Sampler {
  const draw = SAMPLERS[sampler];
  if (loss === "bpr") return draw(history, { batch });
  if (sample === "uniform") return draw(history, { batch, negatives, shared: true });
  const own = draw(history, { batch, inBatch: true });
  if (sample === "batch") return own;
  const all = range(history.columns);
  return { ...own, batch: (epoch, step) => ({ ...own.batch(epoch, step), negatives: all, logQ: undefined }) };
}

/** Returns whether scores are cosines. */
export function hasCosines({ loss, scores }: Pick<RankingConfig, "loss" | "scores">): boolean {
  return scores === "cosine" || scores === "auto" && loss === "softmax";
}

/** Returns rows of length 1 where scores are cosines, else the rows as they are. */
export function comparable<R extends number, D extends number>(x: Matrix<R, D>, config: RankingConfig): Matrix<R, D> {
  return hasCosines(config) ? normalizeRows(x) : x;
}

/**
 * Returns the embeddings of a batch whose rows a ranking loss compares: those of `batchRows` for BPR; for softmax a row
 * for each negative that the batch shares.
 *
 * @throws {KindError} if a batch for softmax does not share its negatives.
 *
 * @example
 * ```ts
 * import { tensor } from "@giverny/giverny/core";
 * import { rankingRows } from "@giverny/giverny/models";
 * import { deepEqual } from "node:assert/strict";
 * const factors = { users: tensor([[1]]), items: tensor([[2], [3], [4]]) };
 * const [users, positives, negatives] = [Int32Array.of(0), Int32Array.of(0), Int32Array.of(1, 2)];
 * const batch = { users, positives, negatives, shared: true, step: 0 };
 * deepEqual(rankingRows(factors, batch, { loss: "softmax" }).negatives.shape, [2, 1]);
 * ```
 */
export function rankingRows(factors: Factors, batch: Triples, { loss }: Pick<RankingConfig, "loss">): BatchRows {
  if (loss === "bpr") return batchRows(factors, batch);
  checkShared(batch);
  return {
    users: gather(factors.users, batch.users),
    positives: gather(factors.items, batch.positives),
    negatives: gather(factors.items, batch.negatives),
  };
}

function checkShared({ shared }: Triples): void {
  if (shared) return;
  const rule = "all triples must share one list of negatives; see rankingSampler()";
  throw new KindError(`Cannot compute the softmax loss of a batch with negatives for each triple: ${rule}`);
}

/**
 * Returns the ranking loss of a batch from the embeddings of {@link rankingRows}: BPR, or the softmax loss, of inner
 * products or cosines.
 *
 * @example
 * ```ts
 * import { configure, readSync, tensor } from "@giverny/giverny/core";
 * import { rankingLoss, rankingSettings } from "@giverny/giverny/models";
 * import { ok } from "node:assert/strict";
 * const rows = { users: tensor([[1, 0]]), positives: tensor([[5, 0]]), negatives: tensor([[0, 2], [0, 3]]) };
 * const [users, positives, negatives] = [Int32Array.of(0), Int32Array.of(0), Int32Array.of(1, 2)];
 * const config = configure(rankingSettings, { loss: "softmax", temperature: 0.5 });
 * const [loss] = readSync(rankingLoss(rows, { users, positives, negatives, shared: true, step: 0 }, config));
 * ok(Math.abs(loss - Math.log(1 + 2 * Math.exp(-2))) < 1e-6);
 * ```
 */
export function rankingLoss(rows: BatchRows, batch: Triples, config: RankingConfig): Scalar {
  const [users, positives, negatives] = [rows.users, rows.positives, rows.negatives].map((x) => comparable(x, config));
  const own = rowDots(users, positives);
  return config.loss === "bpr"
    ? lossOfPairs(own, rowDots(users, negatives), config)
    : lossOfScores(own, matmulNT(users, negatives), batch, config);
}

/** Returns BPR of the scores of pairs, which are divided by τ if they are cosines. */
export function lossOfPairs<N extends number>(positive: Vector<N>, negative: Vector<N>, config: RankingConfig): Scalar {
  if (!hasCosines(config)) return bprLoss(positive, negative);
  return bprLoss(scale(positive, 1 / config.temperature), scale(negative, 1 / config.temperature));
}

/**
 * Returns the softmax loss of a batch from the score of each positive, and from the scores of the negatives that the
 * batch shares, a row for each user. A user's own positive is left out of the user's negatives.
 *
 * @throws {KindError} if the batch does not share its negatives.
 */
export function lossOfScores(
  own: Vector,
  others: Matrix,
  batch: Triples,
  { temperature }: Pick<RankingConfig, "temperature">,
): Scalar {
  checkShared(batch);
  const { positives, negatives, logQ } = batch;
  const placed = (numbers: Float32Array): Vector => fromArray(numbers, [numbers.length], others.storage);
  return softmaxLoss(own, others, {
    temperature,
    ids: { positives, negatives },
    logQ: logQ && { positives: placed(logQ.positives), negatives: placed(logQ.negatives) },
  });
}

/**
 * Returns the `encode` of a model whose users and items have length 1 where scores are cosines, so that rankings use
 * cosines too.
 *
 * @example
 * ```ts
 * import { configure, readSync, tensor } from "@giverny/giverny/core";
 * import { type Factors, ranked, rankingSettings } from "@giverny/giverny/models";
 * import { deepEqual } from "node:assert/strict";
 * const config = configure(rankingSettings, { scores: "cosine" });
 * const e: Factors = { users: tensor([[2, 0]]), items: tensor([[0, 3]]) };
 * deepEqual([...readSync(ranked((params: Factors) => params)(e, { config }).items)], [0, 1]);
 * ```
 */
export function ranked<P extends Tree, X extends { readonly config: RankingConfig }, E extends Factors>(
  encode: (params: P, context: X) => E,
): (params: P, context: X) => E {
  return (params, context) => {
    const e = encode(params, context);
    if (!hasCosines(context.config)) return e;
    return { ...e, users: normalizeRows(e.users), items: normalizeRows(e.items) };
  };
}

/** Returns how many numbers the scores of a ranking loss and their gradient take in a step, besides embeddings. */
export function numbersOfScores({ items }: Pick<Statistics, "items">, config: RankingStep): number {
  const { loss, batch } = config;
  return loss === "bpr" ? 0 : COPIES * batch * negativesOf(items, config);
}

/** The settings that the size of a step depends on. */
type RankingStep = RankingConfig & { readonly batch: number };

/** Matrices of scores that a step holds: scores, their exponentials, and the gradient. */
const COPIES = 3;

/** Returns the number of negatives that a batch for softmax shares. */
export function negativesOf(items: number, { sample, negatives, batch }: RankingStep): number {
  return { uniform: negatives, batch, all: items }[sample];
}

/** The settings of the edges that a training step propagates along. */
export type EdgesConfig = Config & { readonly ownEdges: boolean };

/**
 * The settings of the edges that a training step propagates along, for the settings of a model.
 *
 * @example
 * ```ts
 * import { edgesSettings, lightgcn } from "@giverny/giverny/models";
 * import { equal } from "node:assert/strict";
 * equal(lightgcn.settings.ownEdges, edgesSettings.ownEdges);
 * ```
 */
export const edgesSettings: Settings<EdgesConfig> = {
  ownEdges: {
    default: true,
    about: "whether training propagates along a batch's own interactions; false leaves them out of its step's graph",
  },
};

/**
 * Returns a normalised interaction graph for a training step: without the batch's own interactions if `ownEdges` is
 * `false`, and normalised again without them.
 *
 * @example
 * ```ts
 * import { patternFromCoo, readSync } from "@giverny/giverny/core";
 * import { symmetricAdjacency } from "@giverny/giverny/data";
 * import { stepGraph } from "@giverny/giverny/models";
 * import { deepEqual } from "node:assert/strict";
 * const history = patternFromCoo([1, 2], [0, 0], [0, 1]);
 * const [users, positives, negatives] = [Int32Array.of(0), Int32Array.of(0), Int32Array.of(1)];
 * const batch = { users, positives, negatives, shared: false, step: 0 };
 * const { values } = stepGraph(symmetricAdjacency(history), batch, history, { ownEdges: false });
 * deepEqual([...readSync(values)].map((x) => x.toFixed(3)), ["0.000", "1.000", "0.000", "1.000"]);
 * ```
 */
export function stepGraph(
  graph: Csr<Nodes, Nodes>,
  { users, positives }: Triples,
  history: Pattern<Users, Items>,
  { ownEdges }: EdgesConfig,
  renormalize: MaskOptions["renormalize"] = "symmetric",
): Csr<Nodes, Nodes> {
  if (ownEdges) return graph;
  const columns = positives.map((item) => item + history.rows);
  return leaveOut(graph, { rows: users, columns }, { mirrored: true, renormalize });
}
