/**
 * Graphs of users and items from interactions, graphs of items from their neighbours, and the normalisation of their
 * weights.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { Items, Nodes, Users } from "../core/axis.ts";
import { degree, entries, hasEntry, type Pattern, patternFromCoo, rowIndices, rowSelector } from "../core/pattern.ts";
import { range } from "../core/range.ts";
import { scope } from "../core/scope.ts";
import type { Csr } from "../core/sparse.ts";
import { fromArray, ones, type Placement } from "../core/tensor.ts";
import { addAll, mul, rsqrt, step } from "../ops/elementwise.ts";
import { reshape, sliceRows } from "../ops/matrix.ts";
import { gather, scatterAdd, segmentSum } from "../ops/rows.ts";
import { csr } from "../ops/sparse.ts";

/**
 * Returns the interaction graph: nodes are users and then items, with an entry in both directions for every
 * interaction.
 *
 * @example
 * ```ts
 * import { bipartite } from "@giverny/giverny/data";
 * import { patternFromCoo, rowOf } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * const graph = bipartite(patternFromCoo([1, 2], [0], [1]));
 * deepEqual([[...rowOf(graph, 0)], [...rowOf(graph, 2)]], [[2], [0]]);
 * ```
 */
export function bipartite(history: Pattern<Users, Items>): Pattern<Nodes, Nodes> {
  const users = rowIndices(history);
  const items = history.indices.map((item) => item + history.rows);
  const nodes = history.rows + history.columns;
  return patternFromCoo([nodes, nodes], join([users, items]), join([items, users]));
}

/** The device of an interaction graph, and its entries. */
export interface AdjacencyOptions extends Placement {
  /** Whether every node is its own neighbour too; `false` by default. */
  readonly self?: boolean | undefined;
}

/**
 * Returns D^(−½) A D^(−½) for the interaction graph A: the weight of an interaction is 1 / √(degree of the user ·
 * degree of the item), and the rows of isolated nodes are empty (He et al., LightGCN, SIGIR 2020). With `self` it is
 * (D + I)^(−½) (A + I) (D + I)^(−½).
 *
 * @example
 * ```ts
 * import { symmetricAdjacency } from "@giverny/giverny/data";
 * import { patternFromCoo, readSync } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * const { values } = symmetricAdjacency(patternFromCoo([1, 4], [0, 0, 0, 0], [0, 1, 2, 3]));
 * deepEqual([...readSync(values)], Array(8).fill(0.5));
 * ```
 */
export function symmetricAdjacency(
  history: Pattern<Users, Items>,
  options: AdjacencyOptions = {},
): Csr<Nodes, Nodes> {
  return weighed(history, options, (graph, row, column) => 1 / Math.sqrt(degree(graph, row) * degree(graph, column)));
}

/**
 * Returns D⁻¹ A for the interaction graph A: the mean over neighbours, a step of a random walk. It is not symmetric.
 * Rows sum to 1, and the rows of isolated nodes are empty. With `self` it is (D + I)⁻¹ (A + I), as in the released
 * codes of NGCF and LATTICE.
 *
 * @example
 * ```ts
 * import { walkAdjacency } from "@giverny/giverny/data";
 * import { patternFromCoo, readSync } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * const { values } = walkAdjacency(patternFromCoo([1, 2], [0, 0], [0, 1]));
 * deepEqual([...readSync(values)], [0.5, 0.5, 1, 1]);
 * ```
 */
export function walkAdjacency(history: Pattern<Users, Items>, options: AdjacencyOptions = {}): Csr<Nodes, Nodes> {
  return weighed(history, options, (graph, row) => 1 / degree(graph, row));
}

function weighed(
  history: Pattern<Users, Items>,
  { self = false, ...place }: AdjacencyOptions,
  weight: (graph: Pattern, row: number, column: number) => number,
): Csr<Nodes, Nodes> {
  const plain = bipartite(history);
  const graph = self ? patternUnion([plain, rowSelector(range(plain.rows), plain.columns)]) : plain;
  const rows = rowIndices(graph);
  const weights = Float32Array.from(graph.indices, (column, e) => weight(graph, rows[e], column));
  return scope(() => csr(graph, fromArray(weights, [weights.length], place)));
}

