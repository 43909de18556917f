/** Tests of NumPy's legacy generator. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { mersenneTwister, numpyChoice } from "../../src/data/mersenne.ts";

Deno.test("mersenneTwister() gives the published words of the standard seed", () => {
  // The 10000th word after seed 5489 is fixed by the C++ standard ([rand.predef]).
  const word = mersenneTwister(5489);
  const words = Array.from({ length: 10_000 }, word);
  assertEquals([words[0], words[9_999]], [3499211612, 4123659995]);
});

Deno.test("numpyChoice() draws as NumPy does", () => {
  const word = mersenneTwister(123);
  assertEquals([1, 2, 3].map(() => numpyChoice(word, 5, 2)), [[1, 3], [0, 4], [3, 0]]);
  assertEquals(numpyChoice(word, 12, 2), [6, 2]);
});
