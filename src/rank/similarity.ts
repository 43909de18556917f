/**
 * What features say of interactions, and embeddings of features: the two measurements that MONET's paper begins with.
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

/** How alike items are that people interacted with. */
export interface Similarity {
  /** I-I: the mean cosine between two different items of a user, in the mean over users. */
  readonly inside: number;
  /** I-N: the mean cosine between an item of a user and one that is not, in the mean over the same users. */
  readonly outside: number;
  /** How many users were averaged: those with two items at least and not all of them. */
  readonly users: number;
}

/** A row per item: features or embeddings. */
type Table = Matrix<Items, number> | Csr<Items, number>;

/** How much is computed at once. */
export interface TileOptions {
  /** Rows of a tile; 1024 by default. The result does not depend on it, but for rounding. */
  readonly tile?: number;
}

/**
 * Returns whether people interact with items alike (Kim et al., WSDM 2024, figure 1): over the unit features x̂ of a user's n
 * items with sum s, and the sum t over all I items, I-I = (‖s‖² − n) / (n (n − 1)) and I-N = ⟨s, t − s⟩ / (n (I − n)). No pair is
 * ever formed. Items whose features are all 0 are left out.
 *
 * @throws {ShapeError} if there is not a row of features per item.
 * @throws {ValueError} if no user has two items with features, but not all of them.
 *
 * @example
 * ```ts
 * import { patternFromCoo, similarity, tensor } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * const features = tensor([[1, 0], [2, 0], [0, 3]]);
 * const { inside, outside } = await similarity(features, patternFromCoo([1, 3], [0, 0], [0, 1]));
 * assertEquals([inside, outside], [1, 0]);
 * ```
 */
export async function similarity(
  features: FeatureMatrix,
  sets: Pattern<Users, Items>,
  { tile = 1024 }: TileOptions = {},
): Promise<Similarity> {
  checkRows(features, sets.columns);
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
  if (users === 0) throw new ValueError("Cannot compare items with others: no user has two with features, and not all");
  return { inside: inside / users, outside: outside / users, users };
}

/**
 * (1) of MONET (Kim et al., WSDM 2024): how far embeddings are from keeping what features say, the mean over pairs of different
 * items of |cos(xᵢ, xⱼ) − cos(eᵢ, eⱼ)|; 0 where all angles are kept. Computed in tiles. Items whose features or embeddings are
 * all 0 have no angle, and are left out.
 *
 * @throws {ShapeError} if there are not as many embeddings as rows of features.
 * @throws {ValueError} if fewer than two items have both.
 *
 * @example
 * ```ts
 * import { avgDiff, tensor } from "@giverny/giverny";
 * import { assertAlmostEquals } from "deno-std/assert/almost_equals.js";
 * const features = tensor([[1, 0], [0, 1], [1, 0]]);
 * assertAlmostEquals(await avgDiff(features, tensor([[5], [5], [5]])), 2 / 3, 1e-6);
 * ```
 */
export async function avgDiff(
  features: FeatureMatrix,
  embeddings: Matrix<Items, Dim>,
  { tile = 1024 }: TileOptions = {},
): Promise<number> {
  checkRows(features, embeddings.shape[0]);
  const [ofFeatures, ofEmbeddings] = [await lengths(features), await lengths(embeddings)];
  const kept = range(embeddings.shape[0]).filter((item) => ofFeatures[item] > 0 && ofEmbeddings[item] > 0);
  if (kept.length < 2) throw new ValueError("Cannot compare the angles of items: fewer than two have features");
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
      // An item and itself are in the sum too, with 0 but for rounding. A tile beside the diagonal stands for its mirror.
      const weight = columns === rows ? 1 : 2;
      sum += weight * (await read(off)).reduce((total, row) => total + row, 0);
      free(off);
    }
    free(left);
  }
  return sum / (kept.length * (kept.length - 1));
}

function checkRows(features: FeatureMatrix, items: Items): void {
  const [rows, columns] = "pattern" in features ? [features.pattern.rows, features.pattern.columns] : features.shape;
  if (rows !== items) {
    throw new ShapeError(
      `Cannot compare ${items} items by features ${showShape([rows, columns])}: a row per item is needed`,
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

/** Cuts a list into pieces. */
function parts(list: Int32Array, size: number): Int32Array[] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, n) => list.subarray(n * size, (n + 1) * size));
}
