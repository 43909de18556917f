/**
 * Graphs built from interactions.
 *
 * @module
 */
import type { Items, Nodes, Users } from "../core/axis.ts";
import { degree, entries, type Pattern, patternOf, rowIndices } from "../core/pattern.ts";
import type { Csr } from "../core/sparse.ts";
import { fromArray, type Placement } from "../core/tensor.ts";
import { csr } from "../ops/sparse.ts";

/** Returns the interaction graph: users first, then items, an entry both ways for every interaction. */
export function bipartite(history: Pattern<Users, Items>): Pattern<Nodes, Nodes> {
  const users = rowIndices(history);
  const items = history.indices.map((item) => item + history.rows);
  const nodes = history.rows + history.columns;
  const [from, to] = [new Int32Array(2 * entries(history)), new Int32Array(2 * entries(history))];
  from.set(users);
  from.set(items, users.length);
  to.set(items);
  to.set(users, items.length);
  return patternOf([nodes, nodes], from, to);
}

/**
 * Returns D^(−½) A D^(−½) for the interaction graph A without self loops: an interaction weighs 1 / √(degree of the user ·
 * degree of the item), and the rows of isolated nodes are empty (He et al., LightGCN, SIGIR 2020).
 */
export function symmetricAdjacency(history: Pattern<Users, Items>, place: Placement = {}): Csr<Nodes, Nodes> {
  const graph = bipartite(history);
  const rows = rowIndices(graph);
  const weights = Float32Array.from(
    graph.indices,
    (column, e) => 1 / Math.sqrt(degree(graph, rows[e]) * degree(graph, column)),
  );
  return csr(graph, fromArray(weights, [weights.length], place));
}
