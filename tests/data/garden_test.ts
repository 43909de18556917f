/**
 * Tests of the garden: its parts, that they follow from the key, and that fame and content both predict visits.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertNotEquals } from "deno-std/assert/not_equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { degree, rowOf } from "../../src/core/pattern.ts";
import { key, uniformArray } from "../../src/core/random.ts";
import { type Dataset, histories, type Modality } from "../../src/data/dataset.ts";
import { pictureHistograms } from "../../src/data/encode_pictures.ts";
import { bagOfWords } from "../../src/data/encode_text.ts";
import { garden } from "../../src/data/garden.ts";

const data = garden(key(0));
const train = histories(data, "train"), validation = histories(data, "validation"), test = histories(data, "test");
const visitors = Int32Array.from(data.items, (_, i) => train.indices.filter((item) => item === i).length);

Deno.test("garden() of one key has the same bits, and of two keys different ones", () => {
  assertEquals(garden(key(0)), data);
  const other = garden(key(1));
  assertNotEquals(other.interactions.items, data.interactions.items);
  assertNotEquals(other.pictures, data.pictures);
  assertNotEquals(other.texts, data.texts);
});

Deno.test("garden() gives every item an id, a title, a description and a picture of its own", () => {
  for (const names of [data.users, data.items, data.titles!, data.texts!]) {
    assertEquals(new Set(names).size, names.length);
    assert(names.every((name) => name.trim().length > 5));
  }
  const { height, width, pixels } = data.pictures!, size = height * width * 3;
  assertEquals(pixels.length, data.items.length * size);
  const seen = data.items.map((_, i) => pixels.subarray(i * size, (i + 1) * size));
  assertEquals(new Set(seen.map((picture) => picture.join())).size, data.items.length);
  assert(seen.every((picture) => new Set(picture).size > 16));
  assert(data.texts!.every((text, i) => text.startsWith(data.titles![i])));
});

Deno.test("garden() has the features that the encoders make of its words and pictures", () => {
  assertEquals(data.modalities, {
    text: bagOfWords(data.texts!),
    image: pictureHistograms(data.pictures!),
  });
  for (const { known } of Object.values(data.modalities)) assert(known.every((flag) => flag === 1));
});

Deno.test("garden() has the requested sizes", () => {
  assertEquals([data.users.length, data.items.length], [600, 400]);
  const small = garden(key(2), { users: 1, items: 20 });
  assertEquals([small.users.length, small.items.length], [1, 20]);
  const many = garden(key(2), { users: 3, items: 1200 });
  assertEquals(new Set([...many.titles!, ...many.items]).size, 2400);
  assertThrows(() => garden(key(0), { items: 19 }), ValueError, "Cannot make a garden of 600 users and 19 items");
  assertThrows(() => garden(key(0), { users: 0.5 }), ValueError);
});

Deno.test("garden() gives every user training, validation and test items, none twice", () => {
  const { users, items } = data.interactions;
  assertEquals(new Set(Array.from(users, (user, e) => `${user} ${items[e]}`)).size, users.length);
  for (const part of [train, validation, test]) assert(data.users.every((_, u) => degree(part, u) > 0));
});

Deno.test("garden() holds warm interactions out by the official rule", () => {
  const warm = (part: typeof train, u: number) => rowOf(part, u).filter((item) => visitors[item] > 0).length;
  data.users.forEach((_, u) => {
    const held = warm(validation, u) + warm(test, u), n = degree(train, u) + held;
    const expected = n < 10 ? 2 : Math.floor(0.2 * n);
    assert(Math.abs(held - expected) <= 1, `user ${u} has ${held} of ${n} held out`);
  });
  const share = train.indices.length / data.interactions.items.length;
  assert(share > 0.7 && share < 0.8);
});

Deno.test("garden() has cold items, with held-out interactions only", () => {
  const cold = [...visitors.keys()].filter((i) => visitors[i] === 0);
  assert(cold.length >= 20 && cold.length <= 30);
  for (const part of [validation, test]) {
    assert(cold.filter((i) => part.indices.includes(i)).length >= 15);
  }
});

Deno.test("garden() has a long tail", () => {
  const ranked = visitors.toSorted((a, b) => b - a), head = ranked.subarray(0, ranked.length / 5);
  const share = head.reduce((sum, n) => sum + n, 0) / train.indices.length;
  assert(share > 0.33 && share < 0.6, `the head holds ${share}`);
});

Deno.test("garden() is predicted better by popularity than by chance, and better by content than by popularity", () => {
  for (const held of [data, garden(key(1))]) {
    const chance = recall(held, (u) => uniformArray(key(u), held.items.length));
    const popular = recall(held, popularity(held));
    const content = recall(held, profile(held));
    assert(chance < 0.08 && popular > 0.09 && popular < 0.2, `chance ${chance}, popularity ${popular}`);
    assert(popular + 0.01 < content && content < 0.4, `popularity ${popular}, content ${content}`);
  }
});

type Scores = (user: number) => ArrayLike<number>;

/** Mean recall at 20 on test, training items left out. */
function recall(held: Dataset, scores: Scores): number {
  const train = histories(held, "train"), test = histories(held, "test");
  const each = held.users.map((_, u) => {
    const score = scores(u), seen = new Set(rowOf(train, u)), relevant = rowOf(test, u);
    const ranked = [...held.items.keys()].filter((i) => !seen.has(i)).sort((a, b) => score[b] - score[a] || a - b);
    return ranked.slice(0, 20).filter((i) => relevant.includes(i)).length / relevant.length;
  });
  return each.reduce((sum, r) => sum + r, 0) / each.length;
}

function popularity(held: Dataset): Scores {
  const counts = new Int32Array(held.items.length);
  histories(held, "train").indices.forEach((i) => counts[i]++);
  return () => counts;
}

/** The similarity of each item to the history over all modalities: cosines of features about their mean. */
function profile(held: Dataset): Scores {
  const train = histories(held, "train");
  const likenesses = Object.values(held.modalities).map((modality) => cosines(modality, held.items.length));
  return (u) =>
    Float64Array.from(held.items, (_, i) => {
      const like = (of: Float64Array[]) => rowOf(train, u).reduce((sum, j) => sum + of[i][j], 0);
      return likenesses.reduce((sum, of) => sum + like(of), 0);
    });
}

/** Products of features about their mean: the products, centred over rows and over columns. */
function cosines(modality: Modality, items: number): Float64Array[] {
  const rows = sparseRows(modality, items);
  const products = rows.map((row) => {
    const filled = [...row];
    return rows.map((other) => filled.reduce((sum, [c, value]) => sum + value * (other.get(c) ?? 0), 0));
  });
  const means = products.map((row) => row.reduce((sum, value) => sum + value, 0) / items);
  const mean = means.reduce((sum, value) => sum + value, 0) / items;
  const about = products.map((row, i) => Float64Array.from(row, (value, j) => value - means[i] - means[j] + mean));
  return about.map((row, i) => row.map((value, j) => value / Math.sqrt(about[i][i] * about[j][j])));
}

function sparseRows(modality: Modality, items: number): Map<number, number>[] {
  return Array.from({ length: items }, (_, i) => {
    if (modality.kind === "dense") {
      const row = modality.values.subarray(i * modality.columns, (i + 1) * modality.columns);
      return new Map([...row.entries()].filter(([, value]) => value !== 0));
    }
    if (modality.kind === "source") throw new ValueError("a source");
    const { pattern, values } = modality;
    return new Map(Array.from(rowOf(pattern, i), (c, e) => [c, values[pattern.offsets[i] + e]]));
  });
}
