/** Tests of spaces of settings: all combinations, and random ones. @module */
import { ValueError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { key } from "../../src/core/random.ts";
import { type Candidates, combinations, drawCombinations, type Space, valuesOf } from "../../src/train/search.ts";

const lists: fc.Arbitrary<Candidates> = fc.uniqueArray(fc.oneof(fc.integer(), fc.boolean(), fc.string()), {
  minLength: 1,
  maxLength: 4,
});
const stepped: fc.Arbitrary<Candidates> = fc.record({
  from: fc.integer({ min: -5, max: 5 }),
  length: fc.nat(4),
  step: fc.constantFrom(0.1, 0.25, 1, 3),
}).map(({ from, length, step }) => ({ from, to: from + length * step, step }));
const spaces: fc.Arbitrary<Space> = fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), fc.oneof(lists, stepped), {
  maxKeys: 3,
});

Deno.test("valuesOf() lists every step and the end, rounded to decimal numbers", () => {
  assertEquals(valuesOf({ from: 0, to: 2, step: 0.25 }), [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]);
  assertEquals(valuesOf({ from: 0, to: 1, step: 0.1 }), [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
  assertEquals(valuesOf({ from: 0, to: 0.3, step: 0.1 }), [0, 0.1, 0.2, 0.3]);
  assertEquals(valuesOf({ from: 1, to: 2, step: 0.3 }), [1, 1.3, 1.6, 1.9]);
  assertEquals(valuesOf({ from: 3, to: 3, step: 1 }), [3]);
});

Deno.test("combinations() are all different, have every setting, and have the right number", () => {
  fc.assert(fc.property(spaces, (space) => {
    const all = combinations(space);
    const sizes = Object.values(space).map((c) => "from" in c ? valuesOf(c).length : c.length);
    assertEquals(all.length, sizes.reduce((product, size) => product * size, 1));
    assertEquals(new Set(all.map((config) => JSON.stringify(config))).size, all.length);
    for (const config of all) assertEquals(Object.keys(config), Object.keys(space));
  }));
});

Deno.test("drawCombinations() draws different combinations, and a longer draw begins with the shorter", () => {
  fc.assert(fc.property(spaces, fc.nat(1000), fc.nat(6), (space, seed, count) => {
    const all = new Set(combinations(space).map((config) => JSON.stringify(config)));
    const some = drawCombinations(key(seed), space, count);
    assert(some.length <= count);
    assertEquals(new Set(some.map((config) => JSON.stringify(config))).size, some.length);
    for (const config of some) assert(all.has(JSON.stringify(config)));
    assertEquals(drawCombinations(key(seed), space, count + 3).slice(0, some.length), some);
  }));
});

Deno.test("drawCombinations() draws every candidate, and numbers in the range, logarithmic with `log`", () => {
  const some = drawCombinations(key(3), {
    lr: { from: 1e-4, to: 1e-2, log: true },
    l2: { from: 0, to: 1 },
    n: [1, 2, 3],
  }, 400);
  assertEquals(some.length, 400);
  assertEquals(new Set(some.map(({ n }) => n)), new Set([1, 2, 3]));
  const below = (name: string, middle: number) => some.filter((config) => Number(config[name]) < middle).length / 400;
  const within = (name: string, low: number, high: number) =>
    some.every((config) => low <= Number(config[name]) && Number(config[name]) <= high);
  assert(within("lr", 1e-4, 1e-2) && within("l2", 0, 1));
  for (const share of [below("lr", 1e-3), below("l2", 0.5)]) assert(Math.abs(share - 0.5) < 0.1, `${share}`);
});

Deno.test("drawCombinations() returns all combinations of a small space", () => {
  assertEquals(drawCombinations(key(1), { a: [1, 2], b: [true] }, 9).length, 2);
  assertEquals(drawCombinations(key(1), {}, 5), [{}]);
});

Deno.test("impossible spaces are refused", () => {
  assertThrows(
    () => combinations({ lr: { from: 0, to: 1 } }),
    ValueError,
    "Cannot list the numbers from 0 to 1 in steps of 0: give",
  );
  assertThrows(
    () => valuesOf({ from: 2, to: 1, step: 1 }),
    ValueError,
    "Cannot list the numbers from 2 to 1 in steps of 1",
  );
  assertEquals(valuesOf({ from: 1, to: 10_000, step: 1 }).length, 10_000);
  for (const step of [1e-4, 1e-12, 5e-324]) {
    assertThrows(() => valuesOf({ from: 0, to: 1, step }), ValueError, "give a");
  }
  const hundred = { from: 1, to: 100, step: 1 };
  assertEquals(combinations({ a: hundred, b: hundred }).length, 10_000);
  assertThrows(
    () => combinations({ a: hundred, b: hundred, c: [1, 2] }),
    ValueError,
    "there are more than 10000; give fewer",
  );
  assertThrows(
    () => drawCombinations(key(0), { lr: { from: 0, to: 1, log: true } }, 1),
    ValueError,
    "Cannot draw from 0 to 1 with log: give",
  );
  assertThrows(
    () => drawCombinations(key(0), { lr: { from: 1, to: 0 } }, 1),
    ValueError,
    "Cannot draw from 1 to 0: give",
  );
});
