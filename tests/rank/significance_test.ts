/** Tests of the paired tests against known values, all choices of signs, and laws. @module */
import { ValueError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertAlmostEquals } from "deno-std/assert/almost_equals.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { key, normalArray, uniformArray } from "../../src/core/random.ts";
import { normalTail } from "../../src/rank/distribution.ts";
import { holm, pairedT, wilcoxon } from "../../src/rank/significance.ts";

const pairs = (least = 2): fc.Arbitrary<readonly [number[], number[]]> =>
  fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 })), {
    minLength: least,
    maxLength: 10,
  })
    .map((list) => [list.map(([a]) => a), list.map(([, b]) => b)]);

/** Returns the result of the test from every choice of signs of the differences that are not 0. */
function signs(a: readonly number[], b: readonly number[]): { statistic: number; p: number } {
  const d = a.map((x, i) => x - b[i]).filter((x) => x !== 0);
  const rank = (x: number) =>
    d.filter((y) => Math.abs(y) < Math.abs(x)).length + (d.filter((y) => Math.abs(y) === Math.abs(x)).length + 1) / 2;
  const ranks = d.map(rank);
  const middle = d.length * (d.length + 1) / 4;
  const sum = (choice: (i: number) => boolean) => ranks.reduce((total, r, i) => total + (choice(i) ? r : 0), 0);
  const statistic = sum((i) => d[i] > 0);
  const all = Array.from({ length: 2 ** d.length }, (_, code) => sum((i) => (code >> i & 1) === 1));
  const far = all.filter((other) => Math.abs(other - middle) >= Math.abs(statistic - middle) - 1e-9);
  return { statistic, p: far.length / all.length };
}

Deno.test("pairedT() agrees with the published result for Student's sleep data", () => {
  // Student, Biometrika 1908: hours of sleep gained with two drugs by ten patients
  const one = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2];
  const two = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
  const { statistic, p, difference, error, effect } = pairedT(one, two);
  assertAlmostEquals(statistic, -4.0621, 1e-4);
  assertAlmostEquals(p, 0.002833, 1e-6);
  assertAlmostEquals(difference, -1.58);
  assertAlmostEquals(error * statistic, difference);
  assertAlmostEquals(effect, statistic / Math.sqrt(10));
});

Deno.test("wilcoxon() agrees with all choices of signs, ties and zeros included", () => {
  fc.assert(fc.property(pairs(), ([a, b]) => {
    const { statistic, p } = wilcoxon(a, b);
    const naive = signs(a, b);
    assertEquals(statistic, naive.statistic);
    assertAlmostEquals(p, naive.p, 1e-12);
  }));
});

Deno.test("wilcoxon() ignores rounding errors on any scale", () => {
  // Of each user and seed, the hits among as many test items; all such shares are multiples of 1 / 60.
  const shares = fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.nat(6)), { minLength: 5, maxLength: 5 });
  const users = fc.array(fc.tuple(shares, shares), { minLength: 2, maxLength: 70 });
  const sixtieths = (seeds: [number, number][]) =>
    seeds.reduce((sum, [n, hits]) => sum + Math.min(hits, n) * 60 / n, 0);
  const rounded = (seeds: [number, number][]) =>
    seeds.reduce((sum, [n, hits]) => sum + Number((Math.min(hits, n) / n).toPrecision(8)), 0) / seeds.length;
  fc.assert(fc.property(users, fc.constantFrom(1, 1e-12, 1e12), (pairs, scale) => {
    const [a, b] = [0, 1].map((side) => pairs.map((pair) => scale * rounded(pair[side])));
    const exact = [0, 1].map((side) => pairs.map((pair) => sixtieths(pair[side])));
    assertEquals(wilcoxon(a, b), wilcoxon(exact[0], exact[1]));
  }));
});

Deno.test("wilcoxon() of many pairs agrees with random signs", () => {
  const [size, sign] = [uniformArray(key(1), 120), uniformArray(key(2), 120)];
  const d = Array.from(size, (x, i) => Math.round(x * 20) * (sign[i] < 0.6 ? 1 : -1));
  const zeros = d.map(() => 0);
  const { statistic, p } = wilcoxon(d, zeros);
  const draws = 4000;
  const middle = (d.filter((x) => x !== 0).length * (d.filter((x) => x !== 0).length + 1)) / 4;
  const far = Array.from({ length: draws }, (_, n) => {
    const turn = uniformArray(key(n + 10), d.length);
    return wilcoxon(d.map((x, i) => turn[i] < 0.5 ? x : -x), zeros).statistic;
  }).filter((other) => Math.abs(other - middle) >= Math.abs(statistic - middle)).length / draws;
  assert(Math.abs(p - far) < 4 * Math.sqrt(p * (1 - p) / draws) + 1e-3, `${p}, drawn ${far}`);
});

