/** Tests of the gradient check: it must accept correct gradients and find wrong ones. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { formula } from "../../kernels/mod.ts";
import { apply, type Primitive } from "../../src/core/autodiff.ts";
import { checkGradient } from "../../src/core/check.ts";
import { key, split } from "../../src/core/random.ts";
import { asMatrix } from "../../src/core/shape.ts";
import { readSync, type Tensor, tensor, type Vector } from "../../src/core/tensor.ts";
import { exp, mul, neg, scale, sum } from "../../src/ops/mod.ts";

/** Returns eˣ with the given pullback. */
function exponential(vjp: (g: Tensor, y: Tensor) => Tensor | null): (x: Vector) => Vector {
  const f = formula("exponentiate", ({ exp }) => exp);
  const primitive: Primitive<readonly [Vector], Vector, null> = {
    name: "exponentiate",
    forward: ({ kernels }, [{ storage, shape }]) =>
      kernels.map(f, [{ storage, extent: "both" }], [], asMatrix(shape))[0],
    vjp: (g, { y }) => [vjp(g, y)],
  };
  return (x) => apply(primitive, [x], null, x.shape);
}

const x = tensor([0.3, -0.8, 1.1, 0.5]);

Deno.test("checkGradient() accepts a correct gradient", async () => {
  const right = exponential((g, y) => mul(g, y));
  for (const k of split(key(1), 5)) assert(await checkGradient((x: Vector) => sum(right(x)), x, { key: k }) < 1e-3);
});

Deno.test("checkGradient() finds a gradient that is missing, or wrong in size, in sign or in place", async () => {
  const wrong = {
    size: (g: Tensor, y: Tensor) => scale(mul(g, y), 1.1),
    sign: (g: Tensor, y: Tensor) => neg(mul(g, y)),
    place: (g: Tensor, y: Tensor) => mul(g, tensor([...readSync(y)].reverse())),
    missing: () => null,
  };
  for (const [what, vjp] of Object.entries(wrong)) {
    const f = exponential(vjp);
    const off = await checkGradient((x: Vector) => sum(f(x)), x);
    assert(off > 0.05, `wrong in ${what}, yet only ${off} off`);
  }
});

Deno.test("checkGradient() checks every leaf of a tree", async () => {
  const half = exponential((g, y) => scale(mul(g, y), 0.5));
  const at = { right: x, nested: [{ wrong: x }] };
  type At = typeof at;
  assert(await checkGradient(({ right, nested: [{ wrong }] }: At) => sum(mul(exp(right), exp(wrong))), at) < 1e-3);
  assert(await checkGradient(({ right, nested: [{ wrong }] }: At) => sum(mul(exp(right), half(wrong))), at) > 0.05);
});

Deno.test("checkGradient() is 0 where function and gradient are constant", async () => {
  assertEquals(await checkGradient((_: Vector) => tensor(3), x), 0);
});
