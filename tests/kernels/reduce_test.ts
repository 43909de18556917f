/** Tests of sums and maxima on every device. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { type Extent, extentLength, formula } from "../../kernels/mod.ts";
import { assertDevicesAgree, awkward, devices, numbers, seeds } from "../support.ts";

const keeps = ["rows", "columns", "none"] as const;
const extents: readonly Extent[] = ["both", "rows", "columns", "none"];
const same = formula("repeat", () => (x) => x);
const term = formula("combine", ({ madd, abs }) => (a, b, c) => madd(a, abs(b), c));

for (const by of ["sum", "max"] as const) {
  Deno.test(`reduce() by ${by} agrees on all devices, whatever is kept, for operands of every extent`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(awkward, awkward),
        fc.constantFrom(...keeps),
        fc.constantFrom(...extents),
        fc.constantFrom(...extents),
        seeds,
        ([rows, columns], keep, first, second, seed) =>
          assertDevicesAgree((device) => {
            const operands = [first, second].map((extent, n) => ({
              storage: device.upload(numbers(seed + n, extentLength(extent, { rows, columns }))),
              extent,
            }));
            return device.kernels.reduce(by, term, operands, [0.25], { rows, columns }, keep);
          }),
      ),
      { numRuns: 200 },
    );
  });

  Deno.test(`reduce() by ${by} agrees on all devices where there are many blocks`, async () => {
    for (const [rows, columns] of [[300, 7], [5, 5003], [1, 9001], [129, 64], [4096, 3]]) {
      for (const keep of keeps) {
        await assertDevicesAgree((device) => {
          const x = { storage: device.upload(numbers(rows, rows * columns)), extent: "both" } as const;
          return device.kernels.reduce(by, same, [x], [], { rows, columns }, keep);
        });
      }
    }
  });
}

Deno.test("reduce() of nothing is 0 by sum and −∞ by max", async () => {
  for (const device of devices) {
    for (const [by, identity] of [["sum", 0], ["max", -Infinity]] as const) {
      const nothing = [{ storage: device.upload([]), extent: "both" }] as const;
      const rows = device.kernels.reduce(by, same, nothing, [], { rows: 2, columns: 0 }, "rows");
      const columns = device.kernels.reduce(by, same, nothing, [], { rows: 0, columns: 3 }, "columns");
      const none = device.kernels.reduce(by, same, nothing, [], { rows: 0, columns: 3 }, "none");
      assertEquals([...await device.read(rows)], [identity, identity]);
      assertEquals([...await device.read(columns)], [identity, identity, identity]);
      assertEquals([...await device.read(none)], [identity]);
    }
  }
});

Deno.test("reduce() adds a million small numbers to a large one without losing them", async () => {
  const values = new Float32Array(1_000_001).fill(0.25);
  values[0] = 2 ** 24;
  for (const device of devices) {
    const x = [{ storage: device.upload(values), extent: "both" }] as const;
    const total = device.kernels.reduce("sum", same, x, [], { rows: 1, columns: values.length }, "none");
    assertEquals([...await device.read(total)], [2 ** 24 + 250_000]);
  }
});
