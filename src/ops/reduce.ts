/**
 * Inner products, row maxima, and sums and products of a matrix with a vector per row or column. Each primitive stands
 * with its pullback and its functions. Plain sums and repeats are defined in `sums.ts`; this file exports them too.
 *
 * @module
 */
import { formula } from "../../kernels/mod.ts";
import { apply, type Primitive } from "../core/autodiff.ts";
import { asMatrix, sameShape, type Shape, ShapeError, showShape } from "../core/shape.ts";
import type { Matrix, Scalar, Tensor, Vector } from "../core/tensor.ts";
import { mul, neg, scale, shift, sub } from "./arithmetic.ts";
import { rsqrt } from "./elementwise.ts";
import { step } from "./piecewise.ts";
import { type Kept, repeatColumns, rowSums, sumOver } from "./sums.ts";

export { columnSums, fill, mean, repeatColumns, repeatRows, rowSums, sum } from "./sums.ts";

/** An operation on two tensors, of which one may have fewer axes. */
type Pair = Primitive<readonly [Tensor, Tensor], Tensor, Kept>;

const plus = formula("add", ({ add }) => add);

// Y = X + v repeated  ⇒  X̄ = Ȳ, v̄ = Σ Ȳ over the axes v lacks
const [ADD_ROW, ADD_COLUMN] = ["addRow", "addColumn"].map((name): Pair => ({
  name,
  forward: ({ kernels }, [x, v], extent, shape) =>
    kernels.map(plus, [{ storage: x.storage, extent: "both" }, { storage: v.storage, extent }], [], asMatrix(shape))[0],
  vjp: (g, { xs: [, v], p, wants }) => [g, wants[1] ? sumOver(g, p, v.shape) : null],
}));

/** Applies a primitive to a matrix and a vector of one number per row or per column. */
function withVector<R extends number, C extends number>(
  primitive: Pair,
  x: Matrix<R, C>,
  v: Vector,
  extent: "rows" | "columns",
): Matrix<R, C> {
  const axis = extent === "rows" ? 0 : 1;
  if (x.shape[axis] !== v.shape[0]) {
    const rule = `one number per ${extent.slice(0, -1)} is needed`;
    throw new ShapeError(`Cannot ${primitive.name} with ${showShape(x.shape)} and ${showShape(v.shape)}: ${rule}`);
  }
  return apply(primitive, [x, v], extent, x.shape);
}

/**
 * Returns x with the vector `v` added to every row: a bias per column.
 *
 * @throws {ShapeError} if `v` does not have one number per column.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { addRow } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(addRow(tensor([[1, 2], [3, 4]]), tensor([10, 20])))], [11, 22, 13, 24]);
 * ```
 */
export function addRow<R extends number, C extends number>(x: Matrix<R, C>, v: Vector<C>): Matrix<R, C> {
  return withVector(ADD_ROW, x, v, "columns");
}

/**
 * Returns x with the vector `v` added to every column: an offset per row.
 *
 * @throws {ShapeError} if `v` does not have one number per row.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { addColumn } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(addColumn(tensor([[1, 2], [3, 4]]), tensor([10, 20])))], [11, 12, 23, 24]);
 * ```
 */
export function addColumn<R extends number, C extends number>(x: Matrix<R, C>, v: Vector<R>): Matrix<R, C> {
  return withVector(ADD_COLUMN, x, v, "rows");
}

const times = formula("scale", ({ mul }) => mul);

// Y = X ∘ v repeated  ⇒  X̄ = Ȳ ∘ v repeated, v̄ = Σ Ȳ ∘ X over the axes v lacks
const scaling = (name: string): Pair => ({
  name,
  forward: ({ kernels }, [x, v], extent, shape) => {
    const operands = [{ storage: x.storage, extent: "both" }, { storage: v.storage, extent }] as const;
    return kernels.map(times, operands, [], asMatrix(shape))[0];
  },
  vjp: (g, { xs: [x, v], p, wants }) => [
    wants[0] ? apply(SCALE[p], [g, v], p, x.shape) : null,
    wants[1] ? apply(DOT[p], [g, x], p, v.shape) : null,
  ],
});

const SCALE: Readonly<Record<Kept, Pair>> = {
  none: scaling("scaleBy"),
  rows: scaling("scaleRows"),
  columns: scaling("scaleColumns"),
};

/**
 * Returns x with row r multiplied by v[r].
 *
 * @throws {ShapeError} if `v` does not have one number per row.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { scaleRows } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(scaleRows(tensor([[1, 2], [3, 4]]), tensor([10, 100])))], [10, 20, 300, 400]);
 * ```
 */
