/**
 * MONET in plain nested arrays of 64-bit numbers, equation by equation and slow, and MONET prepared for small worlds.
 *
 * @module
 */
import { fc } from "../fc.ts";
import { degree, type Pattern, rowOf } from "../../src/core/pattern.ts";
import { key } from "../../src/core/random.ts";
import { type Config, configure } from "../../src/core/settings.ts";
import { type Matrix, type Placement, readSync } from "../../src/core/tensor.ts";
import { leaves, mapTree } from "../../src/core/tree.ts";
import type { Triples } from "../../src/data/batch.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import type { Factors } from "../../src/models/factors.ts";
import type { FusionName, FusionParams } from "../../src/models/factors.ts";
import type { MonetConfig, MonetContext, MonetParams, MonetPart } from "../../src/models/monet.ts";
import { monet, score } from "../../src/models/monet.ts";
import { scale } from "../../src/ops/mod.ts";
import { dataset, everyone, type World, worlds } from "./worlds.ts";

/** A matrix as plain rows of plain numbers. */
export type Rows = readonly (readonly number[])[];

/** Returns the rows of a matrix. */
export const rowsOf = (x: Matrix): Rows => {
  const numbers = [...readSync(x)];
  return Array.from({ length: x.shape[0] }, (_, r) => numbers.slice(r * x.shape[1], (r + 1) * x.shape[1]));
};
/** Returns ⟨a, b⟩. */
export const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((total, x, k) => total + x * b[k], 0);
const plus = (a: Rows, b: Rows): Rows => a.map((row, r) => row.map((x, c) => x + b[r][c]));
const times = (a: Rows, c: number): Rows => a.map((row) => row.map((x) => x * c));
/** Returns A B. */
export const product = (a: Rows, b: Rows): Rows =>
  a.map((row) => b[0].map((_, c) => dot(row, b.map((other) => other[c]))));
/** Returns the numbers from 0 to n − 1. */
export const range = (n: number): number[] => [...Array(n).keys()];

/** The final embeddings. */
export interface Plain {
  readonly users: Rows;
  readonly items: Rows;
}

/** Returns D^(−½) A D^(−½) with its zeros. */
export function plainAdjacency(history: Pattern): Rows {
  const { rows, columns } = history;
  const popularity = range(columns).map((item) => history.indices.filter((other) => other === item).length);
  return range(rows + columns).map((a) =>
    range(rows + columns).map((b) => {
      const [user, item] = [Math.min(a, b), Math.max(a, b) - rows];
      if (user >= rows || item < 0 || !rowOf(history, user).includes(item)) return 0;
      return 1 / Math.sqrt(degree(history, user) * popularity[item]);
    })
  );
}

/** (2) The projection. */
export function plainProject(
  x: Rows,
  { W, b }: MonetPart,
  { normalize }: Pick<MonetConfig, "normalize">,
): Rows {
  const [weights, bias] = [rowsOf(W), readSync(b)];
  const z = x.map((row) => weights.map((w, d) => dot(row, w) + bias[d]));
  return normalize ? z.map((row) => row.map((value) => value / Math.max(Math.sqrt(dot(row, row)), 1e-12))) : z;
}

/** D̃^(−½) (A + I) D̃^(−½) with D̃ = D + I, A having an entry wherever the adjacency has. */
function withSelfLoops(adjacency: Rows): Rows {
  const counts = adjacency.map((row) => 1 + row.filter((x) => x !== 0).length);
  return adjacency.map((row, r) => row.map((x, c) => (x !== 0 || r === c ? 1 : 0) / Math.sqrt(counts[r] * counts[c])));
}

/** (3) The propagation, and those it is compared with. */
export function plainPropagate(
  adjacency: Rows,
  h: Rows,
  { propagation, layers, alpha }: Pick<MonetConfig, "propagation" | "layers" | "alpha">,
): Rows {
  const step = {
    megcn: (h: Rows) => plus(product(adjacency, h), times(h, alpha)),
    normalized: (h: Rows) => product(withSelfLoops(adjacency), h),
    lightgcn: (h: Rows) => product(adjacency, h),
  }[propagation];
  const all = [h];
  for (let l = 0; l < layers; l++) all.push(step(all[l]));
  return propagation === "lightgcn" ? times(all.reduce(plus), 1 / all.length) : all[layers];
}

/** Returns the fusion of some tables. */
export function plainFuse(parts: readonly Rows[], fusion: FusionName, { weights, W, b }: FusionParams): Rows {
  const side = parts[0].map((_, node) => parts.flatMap((part) => part[node]));
  const raised = weights ? Array.from(readSync(weights), Math.exp) : [];
  const whole = raised.reduce((total, x) => total + x, 0);
  const among = (f: (xs: number[]) => number) =>
    parts[0].map((row, n) => row.map((_, c) => f(parts.map((x) => x[n][c]))));
  return {
    concat: () => side,
    sum: () => parts.reduce(plus),
    mean: () => times(parts.reduce(plus), 1 / parts.length),
    max: () => among((xs) => Math.max(...xs)),
    weighted: () => among((xs) => xs.reduce((total, x, n) => total + raised[n] / whole * x, 0)),
    fc: () => side.map((row) => rowsOf(W!).map((w, d) => dot(row, w) + readSync(b!)[d])),
  }[fusion]();
}

