/**
 * Sums and maxima over axes, their adjoints that repeat along axes, and the products with a vector per row or column.
 * Nothing repeats by itself: each such operation has a name.
 *
 * @module
 */
import { type Extent, formula } from "../../kernels/mod.ts";
import { apply, type Primitive } from "../core/autodiff.ts";
import { asMatrix, sameShape, type Shape, ShapeError, showShape, sizeOf } from "../core/shape.ts";
import type { Matrix, Scalar, Tensor, Vector } from "../core/tensor.ts";
import { mul, neg, rsqrt, scale, shift, step, sub } from "./elementwise.ts";

/** The axes that a smaller operand or a result has. */
type Kept = Exclude<Extent, "both">;

const copy = formula("repeat", () => (x) => x);
const itself = formula("values", () => (x) => x);
const product = formula("multiply", ({ mul }) => mul);
const plus = formula("add", ({ add }) => add);
const times = formula("scale", ({ mul }) => mul);

// y = Σ X over the axes not kept  ⇒  X̄ = ȳ repeated along them
const SUM: Primitive<readonly [Tensor], Tensor, Kept> = {
  name: "sum",
  forward: ({ kernels }, [{ storage, shape }], keep) =>
    kernels.reduce("sum", itself, [{ storage, extent: "both" }], [], asMatrix(shape), keep),
  vjp: (g, { xs: [x], p }) => [repeat(g, p, x.shape)],
};

// y = Σ A ∘ B over the axes not kept  ⇒  Ā = B ∘ ȳ repeated along them, B̄ = A ∘ ȳ repeated
const DOT: Primitive<readonly [Tensor, Tensor], Tensor, Kept> = {
  name: "multiply",
  forward: ({ kernels }, xs, keep) => {
    const operands = xs.map(({ storage }) => ({ storage, extent: "both" } as const));
    return kernels.reduce("sum", product, operands, [], asMatrix(xs[0].shape), keep);
  },
  vjp: (g, { xs: [a, b], p, wants }) =>
    a === b ? [apply(SCALE_PART, [a, scale(g, 2)], p, a.shape), null] : [
      wants[0] ? apply(SCALE_PART, [b, g], p, b.shape) : null,
      wants[1] ? apply(SCALE_PART, [a, g], p, a.shape) : null,
    ],
};

// Y = x repeated  ⇒  x̄ = Σ Ȳ over the axes x lacks
const REPEAT: Primitive<readonly [Tensor], Tensor, Kept> = {
  name: "repeat",
  forward: ({ kernels }, [x], extent, shape) =>
    kernels.map(copy, [{ storage: x.storage, extent }], [], asMatrix(shape))[0],
  vjp: (g, { xs: [x], p }) => [apply(SUM, [g], p, x.shape)],
};

// y = max X over the columns  ⇒  X̄ = ȳ shared among the places where X = y
const ROW_MAX: Primitive<readonly [Matrix], Vector, null> = {
  name: "take the row maxima of",
  forward: ({ kernels }, [{ storage, shape }]) =>
    kernels.reduce("max", itself, [{ storage, extent: "both" }], [], asMatrix(shape), "rows"),
  vjp: (g, { xs: [x], y }) => {
    const winners = shift(neg(step(sub(repeatColumns(y, x.shape[1]), x))), 1);
    const once = rsqrt(rowSums(winners));
    const share = mul(g, mul(once, once));
    return [scaleRows(winners, share)];
  },
};

// Y = X + v repeated  ⇒  X̄ = Ȳ, v̄ = Σ Ȳ over the axes v lacks
const ADD_PART: Primitive<readonly [Tensor, Tensor], Tensor, Kept> = {
  name: "add",
  forward: ({ kernels }, [x, v], extent, shape) =>
    kernels.map(plus, [{ storage: x.storage, extent: "both" }, { storage: v.storage, extent }], [], asMatrix(shape))[0],
  vjp: (g, { xs: [, v], p, wants }) => [g, wants[1] ? apply(SUM, [g], p, v.shape) : null],
};

// Y = X ∘ v repeated  ⇒  X̄ = Ȳ ∘ v repeated, v̄ = Σ Ȳ ∘ X over the axes v lacks
const SCALE_PART: Primitive<readonly [Tensor, Tensor], Tensor, Kept> = {
  name: "scale",
  forward: ({ kernels }, [x, v], extent, shape) =>
    kernels.map(
      times,
      [{ storage: x.storage, extent: "both" }, { storage: v.storage, extent }],
      [],
      asMatrix(shape),
    )[0],
  vjp: (g, { xs: [x, v], p, wants }) => [
    wants[0] ? apply(SCALE_PART, [g, v], p, x.shape) : null,
    wants[1] ? apply(DOT, [g, x], p, v.shape) : null,
  ],
};

function repeat<S extends Shape>(x: Tensor, extent: Kept, shape: S): Tensor<S> {
  return apply(REPEAT, [x], extent, shape);
}

