/**
 * The fold-in of users: the embeddings of users who were never trained, as nodes that join the interaction graph. A new
 * user receives messages from their items, layer by layer, and the embeddings of ids that they never had are 0. The
 * items' embeddings stay as they are, so users who join together do not change each other.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { Dim, Items, Nodes, Users } from "../core/axis.ts";
import { degree, entries, type Pattern, patternFromCsr } from "../core/pattern.ts";
import type { Csr } from "../core/sparse.ts";
import { fromArray, type Matrix, type Placement, type Vector, zeros } from "../core/tensor.ts";
import { addAll, scale } from "../ops/elementwise.ts";
import { concatRows, sliceRows } from "../ops/matrix.ts";
import { scaleRows } from "../ops/reduce.ts";
import { gather } from "../ops/rows.ts";
import { csr, spmm } from "../ops/sparse.ts";
import { type Factors, layersOf } from "./factors.ts";

/** The embeddings that items send to users who join, by layer from 0: already weighed by the items' degrees. */
export type Messages = { readonly [layer: string]: Matrix<Items, Dim> };

/** The final embeddings, and the items' messages. */
export type Joinable = Factors & { readonly messages: Messages };

/** The weights in the row of a user who joins a graph with n items. An item of degree d then has degree d + 1. */
export interface Joining {
  /** The user's factor in the weight of each item. */
  readonly user: (n: number) => number;
  /** The item's factor. */
  readonly item: (d: number) => number;
  /** The weight of the user's own embedding, as one more entry of the graph; 0 for none. */
  readonly self: (n: number) => number;
}

/** The ways to join a graph, by the normalisation of the graph. */
export const JOININGS: Readonly<Record<"symmetric" | "selfSymmetric" | "walk" | "selfWalk", Joining>> = {
  /** D^(−½) A D^(−½) */
  symmetric: { user: (n) => n ** -0.5, item: (d) => (d + 1) ** -0.5, self: () => 0 },
  /** (D + I)^(−½) (A + I) (D + I)^(−½) */
  selfSymmetric: { user: (n) => (n + 1) ** -0.5, item: (d) => (d + 2) ** -0.5, self: (n) => 1 / (n + 1) },
  /** D⁻¹ A */
  walk: { user: (n) => 1 / n, item: () => 1, self: () => 0 },
  /** (D + I)⁻¹ (A + I) */
  selfWalk: { user: (n) => 1 / (n + 1), item: () => 1, self: (n) => 1 / (n + 1) },
};

/** Returns the items' messages from the embeddings of all nodes in each layer. `graph` has the degrees. */
export function messagesOf(
  layers: readonly Matrix<Nodes, Dim>[],
  graph: Pattern,
  users: Users,
  how: Joining,
): Messages {
  if (layers.length === 0) return {};
  const weights = Float32Array.from({ length: graph.rows - users }, (_, n) => how.item(degree(graph, users + n)));
  const weight: Vector<Items> = fromArray(weights, [weights.length], layers[0].storage);
  return Object.fromEntries(layers.map((x, l) => [l, scaleRows(sliceRows(x, users, graph.rows), weight)]));
}

/** Computes a layer of the nodes of a graph from the layer before. */
type Step = (graph: Csr<Nodes, Nodes>, h: Matrix<Nodes, Dim>, layer: number) => Matrix<Nodes, Dim>;

/** The next layer of linear propagation: G H. */
export const linearStep: Step = (graph, h) => spmm(graph, h);

/**
 * Returns the embeddings of new users in each layer, from 0, where they are zeros. `step` computes a layer of the users
 * and of the items in their histories; the items then get the messages of the next layer.
 *
 * @throws {ValueError} if there are no messages.
 */
