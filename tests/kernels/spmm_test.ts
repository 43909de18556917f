/** Tests of the sparse product on every device. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import type { Device, Storage } from "../../kernels/mod.ts";
import { entries, type Pattern, patternFromCoo } from "../../src/core/pattern.ts";
import { assertClose, assertDevicesAgree, devices, numbers, patterns, placed, seeds } from "../support.ts";

/** Column counts around 48, the size of a block of columns that is summed at once. */
const columns = fc.constantFrom(0, 1, 2, 3, 4, 5, 16, 31, 32, 33, 47, 48, 49, 50, 51, 52, 63, 64, 65, 95, 96, 97, 100);

function product(device: Device, pattern: Pattern, width: number, seed: number, weighted: boolean, self = 0): Storage {
  const x = device.upload(numbers(seed, pattern.columns * width));
  const values = weighted ? device.upload(numbers(seed + 1, entries(pattern))) : null;
  return device.kernels.spmm(placed(pattern, device), values, x, width, self);
}

for (const weighted of [true, false]) {
  Deno.test(`spmm() ${weighted ? "with values" : "of ones"} agrees on all devices, empty rows included`, async () => {
    const pattern = fc.tuple(fc.nat(9), fc.nat(9)).chain(([rows, inner]) => patterns(rows, inner));
    await fc.assert(
      fc.asyncProperty(
        pattern,
        columns,
        seeds,
        (pattern, width, seed) => assertDevicesAgree((device) => product(device, pattern, width, seed, weighted)),
      ),
      { numRuns: 60 },
    );
  });
}

for (const weighted of [true, false]) {
  Deno.test(`spmm() ${weighted ? "with values" : "of ones"} adds a share of the row itself, entries or not`, async () => {
    const square = fc.integer({ min: 1, max: 9 }).chain((rows) => patterns(rows, rows));
    const share = fc.constantFrom(1, -1, 0.125, 1e-3, 300);
    await fc.assert(
      fc.asyncProperty(square, columns, share, seeds, async (pattern, width, self, seed) => {
        await assertDevicesAgree((device) => product(device, pattern, width, seed, weighted, self));
        for (const device of devices) {
          const [without, added] = await Promise.all(
            [0, self].map((share) => device.read(product(device, pattern, width, seed, weighted, share))),
          );
          const x = numbers(seed, pattern.columns * width);
          assertClose(added, without.map((sum, i) => sum + Math.fround(self) * x[i]), 2e-5);
        }
      }),
      { numRuns: 60 },
    );
  });
}

Deno.test("spmm() of long and short rows together, with a share of the row itself", async () => {
  const rows = 1300;
  const places = Array.from({ length: rows }, (_, n) => n);
  const at = [...places.map(() => 0), ...places.map(() => rows - 1), ...places.filter((n) => n % 3 > 0)];
  const of = [...places, ...places, ...places.filter((n) => n % 3 > 0).map((n) => (n * 7) % rows)];
  for (const width of [1, 4, 47, 48, 49]) {
    await assertDevicesAgree(
      (device) => product(device, patternFromCoo([rows, rows], at, of), width, 1, true, 0.5),
      1e-4,
    );
  }
});

Deno.test("spmm() sums all of a row of 2,500 entries", async () => {
  const hub = patternFromCoo([3, 2500], [...Array(2500).fill(1), 2], [...Array(2500).keys(), 7]);
  await assertDevicesAgree((device) => product(device, hub, 5, 1, true), 1e-4);
  for (const device of devices) {
    const ones = device.upload(new Float32Array(2500).fill(1));
    assertEquals([...await device.read(device.kernels.spmm(placed(hub, device), null, ones, 1, 0))], [0, 2500, 1]);
  }
});