/**
 * Returns the interaction graph with an entry from each item to each of its semantic neighbours, normalised as D^(−½)
 * A D^(−½) by row sums: GUME's enhanced graph. It is not symmetric, because the semantic neighbours are directed.
 *
 * @example
 * ```ts
 * import { enhancedAdjacency } from "@giverny/giverny/data";
 * import { patternFromCoo, rowOf } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * const history = patternFromCoo([1, 2], [0], [0]);
 * const { pattern } = enhancedAdjacency(history, patternFromCoo([2, 2], [0], [1]));
 * deepEqual([...rowOf(pattern, 1)], [0, 2]);
 * ```
 */
export function enhancedAdjacency(
  history: Pattern<Users, Items>,
  semantic: Pattern<Items, Items>,
  place: Placement = {},
): Csr<Nodes, Nodes> {
  const graph = bipartite(history);
  const [from, to] = [rowIndices(semantic), semantic.indices].map((items) => items.map((item) => item + history.rows));
  const whole = patternUnion([graph, patternFromCoo([graph.rows, graph.columns], from, to)]);
  return symmetricNormalized(csr(whole, ones([entries(whole)], place)));
}

/**
 * Returns the block of an interaction graph that leads from users to items: its first `users` rows.
 *
 * @example
 * ```ts
 * import { symmetricAdjacency, userBlock } from "@giverny/giverny/data";
 * import { patternFromCoo } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * const history = patternFromCoo([2, 3], [0, 1], [2, 0]);
 * deepEqual(userBlock(symmetricAdjacency(history), 2).pattern, history);
 * ```
 */
export function userBlock({ pattern, values }: Csr<Nodes, Nodes>, users: Users): Csr<Users, Items> {
  const count = pattern.offsets[users];
  const block: Pattern<Users, Items> = {
    rows: users,
    columns: pattern.columns - users,
    offsets: pattern.offsets.slice(0, users + 1),
    indices: pattern.indices.slice(0, count).map((node) => node - users),
  };
  const column = reshape(values, [entries(pattern), 1]);
  return csr(block, reshape(sliceRows(column, 0, count), [count]));
}

/**
 * Returns D^(−½) K D^(−½), where D has the row sums of K: entry (i, j) is divided by the roots of the sums of row i
 * and row j. If K is not symmetric, neither is the result. Where the sum of row i is not above 0, row i and column i
 * become 0. Gradients flow through the sums too.
 *
 * @example
 * ```ts
 * import { symmetricNormalized } from "@giverny/giverny/data";
 * import { patternFromCoo, readSync, tensor } from "@giverny/giverny/core";
 * import { csr } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const graph = csr(patternFromCoo([2, 2], [0, 1], [1, 0]), tensor([4, 4]));
 * deepEqual([...readSync(symmetricNormalized(graph).values)], [1, 1]);
 * ```
 */
export function symmetricNormalized<N extends number>({ pattern, values }: Csr<N, N>): Csr<N, N> {
  const sums = segmentSum(values, pattern);
  const roots = mul(rsqrt(sums), step(sums));
  const [ofRow, ofColumn] = [rowIndices(pattern), pattern.indices].map((at) =>
    gather(roots, rowSelector(at, pattern.rows))
  );
  return csr(pattern, mul(values, mul(ofRow, ofColumn)));
}

/**
 * Returns the semantic neighbours of each item (GUME): the items, other than itself, that are its neighbours in all
 * graphs. They are directed as the graphs are.
 *
 * @throws {ValueError} if there is no graph, or they differ in size.
 *
 * @example
 * ```ts
 * import { sharedNeighbours } from "@giverny/giverny/data";
 * import { patternFromCoo, rowOf } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * const image = patternFromCoo([3, 3], [0, 0, 0], [0, 1, 2]);
 * const text = patternFromCoo([3, 3], [0, 0], [0, 2]);
 * deepEqual([...rowOf(sharedNeighbours([image, text]), 0)], [2]);
 * ```
 */
