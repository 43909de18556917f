/** Tests of means over seeds. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { spread } from "../../src/experiments/spread.ts";

Deno.test("spread() of equal numbers is the number itself, with deviation 0", () => {
  fc.assert(fc.property(fc.double({ min: -1, max: 1, noNaN: true }), fc.integer({ min: 2, max: 12 }), (value, n) => {
    const values = Array.from({ length: n }, () => value);
    assertEquals(spread(values), { mean: value + 0, sd: 0, values });
  }));
});
