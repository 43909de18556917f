/**
 * Rows scaled to length 1, optionally after a bias is added: one pass over memory computes the lengths, one scales.
 *
 * @module
 */
import { type Extent, formula } from "../../kernels/mod.ts";
import { apply, type Primitive } from "../core/autodiff.ts";
import { asMatrix, ShapeError, showShape } from "../core/shape.ts";
import type { Matrix, Vector } from "../core/tensor.ts";
import { mul, neg, rsqrt, scale, shift, step, sub } from "./elementwise.ts";
import { addRow, columnSums, rowDots, scaleRows } from "./reduce.ts";

/** The least squared length that rows are divided by. */
const FLOOR = 1e-24;

/** A matrix, with or without a bias per column. */
type Biased = readonly [x: Matrix] | readonly [x: Matrix, bias: Vector];

const square = formula("square", ({ mul }) => (x) => mul(x, x));
const squareBiased = formula("square", ({ add, mul }) => (x, b) => mul(add(x, b), add(x, b)));
const unit = formula(
  "normalizeRows",
  ({ one, mul, div, sqrt, max }) => (x, r, floor) => mul(x, div(one, sqrt(max(r, floor)))),
);
const unitBiased = formula(
  "normalizeRows",
  ({ one, add, mul, div, sqrt, max }) => (x, b, r, floor) => mul(add(x, b), div(one, sqrt(max(r, floor)))),
);
const reject = formula("reject", ({ sub, mul }) => (g, y, d, s) => mul(sub(g, mul(y, d)), s));

const extents: readonly Extent[] = ["both", "columns"];
const operandsOf = (xs: Biased) => [...xs].map(({ storage }, n) => ({ storage, extent: extents[n] }));
const shifted = ([x, bias]: Biased): Matrix => bias ? addRow(x, bias) : x;

// r = Σ (X + b)² over each row  ⇒  X̄ = 2 r̄ (X + b), b̄ = Σ X̄ over each column
const SQUARES: Primitive<Biased, Vector, null> = {
  name: "normalizeRows",
  forward: ({ kernels }, xs) => {
    const term = xs.length === 1 ? square : squareBiased;
    return kernels.reduce("sum", term, operandsOf(xs), [], asMatrix(xs[0].shape), "rows");
  },
  vjp: (g, { xs, wants }) => {
    const back = scaleRows(shifted(xs), scale(g, 2));
    return [back, wants[1] ? columnSums(back) : null];
  },
};

// Y = (X + b) / ‖X + b‖ by rows  ⇒  X̄ = (Ȳ − ⟨Ȳ, Y⟩ Y) / ‖X + b‖, or Ȳ / floor where that is shorter; b̄ = Σ X̄
const NORMALIZE: Primitive<Biased, Matrix, null> = {
  name: "normalizeRows",
  forward: ({ kernels }, xs) => {
    const size = asMatrix(xs[0].shape);
    const [term, whole] = xs.length === 1 ? [square, unit] : [squareBiased, unitBiased];
    const operands = operandsOf(xs);
    const squares = kernels.reduce("sum", term, operands, [], size, "rows");
    const [out] = kernels.map(whole, [...operands, { storage: squares, extent: "rows" }], [FLOOR], size);
    squares.device.free(squares);
    return out;
  },
  vjp: (g, { xs, y, wants }) => {
    const squares = apply(SQUARES, xs, null, [xs[0].shape[0]]);
    const along = mul(rowDots(g, y), step(shift(squares, -FLOOR)));
    const back = apply(REJECT, [g, y, along, rsqrt(squares, FLOOR)], null, y.shape);
    return [back, wants[1] ? columnSums(back) : null];
  },
};

// X = (G − d Y) s with d and s by rows
const REJECT: Primitive<readonly [Matrix, Matrix, Vector, Vector], Matrix, null> = {
  name: "normalizeRows",
  forward: ({ kernels }, xs, _, shape) => {
    const operands = xs.map(({ storage }, n) => ({ storage, extent: n < 2 ? "both" : "rows" } as const));
    return kernels.map(reject, operands, [], asMatrix(shape))[0];
  },
  vjp: (h, { xs: [g, y, d, s] }) => [
    scaleRows(h, s),
    scaleRows(h, neg(mul(d, s))),
    neg(mul(rowDots(h, y), s)),
    rowDots(h, sub(g, scaleRows(y, d))),
  ],
};

/**
 * Returns each row divided by its Euclidean length, or by 10⁻¹² if it is shorter. A bias, if given, is added to each
 * row first.
 *
 * @throws {ShapeError} if the bias does not have one number per column.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { normalizeRows } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(normalizeRows(tensor([[0, 4]])))], [0, 1]);
 * deepEqual([...readSync(normalizeRows(tensor([[3, 4]]), tensor([-3, 0])))], [0, 1]);
 * ```
 */
export function normalizeRows<R extends number, C extends number>(x: Matrix<R, C>, bias?: Vector<C>): Matrix<R, C> {
  if (bias && bias.shape[0] !== x.shape[1]) {
    throw new ShapeError(
      `Cannot normalizeRows of ${showShape(x.shape)} with a bias ${
        showShape(bias.shape)
      }: it needs one number per column`,
    );
  }
  const xs: Biased = bias ? [x, bias] : [x];
  return apply(NORMALIZE, xs, null, x.shape);
}
