/**
 * Tests of candidates. `recommend_test.ts` and `evaluate_test.ts` test rankings and evaluations with candidates.
 * @module
 */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { patternFromCoo, rowOf } from "../../src/core/pattern.ts";
import { amongCandidates, candidatesOf, maskedRows } from "../../src/rank/candidates.ts";

const own = patternFromCoo([3, 4], [0, 0, 2], [1, 3, 0]);

Deno.test("candidatesOf() gives a list to all users, and a pattern row by row", () => {
  const [all, each] = [[2, 0], own].map((candidates) => candidatesOf("rankItems", candidates, [3, 4])!);
  assertEquals([0, 1].map((user) => [...all(user)]), [[2, 0], [2, 0]]);
  assertEquals([0, 1, 2].map((user) => [...each(user)]), [[1, 3], [], [0]]);
  assert(candidatesOf("rankItems", undefined, [3, 4]) === null);
});

Deno.test("amongCandidates() keeps the entries that are candidates", () => {
  const kept = amongCandidates(patternFromCoo([3, 4], [0, 0, 2], [2, 3, 3]), candidatesOf("rankItems", own, [3, 4])!);
  assertEquals([0, 1, 2].map((user) => [...rowOf(kept, user)]), [[3], [], []]);
});

Deno.test("maskedRows() has the masked entries and all items that are no candidates, for the given users", () => {
  const masked = patternFromCoo([3, 4], [0, 2], [3, 1]);
  const rows = maskedRows(masked, Int32Array.of(2, 0), candidatesOf("rankItems", own, [3, 4]));
  assertEquals([0, 1].map((n) => [...rowOf(rows, n)]), [[1, 2, 3], [0, 2, 3]]);
  assertEquals([...rowOf(maskedRows(masked, Int32Array.of(2), null), 0)], [1]);
});
