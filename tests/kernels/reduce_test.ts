/** Tests of sums and maxima on every device. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { assertDevicesAgree, awkward, devices, numbers, seeds } from "../support.ts";

const keeps = ["both", "rows", "columns", "none"] as const;

for (const by of ["sum", "max"] as const) {
  Deno.test(`reduce() by ${by} agrees on all devices, whatever is kept`, async () => {
    await fc.assert(
      fc.asyncProperty(
        awkward,
        awkward,
        fc.constantFrom(...keeps),
        seeds,
        (rows, columns, keep, seed) =>
          assertDevicesAgree((device) => {
            const x = device.upload(numbers(seed, rows * columns));
            return device.kernels.reduce(by, x, { rows, columns }, keep);
          }),
      ),
      { numRuns: 100 },
    );
  });
}

Deno.test("reduce() of nothing is 0 by sum and −∞ by max", async () => {
  for (const device of devices) {
    for (const [by, identity] of [["sum", 0], ["max", -Infinity]] as const) {
      const nothing = device.upload([]);
      const rows = device.kernels.reduce(by, nothing, { rows: 2, columns: 0 }, "rows");
      const columns = device.kernels.reduce(by, nothing, { rows: 0, columns: 3 }, "columns");
      assertEquals([...await device.read(rows)], [identity, identity]);
      assertEquals([...await device.read(columns)], [identity, identity, identity]);
    }
  }
});

Deno.test("reduce() adds a million small numbers to a large one without losing them", async () => {
  const values = new Float32Array(1_000_001).fill(0.25);
  values[0] = 2 ** 24;
  for (const device of devices) {
    const total = device.kernels.reduce("sum", device.upload(values), { rows: 1, columns: values.length }, "none");
    assertEquals([...await device.read(total)], [2 ** 24 + 250_000]);
  }
});
