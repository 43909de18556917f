/**
 * Helpers that models share: scores by inner products of user and item embeddings, their losses, the nodes of the
 * interaction graph, and the fusion of several embeddings into one.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { formula } from "../../kernels/mod.ts";
import type { Batch, Dim, Features, Ids, Items, Nodes, Users } from "../core/axis.ts";
import { type Pattern, rowSelector } from "../core/pattern.ts";
import { type Key, split } from "../core/random.ts";
import type { Shape } from "../core/shape.ts";
import type { Csr } from "../core/sparse.ts";
import { full, type Matrix, type Placement, type Scalar, type Tensor, type Vector } from "../core/tensor.ts";
import { singleNegatives, type Triples } from "../data/batch.ts";
import type { FeatureMatrix } from "../data/tensors.ts";
import { linearUniform, normal, xavierNormal, xavierUniform } from "../ops/draw.ts";
import { add, addAll, maximum, mul, scale, sqrt } from "../ops/elementwise.ts";
import { bprLoss, l2 } from "../ops/loss.ts";
import { concatRows, matmulNT, reshape, sliceColumns, sliceRows } from "../ops/matrix.ts";
import { linear, softmaxRows } from "../ops/nn.ts";
import { dot, rowDots, scaleBy } from "../ops/reduce.ts";
import { pointwise } from "../ops/pointwise.ts";
import { gather } from "../ops/rows.ts";
import { spmm } from "../ops/sparse.ts";
import type { Block } from "../rank/block.ts";

/** An embedding e for each user and each item, all of one length. */
export type Factors = { readonly users: Matrix<Users, Dim>; readonly items: Matrix<Items, Dim> };

/** The embeddings of a batch of B triples, B rows in each matrix. */
export interface BatchRows {
  /** The users' embeddings. */
  readonly users: Matrix<Batch, Dim>;
  /** The embeddings of items that the users interacted with. */
  readonly positives: Matrix<Batch, Dim>;
  /** The embeddings of items that the users did not interact with. */
  readonly negatives: Matrix<Batch, Dim>;
}

/**
 * Returns the scores ⟨e_u, e_i⟩ of every item i for each user u of a block.
 *
 * @example
 * ```ts
 * import { patternFromCoo, readSync, tensor } from "@giverny/giverny/core";
 * import { dotScore } from "@giverny/giverny/models";
 * import { deepEqual } from "node:assert/strict";
 * const factors = { users: tensor([[1, 0], [0, 2]]), items: tensor([[3, 4], [5, 6]]) };
 * const block = { users: Int32Array.of(1), history: patternFromCoo([1, 2], [0], [0]) };
 * deepEqual([...readSync(dotScore(factors, block))], [8, 12]);
 * ```
 */
export function dotScore({ users, items }: Factors, block: Block): Matrix<Batch, Items> {
  const rows = gather(users, block.users);
  return matmulNT(block.weights ? mul(rows, block.weights) : rows, items);
}

/**
 * Returns the embeddings of a batch: B rows, or n · B where the batch has n negatives per triple (see
 * `singleNegatives`).
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { batchRows } from "@giverny/giverny/models";
 * import { deepEqual } from "node:assert/strict";
 * const [users, positives, negatives] = [Int32Array.of(1), Int32Array.of(0), Int32Array.of(1)];
 * const factors = { users: tensor([[1], [2]]), items: tensor([[3], [4]]) };
 * const rows = batchRows(factors, { users, positives, negatives, shared: false, step: 0 });
 * deepEqual([...readSync(rows.negatives)], [4]);
 * ```
 */
export function batchRows({ users, items }: Factors, batch: Triples): BatchRows {
  const triples = singleNegatives(batch);
  return {
    users: gather(users, triples.users),
    positives: gather(items, triples.positives),
    negatives: gather(items, triples.negatives),
  };
}

/**
 * Returns the BPR loss of inner products: the mean over a batch of −log σ(⟨e_u, e_p⟩ − ⟨e_u, e_n⟩).
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { dotBpr } from "@giverny/giverny/models";
 * import { equal } from "node:assert/strict";
 * const same = tensor([[1, 2]]);
 * equal(readSync(dotBpr({ users: same, positives: same, negatives: same }))[0], Math.fround(Math.log(2)));
 * ```
 */
