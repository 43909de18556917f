/** Tests of the sampled dense product on every device. @module */
import { fc } from "../fc.ts";
import { assertDevicesAgree, awkward, numbers, patterns, placed, seeds } from "../support.ts";

Deno.test("sddmm() agrees on all devices at any depth", async () => {
  const pattern = fc.tuple(fc.nat(9), fc.nat(9)).chain(([rows, columns]) => patterns(rows, columns));
  await fc.assert(
    fc.asyncProperty(pattern, awkward, seeds, (pattern, depth, seed) =>
      assertDevicesAgree((device) => {
        const [x, y] = [pattern.rows, pattern.columns].map((rows, n) => device.upload(numbers(seed + n, rows * depth)));
        return device.kernels.sddmm(placed(pattern, device), x, y, depth);
      })),
    { numRuns: 80 },
  );
});
