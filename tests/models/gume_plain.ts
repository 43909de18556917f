/**
 * GUME in plain nested arrays of 64-bit numbers, with full items × items matrices, equation by equation.
 *
 * @module
 */
import { rowOf } from "../../src/core/pattern.ts";
import { type Key, split } from "../../src/core/random.ts";
import { type Matrix, readSync } from "../../src/core/tensor.ts";
import type { Triples } from "../../src/data/batch.ts";
import type { GumeConfig, GumeContext, GumeLayer, GumeModality, GumeParams } from "../../src/models/gume.ts";
import { uniform } from "../../src/ops/draw.ts";
import { plainNearest, plainNormalized } from "./lattice_plain.ts";
import { dot, type Plain, plainPropagate, product, range, type Rows, rowsOf } from "./monet_plain.ts";

type Row = readonly number[];
const sum = (row: Row) => row.reduce((total, x) => total + x, 0);
const mean = (row: Row) => sum(row) / row.length;
const length = (row: Row) => Math.sqrt(dot(row, row));
const gate = (x: number) => 1 / (1 + Math.exp(-x));
const plus = (a: Rows, b: Rows): Rows => a.map((row, r) => row.map((x, d) => x + b[r][d]));
const meanOf = (all: readonly Rows[]): Rows =>
  all[0].map((row, r) => row.map((_, d) => mean(all.map((rows) => rows[r][d]))));
/** W x + b. */
const apply = (x: Row, { W, b }: GumeLayer<number>) => rowsOf(W).map((w, d) => dot(w, x) + readSync(b)[d]);
const raw = (context: GumeContext): Rows[] => Object.values(context.features).map((x) => rowsOf(x as Matrix));

/** Â: interactions and, with `enhance`, an entry from each item to every other that is near it in all modalities. */
export function plainEnhanced(context: GumeContext): Rows {
  const { history, config: { neighbours, enhance } } = context;
  const near = raw(context).map((x) => plainNearest(x, neighbours));
  const [users, nodes] = [history.rows, range(history.rows + history.columns)];
  const met = (user: number, item: number) => rowOf(history, user).includes(item);
  const joined = (a: number, b: number): boolean => {
    const [i, j] = [a - users, b - users];
    if (i < 0 && j < 0) return false;
    if (i < 0) return met(a, j);
    if (j < 0) return met(b, i);
    return enhance && i !== j && near.every((graph) => graph[i][j] > 0);
  };
  return plainNormalized(nodes.map((a) => nodes.map((b) => joined(a, b) ? 1 : 0)));
}

/** (1) M: ids times a gate computed from the features. */
export function plainPurify(x: Rows, { project, gate: layer }: GumeModality, ids: Rows): Rows {
  const gates = x.map((row) => apply(apply(row, project), layer));
  return ids.map((row, i) => row.map((e, d) => e * gate(gates[i][d])));
}

/** (4, 5) J: features that modalities share, and a gated share of each modality's own. */
export function plainSeparate(ids: Rows, features: readonly Rows[], { query, modalities }: GumeParams): Rows {
  const parts = Object.values(modalities);
  return ids.map((id, node) => {
    const f = features.map((rows) => rows[node]);
    const asked = f.map((x) => Math.exp(dot(rowsOf(query.w)[0], apply(x, query).map(Math.tanh))));
    return id.map((_, d) => {
      const shared = sum(f.map((x, m) => asked[m] / sum(asked) * x[d]));
      const own = parts.map(({ behaviour }, m) => gate(apply(id, behaviour)[d]) * (f[m][d] - shared));
      return (shared + sum(own)) / (parts.length + 1);
    });
  });
}

/** X, F of each modality, J and G, of all nodes. */
export interface PlainViews {
  readonly ids: Rows;
  readonly explicit: readonly Rows[];
  readonly joint: Rows;
  readonly interest: Rows;
}

/** (1) to (5), and (7). */
export function plainViews(params: GumeParams, context: GumeContext): PlainViews {
  const { history, config } = context;
  const graph = plainEnhanced(context);
  const along = (h: Rows) => plainPropagate(graph, h, { propagation: "lightgcn", layers: config.layers, alpha: 0 });
  const ids = along([...rowsOf(params.users), ...rowsOf(params.items)]);
  const parts = Object.values(params.modalities);
  // (3) T along similar items, and the users' R̂ T.
  const items = raw(context).map((x, m) => {
    const similar = plainNormalized(plainNearest(x, config.neighbours));
    const start = plainPurify(x, parts[m], rowsOf(params.items));
    return range(config.itemLayers).reduce((t) => product(similar, t), start);
  });
  const block = graph.slice(0, history.rows).map((row) => row.slice(history.rows));
  const explicit = items.map((t) => [...product(block, t), ...t]);
  const interest = meanOf(parts.map(({ Q }, m) => along([...rowsOf(Q), ...items[m]])));
  return { ids, explicit, joint: plainSeparate(ids, explicit, params), interest };
}