export function dotBpr({ users, positives, negatives }: BatchRows): Scalar {
  return bprLoss(rowDots(users, positives), rowDots(users, negatives));
}

/**
 * Returns λ/B · ½ Σ‖x‖² over the rows x of a batch's matrices, B rows each.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { batchL2 } from "@giverny/giverny/models";
 * import { equal } from "node:assert/strict";
 * const rows = tensor([[1, 0], [0, 1]]);
 * equal(readSync(batchL2(2, { users: rows, positives: rows, negatives: rows }))[0], 3);
 * ```
 */
export function batchL2(lambda: number, { users, positives, negatives }: BatchRows): Scalar {
  return scale(l2(users, positives, negatives), lambda / users.shape[0]);
}

/** Returns λ/B · Σ‖X‖ over a batch's matrices X, with unsquared Frobenius norms (MMRec's `EmbLoss`). */
export function batchNorms(lambda: number, { users, positives, negatives }: BatchRows): Scalar {
  return scale(addAll([users, positives, negatives].map((x) => sqrt(dot(x, x)))), lambda / users.shape[0]);
}

/** The regularisers of a batch's matrices: squared lengths of rows as in the papers, or unsquared norms as in MMRec. */
export const PENALTIES: Readonly<Record<"squared" | "unsquared", (lambda: number, rows: BatchRows) => Scalar>> = {
  squared: batchL2,
  unsquared: batchNorms,
};

/**
 * Returns the mean of u² + i² over the rows of a batch's pairs (u, i): the ID regulariser of MMGCN and GRCN. Where the
 * users share their negatives, these have half of the weight of items, as positives do.
 */
export function pairSquares({ users, positives, negatives }: BatchRows): Scalar {
  const [rows, dim] = users.shape;
  if (negatives.shape[0] === rows) return scale(add(l2(users, users), l2(positives, negatives)), 1 / (rows * dim));
  const own = scale(l2(users, users, positives), 1 / (rows * dim));
  return add(own, scale(l2(negatives), 1 / (negatives.shape[0] * dim)));
}

/** Initial distributions of embeddings: Glorot and Bengio's two, and a normal one of deviation 0.1. */
export const TABLES: Readonly<
  Record<"uniform" | "normal" | "small", (key: Key, shape: readonly [number, number], place?: Placement) => Matrix>
> = {
  uniform: xavierUniform,
  normal: xavierNormal,
  small: (key, shape, place = {}) => normal(key, shape, { deviation: 0.1, ...place }),
};

/**
 * Draws an embedding of `dim` numbers for each user and each item of a history: from Glorot and Bengio's uniform or
 * normal distribution, or `small`, from a normal distribution of deviation 0.1.
 *
 * @throws {ValueError} if there is no such distribution.
 *
 * @example
 * ```ts
 * import { key, patternFromCoo } from "@giverny/giverny/core";
 * import { drawFactors } from "@giverny/giverny/models";
 * import { deepEqual } from "node:assert/strict";
 * const { items } = drawFactors(key(1), patternFromCoo([2, 3], [0], [0]), { dim: 8, init: "uniform" });
 * deepEqual(items.shape, [3, 8]);
 * ```
 */
export function drawFactors(
  key: Key,
  { rows, columns }: Pattern<Users, Items>,
  { dim, init, ...place }: Placement & { readonly dim: number; readonly init: "uniform" | "normal" | "small" },
): Factors {
  if (!Object.hasOwn(TABLES, init)) {
    const names = Object.keys(TABLES).join(", ");
    throw new ValueError(`Cannot draw embeddings with the distribution "${init}": there are ${names}`);
  }
  const [forUsers, forItems] = split(key);
  return { users: TABLES[init](forUsers, [rows, dim], place), items: TABLES[init](forItems, [columns, dim], place) };
}

