/** Tests of keys and draws: the published vectors of the generator, and the laws of its draws. @module */
import { KindError, ValueError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import {
  bits,
  choose,
  foldIn,
  integers,
  type Key,
  key,
  normalArray,
  split,
  threefry,
  uniformArray,
} from "../../src/core/random.ts";

const keys = fc.nat(Number.MAX_SAFE_INTEGER).map(key);
const counts = fc.nat(40);
const word = fc.nat(2 ** 32 - 1);

Deno.test("threefry() gives the known answers of the Random123 library", () => {
  assertEquals(threefry({ high: 0, low: 0 }, 0, 0), [0x6b200159, 0x99ba4efe]);
  assertEquals(threefry({ high: 0xffffffff, low: 0xffffffff }, 0xffffffff, 0xffffffff), [0x1cb996fc, 0xbb002be7]);
  assertEquals(threefry({ high: 0x13198a2e, low: 0x03707344 }, 0x243f6a88, 0x85a308d3), [0xc4923a9c, 0x483df7a0]);
});

Deno.test("threefry() changes about half of its output when one bit of its input changes", () => {
  const ones = (n: number): number => n.toString(2).replaceAll("0", "").length;
  fc.assert(fc.property(keys, word, word, fc.nat(31), (k, x, y, bit) => {
    const [a, b] = [threefry(k, x, y), threefry(k, (x ^ (1 << bit)) >>> 0, y)];
    const changed = ones((a[0] ^ b[0]) >>> 0) + ones((a[1] ^ b[1]) >>> 0);
    assert(changed >= 8 && changed <= 56, `${changed} of 64 bits`);
  }));
});

Deno.test("key() keeps all 53 bits of a seed, and refuses other values", () => {
  assertEquals(key(7), { high: 0, low: 7 });
  assertEquals(key(2 ** 32 + 5), { high: 1, low: 5 });
  assertEquals(key(Number.MAX_SAFE_INTEGER), { high: 2 ** 21 - 1, low: 2 ** 32 - 1 });
  for (const seed of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
    assertThrows(
      () => key(seed),
      ValueError,
      `Cannot make a key of ${seed}: a seed is a whole number from 0 to 2^53 - 1`,
    );
  }
});

const draws: Readonly<Record<string, (source: Key, count: number) => ArrayLike<number>>> = {
  bits,
  uniformArray,
  normalArray,
  integers: (source, count) => integers(source, count, 1000),
  choose: (source, count) => choose(source, 40, count),
};

for (const [name, draw] of Object.entries(draws)) {
  Deno.test(`${name}() draws the same for the same key, and a longer draw begins with the shorter one`, () => {
    fc.assert(fc.property(keys, counts, counts, (source, a, b) => {
      const [short, long] = [Math.min(a, b), Math.max(a, b)].map((count) => Array.from(draw(source, count)));
      assertEquals(long.slice(0, short.length), short);
      assertEquals(short.length, Math.min(a, b));
    }));
  });
}

Deno.test("split() gives keys that differ from each other and from their parent, and so do their draws", () => {
  fc.assert(fc.property(keys, fc.integer({ min: 2, max: 20 }), (parent, count) => {
    const family = [parent, ...split(parent, count)];
    assertEquals(new Set(family.map((k) => JSON.stringify(k))).size, count + 1);
    assertEquals(new Set(family.map((k) => bits(k, 4).join())).size, count + 1);
  }));
});

Deno.test("foldIn() gives different keys for different numbers, and agrees with split()", () => {
  fc.assert(fc.property(keys, fc.nat(Number.MAX_SAFE_INTEGER), fc.nat(Number.MAX_SAFE_INTEGER), (parent, a, b) => {
    fc.pre(a !== b);
    assert(JSON.stringify(foldIn(parent, a)) !== JSON.stringify(foldIn(parent, b)));
  }));
  assertEquals(split(key(3), 3), [0, 1, 2].map((n) => foldIn(key(3), n)));
});

Deno.test("foldIn() gives keys that do not occur in the draws of their parent", () => {
  fc.assert(fc.property(keys, (parent) => {
    const drawn = bits(parent, 40);
    for (let n = 0; n < 20; n++) {
      const { high, low } = foldIn(parent, n);
      assert(!(drawn[2 * n] === high && drawn[2 * n + 1] === low));
    }
  }));
});

/** Σ (observed − expected)² / expected over equally likely cells. */
function chiSquare(cells: readonly number[]): number {
  const expected = cells.reduce((sum, n) => sum + n, 0) / cells.length;
  return cells.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
}

Deno.test("uniformArray() fills [0, 1) evenly, and integers() its range", () => {
  const cells = (numbers: ArrayLike<number>): number[] => {
    const counts = Array<number>(100).fill(0);
    for (const n of Array.from(numbers)) counts[n]++;
    return counts;
  };
  const u = uniformArray(key(11), 100_000);
  assert(u.every((x) => x >= 0 && x < 1));
  // With 99 degrees of freedom, a statistic above 149 comes once in a thousand draws, and one below 61 as rarely.
  for (const drawn of [u.map((x) => Math.floor(x * 100)), integers(key(12), 100_000, 100)]) {
    const statistic = chiSquare(cells(drawn));
    assert(statistic > 61 && statistic < 149, `χ² is ${statistic}`);
  }
});

Deno.test("normalArray() has mean 0, variance 1, skewness 0 and kurtosis 3", () => {
  const z = normalArray(key(13), 100_000);
  const moment = (power: number): number => z.reduce((sum, x) => sum + x ** power, 0) / z.length;
  for (const [power, expected, error] of [[1, 0, 0.013], [2, 1, 0.018], [3, 0, 0.05], [4, 3, 0.15]]) {
    assert(Math.abs(moment(power) - expected) < error, `moment ${power} is ${moment(power)}`);
  }
  assert(z.every(Number.isFinite));
});

Deno.test("choose() gives different numbers below the bound, and by default a permutation", () => {
  fc.assert(fc.property(keys, counts, counts, (source, a, b) => {
    const [count, bound] = [Math.min(a, b), Math.max(a, b)];
    const chosen = choose(source, bound, count);
    assertEquals(new Set(chosen).size, count);
    assert(chosen.every((n) => n >= 0 && n < bound));
    assertEquals([...choose(source, bound)].sort((a, b) => a - b), Array.from({ length: bound }, (_, i) => i));
  }));
  assertThrows(
    () => choose(key(0), 3, 4),
    ValueError,
    "Cannot choose 4 of 3 numbers: the count must not exceed the bound",
  );
});

Deno.test("choose() gives every number the same probability at every position", () => {
  const places = Array.from({ length: 5 }, () => Array<number>(5).fill(0));
  for (const source of split(key(14), 5000)) choose(source, 5).forEach((n, place) => places[place][n]++);
  // With 4 degrees of freedom, 18.5 is exceeded once in a thousand draws.
  for (const place of places) assert(chiSquare(place) < 18.5, `χ² is ${chiSquare(place)}`);
});

Deno.test("every function that draws refuses a number in place of a key with a hint", () => {
  const calls: Readonly<Record<string, (source: Key) => unknown>> = {
    threefry: (source) => threefry(source, 0, 0),
    foldIn: (source) => foldIn(source, 1),
    split,
    ...Object.fromEntries(Object.entries(draws).map(([name, draw]) => [name, (source: Key) => draw(source, 3)])),
  };
  for (const [name, call] of Object.entries(calls)) {
    const message = `Cannot call ${name}() with 7 as its key: write key(7)`;
    assertThrows(() => call(7 as never), KindError, message);
    assertThrows(() => call(undefined as never), KindError, `Cannot call ${name}() with undefined as its key`);
    assertThrows(() => call(null as never), KindError, `Cannot call ${name}() with null as its key`);
  }
});
