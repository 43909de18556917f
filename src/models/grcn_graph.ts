/**
 * The graph of GRCN, step by step: what modalities make of users, items and their interactions, and ID embeddings of that. The
 * formulas are in the header of `grcn.ts`.
 *
 * @module
 */
import type { Dim, Entries, Features, Items, Nodes, Users } from "../core/axis.ts";
import type { Pattern } from "../core/pattern.ts";
import type { Matrix, Vector } from "../core/tensor.ts";
import type { FeatureMatrix } from "../data/tensors.ts";
import { add, addAll, leakyRelu, mul, scale } from "../ops/elementwise.ts";
import { concatColumns, reshape } from "../ops/matrix.ts";
import { linear } from "../ops/nn.ts";
import { normalizeRows } from "../ops/normalize.ts";
import { rowMax, rowSums } from "../ops/reduce.ts";
import { gather, segmentSoftmax } from "../ops/rows.ts";
import { csr, sddmm, spmm } from "../ops/sparse.ts";
import { layersOf } from "./factors.ts";

/** What one modality learns: user embeddings P, projection W and b. */
export type GrcnModality = {
  readonly P: Matrix<Users, Dim>;
  readonly W: Matrix<Dim, Features>;
  readonly b: Vector<Dim>;
};

/** (1) What items are in one modality. */
export function project(x: FeatureMatrix, { W, b }: Pick<GrcnModality, "W" | "b">): Matrix<Items, Dim> {
  return normalizeRows(leakyRelu(linear(x, W, b)));
}

/** (2) One routing: users gather from their items, most from what is most like them. */
export function route(
  history: Pattern<Users, Items>,
  P: Matrix<Users, Dim>,
  F: Matrix<Items, Dim>,
): Matrix<Users, Dim> {
  const shares = segmentSoftmax(sddmm(history, P, F), history);
  return normalizeRows(add(P, spmm(csr(history, shares), F)));
}

/** What becomes of users in one routing, by the name a configuration gives it. */
export const ROUTINGS: Readonly<Record<"paper" | "code", typeof route>> = {
  /** (2) */
  paper: route,
  /** P, scaled. */
  code: (_, P) => normalizeRows(P),
};

/** (3) How much each neighbour is to a node, in one modality: a number per entry of the graph, 1 in all for each node. */
export function affinities(graph: Pattern<Nodes, Nodes>, x: Matrix<Nodes, Dim>): Vector<Entries> {
  return segmentSoftmax(sddmm(graph, x, x), graph);
}

/** (4) What nodes are in one modality, with their neighbours. */
export function refine(
  graph: Pattern<Nodes, Nodes>,
  x: Matrix<Nodes, Dim>,
  alpha: Vector<Entries>,
): Matrix<Nodes, Dim> {
  return add(x, spmm(csr(graph, alpha), x));
}

/** A number per entry of the graph, from the affinities of the modalities, a column each, and the confidences. */
type Join = (alphas: Matrix<Entries>, confidences: () => Matrix<Entries>) => Vector<Entries>;

/** How modalities weigh an interaction, by the name a configuration gives it. */
export const WEIGHTS: Readonly<Record<"confidence" | "max" | "mean", Join>> = {
  /** maxₘ αₘ C */
  confidence: (alphas, confidences) => rowMax(mul(alphas, confidences())),
  /** maxₘ αₘ */
  max: (alphas) => rowMax(alphas),
  /** Σₘ αₘ / M */
  mean: (alphas) => scale(rowSums(alphas), 1 / alphas.shape[1]),
};

/** What becomes of weights, by the name a configuration gives it. */
export const PRUNINGS: Readonly<Record<"soft" | "hard", (w: Vector<Entries>) => Vector<Entries>>> = {
  /** w */
  soft: (w) => w,
  /** max(w, 0) */
  hard: (w) => leakyRelu(w, 0),
};

/** How {@link weigh} weighs. */
export interface Weighing {
  /** See {@link WEIGHTS}. */
  readonly weights: keyof typeof WEIGHTS;
  /** See {@link PRUNINGS}. */
  readonly pruning: keyof typeof PRUNINGS;
  /** The neighbour that each entry of the graph leads to. */
  readonly sources: Pattern<Entries, Nodes>;
  /** The confidence of every node in each modality, where weights ask for it. */
  readonly C?: Matrix<Nodes, number>;
}

/** (5) The weight of every entry of the graph. */
export function weigh(
  alphas: readonly Vector<Entries>[],
  { weights, pruning, sources, C }: Weighing,
): Vector<Entries> {
  const columns = concatColumns(alphas.map((alpha) => reshape(alpha, [alpha.shape[0], 1])));
  return PRUNINGS[pruning](WEIGHTS[weights](columns, () => gather(C!, sources)));
}

/** (6) The convolution of ID embeddings along weighed interactions: the sum of all layers. */
export function convolve(
  graph: Pattern<Nodes, Nodes>,
  w: Vector<Entries>,
  ID: Matrix<Nodes, Dim>,
  layers: number,
): Matrix<Nodes, Dim> {
  return addAll(layersOf(csr(graph, w), normalizeRows(ID), layers));
}
