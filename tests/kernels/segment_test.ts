/** Tests of the softmax over segments, and of means weighted by it, on every device. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { entries, type Pattern, patternFromCoo, rowOf } from "../../src/core/pattern.ts";
import { assertClose, assertDevicesAgree, devices, numbers, patterns, placed, seeds } from "../support.ts";

const widths = [1, 2, 3, 4, 5, 6, 7, 8, 9, 33];
const pattern = fc.tuple(fc.nat(6), fc.integer({ min: 1, max: 6 })).chain(([rows, columns]) => patterns(rows, columns));

for (const width of widths) {
  Deno.test(`segmentSoftmax() of ${width} numbers per entry agrees on all devices, empty segments included`, async () => {
    await fc.assert(
      fc.asyncProperty(pattern, seeds, (pattern, seed) =>
        assertDevicesAgree((device) => {
          const x = device.upload(numbers(seed, entries(pattern) * width).map((value) => value * 10));
          return device.kernels.segmentSoftmax(placed(pattern, device), x, width);
        })),
      { numRuns: 20 },
    );
  });
}

Deno.test("segmentSoftmax() sums to one in each column of each segment, however large the numbers", async () => {
  const pattern = patternFromCoo([3, 4], [0, 0, 0, 2], [0, 1, 3, 2]);
  for (const device of devices) {
    for (const width of widths) {
      for (const size of [1, 100, 1e4]) {
        const x = device.upload(numbers(width, 4 * width).map((value) => value * size));
        const y = await device.read(device.kernels.segmentSoftmax(placed(pattern, device), x, width));
        for (let c = 0; c < width; c++) {
          const weights = Array.from({ length: 4 }, (_, e) => y[e * width + c]);
          assert(weights.every((weight) => weight >= 0 && weight <= 1));
          assertClose([weights[0] + weights[1] + weights[2], weights[3]], [1, 1], 1e-6);
        }
      }
    }
  }
});

Deno.test("segmentSoftmax() of a pattern without entries is empty", async () => {
  const pattern = patternFromCoo([3, 3], [], []);
  assertEquals(rowOf(pattern, 1).length, 0);
  for (const device of devices) {
    const y = device.kernels.segmentSoftmax(placed(pattern, device), device.upload([]), 8);
    assertEquals(await device.read(y), new Float32Array(0));
  }
});

/** Σ aₑ vₑ over each row with a = e^(s − max s) / Σ e^(s − max s), column by column, in 64 bits. */
function means(pattern: Pattern, scores: Float32Array, values: Float32Array, width: number): number[] {
  return Array.from({ length: pattern.rows * width }, (_, i) => {
    const [row, column] = [Math.floor(i / width), i % width];
    const places = Array.from(
      { length: pattern.offsets[row + 1] - pattern.offsets[row] },
      (_, n) => (pattern.offsets[row] + n) * width + column,
    );
    const largest = places.reduce((most, place) => Math.max(most, scores[place]), -Infinity);
    const powers = places.map((place) => Math.exp(scores[place] - largest));
    const total = powers.reduce((sum, power) => sum + power, 0);
    return places.length === 0 ? 0 : powers.reduce((sum, power, n) => sum + power / total * values[places[n]], 0);
  });
}

/** Fails unless every device agrees with the definition. */
async function assertMeans(pattern: Pattern, scores: Float32Array, values: Float32Array, width: number): Promise<void> {
  const expected = means(pattern, scores, values, width);
  for (const device of devices) {
    const [weighed, averaged] = [scores, values].map((x) => device.upload(x));
    const y = device.kernels.segmentSoftmaxMean(placed(pattern, device), weighed, averaged, width);
    assertClose(await device.read(y), expected, 5e-6);
  }
}

/** Column counts around 8 and 4, the columns that are computed together. */
const averaged = [1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 64, 65];

for (const width of averaged) {
  Deno.test(`segmentSoftmaxMean() of ${width} numbers per entry is its definition, empty segments included`, async () => {
    await fc.assert(
      fc.asyncProperty(pattern, seeds, fc.constantFrom(1, 10, 1e4), async (pattern, seed, size) => {
        const count = entries(pattern) * width;
        const [scores, values] = [numbers(seed, count).map((score) => score * size), numbers(seed + 1, count)];
        await assertMeans(pattern, scores, values, width);
      }),
      { numRuns: 20 },
    );
  });

  Deno.test(`segmentSoftmaxMean() of ${width} numbers per entry takes scores of any size`, async () => {
    const extreme = fc.constantFrom(0, 1, -1, 88, -88, 104, 1e4, -1e4, -1e30, 1e30, -3e38, -Infinity, Infinity);
    await fc.assert(
      fc.asyncProperty(
        pattern,
        fc.array(extreme, { minLength: 1, maxLength: 40 }),
        seeds,
        async (pattern, some, seed) => {
          const count = entries(pattern) * width;
          // The mean of a segment with −∞ only, or with ∞, is NaN.
          const scores = Float32Array.from({ length: count }, (_, i) => some[i % some.length]);
          const values = numbers(seed, count);
          await assertMeans(pattern, scores, values, width);
        },
      ),
      { numRuns: 20 },
    );
  });

  Deno.test(`segmentSoftmaxMean() of ${width} numbers per entry keeps NaN within its row and column`, async () => {
    const rows = patternFromCoo([4, 3], [0, 0, 2, 2, 2, 3], [0, 1, 0, 1, 2, 2]);
    for (const [n, where] of (["scores", "values"] as const).entries()) {
      for (let place = 0; place < 6 * width; place += 1 + width) {
        const operands = [numbers(1, 6 * width), numbers(2, 6 * width)];
        operands[n][place] = NaN;
        const [row, column] = [[0, 0, 2, 2, 2, 3][Math.floor(place / width)], place % width];
        for (const device of devices) {
          const [scores, values] = operands.map((x) => device.upload(x));
          const y = await device.read(device.kernels.segmentSoftmaxMean(placed(rows, device), scores, values, width));
          y.forEach((value, i) =>
            assert(
              Number.isNaN(value) === (i === row * width + column),
              `NaN in ${where}, number ${i} on ${device.about}`,
            )
          );
        }
      }
    }
  });
}

Deno.test("segmentSoftmaxMean() is the mean under the weights of segmentSoftmax(), and lies between the values", async () => {
  await fc.assert(
    fc.asyncProperty(pattern, fc.constantFrom(...averaged), seeds, async (pattern, width, seed) => {
      const count = entries(pattern) * width;
      const [scores, values] = [numbers(seed, count).map((score) => 5 * score), numbers(seed + 1, count)];
      for (const device of devices) {
        const s = device.upload(scores);
        const weights = await device.read(device.kernels.segmentSoftmax(placed(pattern, device), s, width));
        const y = await device.read(
          device.kernels.segmentSoftmaxMean(placed(pattern, device), s, device.upload(values), width),
        );
        y.forEach((mean, i) => {
          const [row, column] = [Math.floor(i / width), i % width];
          let [sum, least, most] = [0, Infinity, -Infinity];
          for (let e = pattern.offsets[row]; e < pattern.offsets[row + 1]; e++) {
            sum += weights[e * width + column] * values[e * width + column];
            [least, most] = [Math.min(least, values[e * width + column]), Math.max(most, values[e * width + column])];
          }
          assertClose([mean], [sum], 2e-6);
          assert(pattern.offsets[row] === pattern.offsets[row + 1] || mean >= least - 1e-6 && mean <= most + 1e-6);
        });
      }
    }),
    { numRuns: 60 },
  );
});
