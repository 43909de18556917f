/**
 * Operations on whole rows: choosing them, adding them up, and treating those of a segment together. Choosing rows, adding them
 * where they belong, and summing segments are all products with a pattern of ones, so they share one primitive, and each one's
 * adjoint is the same product with the pattern transposed.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { Entries, Ids } from "../core/axis.ts";
import { apply, type Primitive } from "../core/autodiff.ts";
import { entries, type Pattern, transposed } from "../core/pattern.ts";
import { range } from "../core/range.ts";
import { type Rows, sameShape, type Shape, ShapeError, showShape, type WithRows } from "../core/shape.ts";
import { deviceCopy } from "../core/sparse.ts";
import type { Tensor } from "../core/tensor.ts";
import { mul, sub } from "./elementwise.ts";

/** How many numbers each row of a vector or matrix holds. */
const width = (shape: Shape): number => shape[1] ?? 1;

function withRows<R extends number, S extends Rows>(shape: S, rows: R): WithRows<R, S> {
  return [rows, ...shape.slice(1)] as readonly number[] as WithRows<R, S>;
}

// Y = P X, P of ones  ⇒  X̄ = Pᵀ Ȳ
const COLLECT: Primitive<readonly [Tensor<Rows>], Tensor<Rows>, Pattern> = {
  name: "collect rows of",
  forward: (device, [x], p) => device.kernels.spmm(deviceCopy(p, device), null, x.storage, width(x.shape), 0),
  vjp: (g, { p }) => [collect(transposed(p).pattern, g)],
};

// y = softmax x within each row  ⇒  x̄ = y ∘ (ȳ − Σ ȳ ∘ y over the row)
const SEGMENT_SOFTMAX: Primitive<readonly [Tensor<Rows>], Tensor<Rows>, Pattern> = {
  name: "normalise",
  forward: (device, [x], p) => device.kernels.segmentSoftmax(deviceCopy(p, device), x.storage, width(x.shape)),
  vjp: (g, { y, p }) => {
    const weighted = mul(g, y);
    const rows = segments(p);
    return [sub(weighted, mul(y, collect(transposed(rows).pattern, collect(rows, weighted))))];
  },
};

// y = Σ aₑ vₑ over the row, a = softmax s  ⇒  v̄ = a ȳ, s̄ = a ∘ (v − y) ȳ
const SEGMENT_MEAN: Primitive<readonly [Tensor<Rows>, Tensor<Rows>], Tensor<Rows>, Pattern> = {
  name: "average",
  forward: (device, [s, v], p) =>
    device.kernels.segmentSoftmaxMean(deviceCopy(p, device), s.storage, v.storage, width(s.shape)),
  vjp: (g, { xs: [s, v], y, p, wants }) => {
    const back = transposed(segments(p)).pattern;
    const share = mul(segmentSoftmax(s, p), collect(back, g));
    return [wants[0] ? mul(share, sub(v, collect(back, y))) : null, wants[1] ? share : null];
  },
};

function collect<R extends number, K extends number, S extends Rows<K>>(
  pattern: Pattern<R, K>,
  x: Tensor<S>,
): Tensor<WithRows<R, S>> {
  if (x.shape[0] !== pattern.columns) {
    throw new ShapeError(
      `Cannot collect rows of ${showShape(x.shape)} by a [${pattern.rows}, ${pattern.columns}] pattern: ` +
        `it must have ${pattern.columns} rows`,
    );
  }
  return apply(COLLECT, [x], pattern, withRows(x.shape, pattern.rows));
}

const segmentPatterns = new WeakMap<Pattern, Pattern>();

/** The pattern whose row r holds the positions of the entries of row r: summing by it sums segments. */
function segments<R extends number>(of: Pattern<R, number>): Pattern<R, Entries> {
  const known = segmentPatterns.get(of);
  if (known) return known as Pattern<R, Entries>;
  const made = { rows: of.rows, columns: entries(of), offsets: of.offsets, indices: range(entries(of)) };
  segmentPatterns.set(of, made);
  return made;
}

/**
 * Returns the rows of a matrix, or the elements of a vector, with the given numbers, in that order and with repetition. They are
 * an `Int32Array`, an array of numbers, or a pattern with one entry per row (`rowSelector`). The adjoint of {@link scatterAdd}.
 *
 * @throws {ShapeError} if a pattern does not have a column for each row.
 * @throws {ValueError} if there is no row of a given number.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { gather } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const x = tensor([[1, 2], [3, 4], [5, 6]]);
 * deepEqual([...readSync(gather(x, [2, 0]))], [5, 6, 1, 2]);
 * deepEqual([...readSync(gather(x, Int32Array.of(1, 1)))], [3, 4, 3, 4]);
 * ```
 */
