/** Tests of derivatives of formulas; the gradients of `pointwise_test.ts` are made of them. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { formula } from "../../kernels/mod.ts";
import { grad, type Matrix, readSync, tensor } from "../../src/core/mod.ts";
import { derivatives } from "../../src/ops/derivative.ts";
import { sub, sum } from "../../src/ops/mod.ts";
import { pointwise } from "../../src/ops/pointwise.ts";

const x = (): Matrix => tensor([[0.7, -1.1, 1.6], [-0.4, 0.9, 1.3]]);

Deno.test("derivatives() read the operands that it needs only, and none where it is 0", () => {
  const f = formula("f", ({ fma, where, zero, one }) => (x, y, s) => fma(x, s, where(y, zero, one, zero)));
  assertEquals(derivatives(f, 2, 1)[0]?.used, [0]);
  assertEquals(derivatives(f, 2, 1)[1], null);
  const g = formula("g", ({ add }) => add);
  assertEquals(derivatives(g, 2, 0)[1]?.passes, true);
  const both = grad(({ x, y }: { x: Matrix; y: Matrix }) => sum(sub(pointwise(g, [x, y]), x)))({ x: x(), y: x() });
  assertEquals([...readSync(both.x), ...readSync(both.y)], [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
});
