/** Tests of pairs that occur more than once. @module */
import { deepEqual } from "node:assert/strict";
import { fc } from "../fc.ts";
import { firstOfPairs } from "../../src/data/pairs.ts";

Deno.test("firstOfPairs() finds the first of equal pairs", () =>
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 200 }), (pairs) => {
    const names = pairs.map((pair) => pair.join());
    const found = firstOfPairs(Int32Array.from(pairs, ([user]) => user), Int32Array.from(pairs, ([, item]) => item));
    deepEqual([...found], names.map((name) => names.indexOf(name)));
  })));
