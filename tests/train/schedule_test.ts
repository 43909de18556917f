/** Tests of schedules of learning rates. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertAlmostEquals } from "deno-std/assert/almost_equals.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { constant, exponential } from "../../src/train/schedule.ts";

const epochs = fc.nat(300);

Deno.test("constant() never changes", () => {
  fc.assert(fc.property(epochs, (epoch) => assertEquals(constant(0.3)(epoch), 0.3)));
});

Deno.test("exponential() is multiplied by its factor in `every` epochs, and falls in between", () => {
  const factors = fc.double({ min: 0.5, max: 0.99, noNaN: true });
  fc.assert(fc.property(epochs, factors, fc.integer({ min: 1, max: 100 }), (epoch, factor, every) => {
    const rate = exponential(2, { factor, every });
    assertEquals(rate(0), 2);
    assertAlmostEquals(rate(epoch + every) / rate(epoch), factor, 1e-9);
    assert(rate(epoch + 1) < rate(epoch));
  }));
});

Deno.test("exponential() is multiplied by 0.96 in 50 epochs by default", () => {
  assertAlmostEquals(exponential(1)(50), 0.96, 1e-12);
  assertEquals(exponential(1, { factor: 1 })(1000), 1);
});
