import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { statistics } from "../../src/data/statistics.ts";
import { patternFromCoo } from "../../src/core/pattern.ts";
import type { Dataset } from "../../src/data/dataset.ts";

function dataset(
  log: readonly (readonly [user: number, item: number, split: number])[],
  users = 3,
  items = 5,
): Dataset {
  return {
    name: "small",
    users: Array.from({ length: users }, (_, u) => `u${u}`),
    items: Array.from({ length: items }, (_, i) => `i${i}`),
    interactions: {
      users: Int32Array.from(log, ([user]) => user),
      items: Int32Array.from(log, ([, item]) => item),
      split: Uint8Array.from(log, ([, , split]) => split),
      times: null,
    },
    modalities: {},
  };
}

Deno.test("statistics() of a small data set", () => {
  const data: Dataset = {
    ...dataset([[0, 0, 0], [0, 1, 0], [0, 2, 1], [1, 0, 0], [1, 0, 0], [1, 3, 2], [2, 4, 2]]),
    modalities: {
      image: {
        kind: "dense",
        columns: 2,
        values: Float32Array.of(1, 0, 1, 1, 0, 0, 1, 1, 1, 1),
        known: Uint8Array.of(1, 1, 0, 1, 1),
      },
      text: {
        kind: "sparse",
        pattern: patternFromCoo([5, 4], [0, 0, 1], [0, 1, 3]),
        values: Float32Array.of(1, 1, 1),
        known: Uint8Array.of(1, 1, 0, 0, 0),
      },
    },
  };
  assertEquals(statistics(data), {
    name: "small",
    users: 3,
    items: 5,
    interactions: { train: 4, validation: 1, test: 2, all: 7 },
    density: 6 / 15,
    perUser: { mean: 7 / 3, median: 3, min: 1, max: 3 },
    perItem: { mean: 7 / 5, median: 1, min: 1, max: 3 },
    usersWithoutTraining: 1,
    coldItems: 3,
    headShare: 3 / 4,
    duplicates: 1,
    modalities: {
      image: { kind: "dense", columns: 2, density: 0.7, coverage: 0.8 },
      text: { kind: "sparse", columns: 4, density: 0.15, coverage: 0.4 },
    },
    titles: false,
    pictures: false,
    times: false,
  });
});

Deno.test("statistics() are consistent, and zeros without interactions", () => {
  const entry = fc.tuple(fc.nat(2), fc.nat(4), fc.nat(2));
  fc.assert(fc.property(fc.array(entry, { maxLength: 40 }), (log) => {
    const { interactions, density, perUser, perItem, headShare, duplicates } = statistics(dataset(log));
    assertEquals(interactions.train + interactions.validation + interactions.test, log.length);
    assertEquals(interactions.all, log.length);
    for (const { mean, median, min, max } of [perUser, perItem]) {
      assert(min <= median && median <= max && min <= mean && mean <= max);
    }
    assert(density >= 0 && density <= 1 && headShare >= 0 && headShare <= 1);
    assertEquals(Math.round(density * 15) + duplicates, log.length);
  }));
});
