/**
 * The catalogue: every operation with the shapes of its operands and its plain form on nested arrays. The properties of
 * `catalogue_test.ts` are tested for each entry, and an operation without an entry fails there.
 *
 * @module
 */
import { type Pattern, patternFromCoo, rowIndices, transposed } from "../../src/core/pattern.ts";
import { uniformArray } from "../../src/core/random.ts";
import { fromArray, type Tensor } from "../../src/core/tensor.ts";
import * as ops from "../../src/ops/mod.ts";
import { anyShape, type Case, elementwise, type Entry, entry } from "./entry.ts";
import {
  column,
  dense,
  direction,
  dot,
  each,
  flatten,
  flip,
  logSumExp,
  products,
  range,
  type Row,
  type Rows,
  segments,
  softmax,
  total,
} from "./naive.ts";

/**
 * Returns a square pattern whose nodes are the rows and the columns of a case's pattern, and whose edges are its
 * entries.
 */
function square({ m, k, pattern }: Case): Pattern {
  return patternFromCoo([m + k, m + k], rowIndices(pattern), pattern.indices.map((c) => c + m));
}

/** Returns the positions (r, choice of r): some have entries. */
function chosen({ m, choice }: Case): ops.Positions {
  return { rows: range(choice.rows === m ? m : 0), columns: choice.indices };
}

/** Returns a matrix without its chosen entries, normalised again by √(n/k) of each row and column. */
function renormalized({ m, k, pattern, choice }: Case, values: Rows): Rows {
  const all = dense(pattern, pattern.indices.map(() => 1));
  const kept = all.map((row, r) => row.map((one, c) => choice.rows === m && choice.indices[r] === c ? 0 : one));
  const ratio = (n: number, of: number) => of === 0 ? 0 : Math.sqrt(n / of);
  const ofRow = range(m).map((r) => ratio(total(all[r]), total(kept[r])));
  const ofColumn = range(k).map((c) => ratio(total(column(all, c)), total(column(kept, c))));
  return values.map((row, r) => row.map((value, c) => value * kept[r][c] * ofRow[r] * ofColumn[c]));
}

/** log Q of the positive of row r, and of the negative of column c. */
const logQ = { positive: (r: number) => 0.5 - 0.25 * r, negative: (c: number) => 0.125 * c - 0.25 };

/** Returns options of a softmax loss: a temperature, log Q, and ids by which each row's choice is its positive. */
function drawn({ m, k, choice }: Case, { storage }: Tensor): ops.SoftmaxOptions {
  const list = (count: number, f: (n: number) => number) => fromArray(range(count).map(f), [count], storage);
  return {
    temperature: 0.5,
    logQ: { positives: list(m, logQ.positive), negatives: list(k, logQ.negative) },
    ids: { positives: choice.indices, negatives: Int32Array.from(range(k)) },
  };
}

/** Returns the softmax loss of scores with the options of {@link drawn}. */
function cross({ choice }: Case, positives: Row, negatives: Rows): number {
  const losses = positives.map((positive, r) => {
    const own = positive / 0.5 - logQ.positive(r);
    const others = negatives[r].map((score, c) => score / 0.5 - logQ.negative(c));
    return logSumExp([own, ...others.filter((_, c) => c !== choice.indices[r])]) - own;
  });
  return total(losses) / losses.length;
}

