/**
 * EASE: a linear model of items, solved in closed form (Steck, "Embarrassingly Shallow Autoencoders for Sparse Data",
 * WWW 2019, arXiv 1905.03375), and its two extensions by item features (Jeunen, Van Balen and Goethals, "Closed-Form
 * Models for Collaborative Filtering with Side-Information", RecSys 2020). With R the training interactions, users ×
 * items, and x̂ the features of an item in a modality scaled to length 1:
 *
 * | equation | here | formula |
 * |---|---|---|
 * | (1) | {@link interactionGram} | G = Rᵀ R |
 * | (2) | {@link addFeatureGram} | G + w X̂ₘ X̂ₘᵀ for each modality m: the features as w further rows of R |
 * | (3) | {@link weights} | P = (G + λ I)⁻¹, B_ij = −P_ij / P_jj for i ≠ j, B_ii = 0 |
 * | (4) | {@link score} | ŷ_uj = Σ B_ij over the items i of user u |
 *
 * B minimises ‖R − R B‖² + λ‖B‖² (with the rows of features in R) among matrices with a zero diagonal. It has no
 * parameters that are trained in epochs.
 *
 * With `side: "collective"` (2) adds to (1), with weight `content`; 0 leaves features out, which is Steck's model. With
 * `side: "additive"` there are two models, of (1) and, with λ_F, of the sum of X̂ₘ X̂ₘᵀ alone: B = (1 − α) B_R + α B_F.
 *
 * ## Departures
 *
 * - ours: features are scaled to length 1, since the papers' features are tags; each modality has the same weight;
 * - Jeunen et al. take a diagonal matrix of weights for the regulariser; here λ is a number, as in Steck's paper;
 * - λ is chosen on validation in the papers. Here `l2: 0`, the default, is five times the mean number of training users
 *   of an item. It is 223 on MovieLens-100k and 44 on TikTok, and R@20 on validation is .341 and .095; with λ = 300 on
 *   both it is .341 and .077;
 * - the matrices are items × items: more items than the device has memory for are refused. B is solved in 32-bit
 *   numbers, and on the processor if the device is a GPU.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { defaultDevice, type Device, wasm } from "../../kernels/mod.ts";
import type { Batch, Items, Users } from "../core/axis.ts";
import { entries, type Pattern, rowOf } from "../core/pattern.ts";
import { range } from "../core/range.ts";
import { free, scope } from "../core/scope.ts";
import type { Config, Settings } from "../core/settings.ts";
import { fromArray, full, type Matrix, ones, type Placement, read, readSync } from "../core/tensor.ts";
import { type Dataset, histories } from "../data/dataset.ts";
import { inverseLengths, rowProducts } from "../data/neighbours.ts";
import { type FeatureMatrix, modalityFeatures } from "../data/tensors.ts";
import { csr, spmm } from "../ops/sparse.ts";
import type { Block } from "../rank/block.ts";
import { inverse } from "./inverse.ts";
import { trainingBytes } from "./memory.ts";
import type { Model, ScorePart } from "./model.ts";
import { rowsOf } from "./parts.ts";

/** The default λ, in mean numbers of training users of an item. */
const USERS = 5;
/** Items × items matrices that a device holds at one time, by measurement. */
const MATRICES = 5;
/** The rows of a product of features that are computed at one time. */
const ROWS = 256;

/** (1) The number of users of every two items, row by row. */
export function interactionGram(history: Pattern<Users, Items>): Float32Array {
  const items = history.columns;
  const gram = new Float32Array(items * items);
  for (let user = 0; user < history.rows; user++) {
    const own = rowOf(history, user);
    for (const i of own) for (const j of own) gram[i * items + j]++;
  }
  return gram;
}

/** (2) Adds w times the cosines of a modality's features to a Gram matrix, in place. */
export async function addFeatureGram(gram: Float32Array, x: FeatureMatrix, w: number): Promise<void> {
  const products = await rowProducts<Items>(x);
  const lengths = scope(() => inverseLengths(x));
  const scales = await read(lengths);
  free(lengths);
  const items = scales.length;
  for (let from = 0; from < items; from += ROWS) {
    const rows = range(Math.min(ROWS, items - from)).map((n) => from + n);
    const part = scope(() => products(rows));
    const numbers = await read(part);
    free(part);
    numbers.forEach((x, n) =>
      gram[from * items + n] += w * x * scales[from + Math.floor(n / items)] * scales[n % items]
    );
  }
}

/** (3) The weights B of a Gram matrix, row by row. */
export function weights(gram: Float32Array, l2: number, place: Placement): Float32Array {
  const items = Math.sqrt(gram.length);
  const p = scope(() => {
    const regularised = gram.map((x, n) => n % (items + 1) === 0 ? x + l2 : x);
    return readSync(inverse(fromArray(regularised, [items, items], place)));
  });
  const diagonal = range(items).map((j) => j * items + j);
  const scales = Float32Array.from(diagonal, (n) => -1 / p[n]);
  const b = p.map((x, n) => x * scales[n % items]);
  for (const n of diagonal) b[n] = 0;
  return b;
}

