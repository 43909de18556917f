/**
 * LATTICE's graph of items: what neighbours they are in each modality, by their raw features once, and by what these are projected
 * to, as learned so far.
 *
 * @module
 */
import type { Dim, Features, Items } from "../core/axis.ts";
import type { Pattern } from "../core/pattern.ts";
import { free, scope } from "../core/scope.ts";
import type { Csr } from "../core/sparse.ts";
import type { Matrix, Vector } from "../core/tensor.ts";
import { sumSparse, symmetricNormalized } from "../data/graph.ts";
import { nearestNeighbours } from "../data/neighbours.ts";
import type { FeatureMatrix } from "../data/tensors.ts";
import { neg, scale, shift, step } from "../ops/elementwise.ts";
import { concatColumns, reshape, sliceColumns } from "../ops/matrix.ts";
import { linear, softmaxRows } from "../ops/nn.ts";
import { normalizeRows } from "../ops/normalize.ts";
import { rowDots, scaleBy } from "../ops/reduce.ts";
import { csr, sddmm } from "../ops/sparse.ts";

/** Something of every modality. */
export type Modal<T> = Readonly<Record<string, T>>;

/** What the graph is made of: a number per modality whose softmax is w, and per modality W and b, and X where it is trained. */
export type ItemGraphParams = {
  readonly weights: Vector;
  readonly modalities: {
    readonly [modality: string]: {
      readonly W: Matrix<Dim, Features>;
      readonly b: Vector<Dim>;
      readonly X?: Matrix<Items, Features>;
    };
  };
};

/** What else it is made of, and the graph itself once it is. */
export interface ItemGraphContext {
  /** The settings that it depends on. */
  readonly config: {
    /** k, neighbours of an item in a modality. */
    readonly neighbours: number;
    /** λ, the share of the graphs of raw features. */
    readonly original: number;
    /** Whether modalities are mixed before the learned graph is normalised, or after. */
    readonly mix: "before" | "after";
  };
  /** X: the raw features of every modality. */
  readonly features: Modal<FeatureMatrix>;
  /** S: the graph of each modality's raw features. */
  readonly original: Modal<Csr<Items, Items>>;
  /** For an epoch: which items are neighbours in each modality's Z. */
  readonly neighbours?: Modal<Pattern<Items, Items>>;
  /** For an epoch: A, without gradient. */
  readonly graph?: Csr<Items, Items>;
}

/** (4) What the raw features of every modality are projected to. */
export function project({ modalities }: ItemGraphParams, { features }: ItemGraphContext): Modal<Matrix<Items, Dim>> {
  return Object.fromEntries(
    Object.entries(modalities).map(([modality, { W, b, X }]) => [modality, linear(X ?? features[modality], W, b)]),
  );
}

/**
 * The cosines of neighbours in Z. A row of zeros has none but itself, and is to itself as similar as others are, as
 * `nearestNeighbours` has it: a further coordinate is 1 there, and 0 elsewhere.
 */
function similarities(near: Pattern<Items, Items>, z: Matrix<Items, Dim>): Csr<Items, Items> {
  const empty = shift(neg(step(rowDots(z, z))), 1);
  const unit = concatColumns([normalizeRows(z), reshape(empty, [z.shape[0], 1])]);
  return csr(near, sddmm(near, unit, unit));
}

/** How the modalities' graphs of similarities become one, given how graphs are mixed (5, 6). */
const mixtures = {
  before: (graphs: readonly Csr<Items, Items>[], mixed: typeof sumSparse<Items, Items>) =>
    symmetricNormalized(mixed(graphs)),
  after: (graphs: readonly Csr<Items, Items>[], mixed: typeof sumSparse<Items, Items>) =>
    mixed(graphs.map(symmetricNormalized)),
};

/** (5, 6) The item graph: that of the raw features and the learned one, of the similarities of neighbours in Z. */
export function itemGraph(
  z: Modal<Matrix<Items, Dim>>,
  weights: Vector,
  { neighbours = {}, original, config }: ItemGraphContext,
): Csr<Items, Items> {
  const shares = softmaxRows(reshape(weights, [1, weights.shape[0]]));
  const mixed: typeof sumSparse<Items, Items> = (graphs) =>
    sumSparse(graphs.map(({ pattern, values }, m) => {
      const share = reshape(sliceColumns(shares, m, m + 1), []);
      return { pattern, values: scaleBy(values, share) };
    }));
  const similar = Object.entries(neighbours).map(([modality, near]) => similarities(near, z[modality]));
  const [fixed, learned] = [mixed(Object.values(original)), mixtures[config.mix](similar, mixed)];
  return sumSparse([
    { ...fixed, values: scale(fixed.values, config.original) },
    { ...learned, values: scale(learned.values, 1 - config.original) },
  ]);
}

/** Finds the neighbours in Z, and builds the item graph that stays for an epoch. */
export async function refresh(
  params: ItemGraphParams,
  context: ItemGraphContext,
): Promise<Required<Pick<ItemGraphContext, "neighbours" | "graph">>> {
  const z = scope(() => project(params, context));
  const neighbours: Record<string, Pattern<Items, Items>> = {};
  for (const [modality, x] of Object.entries(z)) {
    const { pattern, values, transposedValues } = await nearestNeighbours(x, context.config.neighbours);
    neighbours[modality] = pattern;
    free([values, transposedValues]);
  }
  const graph = scope(() => itemGraph(z, params.weights, { ...context, neighbours }));
  free(z);
  return { neighbours, graph };
}
