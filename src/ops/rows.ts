/**
 * Operations on whole rows: selecting rows, adding rows at given places, and reducing the rows of a segment. Selecting,
 * adding and summing are all products with a pattern of ones, and the adjoint is the product with the transposed
 * pattern.
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
import { mul, sub } from "./arithmetic.ts";

/** Returns how many numbers each row of a vector or matrix holds. */
const width = (shape: Shape): number => shape[1] ?? 1;

function withRows<R extends number, S extends Rows>(shape: S, rows: R): WithRows<R, S> {
  return [rows, ...shape.slice(1)] as readonly number[] as WithRows<R, S>;
}

type Collecting = Primitive<readonly [Tensor<Rows>], Tensor<Rows>, Pattern>;

// Y = P X, P of ones  ⇒  X̄ = Pᵀ Ȳ
const [GATHER, SCATTER_ADD, SEGMENT_SUM] = ["gather", "scatterAdd", "segmentSum"].map((name): Collecting => ({
  name,
  forward: (device, [x], p) => device.kernels.spmm(deviceCopy(p, device), null, x.storage, width(x.shape), 0),
  vjp: (g, { p }) => [collect(name === "gather" ? SCATTER_ADD : GATHER, transposed(p).pattern, g)],
}));

/** Returns the product with a pattern of ones. */
function collect<R extends number, K extends number, S extends Rows<K>>(
  primitive: Collecting,
  pattern: Pattern<R, K>,
  x: Tensor<S>,
): Tensor<WithRows<R, S>> {
  return apply(primitive, [x], pattern, withRows(x.shape, pattern.rows));
}

/**
 * Returns the rows of a matrix, or the elements of a vector, with the given numbers, in this order and with repetition.
 * The numbers are an `Int32Array`, an array, or a pattern with one entry per row (`rowSelector`). The adjoint of
 * {@link scatterAdd}.
 *
 * @throws {ShapeError} if a pattern does not have a column for each row.
 * @throws {ValueError} if a row does not exist.
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
  if (!("indices" in rows)) return collect(GATHER, selector<R, K>(rows, x.shape), x);
  if (rows.columns !== x.shape[0]) {
    throw new ShapeError(
      `Cannot gather rows of ${showShape(x.shape)} by a [${rows.rows}, ${rows.columns}] pattern: ` +
        `the pattern must have ${x.shape[0]} columns, one for each row`,
    );
  }
  return collect(GATHER, rows, x);
}

/**
 * Returns the pattern that selects rows by their numbers, with a copy of these: the caller may change an array later.
 */
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
 * Returns zeros, with row r of x added at the row that the selection names for it. The adjoint of {@link gather}.
 *
 * @throws {ShapeError} if x does not have one row per entry of the selection.
 *
 * @example
 * ```ts
 * import { readSync, rowSelector, tensor } from "@giverny/giverny/core";
 * import { scatterAdd } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const places = rowSelector(Int32Array.of(2, 0, 2), 3);
 * deepEqual([...readSync(scatterAdd(tensor([1, 2, 4]), places))], [2, 0, 5]);
 * ```
 */
export function scatterAdd<R extends number, K extends number, S extends Rows<R>>(
  x: Tensor<S>,
  choice: Pattern<R, K>,
): Tensor<WithRows<K, S>> {
  if (x.shape[0] !== choice.rows) {
    const operands = `${showShape(x.shape)} by a [${choice.rows}, ${choice.columns}] pattern`;
    throw new ShapeError(`Cannot scatterAdd ${operands}: the pattern must have ${x.shape[0]} rows, one for each row`);
  }
  return collect(SCATTER_ADD, transposed(choice).pattern, x);
}

const segmentPatterns = new WeakMap<Pattern, Pattern>();

/** Returns the pattern whose row r holds the positions of the entries of row r: the product with it sums segments. */
function segments<R extends number>(of: Pattern<R, number>): Pattern<R, Entries> {
  const known = segmentPatterns.get(of);
  if (known) return known as Pattern<R, Entries>;
  const made = { rows: of.rows, columns: entries(of), offsets: of.offsets, indices: range(entries(of)) };
  segmentPatterns.set(of, made);
  return made;
}

function checkSegments(name: string, xs: readonly Tensor<Rows>[], of: Pattern): void {
  if (xs.every((x) => x.shape[0] === entries(of) && sameShape(x.shape, xs[0].shape))) return;
  const shapes = xs.map(({ shape }) => showShape(shape)).join(" and ");
  throw new ShapeError(
    `Cannot ${name} ${shapes} over a pattern of ${entries(of)} entries: one row per entry is needed`,
  );
}

