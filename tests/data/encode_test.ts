/**
 * Tests of the encoders: laws of the bag of words and of the picture histograms, and the modalities of `withEncodings`.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { fc } from "../fc.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertAlmostEquals } from "deno-std/assert/almost_equals.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { rowOf } from "../../src/core/pattern.ts";
import type { Dataset, Pictures, SparseModality } from "../../src/data/dataset.ts";
import { withEncodings } from "../../src/data/encode.ts";
import { pictureHistograms } from "../../src/data/encode_pictures.ts";
import { bagOfWords } from "../../src/data/encode_text.ts";

const texts = fc.array(fc.string({ unit: fc.constantFrom("a", "é", "水", "7", " ", ",", "B") }), { maxLength: 8 });

function wordsOfRow({ pattern, values }: SparseModality, row: number): (readonly [column: number, value: number])[] {
  return Array.from(rowOf(pattern, row), (column, e) => [column, values[pattern.offsets[row] + e]] as const);
}

function length(values: Iterable<number>): number {
  return Math.hypot(...values);
}

Deno.test("bagOfWords() gives a row of length one to every text with a word, and an empty row to the others", () => {
  fc.assert(fc.property(texts, (texts) => {
    const bag = bagOfWords(texts, { columns: 64 });
    texts.forEach((text, i) => {
      const worded = /[a-zé水7B]/.test(text);
      assertEquals(bag.known[i], worded ? 1 : 0);
      assertAlmostEquals(length(wordsOfRow(bag, i).map(([, value]) => value)), worded ? 1 : 0, 1e-6);
    });
  }));
});

Deno.test("bagOfWords() permutes its rows with the texts", () => {
  fc.assert(fc.property(texts, (texts) => {
    const bag = bagOfWords(texts), backwards = bagOfWords(texts.toReversed());
    texts.forEach((_, i) => assertEquals(wordsOfRow(backwards, texts.length - 1 - i), wordsOfRow(bag, i)));
  }));
});

Deno.test("bagOfWords() does not depend on the order of words, their case or punctuation", () => {
  const bag = bagOfWords(["lilies on the pond, at dusk", "DUSK: at the pond on Lilies!", "a street"]);
  assertEquals(rowOf(bag.pattern, 0), rowOf(bag.pattern, 1));
  wordsOfRow(bag, 0).forEach(([, value], e) => assertAlmostEquals(value, wordsOfRow(bag, 1)[e][1], 1e-6));
});

Deno.test("bagOfWords() weighs each word by (1 + ln tf)(1 + ln((1 + n) / (1 + df)))", () => {
  const columnOf = (word: string) => bagOfWords([word]).pattern.indices[0];
  const words = ["rose", "iris", "aster", "tulip", "lily"];
  fc.assert(fc.property(fc.array(fc.nat({ max: 4 }), { minLength: 5, maxLength: 5 }), (tf) => {
    fc.pre(tf.some((times) => times > 0));
    const row = new Map(
      wordsOfRow(bagOfWords([words.flatMap((w, k) => new Array(tf[k]).fill(w)).join(" "), "rose"]), 0),
    );
    const weights = tf.map((times, k) => times && (1 + Math.log(times)) * (1 + Math.log(3 / (1 + (k === 0 ? 2 : 1)))));
    words.forEach((word, k) => assertAlmostEquals(row.get(columnOf(word)) ?? 0, weights[k] / length(weights), 1e-6));
  }));
});

Deno.test("bagOfWords() hashes words with FNV-1a", () => {
  assertEquals([...bagOfWords(["a"], { columns: 1 << 16 }).pattern.indices], [0xe40c292c % (1 << 16)]);
  assertEquals([...bagOfWords(["foobar"], { columns: 1 << 16 }).pattern.indices], [0xbf9cf968 % (1 << 16)]);
});

Deno.test("bagOfWords() refuses a number of columns that is not a whole number above 0", () => {
  assertThrows(() => bagOfWords(["a"], { columns: 0 }), ValueError, "Cannot hash words to 0 columns");
  assertThrows(() => bagOfWords(["a"], { columns: 1.5 }), ValueError);
});

const HEIGHT = 6, WIDTH = 9, BYTES = HEIGHT * WIDTH * 3;
const BLOCK = 4 ** 3 + 8;

function pictures(...pixels: ArrayLike<number>[]): Pictures {
  return { height: HEIGHT, width: WIDTH, pixels: Uint8Array.from(pixels.flatMap((picture) => Array.from(picture))) };
}

const picture = fc.uint8Array({ minLength: BYTES, maxLength: BYTES }).filter((bytes) => bytes.some((byte) => byte > 0));

/** The directions of edges in each cell of the first picture. */
function edges(of: Pictures): number[][] {
  const { values } = pictureHistograms(of);
  return Array.from({ length: 9 }, (_, cell) => [...values.subarray(cell * BLOCK + 64, (cell + 1) * BLOCK)]);
}

