/** Tests of slice, concat and transpose on every device. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { assertDevicesAgree, awkward, devices, numbers, seeds } from "../support.ts";

const bits = 0;

Deno.test("slice() agrees on all devices, bit for bit", async () => {
  const windows = fc.tuple(awkward, awkward, fc.nat(40), fc.nat(40), fc.nat(40), fc.nat(40)).map(
    ([r, c, a, b, d, e]) => {
      const [fromRow, fromColumn] = [a % (r + 1), b % (c + 1)];
      const window = { fromRow, fromColumn, rows: d % (r - fromRow + 1), columns: e % (c - fromColumn + 1) };
      return { size: { rows: r, columns: c }, window };
    },
  );
  await fc.assert(
    fc.asyncProperty(windows, seeds, ({ size, window }, seed) =>
      assertDevicesAgree(
        (device) => device.kernels.slice(device.upload(numbers(seed, size.rows * size.columns)), size, window),
        bits,
      )),
    { numRuns: 100 },
  );
});

Deno.test("concat() agrees on all devices, bit for bit", async () => {
  const lengths = fc.array(fc.nat(9), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(lengths, lengths, seeds, (heights, widths, seed) =>
      assertDevicesAgree((device) => {
        const grid = heights.map((rows, r) =>
          widths.map((columns, c) => device.upload(numbers(seed + 10 * r + c, rows * columns)))
        );
        return device.kernels.concat(grid, heights, widths);
      }, bits)),
    { numRuns: 100 },
  );
});

Deno.test("transpose() agrees on all devices, and is its own inverse to the bit", async () => {
  await fc.assert(
    fc.asyncProperty(awkward, awkward, seeds, async (rows, columns, seed) => {
      const x = numbers(seed, rows * columns);
      await assertDevicesAgree((device) => device.kernels.transpose(device.upload(x), { rows, columns }), bits);
      for (const device of devices) {
        const turned = device.kernels.transpose(device.upload(x), { rows, columns });
        const back = device.kernels.transpose(turned, { rows: columns, columns: rows });
        assertEquals(await device.read(back), x);
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("transpose() agrees on all devices, bit for bit, at the edges of squares of four by four", async () => {
  for (const [rows, columns] of [[1, 1000], [1000, 1], [129, 67], [64, 128], [3, 501], [502, 3]]) {
    const x = numbers(1, rows * columns);
    await assertDevicesAgree((device) => device.kernels.transpose(device.upload(x), { rows, columns }), bits);
  }
});

Deno.test("concat() agrees on all devices, bit for bit, with bands that are wide, high, thin or empty", async () => {
  const lengths = fc.array(fc.oneof(awkward, fc.constantFrom(64, 65, 100)), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(lengths, lengths, seeds, (heights, widths, seed) =>
      assertDevicesAgree((device) => {
        const grid = heights.map((rows, r) =>
          widths.map((columns, c) => device.upload(numbers(seed + 10 * r + c, rows * columns)))
        );
        const out = device.kernels.concat(grid, heights, widths);
        grid.flat().forEach(device.free);
        return out;
      }, bits)),
    { numRuns: 25 },
  );
});

Deno.test("concat() takes the same matrix in several places", async () => {
  for (const device of devices) {
    const x = device.upload([1, 2]);
    const out = device.kernels.concat([[x, x], [x, x]], [1, 1], [2, 2]);
    assertEquals([...await device.read(out)], [1, 2, 1, 2, 1, 2, 1, 2]);
  }
});
