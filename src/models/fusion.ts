/**
 * Ways to make one embedding out of several: what a node is in each modality, side by side, joined to what it is.
 *
 * @module
 */
import type { Dim } from "../core/axis.ts";
import { type Key, split } from "../core/random.ts";
import { full, type Matrix, type Placement, type Vector } from "../core/tensor.ts";
import { linearUniform } from "../ops/draw.ts";
import { addAll, maximum, scale } from "../ops/elementwise.ts";
import { reshape, sliceColumns } from "../ops/matrix.ts";
import { linear, softmaxRows } from "../ops/nn.ts";
import { scaleBy } from "../ops/reduce.ts";

/** What a fusion learns: for `weighted` a number per part, for `fc` a linear layer; nothing for the others. */
export type FusionParams = {
  readonly weights?: Vector;
  readonly W?: Matrix<Dim, Dim>;
  readonly b?: Vector<Dim>;
};

/** Joins `parts` tables of equal width that lie side by side. */
export type Fuse = <R extends number>(side: Matrix<R, Dim>, parts: number, params: FusionParams) => Matrix<R, Dim>;

/** The tables that lie side by side. */
function partsOf<R extends number>(side: Matrix<R, Dim>, parts: number): Matrix<R, Dim>[] {
  const width = side.shape[1] / parts;
  return Array.from({ length: parts }, (_, n) => sliceColumns(side, n * width, (n + 1) * width));
}

const sum: Fuse = (side, parts) => addAll(partsOf(side, parts));

/** The fusions by the name a configuration gives them. With one part, all but `fc` return it. */
export const FUSIONS: Readonly<Record<"concat" | "sum" | "mean" | "max" | "weighted" | "fc", Fuse>> = {
  /** [x₁ ‖ x₂ ‖ …] */
  concat: (side) => side,
  /** Σ xₘ */
  sum,
  /** Σ xₘ / M */
  mean: (side, parts) => scale(sum(side, parts, {}), 1 / parts),
  /** The largest of the parts, coordinate by coordinate. */
  max: (side, parts) => partsOf(side, parts).reduce((most, x) => maximum(most, x)),
  /** Σ softmax(w)ₘ xₘ */
  weighted: (side, parts, { weights }) => {
    const shares = softmaxRows(reshape(weights!, [1, parts]));
    const share = (n: number) => reshape(sliceColumns(shares, n, n + 1), []);
    return addAll(partsOf(side, parts).map((x, n) => scaleBy(x, share(n))));
  },
  /** W [x₁ ‖ x₂ ‖ …] + b */
  fc: (side, _, { W, b }) => linear(side, W!, b!),
};

/** The name of a fusion. */
export type FusionName = keyof typeof FUSIONS;

/** How many parts are fused, and how wide each is. */
export interface FusionSize extends Placement {
  /** The number of parts. */
  readonly parts: number;
  /** The width of each, and of what `fc` makes of them. */
  readonly dim: number;
}

/**
 * Draws what a fusion learns, under the name `fusion`; an empty object where it learns nothing. The weights of parts start
 * equal, `fc` as PyTorch's linear layers.
 */
export function drawFusion(
  name: FusionName,
  key: Key,
  { parts, dim, ...place }: FusionSize,
): { readonly fusion?: FusionParams } {
  if (name === "weighted") return { fusion: { weights: full([parts], 1 / parts, place) } };
  if (name !== "fc") return {};
  const [forW, forB] = split(key);
  const how = { inputs: parts * dim, ...place };
  return { fusion: { W: linearUniform(forW, [dim, parts * dim], how), b: linearUniform(forB, [dim], how) } };
}