/** A vector against one axis of a matrix. */
function part<R extends number, C extends number>(
  primitive: typeof ADD_PART,
  x: Matrix<R, C>,
  v: Vector,
  extent: "rows" | "columns",
): Matrix<R, C> {
  const axis = extent === "rows" ? 0 : 1;
  if (x.shape[axis] !== v.shape[0]) {
    throw new ShapeError(
      `Cannot ${primitive.name} ${showShape(x.shape)} by ${showShape(v.shape)}: one number per ${
        extent.slice(0, -1)
      } is needed`,
    );
  }
  return apply(primitive, [x, v], extent, x.shape);
}

/** Returns the sum of all elements; 0 for none. */
export function sum(x: Tensor): Scalar {
  return apply(SUM, [x], "none", []);
}

/**
 * Returns the mean of all elements.
 *
 * @throws {ShapeError} if there are none.
 */
export function mean(x: Tensor): Scalar {
  if (sizeOf(x.shape) === 0) throw new ShapeError(`Cannot take the mean of ${showShape(x.shape)}: it has no elements`);
  return scale(sum(x), 1 / sizeOf(x.shape));
}

/** Returns the sum of each row. */
export function rowSums<R extends number>(x: Matrix<R, number>): Vector<R> {
  return apply(SUM, [x], "rows", [x.shape[0]]);
}

/** Returns the sum of each column. */
export function columnSums<C extends number>(x: Matrix<number, C>): Vector<C> {
  return apply(SUM, [x], "columns", [x.shape[1]]);
}

/** Returns the largest element of each row, −∞ for rows without columns. Equal ones share the gradient. */
export function rowMax<R extends number>(x: Matrix<R, number>): Vector<R> {
  return apply(ROW_MAX, [x], null, [x.shape[0]]);
}

/** Returns a matrix whose rows are all `x`. The adjoint of {@link columnSums}. */
export function repeatRows<R extends number, C extends number>(x: Vector<C>, rows: R): Matrix<R, C> {
  return repeat(x, "columns", [rows, x.shape[0]]);
}

/** Returns a matrix whose columns are all `x`. The adjoint of {@link rowSums}. */
export function repeatColumns<R extends number, C extends number>(x: Vector<R>, columns: C): Matrix<R, C> {
  return repeat(x, "rows", [x.shape[0], columns]);
}

/** Returns a tensor in which every element is the scalar `x`. The adjoint of {@link sum}. */
export function fill<S extends Shape>(x: Scalar, shape: S): Tensor<S> {
  return repeat(x, "none", shape);
}

/**
 * Returns x with `v` added to every row: a bias per column.
 *
 * @throws {ShapeError} if there is not a number per column.
 */
export function addRow<R extends number, C extends number>(x: Matrix<R, C>, v: Vector<C>): Matrix<R, C> {
  return part(ADD_PART, x, v, "columns");
}

/**
 * Returns x with `v` added to every column: an offset per row.
 *
 * @throws {ShapeError} if there is not a number per row.
 */
export function addColumn<R extends number, C extends number>(x: Matrix<R, C>, v: Vector<R>): Matrix<R, C> {
  return part(ADD_PART, x, v, "rows");
}

/**
 * Returns x with row r multiplied by v[r].
 *
 * @throws {ShapeError} if there is not a number per row.
 */
export function scaleRows<R extends number, C extends number>(x: Matrix<R, C>, v: Vector<R>): Matrix<R, C> {
  return part(SCALE_PART, x, v, "rows");
}

/**
 * Returns x with column c multiplied by v[c].
 *
 * @throws {ShapeError} if there is not a number per column.
 */
export function scaleColumns<R extends number, C extends number>(x: Matrix<R, C>, v: Vector<C>): Matrix<R, C> {
  return part(SCALE_PART, x, v, "columns");
}

/** Returns s · x for a scalar tensor s, which may be a parameter. */
export function scaleBy<S extends Shape>(x: Tensor<S>, s: Scalar): Tensor<S> {
  return apply(SCALE_PART, [x, s], "none", x.shape);
}

/**
 * Returns ⟨x[r], y[r]⟩ for each row r.
 *
 * @throws {ShapeError} if the shapes differ.
 */
export function rowDots<R extends number, C extends number>(
  x: Matrix<R, C>,
  y: Matrix<NoInfer<R>, NoInfer<C>>,
): Vector<R> {
  checkSame(x, y);
  return apply(DOT, [x, y], "rows", [x.shape[0]]);
}

/**
 * Returns Σ x · y over all elements.
 *
 * @throws {ShapeError} if the shapes differ.
 */
export function dot<S extends Shape>(x: Tensor<S>, y: Tensor<NoInfer<S>>): Scalar {
  checkSame(x, y);
  return apply(DOT, [x, y], "none", []);
}

function checkSame(x: Tensor, y: Tensor): void {
  if (!sameShape(x.shape, y.shape)) {
    throw new ShapeError(`Cannot multiply ${showShape(x.shape)} and ${showShape(y.shape)}: shapes must match`);
  }
}