/** (4) The scores: a sum of rows of B for each user. */
export function score({ B }: EaseWeights, { history }: Block): Matrix<Batch, Items> {
  return scope(() => spmm(csr(history, ones([entries(history)], B.storage)), B));
}

/** The settings of EASE. */
export type EaseConfig = Config & {
  readonly l2: number;
  readonly side: "collective" | "additive";
  readonly content: number;
  readonly share: number;
  readonly contentL2: number;
};

/** The weights B: the share that the items of a row have in the scores of the columns. */
export type EaseWeights = { readonly B: Matrix<Items, Items> };

const settings: Settings<EaseConfig> = {
  l2: { default: 0, min: 0, about: "λ, the regulariser of the weights; 0 for 5 times the mean users of an item (3)" },
  side: {
    default: "collective",
    choices: ["collective", "additive"],
    about: "features as further rows of interactions, or a model of their own",
  },
  content: { default: 10, min: 0, about: "w, the weight of features as rows of interactions; 0 leaves them out (2)" },
  share: { default: 0.1, min: 0, max: 1, about: "α, the share of the model of features with side=additive" },
  contentL2: { default: 10, min: 1e-3, about: "λ_F, the regulariser of the model of features with side=additive" },
};

/** Solves for B. */
async function prepare(
  data: Dataset,
  config: EaseConfig,
  { device = defaultDevice() }: Placement = {},
): Promise<EaseWeights> {
  const place = { device: device.name === "webgpu" ? wasm() : device };
  const items = data.items.length;
  refuseLarge(items, place.device);
  const history = histories(data, "train");
  const l2 = config.l2 > 0 ? config.l2 : USERS * Math.max(1, entries(history)) / items;
  const gram = interactionGram(history);
  const additive = config.side === "additive";
  const used = Object.keys(data.modalities).length > 0 && (additive ? config.share : config.content) > 0;
  if (!used) return { B: fromArray(weights(gram, l2, place), [items, items], { device }) };
  const features = Object.values(modalityFeatures(data, place));
  const side = additive ? new Float32Array(gram.length) : gram;
  for (const x of features) await addFeatureGram(side, x, additive ? 1 : config.content);
  free(features.map((x) => "pattern" in x ? [x.values, x.transposedValues] : x));
  const b = weights(gram, l2, place);
  if (additive) weights(side, config.contentL2, place).forEach((x, n) => b[n] += config.share * (x - b[n]));
  return { B: fromArray(b, [items, items], { device }) };
}

/** Refuses more items than a device has memory for. */
function refuseLarge(items: number, device: Device): void {
  const [bytes, room] = [Float32Array.BYTES_PER_ELEMENT * MATRICES * items ** 2, device.room()];
  if (bytes <= room) return;
  const [needed, present] = [bytes, room].map((x) => Math.ceil(x / 2 ** 20).toLocaleString("en"));
  throw new ValueError(
    `Cannot prepare ease for ${items.toLocaleString("en")} items: its items × items matrices take ${needed} MiB and ` +
      `${present} are free; leave out rare items, as kCore does, or take itemknn, whose neighbours are sparse`,
  );
}

/** Returns (4) by the items of the user. */
async function explain({ B }: EaseWeights, { history }: Block, item: number): Promise<ScorePart[]> {
  const rows = await rowsOf([[B, history.indices]]);
  return rows.map((row, n): ScorePart => (
    { kind: "neighbour", modality: null, item: history.indices[n], attention: null, value: row[item] }
  ));
}

/**
 * EASE, without and with item features. It has no parameters and is not trained.
 *
 * @example
 * ```ts
 * import { ease } from "@giverny/giverny/models";
 * import { equal } from "node:assert/strict";
 * equal(ease.training.epochs, 0);
 * ```
 */
export const ease: Model<EaseConfig, EaseWeights, Record<string, never>, EaseWeights, Promise<EaseWeights>> = {
  name: "ease",
  about: "a linear model of items in closed form, with their features as further rows of interactions",
  source: "Steck, WWW 2019, arXiv 1905.03375; Jeunen et al., RecSys 2020",
  settings,
  training: { epochs: 0 },
  prepare,
  init: () => ({}),
  loss: (_params, _batch, { B }) => full([], 0, B.storage),
  encode: (_params, context) => context,
  foldInUser: (encoded) => encoded,
  memory: (statistics) =>
    trainingBytes(statistics, { parameters: 0, intermediate: MATRICES * statistics.items ** 2, batch: 0, dim: 0 }),
  score,
  explain,
};
