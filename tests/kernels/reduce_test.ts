/** Tests of sums and maxima on every device. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { type Extent, extentLength } from "../../kernels/device.ts";
import { formula } from "../../kernels/mod.ts";
import { assertDevicesAgree, awkward, devices, numbers, seeds } from "../support.ts";

const keeps = ["rows", "columns", "none"] as const;
const extents: readonly Extent[] = ["both", "rows", "columns", "none"];
const same = formula("repeat", () => (x) => x);
const term = formula("combine", ({ fma, abs }) => (a, b, c) => fma(a, abs(b), c));

for (const by of ["sum", "max"] as const) {
  Deno.test(`reduce() by ${by} agrees on all devices for all kept axes and extents of operands`, async () => {
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

  Deno.test(`reduce() by ${by} agrees on all devices at the edges of vectors and of blocks`, async () => {
    // Vectors of 4 and 8 numbers; blocks of 128 rows, and of 4,096 numbers for a single result.
    const rows = fc.constantFrom(1, 2, 3, 127, 128, 129, 255, 256, 257, 385);
    const columns = fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 9, 11, 12, 13, 31, 32, 33);
    const lines = fc.constantFrom(4095, 4096, 4097, 8191, 8192, 8193).chain((count) =>
      fc.constantFrom([1, count], [count, 1], ...count % 3 ? [] : [[3, count / 3]])
    );
    const squares = fc.constantFrom([64, 64], [63, 65], [17, 241], [2, 4098], [128, 33], [5, 5003], [300, 67]);
    const extent = fc.constantFrom(...extents);
    const sizes = fc.oneof(fc.tuple(rows, columns), lines, squares);
    await fc.assert(
      fc.asyncProperty(sizes, extent, extent, seeds, async ([rows, columns], first, second, seed) => {
        for (const keep of keeps) {
          await assertDevicesAgree((device) => {
            const operands = [first, second].map((extent, n) => ({
              storage: device.upload(numbers(seed + n, extentLength(extent, { rows, columns }))),
              extent,
            }));
            const out = device.kernels.reduce(by, term, operands, [0.25], { rows, columns }, keep);
            operands.forEach(({ storage }) => device.free(storage));
            return out;
          });
        }
      }),
      { numRuns: 60 },
    );
  });

  Deno.test(`reduce() by ${by} keeps NaN within its row, column and total`, async () => {
    const lengths = fc.integer({ min: 1, max: 19 });
    await fc.assert(
      fc.asyncProperty(lengths, lengths, fc.nat(), seeds, async (rows, columns, place, seed) => {
        // All numbers are negative: an empty lane must not become the maximum.
        const values = numbers(seed, rows * columns).map((value) => -1 - Math.abs(value));
        values[place % values.length] = NaN;
        const [row, column] = [Math.floor(place % values.length / columns), place % values.length % columns];
        // GPUs may ignore NaN in a maximum.
        const honest = devices.filter(({ name }) => by === "sum" || name !== "webgpu");
        for (const device of honest) {
          const x = [{ storage: device.upload(values), extent: "both" }] as const;
          const [byRow, byColumn, total] = await Promise.all(
            keeps.map((keep) => device.read(device.kernels.reduce(by, same, x, [], { rows, columns }, keep))),
          );
          byRow.forEach((value, r) => assertEquals(Number.isNaN(value), r === row));
          byColumn.forEach((value, c) => assertEquals(Number.isNaN(value), c === column));
          assert(Number.isNaN(total[0]));
          assert([...byRow, ...byColumn].every((value) => !(value > -1)));
        }
      }),
      { numRuns: 60 },
    );
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
    // 32-bit sums of about a hundred numbers would lose the small numbers next to the large number.
    const lost = device.name === "webgpu" ? 32 : 0;
    const [sum] = await device.read(total);
    assert(Math.abs(sum - (2 ** 24 + 250_000)) <= lost, `${sum} on ${device.about}`);
  }
});
