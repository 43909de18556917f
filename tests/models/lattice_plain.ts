/**
 * LATTICE in plain nested arrays of 64-bit numbers, with full items × items matrices, equation by equation.
 *
 * @module
 */
import { type Matrix, readSync } from "../../src/core/tensor.ts";
import type { LatticeContext, LatticeParams } from "../../src/models/lattice.ts";
import { plainLinear, plainNgcf, plainWalk } from "./mario_plain.ts";
import { dot, type Plain, plainAdjacency, plainPropagate, product, range, type Rows, rowsOf } from "./monet_plain.ts";

type Row = readonly number[];
/** The cosine of two vectors; 0 with one of zeros. */
const cosine = (a: Row, b: Row) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)) || 0;
const sum = (row: Row) => row.reduce((total, x) => total + x, 0);

/**
 * (1, 2) kNN(X): each row itself with 1, and its k − 1 nearest others that resemble it, the lower number first among
 * equals.
 */
export function plainNearest(x: Rows, k: number): Rows {
  return x.map((row, i) => {
    const similar = x.map((other) => cosine(row, other));
    const others = range(x.length).filter((j) => j !== i && similar[j] > 0);
    const near = others.toSorted((a, b) => similar[b] - similar[a] || a - b).slice(0, k - 1);
    return similar.map((s, j) => j === i ? 1 : near.includes(j) ? s : 0);
  });
}

/** (3) n(K) = D^(−½) K D^(−½), in which a row that sums to 0 counts as nothing. */
export function plainNormalized(k: Rows): Rows {
  const roots = k.map((row) => sum(row) > 0 ? 1 / Math.sqrt(sum(row)) : 0);
  return k.map((row, i) => row.map((x, j) => roots[i] * x * roots[j]));
}

/** (1, 2, 3) S of every modality. */
export function plainOriginal({ features, config }: LatticeContext): Rows[] {
  return Object.values(features).map((x) => plainNormalized(plainNearest(rowsOf(x as Matrix), config.neighbours)));
}

/** (4) Z of every modality. */
export function plainProjected({ modalities }: LatticeParams, { features }: LatticeContext): Rows[] {
  return Object.entries(modalities).map(([name, { W, b }]) =>
    plainLinear(rowsOf(features[name] as Matrix), W, readSync(b))
  );
}

const mixed = (graphs: readonly Rows[], weights: Row): Rows =>
  graphs[0].map((row, i) => row.map((_, j) => sum(graphs.map((graph, m) => weights[m] * graph[i][j]))));

/** (5, 6) A, given Z. */
export function plainItemGraph(z: readonly Rows[], { weights }: LatticeParams, context: LatticeContext): Rows {
  const { neighbours, original: lambda, mix } = context.config;
  const raised = Array.from(readSync(weights), Math.exp);
  const shares = raised.map((x) => x / sum(raised));
  const similar = z.map((x) => plainNearest(x, neighbours));
  const learned = {
    before: () => plainNormalized(mixed(similar, shares)),
    after: () => mixed(similar.map(plainNormalized), shares),
  }[mix]();
  return mixed([mixed(plainOriginal(context), shares), learned], [lambda, 1 - lambda]);
}

/** ẽ of the recommender of ID embeddings. */
function plainIds({ users, items, ngcf }: LatticeParams, { history, config }: LatticeContext): Plain {
  const start = [...rowsOf(users), ...rowsOf(items)];
  const symmetric = plainAdjacency(history);
  const graph = config.adjacency === "symmetric" ? symmetric : plainWalk(symmetric);
  const nodes = {
    mf: () => start,
    lightgcn: () => plainPropagate(graph, start, { propagation: "lightgcn", layers: config.layers, alpha: 0 }),
    ngcf: () => {
      const all = plainNgcf(graph, start, ngcf, config.slope);
      return start.map((row, n) => row.map((_, d) => sum(all.map((layer) => layer[n][d])) / all.length));
    },
  }[config.encoder]();
  return { users: nodes.slice(0, history.rows), items: nodes.slice(history.rows) };
}

/** (7, 8) The final embeddings: Aᴸ E_i with rows of length 1, added to ẽ. */
export function plainEncode(params: LatticeParams, context: LatticeContext): Plain {
  const graph = plainItemGraph(plainProjected(params, context), params, context);
  const { users, items } = plainIds(params, context);
  const h = range(context.config.itemLayers).reduce((rows) => product(graph, rows), rowsOf(params.items));
  return { users, items: items.map((row, i) => row.map((x, d) => x + h[i][d] / Math.sqrt(dot(h[i], h[i])))) };
}
