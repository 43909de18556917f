/**
 * What models share in which users and items are vectors and a score is an inner product: the score, its loss, what is
 * weighed against that, and the nodes of the interaction graph, users first.
 *
 * @module
 */
import type { Batch, Dim, Items, Nodes, Users } from "../core/axis.ts";
import type { Pattern } from "../core/pattern.ts";
import { type Key, split } from "../core/random.ts";
import type { Csr } from "../core/sparse.ts";
import type { Matrix, Placement, Scalar } from "../core/tensor.ts";
import { singleNegatives, type Triples } from "../data/batch.ts";
import { normal, xavierNormal, xavierUniform } from "../ops/draw.ts";
import { addAll, scale, sqrt } from "../ops/elementwise.ts";
import { bprLoss, l2 } from "../ops/loss.ts";
import { concatRows, matmulNT, sliceRows } from "../ops/matrix.ts";
import { dot, rowDots } from "../ops/reduce.ts";
import { gather } from "../ops/rows.ts";
import { spmm } from "../ops/sparse.ts";
import type { Block } from "../rank/block.ts";

/** A vector e per user and per item, all of one length. */
export type Factors = { readonly users: Matrix<Users, Dim>; readonly items: Matrix<Items, Dim> };

/** The vectors that a batch of B triples is about: B rows each. */
export interface BatchRows {
  /** Of whom. */
  readonly users: Matrix<Batch, Dim>;
  /** Of what they interacted with. */
  readonly positives: Matrix<Batch, Dim>;
  /** Of what they did not. */
  readonly negatives: Matrix<Batch, Dim>;
}

/** Returns ⟨e_u, e_c⟩ of every item c for each user u of a block. */
export function dotScore({ users, items }: Factors, block: Block): Matrix<Batch, Items> {
  return matmulNT(gather(users, block.users), items);
}

/** Returns the rows of a batch's users, positives and negatives. */
export function batchRows({ users, items }: Factors, triples: Triples): BatchRows {
  const batch = singleNegatives(triples);
  return {
    users: gather(users, batch.users),
    positives: gather(items, batch.positives),
    negatives: gather(items, batch.negatives),
  };
}

/** Returns the BPR objective on inner products: the mean over a batch of −log σ(⟨e_u, e_p⟩ − ⟨e_u, e_n⟩). */
export function dotBpr({ users, positives, negatives }: BatchRows): Scalar {
  return bprLoss(rowDots(users, positives), rowDots(users, negatives));
}

/** Returns λ/B · ½ Σ ‖x‖² over the rows x of a batch's matrices, B rows each. */
export function batchL2(lambda: number, { users, positives, negatives }: BatchRows): Scalar {
  return scale(l2(users, positives, negatives), lambda / users.shape[0]);
}

/** Returns λ/B · Σ ‖X‖ over a batch's matrices X, B rows each, with Frobenius norms that are not squared (MMRec's `EmbLoss`). */
export function batchNorms(lambda: number, { users, positives, negatives }: BatchRows): Scalar {
  return scale(addAll([users, positives, negatives].map((x) => sqrt(dot(x, x)))), lambda / users.shape[0]);
}

/** What λ may weigh of a batch's matrices: squared lengths of their rows as the papers, or norms that are not squared as MMRec. */
export const PENALTIES: Readonly<Record<"squared" | "unsquared", (lambda: number, rows: BatchRows) => Scalar>> = {
  squared: batchL2,
  unsquared: batchNorms,
};

/** Ways to draw a table of vectors: Glorot and Bengio's two, and a normal distribution of deviation 0.1. */
export const TABLES: Readonly<
  Record<"uniform" | "normal" | "small", (key: Key, shape: readonly [number, number], place?: Placement) => Matrix>
> = {
  uniform: xavierUniform,
  normal: xavierNormal,
  small: (key, shape, place = {}) => normal(key, shape, { deviation: 0.1, ...place }),
};

/** Draws a vector per user and per item. */
export function drawFactors(
  key: Key,
  { rows, columns }: Pattern<Users, Items>,
  { dim, init, ...place }: Placement & { readonly dim: number; readonly init: keyof typeof TABLES },
): Factors {
  const [forUsers, forItems] = split(key);
  return { users: TABLES[init](forUsers, [rows, dim], place), items: TABLES[init](forItems, [columns, dim], place) };
}

/** Returns the nodes of the interaction graph: users, then items. */
export function nodesOf({ users, items }: Factors): Matrix<Nodes, Dim> {
  return concatRows([users, items]) as Matrix<Nodes, Dim>;
}

/** Returns the users and items of all nodes; the inverse of {@link nodesOf}. */
export function factorsOf(nodes: Matrix<Nodes, Dim>, { rows, columns }: Pattern<Users, Items>): Factors {
  return { users: sliceRows(nodes, 0, rows), items: sliceRows(nodes, rows, rows + columns) };
}

/**
 * Returns H⁰, G H⁰, …, Gᴸ H⁰: what linear propagation along a graph makes of its nodes, layer by layer.
 */
export function layersOf<N extends number>(graph: Csr<N, N>, h: Matrix<N, Dim>, layers: number): Matrix<N, Dim>[] {
  return Array.from({ length: layers }).reduce<Matrix<N, Dim>[]>((all) => [...all, spmm(graph, all.at(-1)!)], [h]);
}

/** Returns (H⁰ + G H⁰ + … + Gᴸ H⁰) / (L + 1): the propagation of LightGCN (He et al., SIGIR 2020, equations 7 and 8). */
export function meanOfLayers<N extends number>(graph: Csr<N, N>, h: Matrix<N, Dim>, layers: number): Matrix<N, Dim> {
  return scale(addAll(layersOf(graph, h, layers)), 1 / (layers + 1));
}
