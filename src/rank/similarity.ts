/**
 * Two measurements of MONET's paper: the similarity of items that a user interacts with, and the difference between
 * angles of features and angles of embeddings.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { Dim, Items, Users } from "../core/axis.ts";
import { entries, type Pattern, rowIndices, rowOf, rowSelector, takeRows } from "../core/pattern.ts";
import { range } from "../core/range.ts";
import { free, scope } from "../core/scope.ts";
import { ShapeError, showShape } from "../core/shape.ts";
import type { Csr } from "../core/sparse.ts";
import { type Matrix, ones, read } from "../core/tensor.ts";
import type { FeatureMatrix } from "../data/tensors.ts";
import { abs, sub } from "../ops/elementwise.ts";
import { matmulNT, reshape } from "../ops/matrix.ts";
import { normalizeRows } from "../ops/normalize.ts";
import { columnSums, rowDots, rowSums } from "../ops/reduce.ts";
import { gather } from "../ops/rows.ts";
import { csr, spmm, toDense } from "../ops/sparse.ts";

/** The similarity of items that users interact with. */
export interface Similarity {
  /** I-I: the mean cosine between two different items of a user, averaged over users. */
  readonly inside: number;
  /** I-N: the mean cosine between an item of a user and another item, averaged over the same users. */
  readonly outside: number;
  /** The number of users: those with at least two items, and not with all items. */
  readonly users: number;
}

/** A matrix with a row per item: features or embeddings. */
type Table = Matrix<Items, number> | Csr<Items, number>;

/** The size of tiles. */
export interface TileOptions {
  /** The rows of a tile; 1024 by default. It changes the result only by rounding. */
  readonly tile?: number | undefined;
}

/**
 * Returns how similar the items of a user are (Kim et al., WSDM 2024, figure 1). With unit features x̂, their sum s
 * over the n items of a user and their sum t over all I items, I-I = (‖s‖² − n) / (n (n − 1)) and I-N = ⟨s, t − s⟩ / (n
 * (I − n)), so no pair of items is formed. Items whose features are all 0 are left out.
 *
 * @throws {ShapeError} if there is not one row of features per item.
 * @throws {ValueError} if no user has at least two items with features, and not all of these.
 *
 * @example
 * ```ts
 * import { patternFromCoo, tensor } from "@giverny/giverny/core";
 * import { similarity } from "@giverny/giverny/rank";
 * import { deepEqual } from "node:assert/strict";
 * const features = tensor([[1, 0], [2, 0], [0, 3]]);
 * const { inside, outside } = await similarity(features, patternFromCoo([1, 3], [0, 0], [0, 1]));
 * deepEqual([inside, outside], [1, 0]);
 * ```
 */
export async function similarity(
  features: FeatureMatrix,
  sets: Pattern<Users, Items>,
  options: TileOptions = {},
): Promise<Similarity> {
  const { tile = 1024 } = options;
  checkRows("similarity", features, sets.columns);
  const known = await lengths(features);
  const all = known.reduce((count, length) => count + Number(length > 0), 0);
  const [unit, total] = scope(() => {
    const unit = normalizeRows(rowsAt(features, range(sets.columns)));
    return [unit, reshape(columnSums(unit), [1, unit.shape[1]])] as const;
  });
  const found = { inside: 0, outside: 0, users: 0 };
  for (const part of parts(range(sets.rows), tile)) {
    const own = takeRows(sets, part);
    const sums = scope(() => {
      const s = spmm(csr(own, ones([entries(own)], unit.storage)), unit);
      return [rowDots(s, s), matmulNT(s, total)] as const;
    });
    const [squares, withAll] = await Promise.all(sums.map((x) => read(x)));
    free(sums);
    part.forEach((_, row) => {
      const n = rowOf(own, row).reduce((count, item) => count + Number(known[item] > 0), 0);
      if (n < 2 || n >= all) return;
      found.inside += (squares[row] - n) / (n * (n - 1));
      found.outside += (withAll[row] - squares[row]) / (n * (all - n));
      found.users++;
    });
  }
  free([unit, total]);
  const { inside, outside, users } = found;
  if (users === 0) {
    throw new ValueError(
      "Cannot compute similarity: no user has at least two items with features, and not all of these",
    );
  }
  return { inside: inside / users, outside: outside / users, users };
}

