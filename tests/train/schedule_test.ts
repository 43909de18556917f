/** Tests of schedules of learning rates. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertAlmostEquals } from "deno-std/assert/almost_equals.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { constant, cosine, exponential, warmUp } from "../../src/train/schedule.ts";

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

const shares = fc.double({ min: 0, max: 0.99, noNaN: true });

Deno.test("exponential() is the same in all steps of an epoch", () => {
  fc.assert(fc.property(epochs, shares, (epoch, share) => {
    assertEquals(exponential(2)(epoch, share), exponential(2)(epoch));
  }));
});

Deno.test("cosine() falls from its rate to its floor, symmetrically about the middle, and stays there", () => {
  const lengths = fc.integer({ min: 1, max: 200 });
  fc.assert(fc.property(lengths, shares, fc.constantFrom(0, 0.1), (length, share, floor) => {
    const rate = cosine(2, { epochs: length, floor });
    assertEquals(rate(0), 2);
    for (const epoch of [length, length + 7]) assertAlmostEquals(rate(epoch, share), 2 * floor, 1e-12);
    const [early, late] = [rate(0, share * length), rate(0, length - share * length)];
    assertAlmostEquals(early + late, 2 * (1 + floor), 1e-9);
    assert(rate(0, share / 2) >= rate(0, share));
  }));
});

Deno.test("warmUp() rises in a line to the rates of its schedule, and is this schedule from then on", () => {
  fc.assert(fc.property(epochs, shares, fc.constantFrom(0, 0.5, 3, 10), (epoch, share, length) => {
    const plain = cosine(2, { epochs: 300 });
    const rate = warmUp(plain, length)(epoch, share);
    const risen = Math.min(1, (epoch + share) / length || 0);
    assertAlmostEquals(rate, plain(epoch, share) * (length === 0 ? 1 : risen), 1e-12);
  }));
});
