/** Tests of cutting, joining and turning on every device. @module */
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

for (const along of ["rows", "columns"] as const) {
  Deno.test(`concat() along ${along} agrees on all devices, bit for bit`, async () => {
    await fc.assert(
      fc.asyncProperty(
        awkward,
        fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }),
        seeds,
        (other, lengths, seed) =>
          assertDevicesAgree((device) => {
            const sizes = lengths.map((n) =>
              along === "rows" ? { rows: n, columns: other } : { rows: other, columns: n }
            );
            const xs = sizes.map(({ rows, columns }, n) => device.upload(numbers(seed + n, rows * columns)));
            return device.kernels.concat(xs, sizes, along);
          }, bits),
      ),
      { numRuns: 60 },
    );
  });
}

Deno.test("transpose() agrees on all devices, and twice gives the same bits back", async () => {
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