/**
 * Returns the number of columns of raw features.
 *
 * @example
 * ```ts
 * import { tensor } from "@giverny/giverny/core";
 * import { inputsOf } from "@giverny/giverny/models";
 * import { equal } from "node:assert/strict";
 * equal(inputsOf(tensor([[1, 2, 3]])), 3);
 * ```
 */
export function inputsOf(x: FeatureMatrix): number {
  return "pattern" in x ? x.pattern.columns : x.shape[1];
}

/** Returns a trainable copy X of dense features that are not frozen, and nothing for sparse or frozen ones. */
export function trainable(x: FeatureMatrix, freeze: boolean): { readonly X?: Matrix<Items, Features> } {
  return freeze || "pattern" in x ? {} : { X: scale(x, 1) };
}

/**
 * Returns the nodes of the interaction graph: users, then items.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { nodesOf } from "@giverny/giverny/models";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(nodesOf({ users: tensor([[1]]), items: tensor([[2], [3]]) }))], [1, 2, 3]);
 * ```
 */
export function nodesOf({ users, items }: Factors): Matrix<Nodes, Dim> {
  return concatRows([users, items]) as Matrix<Nodes, Dim>;
}

/**
 * Returns the users and items among all nodes; the inverse of {@link nodesOf}.
 *
 * @example
 * ```ts
 * import { patternFromCoo, readSync, tensor } from "@giverny/giverny/core";
 * import { factorsOf } from "@giverny/giverny/models";
 * import { deepEqual } from "node:assert/strict";
 * const { items } = factorsOf(tensor([[1], [2], [3]]), patternFromCoo([1, 2], [0], [1]));
 * deepEqual([...readSync(items)], [2, 3]);
 * ```
 */
export function factorsOf(nodes: Matrix<Nodes, Dim>, { rows, columns }: Pattern<Users, Items>): Factors {
  return { users: sliceRows(nodes, 0, rows), items: sliceRows(nodes, rows, rows + columns) };
}

/** A batch whose users and items are numbered among those of the batch, and its rows of a table of all nodes. */
export interface WithinBatch {
  /** The batch with the new numbers. Equal ids have equal numbers, in the order of their first places. */
  readonly batch: Triples;
  /** Returns the rows of the batch's users and items. */
  readonly rowsOf: (nodes: Matrix<Nodes, Dim>) => Factors;
}

/**
 * Numbers the users and items of a batch. A loss that selects rows of several tables several times then selects among
 * few rows, and the gradient of a table of all nodes is made once.
 */
export function withinBatch(batch: Triples, { rows, columns }: Pattern<Users, Items>): WithinBatch {
  const { users, positives, negatives } = batch;
  const [ownUsers, ownItems] = [new Set(users), new Set([...positives, ...negatives])].map((set) => Array.from(set));
  const places = [...ownUsers, ...ownItems.map((item) => rows + item)];
  const selector = rowSelector<Nodes>(Int32Array.from(places), rows + columns);
  const [userNumbers, itemNumbers] = [ownUsers, ownItems].map((ids) => new Map(ids.map((id, n) => [id, n])));
  const itemsOf = (ids: Ids<Items>) => ids.map((id) => itemNumbers.get(id)!);
  return {
    batch: {
      ...batch,
      users: users.map((id) => userNumbers.get(id)!),
      positives: itemsOf(positives),
      negatives: itemsOf(negatives),
    },
    rowsOf: (nodes) => {
      const own = gather(nodes, selector) as Matrix<number, Dim>;
      return {
        users: sliceRows(own, 0, ownUsers.length),
        items: sliceRows(own, ownUsers.length, places.length),
      };
    },
  };
}

/**
 * Returns the layers H⁰, G H⁰, …, Gᴸ H⁰ of linear propagation along a graph.
 *
 * @example
 * ```ts
 * import { patternFromCoo, readSync, tensor } from "@giverny/giverny/core";
 * import { layersOf } from "@giverny/giverny/models";
 * import { csr } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const doubling = csr(patternFromCoo([1, 1], [0], [0]), tensor([2]));
 * deepEqual(layersOf(doubling, tensor([[3]]), 2).map((x) => readSync(x)[0]), [3, 6, 12]);
 * ```
 */
