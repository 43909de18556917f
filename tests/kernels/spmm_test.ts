/** Tests of the sparse product on every device. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import type { Device, Storage } from "../../kernels/mod.ts";
import { entries, type Pattern, patternOf } from "../../src/core/pattern.ts";
import { assertDevicesAgree, devices, numbers, patterns, placed, seeds } from "../support.ts";

const columns = fc.constantFrom(0, 1, 2, 3, 4, 5, 31, 32, 33, 63, 64, 65);

function product(device: Device, pattern: Pattern, width: number, seed: number, weighted: boolean): Storage {
  const x = device.upload(numbers(seed, pattern.columns * width));
  const values = weighted ? device.upload(numbers(seed + 1, entries(pattern))) : null;
  return device.kernels.spmm(placed(pattern, device), values, x, width, 0);
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

Deno.test("spmm() sums all of a row of 2,500 entries", async () => {
  const hub = patternOf([3, 2500], [...Array(2500).fill(1), 2], [...Array(2500).keys(), 7]);
  await assertDevicesAgree((device) => product(device, hub, 5, 1, true), 1e-4);
  for (const device of devices) {
    const ones = device.upload(new Float32Array(2500).fill(1));
    assertEquals([...await device.read(device.kernels.spmm(placed(hub, device), null, ones, 1, 0))], [0, 2500, 1]);
  }
});