/**
 * Returns (1) of MONET (Kim et al., WSDM 2024): the mean of |cos(xᵢ, xⱼ) − cos(eᵢ, eⱼ)| over pairs of different items,
 * with features x and embeddings e. It is 0 if the embeddings keep all angles of the features. It is computed in tiles.
 * Items whose features or embeddings are all 0 have no angle, and are left out.
 *
 * @throws {ShapeError} if there are not as many embeddings as rows of features.
 * @throws {ValueError} if fewer than two items have both.
 *
 * @example
 * ```ts
 * import { tensor } from "@giverny/giverny/core";
 * import { avgDiff } from "@giverny/giverny/rank";
 * import { ok } from "node:assert/strict";
 * const features = tensor([[1, 0], [0, 1], [1, 0]]);
 * const difference = await avgDiff(features, tensor([[5], [5], [5]]));
 * ok(Math.abs(difference - 2 / 3) < 1e-6);
 * ```
 */
export async function avgDiff(
  features: FeatureMatrix,
  embeddings: Matrix<Items, Dim>,
  options: TileOptions = {},
): Promise<number> {
  const { tile = 1024 } = options;
  checkRows("avgDiff", features, embeddings.shape[0]);
  const [ofFeatures, ofEmbeddings] = [await lengths(features), await lengths(embeddings)];
  const kept = range(embeddings.shape[0]).filter((item) => ofFeatures[item] > 0 && ofEmbeddings[item] > 0);
  if (kept.length < 2) {
    throw new ValueError("Cannot compute avgDiff: fewer than two items have features and embeddings");
  }
  const tiles = parts(kept, tile);
  const unit = (part: Int32Array) => [features, embeddings].map((x: Table) => normalizeRows(rowsAt(x, part)));
  let sum = 0;
  for (const [p, rows] of tiles.entries()) {
    const left = scope(() => unit(rows));
    for (const columns of tiles.slice(p)) {
      const off = scope(() => {
        const right = unit(columns);
        const [x, e] = left.map((part, n) => matmulNT(part, right[n]));
        return rowSums(abs(sub(x, e)));
      });
      // Pairs of an item and itself add only rounding errors. A tile off the diagonal counts twice: it stands for its
      // mirror.
      const weight = columns === rows ? 1 : 2;
      sum += weight * (await read(off)).reduce((total, row) => total + row, 0);
      free(off);
    }
    free(left);
  }
  return sum / (kept.length * (kept.length - 1));
}

function checkRows(name: string, features: FeatureMatrix, items: Items): void {
  const [rows, columns] = "pattern" in features ? [features.pattern.rows, features.pattern.columns] : features.shape;
  if (rows !== items) {
    throw new ShapeError(
      `Cannot compute ${name} of ${items} items with features ${
        showShape([rows, columns])
      }: one row per item is needed`,
    );
  }
}

/** Returns the squared length of each row. */
async function lengths(x: Table): Promise<Float64Array> {
  if (!("pattern" in x)) {
    const squares = scope(() => rowDots(x, x));
    const found = Float64Array.from(await read(squares));
    free(squares);
    return found;
  }
  const values = await read(x.values);
  const found = new Float64Array(x.pattern.rows);
  rowIndices(x.pattern).forEach((row, e) => found[row] += values[e] ** 2);
  return found;
}

/** Returns some rows as a dense matrix. */
function rowsAt(x: Table, rows: Int32Array): Matrix<number, number> {
  if (!("pattern" in x)) return gather(x, rowSelector(rows, x.shape[0]));
  const { offsets } = x.pattern;
  const places = Array.from(rows, (row) => range(offsets[row + 1] - offsets[row]).map((e) => offsets[row] + e));
  const picked = rowSelector(Int32Array.from(places.flatMap((some) => [...some])), entries(x.pattern));
  return toDense(csr(takeRows(x.pattern, rows), gather(x.values, picked)));
}

/** Returns a list in pieces of a size. */
function parts(list: Int32Array, size: number): Int32Array[] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, n) => list.subarray(n * size, (n + 1) * size));
}