export function layersOf<N extends number>(graph: Csr<N, N>, h: Matrix<N, Dim>, layers: number): Matrix<N, Dim>[] {
  return Array.from({ length: layers }).reduce<Matrix<N, Dim>[]>((all) => [...all, spmm(graph, all.at(-1)!)], [h]);
}

/**
 * Returns (H⁰ + G H⁰ + … + Gᴸ H⁰) / (L + 1): the propagation of LightGCN (He et al., SIGIR 2020, equations 7 and 8).
 *
 * @example
 * ```ts
 * import { patternFromCoo, readSync, tensor } from "@giverny/giverny/core";
 * import { meanOfLayers } from "@giverny/giverny/models";
 * import { csr } from "@giverny/giverny/ops";
 * import { equal } from "node:assert/strict";
 * const doubling = csr(patternFromCoo([1, 1], [0], [0]), tensor([2]));
 * equal(readSync(meanOfLayers(doubling, tensor([[3]]), 2))[0], 7);
 * ```
 */
export function meanOfLayers<N extends number>(graph: Csr<N, N>, h: Matrix<N, Dim>, layers: number): Matrix<N, Dim> {
  return average(layersOf(graph, h, layers));
}

const shares = formula("average", ({ add, mul }) => (...values) => {
  const [first, ...rest] = values.slice(0, -1);
  return mul(rest.reduce((sum, x) => add(sum, x), first), values[values.length - 1]);
});

/** Returns the mean of one or more tensors of one shape. */
export function average<S extends Shape>(xs: readonly Tensor<S>[]): Tensor<S> {
  const [first, ...rest] = xs;
  // A GPU binds few blocks at once.
  return xs.length > 6 ? scale(addAll(xs), 1 / xs.length) : pointwise(shares, [first, ...rest], [1 / xs.length]);
}

/** The parameters of a fusion: a number per part for `weighted`, a linear layer for `fc`, none for the others. */
export type FusionParams = {
  readonly weights?: Vector;
  readonly W?: Matrix<Dim, Dim>;
  readonly b?: Vector<Dim>;
};

/** Joins `parts` tables of equal width that lie side by side. */
export type Fuse = <R extends number>(side: Matrix<R, Dim>, parts: number, params: FusionParams) => Matrix<R, Dim>;

function partsOf<R extends number>(side: Matrix<R, Dim>, parts: number): Matrix<R, Dim>[] {
  const width = side.shape[1] / parts;
  return Array.from({ length: parts }, (_, n) => sliceColumns(side, n * width, (n + 1) * width));
}

const sum: Fuse = (side, parts) => addAll(partsOf(side, parts));

/** The fusions by the name that a setting gives them. A single part stays as it is, except with `fc`. */
export const FUSIONS: Readonly<Record<"concat" | "sum" | "mean" | "max" | "weighted" | "fc", Fuse>> = {
  /** [x₁ ‖ x₂ ‖ …] */
  concat: (side) => side,
  /** Σ xₘ */
  sum,
  /** Σ xₘ / M */
  mean: (side, parts) => average(partsOf(side, parts)),
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

/** The number and the width of the parts of a fusion. */
export interface FusionSize extends Placement {
  /** The number of parts. */
  readonly parts: number;
  /** The width of each part, and of the result of `fc`. */
  readonly dim: number;
}

/**
 * Draws the parameters of a fusion, under the name `fusion`, or an empty object if it has none. The weights of parts
 * are equal at first; `fc` is drawn as PyTorch's linear layers are.
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

/** Draws W and b of a linear layer of these outputs and inputs as PyTorch does. */
export function drawLinear<F extends number>(
  key: Key,
  [outputs, inputs]: readonly [outputs: Dim, inputs: F],
  place: Placement,
): { readonly W: Matrix<Dim, F>; readonly b: Vector<Dim> } {
  const [[forW, forB], how] = [split(key), { inputs, ...place }];
  return { W: linearUniform(forW, [outputs, inputs], how), b: linearUniform(forB, [outputs], how) };
}
