/**
 * The exact nearest neighbours of items by their features, computed for a block of rows at a time, so that the items
 * × items similarities are never in memory together.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { Items } from "../core/axis.ts";
import { rowSelector } from "../core/pattern.ts";
import { range } from "../core/range.ts";
import { free, scope } from "../core/scope.ts";
import type { Csr } from "../core/sparse.ts";
import { fromArray, isTensor, type Matrix, read, upload, type Vector } from "../core/tensor.ts";
import { rsqrt, square } from "../ops/elementwise.ts";
import { matmulNT, sliceRows, transpose } from "../ops/matrix.ts";
import { rowDots, scaleColumns } from "../ops/reduce.ts";
import { segmentSum } from "../ops/rows.ts";
import { csr, spmm } from "../ops/sparse.ts";
import { topK } from "../ops/topk.ts";
import { symmetricNormalized } from "./graph.ts";
import type { FeatureMatrix } from "./tensors.ts";

/** The options of {@link nearestNeighbours}. */
export interface NearestOptions {
  /** Bytes that a block of similarities may take; 2²⁶ (64 MiB) by default. A block has at least one row. */
  readonly budget?: number | undefined;
}

/** Dense or sparse rows. */
type Rows<R extends number> = Matrix<R, number> | Csr<R, number>;

const BYTES = Float32Array.BYTES_PER_ELEMENT;

/**
 * Returns the `k` nearest neighbours of each row by cosine, with the similarities as values: the row itself with
 * similarity 1, and the k − 1 other rows that are most similar to it, the lower number first among equals.
 * Similarities of 0 and below do not count, so a row can have fewer neighbours, a row of zeros has only itself, and
 * the values of a row sum to 1 or more. The graph is directed: i can be a neighbour of j without j being a neighbour
 * of i.
 *
 * @throws {ValueError} if k is not a whole number from 1, or the budget not above 0.
 *
 * @example
 * ```ts
 * import { nearestNeighbours } from "@giverny/giverny/data";
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { toDense } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const graph = await nearestNeighbours(tensor([[2, 0], [3, 4], [0, -1], [0, 0]]), 2);
 * deepEqual(Array.from(readSync(toDense(graph)), (s) => Math.round(10 * s)), [
 *   [10, 6, 0, 0],
 *   [6, 10, 0, 0],
 *   [0, 0, 10, 0],
 *   [0, 0, 0, 10],
 * ].flat());
 * ```
 */
export async function nearestNeighbours<R extends number>(
  x: Matrix<R, number> | Csr<R, number>,
  k: number,
  { budget = 2 ** 26 }: NearestOptions = {},
): Promise<Csr<R, R>> {
  if (!(Number.isInteger(k) && k >= 1)) {
    throw new ValueError(`Cannot find the ${k} nearest neighbours: k must be a whole number from 1`);
  }
  if (!(budget > 0)) {
    throw new ValueError(`Cannot find the nearest neighbours with a budget of ${budget} bytes: it must be above 0`);
  }
  const [count, width] = isTensor(x) ? x.shape : [x.pattern.rows, x.pattern.columns];
  const products = await rowProducts(x);
  const inverse = scope(() => inverseLengths(x));
  const lengths = await read(inverse);
  const height = Math.max(1, Math.floor(budget / (BYTES * Math.max(count, width))));
  const found = { offsets: new Int32Array(count + 1), columns: [] as number[], values: [] as number[] };
  for (let from = 0; from < count; from += height) {
    const rows = range(Math.min(height, count - from)).map((n) => from + n);
    const block = scope(() => scaleColumns(products(rows), inverse));
    const itself = rowSelector(rows, count);
    const { indices, values } = await topK(block, k - 1, { exclude: itself });
    free([block, itself]);
    rows.forEach((row, n) => {
      const others = Array.from(indices.subarray(n * (k - 1), (n + 1) * (k - 1)), (column, rank) => ({
        column,
        value: values[n * (k - 1) + rank] * lengths[row],
      }));
      const kept = [{ column: row, value: 1 }, ...others.filter(({ column, value }) => column >= 0 && value > 0)];
      for (const { column, value } of kept.toSorted((a, b) => a.column - b.column)) {
        found.columns.push(column);
        found.values.push(value);
      }
      found.offsets[row + 1] = found.columns.length;
    });
  }
  const { device } = inverse.storage;
  free(inverse);
  const pattern = { rows: count, columns: count, offsets: found.offsets, indices: Int32Array.from(found.columns) };
  return scope(() => csr(pattern, fromArray(found.values, [found.values.length], { device })));
}

/** Returns the smaller of 1 / length and 10¹² for each row. */
export function inverseLengths<R extends number>(x: Rows<R>): Vector<R> {
  return rsqrt(isTensor(x) ? rowDots(x, x) : segmentSum(square(x.values), x.pattern));
}

/** Returns the function that multiplies some consecutive rows by all rows, and makes sparse rows dense for it. */
export async function rowProducts<R extends number>(x: Rows<R>): Promise<(rows: Int32Array) => Matrix<number, R>> {
  if (isTensor(x)) return (rows) => matmulNT(sliceRows(x, rows[0], rows[0] + rows.length), x);
  const { pattern, values: { storage } } = x;
  const values = await read(x.values);
  return (rows) => {
    const block = new Float32Array(pattern.columns * rows.length);
    rows.forEach((row, n) => {
      for (let e = pattern.offsets[row]; e < pattern.offsets[row + 1]; e++) {
        block[pattern.indices[e] * rows.length + n] += values[e];
      }
    });
    return transpose(spmm(x, upload(block, [pattern.columns, rows.length], storage)));
  };
}

/**
 * Returns D^(−½) K D^(−½) for each modality, where K is the graph of its k nearest neighbours and D the row sums of
 * K: see {@link nearestNeighbours} and {@link symmetricNormalized}.
 *
 * @example
 * ```ts
 * import { garden, modalityFeatures, similarityGraphs } from "@giverny/giverny/data";
 * import { key } from "@giverny/giverny/core";
 * import { equal } from "node:assert/strict";
 * const data = garden(key(0), { users: 20, items: 40 });
 * const { text } = await similarityGraphs(modalityFeatures(data), 5);
 * equal(text.pattern.rows, 40);
 * ```
 */
export async function similarityGraphs(
  features: Readonly<Record<string, FeatureMatrix>>,
  k: number,
): Promise<Readonly<Record<string, Csr<Items, Items>>>> {
  const graphs: Record<string, Csr<Items, Items>> = {};
  for (const [modality, x] of Object.entries(features)) {
    const { values, transposedValues, ...near } = await nearestNeighbours<Items>(x, k);
    graphs[modality] = scope(() => symmetricNormalized({ ...near, values, transposedValues }));
    free([values, transposedValues]);
  }
  return graphs;
}
