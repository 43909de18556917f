/**
 * MAML in plain nested arrays of 64-bit numbers, one pair at a time, and MAML prepared for small worlds.
 *
 * @module
 */
import { key } from "../../src/core/random.ts";
import { type Config, configure } from "../../src/core/settings.ts";
import { type Matrix, type Placement, readSync } from "../../src/core/tensor.ts";
import { mapTree } from "../../src/core/tree.ts";
import { maml, type MamlAttention, type MamlContext, type MamlLayer, type MamlParams } from "../../src/models/maml.ts";
import { scale } from "../../src/ops/mod.ts";
import { dot, range, type Rows, rowsOf } from "./monet_plain.ts";
import { dataset, type World } from "./worlds.ts";

type Row = readonly number[];
const length = (x: Row) => Math.sqrt(dot(x, x));
const unit = (x: Row) => x.map((value) => value / Math.max(length(x), 1e-12));
const rectify = (x: Row) => x.map((value) => Math.max(0, value));
const layer = (x: Row, { W, b }: MamlLayer) => rowsOf(W).map((w, d) => dot(x, w) + readSync(b)[d]);

/** f of every item. */
export function plainProjection({ projection: { first, b, layers } }: MamlParams, { features }: MamlContext): Rows {
  const names = Object.keys(first);
  const weights = range(b.shape[0]).map((d) => names.flatMap((name) => rowsOf(first[name])[d]));
  const raw = names.map((name) => rowsOf(features[name] as Matrix));
  return raw[0].map((_, item) => {
    const x = unit(raw.flatMap((rows) => rows[item]));
    const one = rectify(weights.map((w, d) => dot(x, w) + readSync(b)[d]));
    const two = rectify(layer(unit(one), layers[0]));
    const three = rectify(layer(unit(two), layers[1]));
    const f = layer(three, layers[2]);
    return f.map((value) => value / Math.max(1, length(f)));
  });
}

/** a of one pair. */
export function plainAttention(u: Row, v: Row, f: Row, { first, second }: MamlAttention): Row {
  const hidden = layer(unit([...u, ...v, ...f]), first).map(Math.tanh);
  const logits = rectify(layer(unit(hidden), second));
  const raised = logits.map(Math.exp);
  const whole = raised.reduce((total, x) => total + x, 0);
  return raised.map((x) => u.length * x / whole);
}

/** d(u, v) of one pair. */
export function plainDistance(u: Row, v: Row, f: Row, attention: MamlAttention): number {
  const a = plainAttention(u, v, f, attention);
  return a.reduce((total, weight, k) => total + (weight * (u[k] - v[k])) ** 2, 0);
}

/** Σ C_kl over k ≠ l. */
export function plainCovariance(x: Rows): number {
  const dims = range(x[0].length);
  const means = dims.map((k) => x.reduce((total, row) => total + row[k], 0) / x.length);
  const covariance = (k: number, l: number) =>
    x.reduce((total, row) => total + (row[k] - means[k]) * (row[l] - means[l]), 0) / x.length;
  return dims.flatMap((k) => dims.filter((l) => l !== k).map((l) => covariance(k, l))).reduce((a, b) => a + b, 0);
}

/** The rank-weighted hinge of distances: a row of positives, then rows of negatives. */
export function plainRanking([near, ...far]: Rows, margin: number, items: number): number {
  return near.reduce((total, d, n) => {
    const others = far.map((row) => row[n]);
    const rank = items * others.filter((other) => other < margin + d).length / others.length;
    return total + Math.log(1 + rank) * Math.max(0, margin + d - Math.min(...others));
  }, 0);
}

/** MAML without dropout, prepared for a world, with parameters larger than its own so that every term counts. */
export function setup(
  world: World,
  changes: Config = {},
  place: Placement = {},
): { readonly context: MamlContext; readonly params: MamlParams } {
  const usual = { dim: 3, hidden: 6, dropout: 0, attentionDropout: 0 };
  const context = maml.prepare(dataset(world), configure(maml.settings, { ...usual, ...changes }), place);
  return { context, params: mapTree((x) => scale(x, 1.5), maml.init(key(5), context)) };
}
