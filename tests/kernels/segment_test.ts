/** Tests of the softmax over segments on every device. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { entries, patternOf, rowOf } from "../../src/core/pattern.ts";
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
  const pattern = patternOf([3, 4], [0, 0, 0, 2], [0, 1, 3, 2]);
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

Deno.test("segmentSoftmax() gives nothing for a pattern without entries", async () => {
  const pattern = patternOf([3, 3], [], []);
  assertEquals(rowOf(pattern, 1).length, 0);
  for (const device of devices) {
    const y = device.kernels.segmentSoftmax(placed(pattern, device), device.upload([]), 8);
    assertEquals(await device.read(y), new Float32Array(0));
  }
});
