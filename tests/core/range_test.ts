/** Tests of lists of whole numbers. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { range } from "../../src/core/range.ts";

Deno.test("range() counts up from 0", () => {
  fc.assert(fc.property(fc.nat(100), (count) => assertEquals(range(count), Int32Array.from(Array(count).keys()))));
});