/**
 * Returns, for each row of a pattern, the sum over its entries. `x` has one number, or one row of numbers, per entry.
 *
 * @throws {ShapeError} if `x` does not have one row per entry.
 *
 * @example
 * ```ts
 * import { patternFromCoo, readSync, tensor } from "@giverny/giverny/core";
 * import { segmentSum } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const histories = patternFromCoo([2, 3], [0, 0, 1], [0, 2, 1]);
 * deepEqual([...readSync(segmentSum(tensor([1, 2, 4]), histories))], [3, 4]);
 * ```
 */
export function segmentSum<R extends number, S extends Rows<Entries>>(
  x: Tensor<S>,
  of: Pattern<R, number>,
): Tensor<WithRows<R, S>> {
  checkSegments("segmentSum", [x], of);
  return collect(SEGMENT_SUM, segments(of), x);
}

// y = softmax x within each row  ⇒  x̄ = y ∘ (ȳ − Σ ȳ ∘ y over the row)
const SEGMENT_SOFTMAX: Primitive<readonly [Tensor<Rows>], Tensor<Rows>, Pattern> = {
  name: "segmentSoftmax",
  forward: (device, [x], p) => device.kernels.segmentSoftmax(deviceCopy(p, device), x.storage, width(x.shape)),
  vjp: (g, { y, p }) => {
    const weighted = mul(g, y);
    return [sub(weighted, mul(y, spread(segmentSum(weighted, p), p)))];
  },
};

/** Returns, for each entry of a pattern, the row of x that belongs to its row. The adjoint of {@link segmentSum}. */
function spread<S extends Rows>(x: Tensor<S>, of: Pattern): Tensor<S> {
  return collect(GATHER, transposed(segments(of)).pattern, x as Tensor<Rows>) as Tensor as Tensor<S>;
}

/**
 * Returns the softmax within each row of a pattern: eˣ divided by its sum over the entries of the row. With a row of
 * numbers per entry, each column is normalised separately.
 *
 * @throws {ShapeError} if `x` does not have one row per entry.
 *
 * @example
 * ```ts
 * import { patternFromCoo, readSync, tensor } from "@giverny/giverny/core";
 * import { segmentSoftmax } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const histories = patternFromCoo([2, 3], [0, 0, 1], [0, 2, 1]);
 * deepEqual([...readSync(segmentSoftmax(tensor([3, 3, 9]), histories))], [0.5, 0.5, 1]);
 * ```
 */
export function segmentSoftmax<S extends Rows>(x: Tensor<S>, of: Pattern): Tensor<S> {
  checkSegments("segmentSoftmax", [x], of);
  return apply(SEGMENT_SOFTMAX, [x], of, x.shape);
}

// y = Σ aₑ vₑ over the row, a = softmax s  ⇒  v̄ = a ȳ, s̄ = a ∘ (v − y) ȳ
const SEGMENT_MEAN: Primitive<readonly [Tensor<Rows>, Tensor<Rows>], Tensor<Rows>, Pattern> = {
  name: "segmentSoftmaxMean",
  forward: (device, [s, v], p) =>
    device.kernels.segmentSoftmaxMean(deviceCopy(p, device), s.storage, v.storage, width(s.shape)),
  vjp: (g, { xs: [s, v], y, p, wants }) => {
    const share = mul(segmentSoftmax(s, p), spread(g, p));
    return [wants[0] ? mul(share, sub(v, spread(y, p))) : null, wants[1] ? share : null];
  },
};

/**
 * Returns the mean of values within each row of a pattern, weighted by the softmax of their scores (attention pooling):
 * Σ a v with a = softmax s; 0 for rows without entries. With a row of numbers per entry, each column is averaged
 * separately.
 *
 * @throws {ShapeError} if there is not one score and one value, or one row of each, per entry.
 *
 * @example
 * ```ts
 * import { patternFromCoo, readSync, tensor } from "@giverny/giverny/core";
 * import { segmentSoftmaxMean } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const histories = patternFromCoo([2, 3], [0, 0, 1], [0, 2, 1]);
 * const mean = segmentSoftmaxMean(tensor([0, 0, 5]), tensor([1, 2, 7]), histories);
 * deepEqual([...readSync(mean)], [1.5, 7]);
 * ```
 */
export function segmentSoftmaxMean<R extends number, S extends Rows<Entries>>(
  scores: Tensor<S>,
  values: Tensor<NoInfer<S>>,
  of: Pattern<R, number>,
): Tensor<WithRows<R, S>> {
  checkSegments("segmentSoftmaxMean", [scores, values], of);
  return apply(SEGMENT_MEAN, [scores, values], of, withRows(scores.shape, of.rows));
}