export function joinedLayers(
  messages: Messages | undefined,
  histories: Pattern<Users, Items>,
  how: Joining,
  step: Step = linearStep,
): Matrix<Users, Dim>[] {
  const all = Object.values(checked(messages));
  const { graph, items } = joined(histories, how, all[0].storage);
  const start: Matrix<Users, Dim> = zeros([histories.rows, all[0].shape[1]], all[0].storage);
  return all.reduce<Matrix<Users, Dim>[]>((layers, sent, l) => {
    const h = concatRows([layers[l], gather(sent, items)]) as Matrix<Nodes, Dim>;
    return [...layers, sliceRows(step(graph, h, l), 0, histories.rows)];
  }, [start]);
}

function checked(messages: Messages | undefined): Messages {
  if (messages && Object.keys(messages).length > 0) return messages;
  throw new ValueError(
    "Cannot fold users in: the embeddings have no messages of items, as an older release wrote them; train again",
  );
}

/** A graph of users who join and the items of their histories, as nodes. Items have no neighbours there. */
export interface JoinedGraph {
  /** The graph: users first. */
  readonly graph: Csr<Nodes, Nodes>;
  /** The numbers of the items. */
  readonly items: Int32Array;
}

/** Returns the graph in which users join. */
export function joined(
  histories: Pattern<Users, Items>,
  how: Pick<Joining, "user" | "self">,
  place: Placement,
): JoinedGraph {
  const { rows, offsets, indices } = histories;
  const items = Int32Array.from(new Set(indices)).sort();
  const at = new Map(Array.from(items, (item, n) => [item, rows + n]));
  const nodes = rows + items.length;
  const columns: number[] = [], values: number[] = [];
  const starts = new Int32Array(nodes + 1);
  for (let user = 0; user < rows; user++) {
    const n = degree(histories, user);
    const self = how.self(n);
    if (self > 0) {
      columns.push(user);
      values.push(self);
    }
    for (let e = offsets[user]; e < offsets[user + 1]; e++) {
      columns.push(at.get(indices[e])!);
      values.push(how.user(n));
    }
    starts[user + 1] = columns.length;
  }
  starts.fill(columns.length, rows + 1);
  const pattern = patternFromCsr<Nodes, Nodes>([nodes, nodes], starts, Int32Array.from(columns));
  return { graph: csr(pattern, fromArray(values, [values.length], place)), items };
}

/** Returns n^(−½) Σ e_i over the n items of each user, or another multiple: the fold-in of a model without a graph. */
export function sumOfItems(
  items: Matrix<Items, Dim>,
  histories: Pattern<Users, Items>,
  multiple: (n: number) => number = (n) => n ** -0.5,
): Matrix<Users, Dim> {
  const weights = new Float32Array(entries(histories));
  for (let user = 0; user < histories.rows; user++) {
    weights.fill(multiple(degree(histories, user)), histories.offsets[user], histories.offsets[user + 1]);
  }
  return spmm(csr(histories, fromArray(weights, [weights.length], items.storage)), items);
}

/** The fold-in of a model without a graph whose scores are inner products: {@link sumOfItems}. */
export function foldInSum<E extends Factors>(encoded: E, histories: Pattern<Users, Items>): E {
  return { ...encoded, users: sumOfItems(encoded.items, histories) };
}

/** Returns the items' messages of LightGCN's mean of layers along D^(−½) A D^(−½); none without layers. */
export function meanMessages(
  graph: Csr<Nodes, Nodes>,
  start: Matrix<Nodes, Dim>,
  users: Users,
  layers: number,
): Messages {
  if (layers === 0) return {};
  return messagesOf(layersOf(graph, start, layers - 1), graph.pattern, users, JOININGS.symmetric);
}

/** Returns LightGCN's mean of layers for users who join; without layers the sum of their items. */
export function joinedMean(
  { items, messages }: Factors & { readonly messages?: Messages },
  histories: Pattern<Users, Items>,
  layers: number,
): Matrix<Users, Dim> {
  if (layers === 0) return sumOfItems(items, histories);
  return scale(addAll(joinedLayers(messages, histories, JOININGS.symmetric)), 1 / (layers + 1));
}
