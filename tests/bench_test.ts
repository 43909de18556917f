/** Tests of the benchmarks' data, statistics and options. @module */
import { ValueError } from "../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertAlmostEquals } from "deno-std/assert/almost_equals.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { lazily, numbers, randomData } from "../bench/data.ts";
import { COMMON, exponent, median, openWatched, options } from "../bench/measure.ts";
import { degree, free, ones, scope } from "../src/core/mod.ts";
import { histories, type SourceModality } from "../src/data/mod.ts";
import { loadFeatures } from "../src/data/sources.ts";
import { matmul, mul } from "../src/ops/mod.ts";
import { fc } from "./fc.ts";
import { inMemory } from "./data/in_memory.ts";

Deno.test("numbers() follow a formula that other languages can repeat", () => {
  const WORD = 2n ** 32n;
  const plain = (salt: bigint, place: bigint): number => {
    let h = ((place + 1n) * 0x9E3779B9n + salt * 0x85EBCA6Bn) % WORD;
    h = (h ^ (h >> 16n)) * 0x85EBCA6Bn % WORD;
    h = (h ^ (h >> 13n)) * 0xC2B2AE35n % WORD;
    return Number((h ^ (h >> 16n)) >> 8n) / 2 ** 24;
  };
  fc.assert(fc.property(fc.nat(100), fc.nat(200), (salt, count) => {
    assertEquals([...numbers(salt, count)], Array.from({ length: count }, (_, n) => plain(BigInt(salt), BigInt(n))));
  }));
});

Deno.test("numbers() look uniform", () => {
  for (const salt of [1, 2, 3]) {
    const drawn = numbers(salt, 100_000);
    const mean = drawn.reduce((sum, u) => sum + u, 0) / drawn.length;
    assertAlmostEquals(mean, 0.5, 5e-3);
    assertAlmostEquals(drawn.reduce((sum, u) => sum + (u - mean) ** 2, 0) / drawn.length, 1 / 12, 2e-3);
  }
});

Deno.test("randomData() gives every user training items and held-out items", () => {
  const sizes = fc.record({ users: fc.integer({ min: 1, max: 40 }), items: fc.integer({ min: 2, max: 40 }) });
  fc.assert(fc.property(sizes, fc.nat(50), ({ users, items }, more) => {
    const size = { users, items, interactions: 2 * users + more, heldOut: users, features: { image: 3, text: 2 } };
    const data = randomData("random", size);
    const drawn = new Int32Array(users);
    data.interactions.users.forEach((user, e) => drawn[user] += data.interactions.split[e] === 0 ? 1 : 0);
    assert(drawn.every((count) => count >= 2));
    const [train, test] = [histories(data, "train"), histories(data, "test")];
    for (let user = 0; user < users; user++) assert(degree(train, user) > 0 && degree(test, user) > 0);
    assertEquals(Object.values(data.modalities).map((m) => inMemory(m).values.length), [3 * items, 2 * items]);
  }));
});

Deno.test("lazily() has the numbers of randomData(), read when they are needed", async () => {
  const size = { users: 3, items: 7, interactions: 9, heldOut: 3, features: { image: 3, text: 2 } };
  const data = lazily(randomData("random", { ...size, features: {} }), size);
  assertEquals(await loadFeatures(data), randomData("random", size));
  const { text } = data.modalities as Record<string, SourceModality>;
  assertEquals(await text.read(2, 5), inMemory(randomData("random", size).modalities.text).values.slice(4, 10));
});

Deno.test("median() has as many numbers below it as above", () => {
  const lists = fc.array(fc.integer(), { minLength: 1, maxLength: 20 });
  fc.assert(fc.property(lists, (list) => {
    const middle = median(list);
    assertEquals(list.filter((x) => x < middle).length <= list.length / 2, true);
    assertEquals(list.filter((x) => x > middle).length <= list.length / 2, true);
    assertEquals(median(list.toReversed()), middle);
  }));
});

Deno.test("exponent() finds the power of a power law", () => {
  const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  fc.assert(fc.property(real(-3, 3), real(0.1, 100), (power, factor) => {
    const points = [1, 2, 4, 8, 16].map((x) => [x, factor * x ** power] as const);
    assertAlmostEquals(exponent(points), power, 1e-9);
  }));
});

Deno.test("options() reads flags in any order, with and without the -- of a task", () => {
  const kinds = { ...COMMON, shape: ["men", "women"], size: "text" } as const;
  const words = [["--json"], ["--threads", "3"], ["--repeat=5"], ["--shape", "men"], ["--size", "3x4"], ["--"]];
  const wanted = { json: true, threads: 3, repeat: 5, shape: "men", size: "3x4" };
  fc.assert(fc.property(fc.shuffledSubarray(words, { minLength: words.length - 1 }), (chosen) => {
    const said = new Set(chosen.flat().map((word) => word.replace(/^--|=.*$/g, "")));
    const expected = Object.fromEntries(Object.entries(wanted).filter(([name]) => said.has(name)));
    assertEquals({ ...options(kinds, chosen.flat()) }, expected);
  }));
});

Deno.test("options() refuses unknown options and values, with a sentence", () => {
  const kinds = { ...COMMON, shape: ["men", "women"] } as const;
  const misuses: readonly (readonly [string[], string])[] = [
    [["--shape", "boys"], 'Cannot set --shape to "boys": there are men, women'],
    [["--repeat", "0"], 'Cannot set --repeat to "0": a whole number above 0 is needed'],
    [["--threads"], "Cannot set --threads to nothing: a value must follow"],
    [["--json=yes"], 'Cannot set --json to "yes": it takes no value'],
    [
      ["--fast"],
      "Cannot understand --fast: there are --json, --threads N, --repeat N, --device native|wasm, --shape men|women",
    ],
    [["fast"], 'Cannot understand "fast": there are'],
  ];
  for (const [args, sentence] of misuses) assertThrows(() => options(kinds, args), ValueError, sentence);
});

Deno.test("peakBytes() counts blocks that are freed before the end, and frees all of its own", async () => {
  const { device, peakBytes } = openWatched();
  const x = ones([64, 64], { device });
  const before = device.bytesUsed();
  const most = await peakBytes(() => free(scope(() => mul(matmul(x, x), matmul(x, x)))));
  assert(most - before >= 3 * 4 * 64 * 64, `${most - before} bytes`);
  assertEquals(device.bytesUsed(), before);
  assertEquals(await peakBytes(() => {}), before);
  free(x);
});
