/** Tests of the tails of distributions against closed forms, known values and each other. @module */
import { ValueError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertAlmostEquals } from "deno-std/assert/almost_equals.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { normalTail, studentTail } from "../../src/rank/distribution.ts";

/** Fails unless two numbers agree to a relative tolerance. */
function assertNear(actual: number, expected: number, share = 1e-12): void {
  assert(Math.abs(actual - expected) <= share * Math.abs(expected), `${actual}, expected ${expected}`);
}

const statistic = fc.double({ min: 0, max: 60, noNaN: true });

Deno.test("normalTail() is accurate for large z", () => {
  // erfc(z / √2) of another implementation
  const known = [
    [0.01, 0.9920212873707368],
    [1, 0.31731050786291415],
    [3, 0.0026997960632601866],
    [6, 1.9731752900753965e-9],
    [20, 5.507248237212467e-89],
  ];
  for (const [z, p] of known) assertNear(normalTail(z), p, 1e-11);
  assertEquals(normalTail(0), 1);
  assertNear(normalTail(3), normalTail(3 + 1e-12), 1e-10);
});

Deno.test("studentTail() has the closed forms of 1, 2 and 4 degrees of freedom", () => {
  fc.assert(fc.property(statistic, (t) => {
    const root = Math.hypot(Math.SQRT2, t);
    assertAlmostEquals(studentTail(t, 1), 2 / Math.PI * Math.atan2(1, t), 1e-13);
    assertAlmostEquals(studentTail(t, 2), 2 / (root * (root + t)), 1e-13);
    const s = t * t / (4 + t * t);
    assertAlmostEquals(studentTail(t, 4), 1 - Math.sqrt(s) * (1.5 - 0.5 * s), 1e-13);
  }));
  for (const t of [30, 1e3, 1e6]) {
    assertNear(studentTail(t, 1), 2 / Math.PI * Math.atan2(1, t));
    assertNear(studentTail(t, 2), 2 / (Math.hypot(Math.SQRT2, t) * (Math.hypot(Math.SQRT2, t) + t)));
  }
});

Deno.test("studentTail() falls with |t| from 1, also where it changes from one sum to the other", () => {
  fc.assert(fc.property(statistic, statistic, fc.integer({ min: 1, max: 300 }), (a, b, freedom) => {
    const [low, high] = [Math.min(a, b), Math.max(a, b)];
    assert(studentTail(high, freedom) <= studentTail(low, freedom) + 1e-14);
    assertEquals(studentTail(-a, freedom), studentTail(a, freedom));
  }));
  for (const freedom of [1, 2, 7, 1000, 20001]) {
    assertEquals([studentTail(0, freedom), studentTail(Infinity, freedom)], [1, 0]);
    assertNear(studentTail(1, freedom), studentTail(1 - 1e-13, freedom), 1e-10);
  }
});

Deno.test("studentTail() approaches normalTail() as the degrees of freedom grow", () => {
  for (const t of [0.01, 0.5, 1, 2, 3, 6]) {
    // The first term of the difference; the next is smaller by about t⁴ / ν: φ(t) (t + t³) / (2ν).
    const difference = Math.exp(-t * t / 2) / Math.sqrt(2 * Math.PI) * (t + t ** 3) / 2;
    for (const freedom of [2e4, 200001]) {
      assertNear(studentTail(t, freedom), normalTail(t) + difference / freedom, 1e-8 + (1 + t ** 8) / freedom ** 2);
    }
  }
});

Deno.test("studentTail() refuses degrees of freedom that are not whole numbers above 0", () => {
  for (const freedom of [0, -1, 2.5, NaN]) {
    assertThrows(() => studentTail(1, freedom), ValueError, `Cannot studentTail with ${freedom} degrees of freedom`);
  }
});
