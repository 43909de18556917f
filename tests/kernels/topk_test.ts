/** Tests of the best columns of each row on every device. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import type { Device, Size, Top } from "../../kernels/mod.ts";
import { type Pattern, patternFromCoo } from "../../src/core/pattern.ts";
import { devices, patterns, placed } from "../support.ts";

function best(device: Device, scores: readonly number[], size: Size, k: number, exclude: Pattern | null): Promise<Top> {
  return device.kernels.topk(device.upload(scores), size, k, exclude && placed(exclude, device));
}

/** Few different scores, so that ties are frequent, with NaN and infinities. */
const score = fc.constantFrom(-2, -0, 0, 0.5, 1, 3, Infinity, -Infinity, NaN);
const cases = fc.tuple(fc.nat(4), fc.oneof(fc.nat(12), fc.nat(70))).chain(([rows, columns]) =>
  fc.record({
    size: fc.constant({ rows, columns }),
    scores: fc.array(score, { minLength: rows * columns, maxLength: rows * columns }),
    k: fc.nat(25),
    exclude: fc.option(patterns(rows, columns)),
  })
);

Deno.test("topk() agrees on all devices, ties, exclusions and NaN included", async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ scores, size, k, exclude }) => {
      const [expected, ...others] = await Promise.all(devices.map((device) => best(device, scores, size, k, exclude)));
      for (const actual of others) assertEquals(actual, expected);
    }),
    { numRuns: 300 },
  );
});

for (const device of devices) {
  const row = (scores: readonly number[], k: number, exclude: Pattern | null = null) =>
    best(device, scores, { rows: 1, columns: scores.length }, k, exclude);

  Deno.test(`topk() on ${device.name} puts the lower column first among equals`, async () => {
    assertEquals([...(await row([1, 7, 7, 0, 7], 4)).indices], [1, 2, 4, 0]);
  });

  Deno.test(`topk() on ${device.name} never selects NaN and still finds all other numbers`, async () => {
    const { indices, values } = await row([NaN, 1, NaN, 3, 2, NaN], 4);
    assertEquals([...indices], [3, 4, 1, -1]);
    assertEquals([...values], [3, 2, 1, -Infinity]);
  });

  Deno.test(`topk() on ${device.name} selects −∞ where no score is greater`, async () => {
    const { indices } = await row([...Array(40).fill(-Infinity), 1], 4);
    assertEquals([...indices], [40, 0, 1, 2]);
  });

  Deno.test(`topk() on ${device.name} leaves out excluded columns, and fills with −1`, async () => {
    const { indices, values } = await row([5, 4, 3], 3, patternFromCoo([1, 3], [0, 0], [0, 2]));
    assertEquals([...indices], [1, -1, -1]);
    assertEquals([...values], [4, -Infinity, -Infinity]);
  });

  Deno.test(`topk() on ${device.name} excludes per row`, async () => {
    const exclude = patternFromCoo([3, 2], [0, 1], [0, 1]);
    const { indices } = await best(device, [2, 1, 2, 1, 2, 1], { rows: 3, columns: 2 }, 1, exclude);
    assertEquals([...indices], [1, 0, 0]);
  });

  Deno.test(`topk() on ${device.name} of the best 0 is empty`, async () => {
    assertEquals((await row([1, 2], 0)).indices, new Int32Array(0));
  });
}
