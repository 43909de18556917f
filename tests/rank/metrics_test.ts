/** Tests of the metrics of one list. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertAlmostEquals } from "deno-std/assert/almost_equals.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { type Hits, hits, METRICS } from "../../src/rank/metrics.ts";

const { recall, precision, ndcg, ndcgRetrieved, hitRate, mrr, map } = METRICS;
const discount = (place: number): number => 1 / Math.log2(place + 1);

/** A list, a set of held-out items, some of them in the list, and a cutoff. */
const cases = fc.record({
  list: fc.uniqueArray(fc.nat(30), { maxLength: 25 }),
  heldOut: fc.uniqueArray(fc.nat(40), { minLength: 1, maxLength: 12 }).map((items) => new Set(items)),
  k: fc.integer({ min: 1, max: 30 }),
});
const judged = cases.map(({ list, heldOut, k }): [Hits, number] => [hits(list, heldOut), k]);

Deno.test("hits() gives the ranks of held-out items, from 1", () => {
  fc.assert(fc.property(cases, ({ list, heldOut }) => {
    const { ranks, relevant } = hits(list, heldOut);
    assertEquals(ranks.map((rank) => list[rank - 1]), list.filter((item) => heldOut.has(item)));
    assertEquals(relevant, heldOut.size);
  }));
});

for (const [name, metric] of Object.entries(METRICS)) {
  Deno.test(`${name} lies between 0 and 1`, () => {
    fc.assert(fc.property(judged, ([found, k]) => {
      const value = metric(found, k);
      assert(value >= 0 && value <= 1, `${value}`);
    }));
  });

  Deno.test(`${name} is 0 without hits, and without held-out items`, () => {
    assertEquals(metric({ ranks: [], relevant: 3 }, 10), 0);
    assertEquals(metric({ ranks: [], relevant: 0 }, 10), 0);
    assertEquals(metric({ ranks: [11], relevant: 3 }, 10), 0);
  });

  Deno.test(`${name} does not fall when a hit moves up`, () => {
    fc.assert(fc.property(judged, fc.nat(24), ([{ ranks, relevant }, k], pick) => {
      if (ranks.length === 0) return;
      const place = ranks[pick % ranks.length];
      if (place === 1 || ranks.includes(place - 1)) return;
      const better = ranks.map((rank) => rank === place ? place - 1 : rank);
      assert(metric({ ranks: better, relevant }, k) >= metric({ ranks, relevant }, k));
    }));
  });
}

for (const [name, metric] of Object.entries(METRICS).filter(([name]) => name !== "ndcgRetrieved")) {
  Deno.test(`${name} depends on the first K places only`, () => {
    fc.assert(fc.property(cases, ({ list, heldOut, k }) => {
      assertEquals(metric(hits(list, heldOut), k), metric(hits(list.slice(0, k), heldOut), k));
    }));
  });
}

for (const [name, metric] of Object.entries({ recall, hitRate, mrr })) {
  Deno.test(`${name} does not fall as K grows`, () => {
    fc.assert(fc.property(judged, ([found, k]) => assert(metric(found, k + 1) >= metric(found, k))));
  });
}

Deno.test("a list that begins with all held-out items has the best value of every metric", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 20 }), (relevant, k) => {
    const found = { ranks: Array.from({ length: relevant }, (_, n) => n + 1), relevant };
    assertEquals([ndcg, ndcgRetrieved, map, mrr, hitRate].map((metric) => metric(found, k)), [1, 1, 1, 1, 1]);
    assertEquals(recall(found, k), Math.min(1, k / relevant));
    assertEquals(precision(found, k), Math.min(1, relevant / k));
  }));
});

Deno.test("ndcg and ndcgRetrieved agree for one held-out item, and ndcgRetrieved is never lower", () => {
  fc.assert(fc.property(judged, ([found, k]) => {
    assert(ndcgRetrieved(found, k) >= ndcg(found, k));
    const single = { ranks: found.ranks.slice(0, 1), relevant: 1 };
    assertEquals(ndcgRetrieved(single, k), ndcg(single, k));
    assertEquals(map(single, k), mrr(single, k));
  }));
});

Deno.test("ndcg and ndcgRetrieved differ by the factor 1.6309 if one of two items is found", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 20 }), (rank) => {
    const found = { ranks: [rank], relevant: 2 };
    assertEquals(ndcgRetrieved(found, 20), discount(rank));
    assertAlmostEquals(ndcg(found, 20), discount(rank) / 1.6309, 1e-4);
  }));
});

Deno.test("the ideal of ndcgRetrieved counts the hits of the whole list, the ideal of ndcg all held-out items", () => {
  const found = { ranks: [1, 15, 18], relevant: 5 };
  const ideal = (places: number): number =>
    Array.from({ length: places }, (_, p) => discount(p + 1)).reduce((a, b) => a + b);
  assertAlmostEquals(ndcgRetrieved(found, 10), 1 / ideal(3));
  assertAlmostEquals(ndcgRetrieved(found, 2), 1 / ideal(2));
  assertAlmostEquals(ndcg(found, 10), 1 / ideal(5));
  assertAlmostEquals(ndcg(found, 2), 1 / ideal(2));
});

Deno.test("averagePrecision divides by the most hits that are possible in K places", () => {
  const found = { ranks: [1, 3, 6], relevant: 8 };
  assertAlmostEquals(map(found, 5), (1 / 1 + 2 / 3) / 5);
  assertAlmostEquals(map(found, 20), (1 / 1 + 2 / 3 + 3 / 6) / 8);
});
