/** Tests of the exposure of items in rankings. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertAlmostEquals } from "deno-std/assert/almost_equals.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { degree, patternFromCoo, transposed } from "../../src/core/pattern.ts";
import {
  averagePopularity,
  coverage,
  exposure,
  gini,
  itemDegrees,
  popularityGroups,
  unseenItems,
} from "../../src/rank/exposure.ts";
import { patterns } from "../support.ts";

const counts = fc.array(fc.nat(20), { minLength: 1, maxLength: 15 }).map((list) => Int32Array.from(list));

Deno.test("exposure() counts the occurrences of each item", () => {
  assertEquals(exposure([Int32Array.of(0, 2), Int32Array.of(2, 3), Int32Array.of()], 5), Int32Array.of(1, 0, 2, 1, 0));
});

Deno.test("coverage() is the share of items that are shown", () => {
  fc.assert(fc.property(counts, (shown) => {
    assertAlmostEquals(coverage(shown), [...shown].filter((x) => x > 0).length / shown.length);
  }));
  assertEquals(coverage(new Int32Array(0)), 0);
});

Deno.test("gini() is half the mean difference between two items, relative to the mean", () => {
  fc.assert(fc.property(counts, (shown) => {
    const total = shown.reduce((a, b) => a + b);
    if (total === 0) return assertEquals(gini(shown), 0);
    const differences = [...shown].flatMap((a) => [...shown].map((b) => Math.abs(a - b))).reduce((a, b) => a + b);
    assertAlmostEquals(gini(shown), differences / (2 * shown.length * total), 1e-12);
  }));
});

Deno.test("gini() is 0 for equal exposure and 1 − 1/n if one item has all", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 9 }), (n, x) => {
    assertEquals(gini(new Int32Array(n).fill(x)), 0);
    assertAlmostEquals(gini(Int32Array.from({ length: n }, (_, i) => i === 0 ? x : 0)), 1 - 1 / n, 1e-12);
  }));
  assertEquals(gini(new Int32Array(0)), 0);
});

Deno.test("averagePopularity() is the mean degree of the shown items", () => {
  fc.assert(fc.property(patterns(6, 9), fc.array(fc.nat(8), { maxLength: 30 }), (history, shown) => {
    const degrees = itemDegrees(history);
    const mean = shown.length === 0 ? 0 : shown.map((item) => degrees[item]).reduce((a, b) => a + b) / shown.length;
    assertAlmostEquals(averagePopularity(exposure([Int32Array.from(shown)], 9), degrees), mean, 1e-12);
  }));
});

Deno.test("itemDegrees() are the degrees of the transpose", () => {
  fc.assert(fc.property(patterns(6, 9), (history) => {
    const { pattern } = transposed(history);
    assertEquals([...itemDegrees(history)], Array.from({ length: 9 }, (_, item) => degree(pattern, item)));
  }));
});

Deno.test("popularityGroups() divides the items into equal parts, popular before rare", () => {
  fc.assert(fc.property(fc.nat(23).chain((items) => patterns(7, items)), (history) => {
    const degrees = itemDegrees(history);
    const groups = popularityGroups(history, 5);
    const order = groups.flatMap((group) => [...group]);
    assertEquals(order.toSorted((a, b) => a - b), [...degrees.keys()]);
    assertEquals(order, order.toSorted((a, b) => degrees[b] - degrees[a] || a - b));
    const sizes = groups.map((group) => group.length);
    assert(groups.length === 5 && Math.max(...sizes) - Math.min(...sizes) <= 1);
  }));
  const history = patternFromCoo([2, 5], [0, 0, 1], [3, 1, 3]);
  assertEquals(popularityGroups(history, 5).map(([item]) => item), [3, 1, 0, 2, 4]);
});

Deno.test("unseenItems() are the items of no history, ascending", () => {
  fc.assert(fc.property(patterns(4, 9), (history) => {
    const seen = new Set(history.indices);
    assertEquals([...unseenItems(history)], [...itemDegrees(history).keys()].filter((item) => !seen.has(item)));
  }));
});
