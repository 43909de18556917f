/**
 * Arithmetic on each element: sums, differences, products and quotients. Each operation stands with its formula and its
 * pullback.
 *
 * @module
 */
import { type Device, type Formula, formula, type Storage } from "../../kernels/mod.ts";
import { addInTurn, apply, type Primitive } from "../core/autodiff.ts";
import { asMatrix, sameShape, type Shape, ShapeError, showShape } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";

export { add } from "../core/autodiff.ts";

/** Computes a formula at each element of operands of one shape, and returns its outputs. */
export function mapElements(
  { kernels }: Device,
  f: Formula,
  xs: readonly Tensor[],
  numbers: readonly number[],
  shape: Shape,
): Storage[] {
  const operands = xs.map(({ storage }) => ({ storage, extent: "both" } as const));
  return kernels.map(f, operands, numbers, asMatrix(shape));
}

type Unary = Primitive<readonly [Tensor], Tensor, readonly number[]>;
type Binary = Primitive<readonly [Tensor, Tensor], Tensor, null>;

/** Returns the primitive of a formula of one operand and some plain numbers. */
export function unary(name: string, f: Formula, vjp: Unary["vjp"]): Unary {
  return { name, forward: (device, xs, numbers, shape) => mapElements(device, f, xs, numbers, shape)[0], vjp };
}

/** Returns the primitive of a formula of two operands of one shape. */
export function binary(name: string, f: Formula, vjp: Binary["vjp"]): Binary {
  return { name, forward: (device, xs, _, shape) => mapElements(device, f, xs, [], shape)[0], vjp };
}

/** Applies a primitive to two operands, after checking that they have one shape. */
export function applyBinary<S extends Shape>(primitive: Binary, a: Tensor<S>, b: Tensor<NoInfer<S>>): Tensor<S> {
  if (!sameShape(a.shape, b.shape)) {
    throw new ShapeError(`Cannot ${primitive.name} ${showShape(a.shape)} and ${showShape(b.shape)}: shapes must match`);
  }
  return apply(primitive, [a, b], null, a.shape);
}

// Y = A − B  ⇒  Ā = Ȳ, B̄ = −Ȳ
const SUB = binary("sub", formula("sub", ({ sub }) => sub), (g, { wants }) => [g, wants[1] ? neg(g) : null]);

/**
 * Returns a − b, elementwise.
 *
 * @throws {ShapeError} if the shapes differ.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { sub } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(sub(tensor([5, 7]), tensor([1, 2])))], [4, 5]);
 * ```
 */
export function sub<S extends Shape>(a: Tensor<S>, b: Tensor<NoInfer<S>>): Tensor<S> {
  return applyBinary(SUB, a, b);
}

// Y = A ∘ B  ⇒  Ā = Ȳ ∘ B, B̄ = Ȳ ∘ A
const MUL = binary(
  "mul",
  formula("mul", ({ mul }) => mul),
  (g, { xs: [a, b], wants }) => [wants[0] ? mul(g, b) : null, wants[1] ? mul(g, a) : null],
);

/**
 * Returns a · b, elementwise.
 *
 * @throws {ShapeError} if the shapes differ.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { mul } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(mul(tensor([2, 3]), tensor([4, 5])))], [8, 15]);
 * ```
 */
export function mul<S extends Shape>(a: Tensor<S>, b: Tensor<NoInfer<S>>): Tensor<S> {
  return applyBinary(MUL, a, b);
}

/**
 * Returns x², elementwise.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { square } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(square(tensor([2, -3])))], [4, 9]);
 * ```
 */
export function square<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return mul(x, x);
}

// Y = A / B  ⇒  Ā = Ȳ / B, B̄ = −Ȳ ∘ Y / B
const DIV = binary("div", formula("div", ({ div }) => div), (g, { xs: [, b], y, wants }) => {
  const share = div(g, b);
  return [share, wants[1] ? neg(mul(share, y)) : null];
});

/**
 * Returns a / b, elementwise.
 *
 * @throws {ShapeError} if the shapes differ.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { div } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(div(tensor([6, 1]), tensor([3, 2])))], [2, 0.5]);
 * ```
 */
export function div<S extends Shape>(a: Tensor<S>, b: Tensor<NoInfer<S>>): Tensor<S> {
  return applyBinary(DIV, a, b);
}

const affine = formula("scale", ({ fma }) => (x, c, d) => fma(x, c, d));

// Y = c X + d  ⇒  X̄ = c Ȳ
const [SCALE, SHIFT, NEG] = ["scale", "shift", "neg"].map((name) =>
  unary(name, affine, (g, { p: [c] }) => [scale(g, c)])
);

/**
 * Returns c · x for a number c.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { scale } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(scale(tensor([1, 2]), 10))], [10, 20]);
 * ```
 */
export function scale<S extends Shape>(x: Tensor<S>, c: number): Tensor<S> {
  return apply(SCALE, [x], [c, 0], x.shape);
}

/**
 * Returns x + d for a number d.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { shift } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(shift(tensor([1, 2]), 10))], [11, 12]);
 * ```
 */
export function shift<S extends Shape>(x: Tensor<S>, d: number): Tensor<S> {
  return apply(SHIFT, [x], [1, d], x.shape);
}

/**
 * Returns −x.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { neg } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...readSync(neg(tensor([1, -2])))], [-1, 2]);
 * ```
 */
export function neg<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return apply(NEG, [x], [-1, 0], x.shape);
}

/**
 * Returns the sum of one or more tensors of one shape.
 *
 * @throws {ShapeError} if the list is empty, or the shapes differ.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { addAll } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const x = tensor([1, 2]);
 * deepEqual([...readSync(addAll([x, x, x]))], [3, 6]);
 * ```
 */
export function addAll<S extends Shape>(xs: readonly Tensor<S>[]): Tensor<S> {
  if (xs.length === 0) throw new ShapeError("Cannot addAll an empty list of tensors: at least one is needed");
  const odd = xs.find(({ shape }) => !sameShape(shape, xs[0].shape));
  if (odd) {
    throw new ShapeError(`Cannot add ${showShape(xs[0].shape)} and ${showShape(odd.shape)}: shapes must match`);
  }
  return addInTurn(xs);
}
