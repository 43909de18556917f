/** Tests of formulas as differentiable operations. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { type Algebra, type Formula, formula, ShapeError } from "../../kernels/mod.ts";
import { checkGradient, grad, type Matrix, readSync, type Tensor, tensor, type Vector } from "../../src/core/mod.ts";
import { add, dot, mul, square, sum } from "../../src/ops/mod.ts";
import { pointwise, pointwiseSum } from "../../src/ops/pointwise.ts";

/** Formulas of x, of y per row, of z per column and of a number c that use each operation of the algebra. */
const FORMULAS: Readonly<Record<string, <V>(a: Algebra<V>) => (x: V, y: V, z: V, c: V) => V>> = {
  add: (a) => (x, y, z, c) => a.add(a.add(a.mul(x, x), a.mul(y, z)), c),
  sub: (a) => (x, y, z, c) => a.sub(a.sub(a.mul(x, y), z), a.mul(c, x)),
  mul: (a) => (x, y, z, c) => a.mul(a.mul(x, y), a.mul(z, c)),
  div: (a) => (x, y, z, c) => a.div(a.mul(x, z), a.add(c, a.mul(y, y))),
  fma: (a) => (x, y, z, c) => a.mul(a.fma(x, y, z), a.fma(c, z, x)),
  neg: (a) => (x, y, z) => a.neg(a.mul(x, a.mul(y, z))),
  abs: (a) => (x, y, z) => a.mul(a.abs(x), a.mul(a.abs(y), z)),
  min: (a) => (x, y, z) => a.mul(a.min(x, y), a.min(z, a.constant(0.3))),
  max: (a) => (x, y, z) => a.mul(a.max(x, y), a.max(z, a.constant(0.3))),
  sqrt: (a) => (x, y, z) => a.mul(z, a.sqrt(a.add(a.one, a.mul(a.mul(x, y), a.mul(x, y))))),
  exp: (a) => (x, y, z) => a.exp(a.mul(x, a.mul(y, z))),
  log: (a) => (x, y, z) => a.mul(z, a.log(a.add(a.constant(0.5), a.mul(a.mul(x, y), a.mul(x, y))))),
  log1p: (a) => (x, y, z) => a.mul(z, a.log1p(a.mul(a.mul(x, y), a.mul(x, y)))),
  tanh: (a) => (x, y, z, c) => a.mul(y, a.tanh(a.fma(x, z, c))),
  where: (a) => (x, y, z) => a.where(x, y, a.mul(x, z), a.mul(a.mul(x, y), y)),
};

const x = (): Matrix => tensor([[0.7, -1.1, 1.6], [-0.4, 0.9, 1.3]]);
const y = (): Vector => tensor([0.8, -1.2]);
const z = (): Vector => tensor([1.1, -0.6, 0.5]);

type Operands = { x: Matrix; y: Vector; z: Vector };

const c = [tensor(0.7), "none"] as const;
const at: Operands = { x: x(), y: y(), z: z() };

for (const [name, write] of Object.entries(FORMULAS)) {
  const f = formula(name, write as Formula["write"]);
  Deno.test(`pointwise() and its sum have the right gradients where the formula uses ${name}`, async () => {
    const weights = tensor([[0.3, 0.5, -0.7], [1.1, -0.2, 0.4]]);
    const all = ({ x, y, z }: Operands) => pointwise(f, [x, [y, "rows"], [z, "columns"]], [0.7]);
    const error = await checkGradient((at: Operands) => dot(all(at), weights), at);
    assert(error < 5e-3, `${error}`);
    const second = (at: Operands) => {
      const g = grad((p: Operands) => dot(all(p), weights))(at);
      return add(add(sum(mul(g.x, g.x)), sum(mul(g.y, g.y))), sum(g.z));
    };
    assert(await checkGradient(second, at) < 2e-2);
    const total = (at: Operands) =>
      sum(square(pointwiseSum(f, [at.x, [at.y, "rows"], [at.z, "columns"], c], "rows", [2])));
    assert(await checkGradient(total, at) < 5e-3);
  });
}

Deno.test("pointwise() has the values of its formula, with numbers that repeat along each axis", () => {
  const f = formula("blend", ({ fma, add }) => (x, y, z, s, c) => add(fma(x, y, z), add(s, c)));
  const found = pointwise(f, [tensor([[1, 2], [3, 4]]), [tensor([10, 100]), "rows"], [tensor([5, 6]), "columns"], [
    tensor(1000),
    "none",
  ]], [0.5]);
  assertEquals([...readSync(found)], [1015.5, 1026.5, 1305.5, 1406.5]);
});

Deno.test("pointwise() refuses operands that do not fit the result", () => {
  const f = formula("sum", ({ add }) => add);
  const message = "Cannot sum [2, 3] and [3]: one number for rows is needed";
  assertThrows(() => pointwise(f, [x(), [z(), "rows"]]), ShapeError, message);
  assertThrows(() => pointwise(f, [x(), z() as Tensor as Matrix]), ShapeError, "shapes must match");
});