Deno.test("wilcoxon() of many pairs is normal with the variance of signed ranks, for any number of ties", () => {
  fc.assert(
    fc.property(fc.integer({ min: 51, max: 90 }), fc.nat(1000), fc.integer({ min: 1, max: 9 }), (n, seed, most) => {
      const d = Array.from(uniformArray(key(seed), n), (x, i) => Math.ceil(x * most) * (i % 3 === 0 ? -1 : 1));
      const ranks = d.map((x) => {
        const [below, same] = [
          d.filter((y) => Math.abs(y) < Math.abs(x)),
          d.filter((y) => Math.abs(y) === Math.abs(x)),
        ];
        return below.length + (same.length + 1) / 2;
      });
      // Every rank r counts or not, with variance r² / 4.
      const variance = ranks.reduce((sum, rank) => sum + rank ** 2 / 4, 0);
      const { statistic, p } = wilcoxon(d, d.map(() => 0));
      assertAlmostEquals(p, normalTail((statistic - n * (n + 1) / 4) / Math.sqrt(variance)), 1e-12);
    }),
  );
});

Deno.test("swapping the lists changes only signs", () => {
  fc.assert(fc.property(pairs(), ([a, b]) => {
    const [t, back] = [pairedT(a, b), pairedT(b, a)];
    assertEquals([t.p, t.statistic + 0], [back.p, 0 - back.statistic]);
    const [w, turned] = [wilcoxon(a, b), wilcoxon(b, a)];
    assertAlmostEquals(w.p, turned.p, 1e-12);
    assertAlmostEquals(w.effect, -turned.effect, 1e-12);
    for (const { p } of [t, w]) assert(p >= 0 && p <= 1 + 1e-12);
    assert(Math.abs(w.effect) <= 1);
  }));
});

Deno.test("equal lists have p = 1 and no effect", () => {
  assertEquals(pairedT([1, 2, 3], [1, 2, 3]), { statistic: 0, p: 1, effect: 0, difference: 0, error: 0 });
  assertEquals(wilcoxon([1, 2, 3], [1, 2, 3]), { statistic: 0, p: 1, effect: 0 });
});

Deno.test("without a difference, the tests reject as often as their level says", () => {
  const tried = 600;
  const found = { t: 0, w: 0 };
  for (let n = 0; n < tried; n++) {
    const [a, b] = [normalArray(key(2 * n), 60), normalArray(key(2 * n + 1), 60)];
    found.t += Number(pairedT(a, b).p < 0.05);
    found.w += Number(wilcoxon(a, b).p < 0.05);
  }
  for (const count of [found.t, found.w]) assert(Math.abs(count / tried - 0.05) < 0.03, `${count} of ${tried}`);
});

Deno.test("holm() never lowers a probability, keeps their order, and multiplies the smallest by their number", () => {
  const probabilities = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 });
  fc.assert(fc.property(probabilities, (p) => {
    const corrected = holm(p);
    corrected.forEach((value, i) => {
      assert(value >= p[i] && value <= 1 && value <= Math.min(1, p.length * p[i]) + 1e-15);
      p.forEach((other, j) => assert(other < p[i] || corrected[j] >= value));
    });
    assertAlmostEquals(Math.min(...corrected), Math.min(1, p.length * Math.min(...p)));
  }));
  assertEquals(holm([]), []);
  // R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
  const corrected = holm([0.01, 0.04, 0.03, 0.005]);
  for (const [i, p] of [0.03, 0.06, 0.06, 0.02].entries()) assertAlmostEquals(corrected[i], p, 1e-15);
});

Deno.test("lists of different or too small lengths are refused", () => {
  for (const test of [pairedT, wilcoxon]) {
    assertThrows(() => test([1], [1]), ValueError, `Cannot ${test.name} lists of 1 and 1 numbers`);
    assertThrows(() => test([1, 2, 3], [1, 2]), ValueError, `Cannot ${test.name} lists of 3 and 2 numbers`);
  }
});
