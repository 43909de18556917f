/**
 * Formulas as differentiable operations: a whole formula, and each of its gradients, is one pass over memory, where
 * single operations would write every intermediate result.
 *
 * @module
 */
import type { Extent, Formula } from "../../kernels/mod.ts";
import { apply, type Primitive } from "../core/autodiff.ts";
import { asMatrix, type Frozen, sameShape, type Shape, ShapeError, showShape, sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { type Derivative, derivatives } from "./derivative.ts";
import { type Kept, sumOver } from "./sums.ts";

/** An operand of a formula: a tensor, or a tensor that is repeated along the axes that it lacks. */
export type Operand = Tensor | readonly [x: Tensor, extent: Kept];

/** A formula of operands that lie on a matrix. */
interface Layout {
  readonly f: Formula;
  readonly extents: readonly Extent[];
  readonly numbers: readonly number[];
  /** The shape of the operands that are not repeated. */
  readonly shape: Shape;
  /** The axes of the result: all, or those that a sum keeps. */
  readonly keep: Extent;
}

// Y = f(X₁, X₂, …), or its sum over some axes  ⇒  X̄ₙ = Ȳ ∘ ∂f/∂Xₙ, summed over the axes that Xₙ lacks
const POINTWISE: Primitive<readonly Tensor[], Tensor, Layout> = {
  name: "pointwise",
  forward: ({ kernels }, xs, { f, extents, numbers, shape, keep }) => {
    const operands = xs.map(({ storage }, n) => ({ storage, extent: extents[n] }));
    const size = asMatrix(shape);
    return keep === "both"
      ? kernels.map(f, operands, numbers, size)[0]
      : kernels.reduce("sum", f, operands, numbers, size, keep);
  },
  vjp: (g, { xs, p, wants }) => {
    const slopes = derivatives(p.f, xs.length, p.numbers.length);
    const made = new Map<Derivative, Tensor>();
    const whole = xs.map((x, n) => {
      const slope = wants[n] && p.extents[n] === "both" ? slopes[n] : null;
      if (slope && !made.has(slope)) made.set(slope, carried(slope, g, xs, p, "both", x.shape));
      return slope && made.get(slope)!;
    });
    return xs.map((x, n) => {
      const [slope, extent] = [slopes[n], p.extents[n]];
      if (!wants[n] || !slope || extent === "both") return whole[n];
      const same = made.get(slope);
      return same ? sumOver(same, extent, x.shape) : carried(slope, g, xs, p, extent, x.shape);
    });
  },
};

/** Returns the gradient of an operand of some extent and shape. */
function carried(
  { formula, used, passes }: Derivative,
  g: Tensor,
  xs: readonly Tensor[],
  p: Layout,
  extent: Extent,
  shape: Shape,
): Tensor {
  if (passes && extent === p.keep) return g;
  const [values, places] = [[g, ...xs], [p.keep, ...p.extents]];
  const layout: Layout = { ...p, f: formula, extents: used.map((n) => places[n]), keep: extent };
  return apply(POINTWISE, used.map((n) => values[n]), layout, shape);
}

function laidOut(f: Formula, operands: readonly Operand[]): readonly [readonly Tensor[], readonly Extent[], Shape] {
  const pairs = operands.map((x): readonly [Tensor, Extent] => "storage" in x ? [x, "both"] : x);
  const shape = pairs.find(([, extent]) => extent === "both")?.[0].shape;
  if (!shape) throw new ShapeError(`Cannot ${f.name} without an operand of the result's shape: at least one is needed`);
  const { rows, columns } = asMatrix(shape);
  for (const [x, extent] of pairs) {
    const fits = extent === "both" ? sameShape(x.shape, shape) : sizeOf(x.shape) === { rows, columns, none: 1 }[extent];
    if (fits) continue;
    const rule = extent === "both" ? "shapes must match" : `one number for ${extent} is needed`;
    throw new ShapeError(`Cannot ${f.name} ${showShape(shape)} and ${showShape(x.shape)}: ${rule}`);
  }
  return [pairs.map(([x]) => x), pairs.map(([, extent]) => extent), shape];
}

/**
 * Returns the value of a formula at each place. The formula has one output; its gradients follow from it, and so do
 * their gradients.
 *
 * @param operands Tensors of the result's shape, and `[x, extent]` for numbers that are repeated: one per row
 * (`"rows"`), one per column (`"columns"`) or one alone (`"none"`).
 * @param numbers The last values of the formula, which are plain numbers; none by default.
 * @throws {ShapeError} if the shapes do not match.
 */
export function pointwise<S extends Shape>(
  f: Formula,
  operands: readonly [Tensor<S>, ...Operand[]],
  numbers: readonly number[] = [],
): Tensor<S> {
  const [xs, extents, shape] = laidOut(f, operands);
  return apply(POINTWISE, xs, { f, extents, numbers, shape, keep: "both" }, shape as S);
}

/**
 * Returns the sums of the values of {@link pointwise} over the axes that are not kept: a number per row (`"rows"`), a
 * number per column (`"columns"`) or one number (`"none"`).
 *
 * @throws {ShapeError} if the shapes do not match.
 */
export function pointwiseSum<S extends Shape>(
  f: Formula,
  operands: readonly Operand[],
  keep: Kept,
  shape: S,
): Tensor<Frozen<S>> {
  const [xs, extents, of] = laidOut(f, operands);
  return apply(POINTWISE, xs, { f, extents, numbers: [], shape: of, keep }, shape as Shape as Frozen<S>);
}