/** (2, 6) The final embeddings, X + J. */
export function plainEncode(params: GumeParams, context: GumeContext): Plain {
  const { ids, joint } = plainViews(params, context);
  const nodes = plus(ids, joint);
  return { users: nodes.slice(0, context.history.rows), items: nodes.slice(context.history.rows) };
}

/** N: the mean over rows of −log of the share that a row's own partner has among all, by cosine and temperature. */
export function plainInfoNce(a: Rows, b: Rows, temperature: number): number {
  const near = (x: Row, y: Row) => Math.exp(dot(x, y) / (length(x) * length(y)) / temperature);
  return mean(a.map((x, n) => -Math.log(near(x, b[n]) / sum(b.map((y) => near(x, y))))));
}

/** (10) The external alignment, of rows of a batch. */
export function plainExternal(
  x: Plain,
  j: Plain,
  { users, positives }: Triples,
  { external, externalTemperature }: Pick<GumeConfig, "external" | "externalTemperature">,
): number {
  const of = (rows: Rows, which: ArrayLike<number>) => Array.from(which, (row) => rows[row]);
  const alike = (a: Rows, b: Rows, which: ArrayLike<number>) =>
    plainInfoNce(of(a, which), of(b, which), externalTemperature);
  return external * (alike(j.users, x.users, users) + alike(j.items, x.items, positives));
}

/** The rows of users, moved away from 0 by a noise of length `size` that the key draws, one for each user. */
function plainMoved(key: Key, e: Rows, users: ArrayLike<number>, size: number): Rows {
  const different = [...new Set(Array.from(users))];
  const draws = rowsOf(uniform(key, [different.length, e[0].length]));
  return Array.from(users, (user) => {
    const draw = draws[different.indexOf(user)];
    return e[user].map((x, d) => x + size * Math.sign(x) * draw[d] / length(draw));
  });
}

/** (11) The enhancement of user modalities, of rows of a batch, and the term of (8) for the positives in G. */
export function plainUserModality(
  g: Plain,
  j: Plain,
  { users, positives }: Triples,
  key: Key,
  { user, userTemperature, noise, interestL2 }: Pick<GumeConfig, "user" | "userTemperature" | "noise" | "interestL2">,
): number {
  const of = (rows: Rows) => Array.from(users, (row) => rows[row]);
  const [first, second, third, fourth] = split(key, 4);
  const stands = (e: Rows, one: Key, other: Key) =>
    plainInfoNce(plainMoved(one, e, users, noise), plainMoved(other, e, users, noise), userTemperature);
  const told = plainInfoNce(of(g.users), of(j.users), userTemperature);
  const penalty = mean(Array.from(positives, (item) => dot(g.items[item], g.items[item]) / 2));
  return user * (told + stands(j.users, first, second) + stands(g.users, third, fourth)) + interestL2 * penalty;
}

/** (9) The internal alignment. */
function plainInternal(explicit: readonly Rows[], { internal }: Pick<GumeConfig, "internal">): number {
  const moments = explicit.map((f) => {
    const [all, middle] = [f.flat(), mean(f.flat())];
    return { middle, variance: sum(all.map((x) => (x - middle) ** 2)) / (all.length - 1) };
  });
  const pairs = moments.flatMap((a, n) => moments.slice(n + 1).map((b) => [a, b] as const));
  const apart = pairs.map(([a, b]) => Math.abs(a.variance - b.variance) + Math.abs(a.middle - b.middle));
  return pairs.length === 0 ? 0 : internal * mean(apart);
}

/** (8) The objective. */
export function plainLoss(params: GumeParams, batch: Triples, context: GumeContext, key: Key): number {
  const { config, history } = context;
  const { ids, explicit, joint, interest } = plainViews(params, context);
  const [x, j, g, e] = [ids, joint, interest, plus(ids, joint)].map((nodes): Plain => ({
    users: nodes.slice(0, history.rows),
    items: nodes.slice(history.rows),
  }));
  const triples = Array.from(batch.users, (user, n) => [
    e.users[user],
    e.items[batch.positives[n]],
    e.items[batch.negatives[n]],
  ]);
  const bpr = mean(triples.map(([u, p, n]) => Math.log1p(Math.exp(dot(u, n) - dot(u, p)))));
  const norms = mean(triples.map((rows) => sum(rows.map((row) => dot(row, row) / 2))));
  return bpr + config.l2 * norms + plainInternal(explicit, config) + plainExternal(x, j, batch, config) +
    plainUserModality(g, j, batch, key, config);
}