Deno.test("pictureHistograms() gives rows of length one", () => {
  fc.assert(fc.property(picture, (bytes) => {
    const { columns, values, known } = pictureHistograms(pictures(bytes));
    assertEquals([columns, values.length, known[0]], [9 * BLOCK, 9 * BLOCK, 1]);
    assertAlmostEquals(length(values), 1, 1e-5);
    assert(values.every((value) => value >= 0));
  }));
});

Deno.test("pictureHistograms() permutes its rows with the pictures", () => {
  fc.assert(fc.property(picture, picture, (a, b) => {
    const ab = pictureHistograms(pictures(a, b)), ba = pictureHistograms(pictures(b, a));
    assertEquals(ab.values.subarray(0, ab.columns), ba.values.subarray(ba.columns));
    assertEquals(ab.values.subarray(ab.columns), ba.values.subarray(0, ba.columns));
  }));
});

Deno.test("pictureHistograms() finds no edges in a constant picture, and shares its colour among tones", () => {
  fc.assert(fc.property(fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: 1, max: 255 }))), (colour) => {
    const constant = pictures(Array.from({ length: BYTES }, (_, k) => colour[k % 3]));
    assertEquals(edges(constant).flat(), new Array(72).fill(0));
    const filled = pictureHistograms(constant).values.filter((value) => value > 0).length;
    assert(filled >= 9 && filled <= 72);
  }));
});

Deno.test("pictureHistograms() keeps the edges when brightness or contrast changes", () => {
  const dim = fc.uint8Array({ minLength: BYTES / 3, maxLength: BYTES / 3, max: 100 });
  fc.assert(fc.property(dim, fc.integer({ min: 1, max: 55 }), (greys, more) => {
    const grey = (tone: (byte: number) => number) =>
      pictures(Array.from(greys).flatMap((g) => new Array(3).fill(tone(g))));
    const plain = edges(grey((g) => g + 1)).map(unit).flat();
    const brighter = edges(grey((g) => g + 1 + more)).map(unit).flat();
    const harder = edges(grey((g) => 2 * g + 1)).map(unit).flat();
    plain.forEach((value, k) => assertAlmostEquals(brighter[k], value, 1e-3));
    plain.forEach((value, k) => assertAlmostEquals(harder[k], value, 1e-3));
  }));
});

function unit(values: number[]): number[] {
  return values.map((value) => value / (length(values) || 1));
}

Deno.test("pictureHistograms() finds the direction of stripes", () => {
  const stripes = (along: (x: number, y: number) => number) =>
    pictures(
      Array.from({ length: BYTES }, (_, k) => 1 + 20 * along(Math.floor(k / 3) % WIDTH, Math.floor(k / 3 / WIDTH))),
    );
  edges(stripes((x) => x)).forEach((cell) => assertEquals(cell.indexOf(Math.max(...cell)), 0));
  edges(stripes((_, y) => y)).forEach((cell) => assertEquals(cell.indexOf(Math.max(...cell)), 4));
});

Deno.test("pictureHistograms() marks a black picture as not known", () => {
  const { known, values } = pictureHistograms(pictures(new Uint8Array(BYTES), new Uint8Array(BYTES).fill(9)));
  assertEquals([...known], [0, 1]);
  assert(values.subarray(0, 9 * BLOCK).every((value) => value === 0));
});

Deno.test("pictureHistograms() refuses wrong options and sizes of pictures", () => {
  const some = pictures(new Uint8Array(BYTES));
  assertThrows(() => pictureHistograms(some, { tones: 1 }), ValueError, "2 tones");
  assertThrows(() => pictureHistograms(some, { cells: 7 }), ValueError, "6 × 9 pixels do not fill 7 × 7 cells");
  assertThrows(() => pictureHistograms({ ...some, pixels: new Uint8Array(5) }), ValueError, "5 bytes");
});

const bare: Dataset = {
  name: "bare",
  users: [],
  items: ["a", "b"],
  interactions: { users: new Int32Array(), items: new Int32Array(), split: new Uint8Array(), times: null },
  modalities: {},
};

Deno.test("withEncodings() encodes texts, or titles where there are none, and pictures", () => {
  const shown = pictures(new Uint8Array(BYTES).fill(1), new Uint8Array(BYTES).fill(2));
  const titles = ["Lilies", "Poplars"], texts = ["Lilies on a pond", ""];
  assertEquals(withEncodings({ ...bare, titles, texts, pictures: shown }).modalities, {
    text: bagOfWords(texts),
    image: pictureHistograms(shown),
  });
  assertEquals(withEncodings({ ...bare, titles }).modalities, { text: bagOfWords(titles) });
});

Deno.test("withEncodings() makes no modality without words and pictures, and keeps existing modalities", () => {
  assertEquals(withEncodings(bare), bare);
  const text = bagOfWords(["old", "words"]);
  assertEquals(withEncodings({ ...bare, titles: ["new", "words"], modalities: { text } }).modalities.text, text);
});