/** The operations by name. */
export const catalogue: Readonly<Record<string, Entry>> = {
  add: elementwise(ops.add, (a, b) => a + b),
  sub: elementwise(ops.sub, (a, b) => a - b),
  mul: elementwise(ops.mul, (a, b) => a * b),
  div: elementwise(ops.div, (a, b) => a / b, { positive: true }),
  maximum: elementwise(ops.maximum, (a, b) => Math.max(a, b)),
  addAll: elementwise((a, b, c) => ops.addAll([a, b, c]), (a, b, c) => a + b + c),
  scale: elementwise((x) => ops.scale(x, 2.5), (x) => 2.5 * x),
  shift: elementwise((x) => ops.shift(x, -0.75), (x) => x - 0.75),
  neg: elementwise(ops.neg, (x) => -x),
  square: elementwise(ops.square, (x) => x * x),
  exp: elementwise(ops.exp, (x) => Math.exp(x)),
  log: elementwise(ops.log, (x) => Math.log(x), { positive: true }),
  sqrt: elementwise(ops.sqrt, (x) => Math.sqrt(x), { positive: true }),
  rsqrt: elementwise((x) => ops.rsqrt(x), (x) => 1 / Math.sqrt(Math.max(x, 1e-24)), { positive: true }),
  abs: elementwise(ops.abs, (x) => Math.abs(x)),
  tanh: elementwise(ops.tanh, (x) => Math.tanh(x)),
  sigmoid: elementwise(ops.sigmoid, (x) => 1 / (1 + Math.exp(-x))),
  softplus: elementwise(ops.softplus, (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  leakyRelu: elementwise((x) => ops.leakyRelu(x, 0.2), (x) => x > 0 ? x : 0.2 * x),
  step: elementwise(ops.step, (x) => x > 0 ? 1 : 0),
  sign: elementwise(ops.sign, (x) => Math.sign(x)),

  sum: anyShape(1, ops.sum, (x) => total(flatten(x))),
  mean: anyShape(1, ops.mean, (x) => total(flatten(x)) / flatten(x).length, { empty: false }),
  rowSums: entry("mk", () => ops.rowSums, () => (x) => x.map(total)),
  columnSums: entry("mk", () => ops.columnSums, ({ k }) => (x) => flip(x, k).map(total)),
  rowMax: entry("mk", () => ops.rowMax, () => (x) => x.map((row) => Math.max(...row))),
  repeatRows: entry("k", ({ m }) => (x) => ops.repeatRows(x, m), ({ m }) => (x) => range(m).map(() => x)),
  repeatColumns: entry(
    "m",
    ({ k }) => (x) => ops.repeatColumns(x, k),
    ({ k }) => (x) => x.map((value) => range(k).map(() => value)),
  ),
  fill: entry(
    ".",
    ({ m, k }) => (x) => ops.fill(x, [m, k]),
    ({ m, k }) => (x) => range(m).map(() => range(k).map(() => x)),
  ),
  addRow: entry("mk k", () => ops.addRow, () => (x, v) => x.map((row) => row.map((value, c) => value + v[c]))),
  addColumn: entry("mk m", () => ops.addColumn, () => (x, v) => x.map((row, r) => row.map((value) => value + v[r]))),
  scaleRows: entry("mk m", () => ops.scaleRows, () => (x, v) => x.map((row, r) => row.map((value) => value * v[r]))),
  scaleColumns: entry(
    "mk k",
    () => ops.scaleColumns,
    () => (x, v) => x.map((row) => row.map((value, c) => value * v[c])),
  ),
  scaleBy: entry("mk .", () => ops.scaleBy, () => (x, s) => each((value) => value * s, x)),
  rowDots: entry("mk mk", () => ops.rowDots, () => (x, y) => x.map((row, r) => dot(row, y[r]))),
  dot: entry("mk mk", () => ops.dot, () => (x, y) => total(x.map((row, r) => dot(row, y[r])))),
  normalizeRows: entry(
    "mk k",
    () => ops.normalizeRows,
    () => (x, b) => x.map((row) => direction(row.map((v, c) => v + b[c]))),
  ),

  matmul: entry("mk kn", () => ops.matmul, ({ n }) => (a, b) => products(a, flip(b, n))),
  matmulNT: entry("mk nk", () => ops.matmulNT, () => products),
  matmulTN: entry("km kn", () => ops.matmulTN, ({ m, n }) => (a, b) => products(flip(a, m), flip(b, n))),
  transpose: entry("mk", () => ops.transpose, ({ k }) => (x) => flip(x, k)),
  sliceRows: entry("sn", ({ m, k }) => (x) => ops.sliceRows(x, m, m + k), ({ m, k }) => (x) => x.slice(m, m + k)),
  sliceColumns: entry(
    "ns",
    ({ m, k }) => (x) => ops.sliceColumns(x, m, m + k),
    ({ m, k }) => (x) => x.map((row) => row.slice(m, m + k)),
  ),
  concatRows: entry("mn kn mn", () => (...xs) => ops.concatRows(xs), () => (...xs) => xs.flat()),
  concatColumns: entry(
    "nm nk nm",
    () => (...xs) => ops.concatColumns(xs),
    () => (x, y, z) => x.map((row, r) => [...row, ...y[r], ...z[r]]),
  ),
  concatBlocks: entry(
    "mk mn nk nn",
    () => (a, b, c, d) => ops.concatBlocks([[a, b], [c, d]]),
    () => (a, b, c, d) => [...a.map((row, r) => [...row, ...b[r]]), ...c.map((row, r) => [...row, ...d[r]])],
  ),
  reshape: entry("mk", ({ m, k }) => (x) => ops.reshape(x, [m * k]), () => (x) => x.flat()),

  csr: entry(
    "e",
    ({ pattern }) => (v) => ops.csr(pattern, v).transposedValues,
    ({ pattern }) => (v) => Array.from(transposed(pattern).order, (e) => v[e]),
  ),
  spmm: entry(
    "e kn",
    ({ pattern }) => (v, x) => ops.spmm(ops.csr(pattern, v), x),
    ({ pattern, n }) => (v, x) => products(dense(pattern, v), flip(x, n)),
  ),
  propagate: entry(
    "e sn",
    (at) => (v, x) => ops.propagate(ops.csr(square(at), v), x, 0.5),
    (at) => (v, x) =>
      products(dense(square(at), v), flip(x, at.n)).map((row, r) => row.map((y, c) => y + 0.5 * x[r][c])),
  ),
  transposeCsr: entry(
    "e mn",
    ({ pattern }) => (v, x) => ops.spmm(ops.transposeCsr(ops.csr(pattern, v)), x),
    ({ pattern, k, n }) => (v, x) => products(flip(dense(pattern, v), k), flip(x, n)),
  ),
  sddmm: entry(
    "mn kn",
    ({ pattern }) => (x, y) => ops.sddmm(pattern, x, y),
    ({ pattern }) => (x, y) =>
      segments(pattern, [...pattern.indices]).flatMap((columns, r) => columns.map((c) => dot(x[r], y[c]))),
  ),
  leaveOut: entry(
    "e kn",
    (at) => (v, x) => ops.spmm(ops.leaveOut(ops.csr(at.pattern, v), chosen(at), { renormalize: "symmetric" }), x),
    (at) => (v, x) => products(renormalized(at, dense(at.pattern, v)), flip(x, at.n)),
  ),
  dropEntries: entry(
    "e mn",
    ({ key, pattern }) => (v, x) => ops.spmm(ops.transposeCsr(ops.dropEntries(key, ops.csr(pattern, v), 0.25)), x),
    ({ key, pattern, k, n }) => (v, x) => {
      const kept = Array.from(uniformArray(key, v.length), (u, e) => u < 0.25 ? 0 : v[e] / 0.75);
      return products(flip(dense(pattern, kept), k), flip(x, n));
    },
  ),
  gather: entry(
    "kn",
    ({ choice }) => (x) => ops.gather(x, choice),
    ({ choice }) => (x) => Array.from(choice.indices, (c) => x[c]),
  ),
  scatterAdd: entry(
    "c",
    ({ choice }) => (x) => ops.scatterAdd(x, choice),
    ({ choice, k }) => (x) => range(k).map((c) => total(x.filter((_, r) => choice.indices[r] === c))),
  ),
  segmentSum: entry(
    "en",
    ({ pattern }) => (x) => ops.segmentSum(x, pattern),
    ({ pattern, n }) => (x) => segments(pattern, x).map((rows) => range(n).map((c) => total(column(rows, c)))),
  ),
  segmentSoftmax: entry(
    "en",
    ({ pattern }) => (x) => ops.segmentSoftmax(x, pattern),
    ({ pattern, n }) => (x) => segments(pattern, x).flatMap((rows) => flip(flip(rows, n).map(softmax), rows.length)),
  ),
  segmentSoftmaxMean: entry(
    "en en",
    ({ pattern }) => (s, v) => ops.segmentSoftmaxMean(s, v, pattern),
    ({ pattern, n }) => (s, v) => {
      const values = segments(pattern, v);
      return segments(pattern, s).map((rows, r) =>
        range(n).map((c) => dot(softmax(column(rows, c)), column(values[r], c)))
      );
    },
  ),
  toDense: entry(
    "e",
    ({ pattern }) => (v) => ops.toDense(ops.csr(pattern, v)),
    ({ pattern }) => (v) => dense(pattern, v),
  ),

  linear: entry(
    "mk nk n",
    () => ops.linear,
    () => (x, w, b) => products(x, w).map((row) => row.map((value, c) => value + b[c])),
  ),
  logSumExpRows: entry("mk", () => ops.logSumExpRows, () => (x) => x.map(logSumExp)),
  logSoftmaxRows: entry(
    "mk",
    () => ops.logSoftmaxRows,
    () => (x) => x.map((row) => row.map((value) => value - logSumExp(row))),
  ),
  softmaxRows: entry("mk", () => ops.softmaxRows, () => (x) => x.map(softmax)),
  dropout: entry(
    "m",
    ({ key }) => (x) => ops.dropout(key, x, 0.25),
    ({ key, m }) => (x) => Array.from(uniformArray(key, m), (u, i) => u < 0.25 ? 0 : x[i] / 0.75),
  ),

  bprLoss: entry(
    "m m",
    () => ops.bprLoss,
    () => (p, q) => total(p.map((value, i) => logSumExp([0, q[i] - value]))) / p.length,
    { empty: false },
  ),
  infoNce: entry("mk mk", () => (a, b) => ops.infoNce(a, b, 0.5), () => (a, b) => {
    const scores = products(a.map(direction), b.map(direction)).map((row) => row.map((value) => value / 0.5));
    return total(scores.map((row, i) => logSumExp(row) - row[i])) / a.length;
  }, { empty: false }),
  softmaxLoss: entry(
    "m mk",
    (at) => (p, s) => ops.softmaxLoss(p, s, drawn(at, p)),
    (at) => (p, s) => cross(at, p, s),
    { empty: false },
  ),
  sampledSoftmax: entry(
    "mn mn kn",
    (at) => (u, p, q) => ops.sampledSoftmax(u, p, q, drawn(at, u)),
    (at) => (u, p, q) => cross(at, u.map((row, r) => dot(row, p[r])), products(u, q)),
    { empty: false },
  ),
  fullSoftmax: entry(
    "mn kn",
    ({ choice }) => (u, q) => ops.fullSoftmax(u, q, choice.indices, { temperature: 0.5 }),
    ({ choice }) => (u, q) => {
      const scores = products(u, q).map((row) => row.map((value) => value / 0.5));
      return total(scores.map((row, r) => logSumExp(row) - row[choice.indices[r]])) / u.length;
    },
    { empty: false },
  ),
  l2: entry("mk", () => (x) => ops.l2(x, x), () => (x) => dot(x.flat(), x.flat())),
};