export function scaleRows<R extends number, C extends number>(x: Matrix<R, C>, v: Vector<R>): Matrix<R, C> {
  return withVector(SCALE.rows, x, v, "rows");
}

/**
 * Returns x with column c multiplied by v[c].
 *
 * @throws {ShapeError} if `v` does not have one number per column.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { scaleColumns } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(scaleColumns(tensor([[1, 2], [3, 4]]), tensor([10, 100])))], [10, 200, 30, 400]);
 * ```
 */
export function scaleColumns<R extends number, C extends number>(x: Matrix<R, C>, v: Vector<C>): Matrix<R, C> {
  return withVector(SCALE.columns, x, v, "columns");
}

/**
 * Returns s · x for a scalar tensor s, which may be a parameter.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { scaleBy } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(scaleBy(tensor([1, 2]), tensor(10)))], [10, 20]);
 * ```
 */
export function scaleBy<S extends Shape>(x: Tensor<S>, s: Scalar): Tensor<S> {
  return apply(SCALE.none, [x, s], "none", x.shape);
}

const product = formula("mul", ({ mul }) => mul);

// y = Σ A ∘ B over the axes not kept  ⇒  Ā = B ∘ ȳ repeated along them, B̄ = A ∘ ȳ repeated
const dotting = (name: string): Pair => ({
  name,
  forward: ({ kernels }, xs, keep) => {
    const operands = xs.map(({ storage }) => ({ storage, extent: "both" } as const));
    return kernels.reduce("sum", product, operands, [], asMatrix(xs[0].shape), keep);
  },
  vjp: (g, { xs: [a, b], p, wants }) =>
    a === b ? [apply(SCALE[p], [a, scale(g, 2)], p, a.shape), null] : [
      wants[0] ? apply(SCALE[p], [b, g], p, b.shape) : null,
      wants[1] ? apply(SCALE[p], [a, g], p, a.shape) : null,
    ],
});

const DOT: Readonly<Record<Kept, Pair>> = {
  none: dotting("dot"),
  rows: dotting("rowDots"),
  columns: dotting("columnDots"),
};

function checkSame(name: string, x: Tensor, y: Tensor): void {
  if (!sameShape(x.shape, y.shape)) {
    throw new ShapeError(`Cannot ${name} ${showShape(x.shape)} and ${showShape(y.shape)}: shapes must match`);
  }
}

/**
 * Returns the inner product ⟨x[r], y[r]⟩ of each row r.
 *
 * @throws {ShapeError} if the shapes differ.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { rowDots } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(rowDots(tensor([[1, 2], [3, 4]]), tensor([[1, 1], [2, 0]])))], [3, 6]);
 * ```
 */
export function rowDots<R extends number, C extends number>(
  x: Matrix<R, C>,
  y: Matrix<NoInfer<R>, NoInfer<C>>,
): Vector<R> {
  checkSame("rowDots", x, y);
  return apply(DOT.rows, [x, y], "rows", [x.shape[0]]);
}

/**
 * Returns the inner product of two tensors: Σ x · y over all elements.
 *
 * @throws {ShapeError} if the shapes differ.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { dot } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(dot(tensor([1, 2]), tensor([3, 4])))], [11]);
 * ```
 */
export function dot<S extends Shape>(x: Tensor<S>, y: Tensor<NoInfer<S>>): Scalar {
  checkSame("dot", x, y);
  return apply(DOT.none, [x, y], "none", []);
}

const itself = formula("values", () => (x) => x);

// y = max X over the columns  ⇒  X̄ = ȳ shared among the places where X = y
const ROW_MAX: Primitive<readonly [Matrix], Vector, null> = {
  name: "rowMax",
  forward: ({ kernels }, [{ storage, shape }]) =>
    kernels.reduce("max", itself, [{ storage, extent: "both" }], [], asMatrix(shape), "rows"),
  vjp: (g, { xs: [x], y }) => {
    const winners = shift(neg(step(sub(repeatColumns(y, x.shape[1]), x))), 1);
    const once = rsqrt(rowSums(winners));
    const share = mul(g, mul(once, once));
    return [scaleRows(winners, share)];
  },
};

/**
 * Returns the largest element of each row: −∞ for rows without columns. Equal elements share the gradient.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { rowMax } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(rowMax(tensor([[1, 5, 2], [3, 0, 3]])))], [5, 3]);
 * ```
 */
export function rowMax<R extends number>(x: Matrix<R, number>): Vector<R> {
  return apply(ROW_MAX, [x], null, [x.shape[0]]);
}