export function gather<R extends number, K extends number, S extends Rows<K>>(
  x: Tensor<S>,
  rows: Ids<K> | readonly number[] | Pattern<R, K>,
): Tensor<WithRows<R, S>> {
  if (!("indices" in rows)) return collect(selector<R, K>(rows, x.shape), x);
  if (rows.columns !== x.shape[0]) {
    throw new ShapeError(
      `Cannot gather rows of ${showShape(x.shape)} by a [${rows.rows}, ${rows.columns}] pattern: ` +
        `the pattern must have ${x.shape[0]} columns, one for each row`,
    );
  }
  return collect(rows, x);
}

/** Returns the pattern that selects rows by their numbers, with a copy of these: the caller may change an array later. */
function selector<R extends number, K extends number>(rows: ArrayLike<number>, shape: Rows<K>): Pattern<R, K> {
  const [count] = shape;
  const indices = Int32Array.from(rows);
  for (let n = 0; n < indices.length; n++) {
    if (!(indices[n] === rows[n] && indices[n] >= 0 && indices[n] < count)) {
      throw new ValueError(
        `Cannot gather row ${rows[n]} of ${showShape(shape)}: ` +
          (count > 0 ? `rows are numbered from 0 to ${count - 1}` : "there are no rows"),
      );
    }
  }
  return { rows: indices.length as R, columns: count, offsets: range(indices.length + 1), indices };
}

/**
 * Returns zeros with row r of x added at the row that a choice names for it. The adjoint of {@link gather}.
 *
 * @throws {ShapeError} if there is not a row per choice.
 */
export function scatterAdd<R extends number, K extends number, S extends Rows<R>>(
  x: Tensor<S>,
  choice: Pattern<R, K>,
): Tensor<WithRows<K, S>> {
  return collect(transposed(choice).pattern, x);
}

/**
 * Returns, for each row of a pattern, the sum over its entries: of one number, or one row of numbers, per entry.
 *
 * @throws {ShapeError} if there is not a row per entry.
 */
export function segmentSum<R extends number, S extends Rows<Entries>>(
  x: Tensor<S>,
  of: Pattern<R, number>,
): Tensor<WithRows<R, S>> {
  return collect(segments(of), x);
}

/**
 * Returns eˣ divided by its sum within each row of a pattern. With a row of numbers per entry, each column is normalised by
 * itself.
 *
 * @throws {ShapeError} if there is not a row per entry.
 */
export function segmentSoftmax<S extends Rows>(x: Tensor<S>, of: Pattern): Tensor<S> {
  if (x.shape[0] !== entries(of)) {
    throw new ShapeError(`Cannot normalise ${showShape(x.shape)} over a pattern of ${entries(of)} entries`);
  }
  return apply(SEGMENT_SOFTMAX, [x], of, x.shape);
}

/**
 * Returns the mean of values within each row of a pattern, weighted by the softmax of their scores: Σ a v with a = softmax s;
 * 0 for rows without entries. With a row of numbers per entry, each column is averaged by itself.
 *
 * @throws {ShapeError} if there is not one score and one value, or row of them, per entry.
 *
 * @example
 * ```ts
 * import { patternFromCoo, readSync, segmentSoftmaxMean, tensor } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * const histories = patternFromCoo([2, 3], [0, 0, 1], [0, 2, 1]);
 * assertEquals([...readSync(segmentSoftmaxMean(tensor([0, 0, 5]), tensor([1, 2, 7]), histories))], [1.5, 7]);
 * ```
 */
export function segmentSoftmaxMean<R extends number, S extends Rows<Entries>>(
  scores: Tensor<S>,
  values: Tensor<NoInfer<S>>,
  of: Pattern<R, number>,
): Tensor<WithRows<R, S>> {
  if (scores.shape[0] !== entries(of) || !sameShape(scores.shape, values.shape)) {
    const shapes = `${showShape(values.shape)} by ${showShape(scores.shape)}`;
    throw new ShapeError(`Cannot average ${shapes} over a pattern of ${entries(of)} entries: one each is needed`);
  }
  return apply(SEGMENT_MEAN, [scores, values], of, withRows(scores.shape, of.rows));
}
