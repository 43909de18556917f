/** Tests of the storage of every device. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { extentLength } from "../../kernels/device.ts";
import { type Device, reference, ValueError } from "../../kernels/mod.ts";
import { wasmDevice } from "../../kernels/wasm/device.ts";
import { fc } from "../fc.ts";
import { devices } from "../support.ts";

for (const device of devices) {
  Deno.test(`the device ${device.name} returns the bits of its uploads`, async () => {
    const values = Float32Array.of(0, -0, 1e-45, -3.4e38, Infinity, -Infinity, 0.1);
    assertEquals(await device.read(device.upload(values)), values);
    assertEquals(await device.read(device.upload([1, 2, 3])), Float32Array.of(1, 2, 3));
    assertEquals((await device.read(device.upload([]))).length, 0);
    const indices = Int32Array.of(0, 7, 2 ** 24 + 1, -1);
    assertEquals(new Int32Array((await device.read(device.uploadIndices(indices))).buffer), indices);
  });

  Deno.test(`the device ${device.name} copies, so that later writes change neither side`, async () => {
    const values = Float32Array.of(1, 2);
    const block = device.upload(values);
    values[0] = 9;
    const copy = await device.read(block);
    copy[1] = 9;
    assertEquals(await device.read(block), Float32Array.of(1, 2));
  });

  Deno.test(`the device ${device.name} accepts freeing twice`, () => {
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

Deno.test("room() returns the bytes that a device can still hold", () => {
  const device = wasmDevice({ threads: 1 });
  const room = device.room();
  assert(room > 2 ** 32 - 2 ** 22 && room < 2 ** 32, `${room} bytes of 4 GiB`);
  const block = device.upload(new Float32Array(17));
  assertEquals(device.room(), room - 128);
  device.free(block);
  assertEquals(device.room(), room);
  assertEquals(reference.room(), Infinity);
});

Deno.test("two devices have two memories", async () => {
  const [a, b] = [wasmDevice(), wasmDevice()];
  const [x, y] = [a.upload([1]), b.upload([2])];
  assertEquals([...await a.read(x), ...await b.read(y)], [1, 2]);
});

Deno.test("the WebAssembly device refuses a size that is no whole number of 31 bits", () => {
  const { kernels, upload } = wasmDevice({ threads: 1 });
  for (const rows of [NaN, -1, 0.5, 2 ** 31]) {
    assertThrows(
      () => kernels.transpose(upload([1]), { rows, columns: 1 }),
      ValueError,
      `Cannot make a block of ${rows} numbers on "wasm": a whole number up to 2147483647 is needed`,
    );
  }
});

Deno.test("extentLength() counts the numbers of an operand", () => {
  const size = { rows: 3, columns: 5 };
  assertEquals((["both", "rows", "columns", "none"] as const).map((extent) => extentLength(extent, size)), [
    15,
    3,
    5,
    1,
  ]);
});

for (const device of [reference, wasmDevice({ threads: 1 })] as readonly Device[]) {
  Deno.test(`uploadParts() of ${device.name} is upload() of all parts, and refuses more or fewer numbers`, async () => {
    const parts = async function* (...all: number[][]) {
      for (const part of all) yield await Promise.resolve(part);
    };
    await fc.assert(fc.asyncProperty(fc.array(fc.array(fc.integer({ min: -99, max: 99 }))), async (all) => {
      const block = await device.uploadParts(parts(...all), all.flat().length);
      assertEquals([...await device.read(block)], all.flat());
      device.free(block);
    }));
    const before = device.bytesUsed?.();
    for (const [length, found] of [[4, "only 3"], [2, "more"]] as const) {
      await assertRejects(
        () => device.uploadParts(parts([1, 2], [3]), length),
        ValueError,
        `Cannot upload ${length} numbers in parts: ${found} arrived`,
      );
    }
    assertEquals(device.bytesUsed?.(), before);
  });
}