export function sharedNeighbours<N extends number>(graphs: readonly Pattern<N, N>[]): Pattern<N, N> {
  const [first, ...others] = checked("find shared neighbours in", graphs);
  const rows = rowIndices(first);
  const kept = range(entries(first)).filter((e) => {
    const [row, column] = [rows[e], first.indices[e]];
    return row !== column && others.every((graph) => hasEntry(graph, row, column));
  });
  return patternFromCoo([first.rows, first.columns], kept.map((e) => rows[e]), kept.map((e) => first.indices[e]));
}

/**
 * Returns the union of patterns: an entry wherever at least one of them has one, columns ascending. `shape` is the
 * shape of the first by default; the union of no patterns needs it.
 *
 * @throws {ValueError} if there is neither a pattern nor a shape, or patterns differ from the shape.
 *
 * @example
 * ```ts
 * import { patternUnion } from "@giverny/giverny/data";
 * import { patternFromCoo, rowOf } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * const union = patternUnion([patternFromCoo([1, 3], [0, 0], [2, 1]), patternFromCoo([1, 3], [0], [1])]);
 * deepEqual([...rowOf(union, 0)], [1, 2]);
 * ```
 */
export function patternUnion<R extends number, C extends number>(
  patterns: readonly Pattern<R, C>[],
  shape?: readonly [R, C],
): Pattern<R, C> {
  if (shape && patterns.length === 0) return patternFromCoo(shape, [], []);
  const [{ rows, columns }] = checked("take the union of", patterns, shape);
  return patternFromCoo([rows, columns], join(patterns.map(rowIndices)), join(patterns.map(({ indices }) => indices)));
}

/**
 * Returns the sum of sparse matrices, with an entry wherever at least one of them has one.
 *
 * @throws {ValueError} if there is no matrix, or they differ in size.
 *
 * @example
 * ```ts
 * import { sumSparse } from "@giverny/giverny/data";
 * import { patternFromCoo, readSync, tensor } from "@giverny/giverny/core";
 * import { csr } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const a = csr(patternFromCoo([1, 3], [0, 0], [0, 1]), tensor([1, 2]));
 * const b = csr(patternFromCoo([1, 3], [0, 0], [1, 2]), tensor([3, 4]));
 * deepEqual([...readSync(sumSparse([a, b]).values)], [1, 5, 4]);
 * ```
 */
export function sumSparse<R extends number, C extends number>(
  parts: readonly Pick<Csr<R, C>, "pattern" | "values">[],
): Csr<R, C> {
  const whole = patternUnion(checked("sum", parts.map(({ pattern }) => pattern)));
  const placed = parts.map(({ pattern, values }) =>
    scatterAdd(values, rowSelector(positions(whole, pattern), entries(whole)))
  );
  return csr(whole, addAll(placed));
}

/** Returns the position of each entry of a pattern among the entries of another that has them all. */
function positions(whole: Pattern, part: Pattern): Int32Array {
  const at = new Int32Array(whole.columns);
  const out = new Int32Array(entries(part));
  for (let r = 0; r < whole.rows; r++) {
    for (let e = whole.offsets[r]; e < whole.offsets[r + 1]; e++) at[whole.indices[e]] = e;
    for (let e = part.offsets[r]; e < part.offsets[r + 1]; e++) out[e] = at[part.indices[e]];
  }
  return out;
}

function checked<P extends Pattern>(verb: string, patterns: readonly P[], shape?: readonly number[]): readonly P[] {
  const [first] = patterns;
  const [height, width] = shape ?? [first?.rows, first?.columns];
  if (!first || patterns.some(({ rows, columns }) => rows !== height || columns !== width)) {
    const sizes = patterns.map(({ rows, columns }) => `[${rows}, ${columns}]`).join(" and ");
    const rule = shape ? `all must be [${shape.join(", ")}]` : "at least one is needed, and all must have one size";
    throw new ValueError(`Cannot ${verb} ${sizes || "no"} patterns: ${rule}`);
  }
  return patterns;
}

function join(parts: readonly Int32Array[]): Int32Array {
  const out = new Int32Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (out.set(part, at), at + part.length), 0);
  return out;
}