/** (2, 3) The final embeddings: projected, propagated and fused. */
export function plainEncode(params: MonetParams, { history, features, config }: MonetContext): Plain {
  const { modalities, cf, fusion = {} } = params;
  const adjacency = plainAdjacency(history);
  const parts = Object.entries(modalities).map(([modality, p]) => {
    const items = plainProject(rowsOf(features[modality] as Matrix), p, config);
    return plainPropagate(adjacency, [...rowsOf(p.P), ...items], config);
  });
  if (cf && config.cf !== "none") {
    const tables = [...rowsOf(cf.users), ...rowsOf(cf.items)];
    parts.push(plainPropagate(adjacency, tables, { ...config, propagation: config.cf }));
  }
  const fused = plainFuse(parts, config.fusion, fusion);
  return { users: fused.slice(0, history.rows), items: fused.slice(history.rows) };
}

/** (4, 5) ⟨e_u(c), e_c⟩ with e_u(c) written out: the attention-weighted mean of the embeddings of the history. */
export function plainTarget(history: readonly number[], target: readonly number[], items: Rows): number {
  const logits = history.map((item) => dot(target, items[item]));
  const weights = logits.map((s) => Math.exp(s - Math.max(...logits)));
  const whole = weights.reduce((total, w) => total + w, 0);
  const user = target.map((_, d) => history.reduce((mean, item, k) => mean + weights[k] / whole * items[item][d], 0));
  return dot(user, target);
}

/** (6) The score of one item for one user. */
export function plainScore(plain: Plain, history: Pattern, user: number, item: number, config: MonetConfig): number {
  const own = [...rowOf(history, user)].filter((other) => !(config.excludeTarget && other === item));
  const target = plainTarget(own, plain.items[item], plain.items);
  return (1 - config.beta) * dot(plain.users[user], plain.items[item]) + config.beta * target;
}

/** (7) The objective. */
export function plainLoss(
  params: MonetParams,
  { users, positives, negatives }: Triples,
  context: MonetContext,
): number {
  const { config, history } = context;
  const plain = plainEncode(params, context);
  const batch = Array.from(users, (user, n) => [user, positives[n], negatives[n]]);
  const scored = (user: number, item: number) => plainScore(plain, history, user, item, config);
  const bpr = batch.reduce((total, [u, p, n]) => total + Math.log1p(Math.exp(scored(u, n) - scored(u, p))), 0);
  const touched = batch.flatMap(([u, p, n]) => [plain.users[u], plain.items[p], plain.items[n]]);
  const all = leaves(params).map(([, leaf]) => [...readSync(leaf)]);
  const squares = (rows: Rows) => rows.reduce((total, row) => total + dot(row, row), 0);
  return bpr / batch.length +
    (config.regularize === "final" ? config.l2 / batch.length * squares(touched) / 2 : config.l2 * squares(all));
}

/** A data set, and MONET prepared for it. */
export interface Setup {
  readonly data: Dataset;
  readonly context: MonetContext;
  readonly params: MonetParams;
}

/** Prepares MONET for a world, with parameters larger than its own so that every term counts. */
export function setup(world: World, changes: Config = {}, place: Placement = {}): Setup {
  const data = dataset(world);
  const context = monet.prepare(data, configure(monet.settings, { dim: 3, ...changes }), place);
  return { data, context, params: mapTree((x) => scale(x, 1.5), monet.init(key(5), context)) };
}

/** Returns a batch of as many triples as there are interactions. */
export function triplesOf(history: Pattern): Triples {
  const users = range(history.rows).filter((user) => degree(history, user) > 0);
  const negative = (user: number) => range(history.columns).find((item) => !rowOf(history, user).includes(item))!;
  const all = users.flatMap((user) => Array.from(rowOf(history, user), (item) => [user, item, negative(user)]));
  const column = (n: number) => Int32Array.from(all, (triple) => triple[n]);
  return {
    users: column(0),
    positives: column(1),
    negatives: column(2),
    shared: false,
    step: 0,
  };
}

/** Draws settings that change the computation. */
export const configs: fc.Arbitrary<Config> = fc.record({
  layers: fc.nat(3),
  alpha: fc.constantFrom(0, 0.5, 1, 2),
  beta: fc.constantFrom(0, 0.3, 1),
  l2: fc.constantFrom(0, 0.1),
  propagation: fc.constantFrom("megcn", "normalized", "lightgcn"),
  fusion: fc.constantFrom("concat", "sum", "weighted", "fc"),
  cf: fc.constantFrom("none", "lightgcn", "megcn"),
  normalize: fc.boolean(),
  regularize: fc.constantFrom("final", "parameters"),
  excludeTarget: fc.boolean(),
});
const modalities = fc.constantFrom(["image"], ["image", "text"], ["image", "text", "sound"]);
/** Draws worlds of one to three modalities. */
export const anyWorld: fc.Arbitrary<World> = modalities.chain(worlds);
/** Returns every user's score of every item. */
export const scoresOf = (e: Factors, { history, config }: MonetContext): Matrix => score(e, everyone(history), config);
