/** Tests of what every device promises of its storage. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { extentLength, formula, reference } from "../../kernels/mod.ts";
import { wasmDevice } from "../../kernels/wasm/device.ts";
import type { WasmStorage } from "../../kernels/wasm/storage.ts";
import { patternOf } from "../../src/core/pattern.ts";
import { devices, placed } from "../support.ts";

for (const device of devices) {
  Deno.test(`the device ${device.name} gives back the bits it was given`, async () => {
    const values = Float32Array.of(0, -0, 1e-45, -3.4e38, Infinity, -Infinity, 0.1);
    assertEquals(await device.read(device.upload(values)), values);
    assertEquals(await device.read(device.upload([1, 2, 3])), Float32Array.of(1, 2, 3));
    assertEquals((await device.read(device.upload([]))).length, 0);
    const indices = Int32Array.of(0, 7, 2 ** 24 + 1, -1);
    assertEquals(new Int32Array((await device.read(device.uploadIndices(indices))).buffer), indices);
  });

  Deno.test(`the device ${device.name} copies, so that later writes show on neither side`, async () => {
    const values = Float32Array.of(1, 2);
    const block = device.upload(values);
    values[0] = 9;
    const copy = await device.read(block);
    copy[1] = 9;
    assertEquals(await device.read(block), Float32Array.of(1, 2));
  });

  Deno.test(`the device ${device.name} forgives freeing twice`, () => {
    const block = device.upload([1]);
    device.free(block);
    device.free(block);
    assert(block.freed && block.device === device);
  });
}

Deno.test("the WebAssembly device counts the bytes of live blocks", () => {
  const device = wasmDevice();
  assertEquals(device.bytesUsed(), 0);
  const blocks = [1, 16, 17].map((length) => device.upload(new Float32Array(length)));
  assertEquals(device.bytesUsed(), 64 + 64 + 128);
  blocks.forEach(device.free);
  assertEquals(device.bytesUsed(), 0);
});

Deno.test("a device says how many bytes it can still hold", () => {
  const device = wasmDevice({ threads: 1 });
  const room = device.room();
  assert(room > 2 ** 32 - 2 ** 22 && room < 2 ** 32, `${room} bytes of 4 GiB`);
  const block = device.upload(new Float32Array(17));
  assertEquals(device.room(), room - 128);
  device.free(block);
  assertEquals(device.room(), room);
  assertEquals(reference.room(), Infinity);
});

Deno.test("devices have memories of their own", async () => {
  const [a, b] = [wasmDevice(), wasmDevice()];
  const [x, y] = [a.upload([1]), b.upload([2])];
  assertEquals([...await a.read(x), ...await b.read(y)], [1, 2]);
});

Deno.test("extentLength() counts the numbers that an operand varies over", () => {
  const size = { rows: 3, columns: 5 };
  assertEquals((["both", "rows", "columns", "none"] as const).map((extent) => extentLength(extent, size)), [
    15,
    3,
    5,
    1,
  ]);
});

Deno.test("the WebAssembly kernels write nothing but their results", async () => {
  const device = wasmDevice();
  const { kernels } = device;
  const plus = formula("add", ({ add }) => add);
  const pattern = placed(patternOf([16, 3], [...Array(16).keys()], Array(16).fill(1)), device);
  for (const columns of [1, 2, 3, 4, 5, 6, 7, 8, 9, 33]) {
    const [size, count] = [{ rows: 16, columns }, 16 * columns];
    const [x, y, z] = [count, 16, 3 * columns].map((length) => device.upload(new Float32Array(length).fill(1)));
    const wide = device.upload(new Float32Array(17 * columns).fill(1));
    const both = { storage: x, extent: "both" } as const;
    const runs: [length: number, run: () => WasmStorage][] = [
      [count, () => kernels.map(plus, [both, { storage: y, extent: "rows" }], [], size)[0]],
      [count, () => kernels.matmul(y, z, { rows: 16, inner: 1, columns }, "nn")],
      [count, () => kernels.spmm(pattern, null, z, columns, 0)],
      [count, () => kernels.segmentSoftmax(pattern, x, columns)],
      [count, () => kernels.segmentMean(pattern, x, x, columns)],
      [columns, () => kernels.reduce("sum", plus, [both, both], [], size, "columns")],
      [16, () => kernels.sddmm(pattern, x, z, columns)],
      [count, () => kernels.slice(wide, { rows: 17, columns }, { ...size, fromRow: 1, fromColumn: 0 })],
      [count, () => kernels.transpose(x, size)],
      [2 * count, () => kernels.concat([[x, x]], [16], [columns, columns])],
    ];
    for (const [length, run] of runs) {
      // The result takes the place of the middle block, with no room to spare on either side.
      const [before, hole, after] = [16, length, 16].map((n) => device.upload(new Float32Array(n).fill(7)));
      device.free(hole);
      const result = run();
      for (const guard of [before, after]) assertEquals(await device.read(guard), new Float32Array(16).fill(7));
      for (const block of [before, result, after]) device.free(block);
    }
  }
});
