/** Tests of elementwise formulas on every device. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { type Extent, extentLength } from "../../kernels/device.ts";
import { formula } from "../../kernels/mod.ts";
import { assertDevicesAgree, awkward, devices, numbers, seeds } from "../support.ts";

const extents: fc.Arbitrary<Extent> = fc.constantFrom("both", "rows", "columns", "none");

const three = formula("three operands and a number", ({ fma, sub }) => (a, b, c, s) => sub(fma(a, b, c), s));
const moments = formula("two outputs", ({ add, mul }) => (a, b) => [add(a, b), mul(a, b)], 2);

Deno.test("map() agrees on all devices for operands of every extent", async () => {
  const operands = fc.tuple(extents, extents, extents);
  await fc.assert(
    fc.asyncProperty(
      awkward,
      awkward,
      operands,
      seeds,
      (rows, columns, extents, seed) =>
        assertDevicesAgree((device) => {
          const size = { rows, columns };
          const xs = extents.map((extent, n) => ({
            storage: device.upload(numbers(seed + n, extentLength(extent, size))),
            extent,
          }));
          return device.kernels.map(three, xs, [0.75], size);
        }),
    ),
    { numRuns: 300 },
  );
});

Deno.test("map() returns a block for each output of a formula", async () => {
  for (const device of devices) {
    const [a, b] = [[1, 2, 3], [4, 5, 6]].map((
      values,
    ) => ({ storage: device.upload(values), extent: "both" } as const));
    const out = device.kernels.map(moments, [a, b], [], { rows: 1, columns: 3 });
    assertEquals(await Promise.all(out.map(async (block) => [...await device.read(block)])), [[5, 7, 9], [4, 10, 18]]);
  }
});

Deno.test("map() writes only its result, for every length of rows", async () => {
  for (const device of devices) {
    for (let columns = 1; columns <= 17; columns++) {
      const size = { rows: 4, columns };
      const row = { storage: device.upload(numbers(1, 4)), extent: "rows" } as const;
      const [out] = device.kernels.map(formula("copy", () => (x) => x), [row], [], size);
      const expected = Array.from({ length: 4 * columns }, (_, i) => numbers(1, 4)[Math.floor(i / columns)]);
      assertEquals([...await device.read(out)], expected);
    }
  }
});
