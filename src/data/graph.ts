/**
 * Graphs: of users and items, from interactions; of items, from what neighbours they have; and how weights are normalised.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { Items, Nodes, Users } from "../core/axis.ts";
import { degree, entries, hasEntry, type Pattern, patternFromCoo, rowIndices, rowSelector } from "../core/pattern.ts";
import { range } from "../core/range.ts";
import type { Csr } from "../core/sparse.ts";
import { fromArray, ones, type Placement } from "../core/tensor.ts";
import { addAll, mul, rsqrt, step } from "../ops/elementwise.ts";
import { reshape, sliceRows } from "../ops/matrix.ts";
import { gather, scatterAdd, segmentSum } from "../ops/rows.ts";
import { csr } from "../ops/sparse.ts";

/** Returns the interaction graph: users first, then items, an entry both ways for every interaction. */
export function bipartite(history: Pattern<Users, Items>): Pattern<Nodes, Nodes> {
  const users = rowIndices(history);
  const items = history.indices.map((item) => item + history.rows);
  const nodes = history.rows + history.columns;
  return patternFromCoo([nodes, nodes], join([users, items]), join([items, users]));
}

/** Where an interaction graph is put, and what it is made of. */
export interface AdjacencyOptions extends Placement {
  /** Whether every node is its own neighbour too, beside those it interacted with; `false` by default. */
  readonly self?: boolean;
}

/**
 * Returns D^(−½) A D^(−½) for the interaction graph A: an interaction weighs 1 / √(degree of the user · degree of the item), and
 * the rows of isolated nodes are empty (He et al., LightGCN, SIGIR 2020). With `self` it is (D + I)^(−½) (A + I) (D + I)^(−½).
 */
export function symmetricAdjacency(
  history: Pattern<Users, Items>,
  options: AdjacencyOptions = {},
): Csr<Nodes, Nodes> {
  return weighed(history, options, (graph, row, column) => 1 / Math.sqrt(degree(graph, row) * degree(graph, column)));
}

/**
 * Returns D⁻¹ A for the interaction graph A: the mean over neighbours, a step of a random walk. Not symmetric; rows sum to 1, and
 * those of isolated nodes are empty. With `self` it is (D + I)⁻¹ (A + I), the adjacency of the released codes of NGCF and LATTICE.
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
  return csr(graph, fromArray(weights, [weights.length], place));
}

/**
 * Returns the interaction graph with an entry from each item to each of its semantic neighbours, normalised as D^(−½) A D^(−½)
 * by row sums: GUME's enhanced graph. Items point to neighbours that need not point back, so it is not symmetric.
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

/** Returns the block of an interaction graph that leads from users to items, of its first `users` rows. */
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
 * Returns D^(−½) K D^(−½) with D the row sums of K: an entry divided by the roots of the sums of the row it is in and of the row
 * of its column. K need not be symmetric, and then neither is the result. A row whose sum is not above 0 counts as nothing:
 * entries in it, and in its column, become 0. Gradients flow through the sums too.
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
 * Returns the semantic neighbours of each item: those that are among its neighbours in every one of some graphs, itself left out
 * (GUME). Directed like them.
 *
 * @throws {ValueError} if there is no graph, or they differ in size.
 */
export function sharedNeighbours<N extends number>(graphs: readonly Pattern<N, N>[]): Pattern<N, N> {
  const [first, ...others] = checked("intersect", graphs);
  const rows = rowIndices(first);
  const kept = range(entries(first)).filter((e) => {
    const [row, column] = [rows[e], first.indices[e]];
    return row !== column && others.every((graph) => hasEntry(graph, row, column));
  });
  return patternFromCoo([first.rows, first.columns], kept.map((e) => rows[e]), kept.map((e) => first.indices[e]));
}

/**
 * Returns the pattern with an entry wherever one of several patterns has one, columns ascending.
 *
 * @throws {ValueError} if there is no pattern, or they differ in size.
 */
export function patternUnion<R extends number, C extends number>(patterns: readonly Pattern<R, C>[]): Pattern<R, C> {
  const [{ rows, columns }] = checked("unite", patterns);
  return patternFromCoo([rows, columns], join(patterns.map(rowIndices)), join(patterns.map(({ indices }) => indices)));
}

/**
 * Returns the sum of sparse matrices of one shape, with an entry wherever one of them has one.
 *
 * @throws {ValueError} if there is none, or they differ in size.
 */
export function sumSparse<R extends number, C extends number>(
  parts: readonly Pick<Csr<R, C>, "pattern" | "values">[],
): Csr<R, C> {
  const whole = patternUnion(parts.map(({ pattern }) => pattern));
  const placed = parts.map(({ pattern, values }) =>
    scatterAdd(values, rowSelector(positions(whole, pattern), entries(whole)))
  );
  return csr(whole, addAll(placed));
}

/** Returns where each entry of a pattern is among those of one that has them all. */
function positions(whole: Pattern, part: Pattern): Int32Array {
  const at = new Int32Array(whole.columns);
  const out = new Int32Array(entries(part));
  for (let r = 0; r < whole.rows; r++) {
    for (let e = whole.offsets[r]; e < whole.offsets[r + 1]; e++) at[whole.indices[e]] = e;
    for (let e = part.offsets[r]; e < part.offsets[r + 1]; e++) out[e] = at[part.indices[e]];
  }
  return out;
}

function checked<P extends Pattern>(verb: string, patterns: readonly P[]): readonly P[] {
  const [first] = patterns;
  if (!first || patterns.some(({ rows, columns }) => rows !== first.rows || columns !== first.columns)) {
    const sizes = patterns.map(({ rows, columns }) => `[${rows}, ${columns}]`).join(" and ");
    throw new ValueError(`Cannot ${verb} ${sizes || "no"} patterns: one is needed, and all of one size`);
  }
  return patterns;
}

function join(parts: readonly Int32Array[]): Int32Array {
  const out = new Int32Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (out.set(part, at), at + part.length), 0);
  return out;
}
