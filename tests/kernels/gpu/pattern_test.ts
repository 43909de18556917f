/** Tests of sparse patterns on a GPU, where whole numbers are 32-bit floats. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../../fc.ts";
import { webgpuDevice } from "../../../kernels/gpu/device.ts";
import { floatsOf, halvings, numbersOf } from "../../../kernels/gpu/pattern.ts";
import type { GpuStorage } from "../../../kernels/gpu/storage.ts";
import { type Device, reference, type Storage } from "../../../kernels/mod.ts";
import { entries, type Pattern, patternFromCoo } from "../../../src/core/pattern.ts";
import { assertClose, numbers, patterns, placed, seeds, webgpu } from "../../support.ts";
import { gpuTest } from "../../gpu.ts";

Deno.test("whole numbers of any size survive the way to floats and back", () => {
  const any = fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
  const least = fc.constantFrom(1, 8, 2 ** 24);
  fc.assert(fc.property(any, least, (values, exact) => {
    const [floats, integers] = floatsOf(Int32Array.from(values), exact);
    assertEquals(integers, values.every((value) => Math.abs(value) < exact) ? "plain" : "planes");
    const back = numbersOf(floats, { integers } as GpuStorage);
    assertEquals([...new Int32Array(back.buffer)], values);
  }));
});

Deno.test("halvings() is enough to find every row", () => {
  for (const rows of [0, 1, 2, 3, 1000, 1024, 1025, 2 ** 24]) {
    let [left, times] = [rows, 0];
    for (; left > 1; times++) left = Math.ceil(left / 2);
    assertEquals(halvings(rows) >= times, true);
  }
});

/** Every sparse kernel on one pattern. */
const kernels: Readonly<Record<string, <S extends Storage>(device: Device<S>, pattern: Pattern, seed: number) => S>> = {
  spmm: (device, pattern, seed) => {
    const [x, values] = [numbers(seed, pattern.columns * 4), numbers(seed + 1, entries(pattern))].map(device.upload);
    return device.kernels.spmm(placed(pattern, device), values, x, 4, 0);
  },
  "spmm of ones": (device, pattern, seed) =>
    device.kernels.spmm(placed(pattern, device), null, device.upload(numbers(seed, pattern.columns * 3)), 3, 0),
  sddmm: (device, pattern, seed) => {
    const [x, y] = [numbers(seed, pattern.rows * 5), numbers(seed + 1, pattern.columns * 5)].map(device.upload);
    return device.kernels.sddmm(placed(pattern, device), x, y, 5);
  },
  segmentSoftmax: (device, pattern, seed) =>
    device.kernels.segmentSoftmax(placed(pattern, device), device.upload(numbers(seed, entries(pattern) * 2)), 2),
  segmentSoftmaxMean: (device, pattern, seed) => {
    const [s, v] = [seed, seed + 1].map((each) => device.upload(numbers(each, entries(pattern) * 2)));
    return device.kernels.segmentSoftmaxMean(placed(pattern, device), s, v, 2);
  },
};

/** A device on which only numbers below 8 count as exact, so that small patterns need two planes. */
const cautious = webgpu && await webgpuDevice({ exact: 8 }) as Device;

for (const [name, kernel] of Object.entries(kernels)) {
  gpuTest(`${name} agrees where offsets need two planes`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 })),
        seeds,
        (size, seed) =>
          fc.assert(
            fc.asyncProperty(patterns(...size), async (pattern) => {
              const expected = await reference.read(kernel(reference, pattern, seed));
              assertClose(await cautious!.read(kernel(cautious!, pattern, seed)), expected);
            }),
            { numRuns: 2 },
          ),
      ),
      { numRuns: 10 },
    );
  });
}

gpuTest("a row of more entries than floats can count is summed to its end", async (device) => {
  const count = 2 ** 24 + 3;
  // Only the last row, which begins beyond 2²⁴, has ones.
  const pattern: Pattern = {
    rows: 3,
    columns: 5,
    offsets: Int32Array.of(0, 2, count - 4, count),
    indices: Int32Array.from({ length: count }, (_, e) => e % 5),
  };
  const x = device.upload([1, 10, 100, 1000, 10_000]);
  const sums = await device.read(device.kernels.spmm(placed(pattern, device), null, x, 1, 0));
  const last = [4, 3, 2, 1].map((n) => 10 ** ((count - n) % 5)).reduce((sum, value) => sum + value);
  assertEquals([sums[0], sums[2]], [11, last]);
});

gpuTest("a hub of degree 2,500 is summed to its end", async (device) => {
  const hub = patternFromCoo([2, 2500], Array(2500).fill(1), [...Array(2500).keys()]);
  const ones = device.upload(new Float32Array(2500).fill(1));
  assertEquals([...await device.read(device.kernels.spmm(placed(hub, device), null, ones, 1, 0))], [0, 2500]);
  const mean = device.kernels.segmentSoftmaxMean(placed(hub, device), ones, device.upload([...Array(2500).keys()]), 1);
  assertClose(await device.read(mean), [0, 1249.5]);
});
