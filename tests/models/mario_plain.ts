/**
 * MARIO in plain nested arrays of 64-bit numbers, one user and one item at a time, and MARIO prepared for small worlds.
 *
 * @module
 */
import { fc } from "../fc.ts";
import { key } from "../../src/core/random.ts";
import { type Config, configure } from "../../src/core/settings.ts";
import { type Matrix, type Placement, readSync } from "../../src/core/tensor.ts";
import { mapTree } from "../../src/core/tree.ts";
import type { Triples } from "../../src/data/batch.ts";
import { mario, type MarioContext, type MarioParams } from "../../src/models/mario.ts";
import type { NgcfLayer } from "../../src/models/ngcf.ts";
import { scale } from "../../src/ops/mod.ts";
import { dot, plainAdjacency, plainFuse, plainPropagate, product, range, type Rows, rowsOf } from "./monet_plain.ts";
import { dataset, type World } from "./worlds.ts";

const times = (row: readonly number[], c: number) => row.map((x) => c * x);
const plus = (a: readonly number[], b: readonly number[]) => a.map((x, k) => x + b[k]);

/** A linear layer, X Wᵀ + b. */
export function plainLinear(x: Rows, W: Matrix, b: ArrayLike<number>): Rows {
  const weights = rowsOf(W);
  return x.map((row) => weights.map((w, d) => dot(row, w) + b[d]));
}

/** u, and the tables of items in a score. */
export interface Plain {
  readonly users: Rows;
  readonly tables: readonly Rows[];
}

/** Returns (D + I)⁻¹ (A + I), A having an entry wherever the adjacency has. */
export function plainWalk(adjacency: Rows): Rows {
  return adjacency.map((row, node) => {
    const met = row.map((x, other) => x !== 0 || other === node ? 1 : 0);
    return met.map((x) => x / met.filter((one) => one !== 0).length);
  });
}

/** Layer 0 of NGCF, and the layers after it with rows scaled to length 1. */
export function plainNgcf(graph: Rows, start: Rows, layers: readonly NgcfLayer[] = [], slope = 0.2): readonly Rows[] {
  let e = start;
  const all = [start];
  for (const { W1, b1, W2, b2 } of layers) {
    const m = product(graph, e);
    const [sums, products] = [
      plainLinear(m, W1, readSync(b1!)),
      plainLinear(m.map((row, n) => row.map((x, k) => x * e[n][k])), W2, readSync(b2!)),
    ];
    const leaky = (x: number) => x > 0 ? x : slope * x;
    e = sums.map((row, n) => row.map((x, k) => leaky(x) + leaky(products[n][k])));
    all.push(e.map((row) => times(row, 1 / Math.max(Math.sqrt(dot(row, row)), 1e-12))));
  }
  return all;
}

/** (1, 2) The embeddings of users and items. */
export function plainTables(params: MarioParams, { config, history, features }: MarioContext): Plain {
  const start = [...rowsOf(params.users), ...rowsOf(params.items)];
  const adjacency = plainAdjacency(history);
  const h = {
    bprmf: () => start,
    ngcf: () => {
      const all = plainNgcf(plainWalk(adjacency), start, params.encoder?.layers);
      return start.map((_, node) => all.flatMap((layer) => layer[node]));
    },
    lightgcn: () => plainPropagate(adjacency, start, { propagation: "lightgcn", layers: config.layers, alpha: 0 }),
  }[config.encoder]();
  const known = Object.entries(params.modalities).map(([name, { W, b }]) =>
    plainLinear(rowsOf(features[name] as Matrix), W, readSync(b))
  );
  const tables = [h.slice(history.rows), ...known];
  const users = h.slice(0, history.rows);
  if (config.fusion === "attention") return { users, tables };
  return { users, tables: [plainFuse(tables, config.fusion, params.fusion ?? {})] };
}

/** (3, 4) The score of a user and an item, with the personalised embedding of the item written out. */
export function plainScore(
  { users, tables }: Plain,
  [user, item]: readonly [number, number],
  { attention = {} }: MarioParams,
  { config }: MarioContext,
): number {
  const [u, v] = [users[user], tables.map((table) => table[item])];
  const f = v.map((x) => {
    if (config.fusion !== "attention" || config.attention === "dot") return dot(u, x);
    if (config.attention === "scaled") return dot(u, x) / Math.sqrt(u.length);
    const hidden = rowsOf(attention.W!).map((w) => Math.tanh(dot([...u, ...x], w)));
    return dot(hidden, rowsOf(attention.w!)[0]);
  });
  const raised = f.map((x) => Math.exp(x - Math.max(...f)));
  const whole = raised.reduce((total, x) => total + x, 0);
  const personalised = v.map((x, m) => times(x, raised[m] / whole)).reduce(plus);
  return dot(u, personalised);
}

/** (6) The objective. */
export function plainLoss(
  params: MarioParams,
  { users, positives, negatives }: Triples,
  context: MarioContext,
): number {
  const { config, features } = context;
  const plain = plainTables(params, context);
  const scored = (user: number, item: number) => plainScore(plain, [user, item], params, context);
  const size = users.length;
  const bpr = range(size).reduce((total, n) => {
    const [u, p, q] = [users, positives, negatives].map((ids) => ids[n]);
    return total + Math.log1p(Math.exp(scored(u, q) - scored(u, p)));
  }, 0);
  const touched = [...positives, ...negatives];
  const errors = Object.entries(params.modalities).map(([name, { W, b, D, c }]) => {
    const x = touched.map((item) => rowsOf(features[name] as Matrix)[item]);
    const decoded = plainLinear(plainLinear(x, W, readSync(b)), D, readSync(c));
    const each = decoded.flatMap((row, r) => row.map((value, k) => Math.abs(value - x[r][k])));
    return each.reduce((total, value) => total + value, 0) / each.length;
  });
  const rows = [
    ...Array.from(users, (user) => plain.users[user]),
    ...touched.flatMap((item) => plain.tables.map((table) => table[item])),
  ];
  const norms = rows.reduce((total, row) => total + dot(row, row), 0) / 2;
  return bpr / size + config.mu * errors.reduce((total, x) => total + x, 0) + config.l2 * norms / size;
}

/** MARIO, prepared for a world, with parameters larger than its own so that every term counts. */
export function setup(
  world: World,
  changes: Config = {},
  place: Placement = {},
): { readonly context: MarioContext; readonly params: MarioParams } {
  const context = mario.prepare(dataset(world), configure(mario.settings, { dim: 3, dropout: 0, ...changes }), place);
  return { context, params: mapTree((x) => scale(x, 1.5), mario.init(key(5), context)) };
}

/** Draws settings that change the computation. */
export const configs: fc.Arbitrary<Config> = fc.record({
  encoder: fc.constantFrom("bprmf", "ngcf", "lightgcn"),
  layers: fc.nat(2),
  attention: fc.constantFrom("dot", "scaled", "additive"),
  fusion: fc.constantFrom("attention", "mean", "max", "fc"),
  mu: fc.constantFrom(0, 0.5),
  l2: fc.constantFrom(0, 0.1),
});
