/** Tests of blocks on a GPU and the queue that fills them. @module */
import { ValueError } from "../../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { webgpuDevice } from "../../../kernels/gpu/device.ts";
import type { GpuStorage } from "../../../kernels/gpu/storage.ts";
import { type Device, formula, type WebGpuDevice } from "../../../kernels/mod.ts";
import { webgpu } from "../../support.ts";
import { gpuTest } from "../../gpu.ts";

const twice = formula("twice", ({ add }) => (x) => add(x, x));
const doubled = (device: Device, x: ReturnType<Device["upload"]>) =>
  device.kernels.map(twice, [{ storage: x, extent: "both" }], [], { rows: 1, columns: x.length })[0];

gpuTest("a block may be freed while kernels that read it wait", async (device) => {
  const odd = formula("odd", ({ add, one }) => (x) => add(add(x, x), one));
  const x = device.upload([1, 2, 3]);
  // A new formula: its kernel is not compiled yet when x is freed.
  const [y] = device.kernels.map(odd, [{ storage: x, extent: "both" }], [], { rows: 1, columns: 3 });
  device.free(x);
  const z = doubled(device, y);
  device.free(y);
  assertEquals([...await device.read(z)], [6, 10, 14]);
});

gpuTest("a block may be freed while it is read", async (device) => {
  const x = device.upload([1, 2]);
  const reading = device.read(x);
  device.free(x);
  const other = device.upload(new Float32Array(2));
  assertEquals([...await reading], [1, 2]);
  assertEquals([...await device.read(other)], [0, 0]);
});

gpuTest("bytesUsed() counts live blocks, traffic() counts copies and runs", async () => {
  const device = await webgpuDevice() as WebGpuDevice;
  const [a, b] = [device.upload(new Float32Array(10)), device.uploadIndices(Int32Array.of(1, 2))];
  const c = doubled(device, a);
  assertEquals(device.bytesUsed(), 40 + 8 + 40);
  await device.read(c);
  assertEquals(device.traffic(), { uploads: 2, uploadedBytes: 48, readbacks: 1, readBytes: 40, runs: 1 });
  for (const block of [a, b, c, a]) device.free(block);
  assertEquals(device.bytesUsed(), 0);
});

gpuTest("a block that is too large is refused before any work, with its bytes", (device) => {
  const length = device.adapter.largestBlock / 4 + 1;
  const [a, b] = [device.upload([1]), device.upload([1])];
  const before = device.bytesUsed();
  const operands = [{ storage: a, extent: "rows" }, { storage: b, extent: "none" }] as const;
  assertThrows(
    () =>
      device.kernels.map(formula("sum", ({ add }) => (x, y) => add(x, y)), operands, [], { rows: 1, columns: length }),
    ValueError,
    `Cannot hold ${(4 * length).toLocaleString("en-US")} bytes in one block on "webgpu": this adapter allows`,
  );
  assertEquals(device.bytesUsed(), before);
  [a, b].forEach(device.free);
  return Promise.resolve();
});

gpuTest("the error of a GPU without memory names the bytes asked for", async () => {
  const device = await webgpuDevice() as WebGpuDevice;
  const small = device.upload([1]) as GpuStorage;
  await device.read(small);
  const raw = small.cell.handle!.context.device;
  const ask = raw.popErrorScope;
  Object.defineProperty(raw, "popErrorScope", {
    value: () => Reflect.apply(ask, raw, []).then(() => ({ message: "Not enough memory left" })),
    configurable: true,
  });
  const large = device.upload(new Float32Array(2 ** 19));
  await assertRejects(
    () => device.read(large),
    ValueError,
    'Cannot hold 2,097,152 bytes more on "webgpu": the GPU is out of memory with 2,097,156 bytes in use',
  );
  Reflect.deleteProperty(raw, "popErrorScope");
  assertThrows(() => device.upload([1]), ValueError, "out of memory");
});

gpuTest("an error in a shader rejects read() and keepUp()", async () => {
  const device = await webgpuDevice() as WebGpuDevice;
  const broken = formula("broken", () => () => "no such name" as never);
  const x = device.upload([1]);
  const [y] = device.kernels.map(broken, [{ storage: x, extent: "both" }], [], { rows: 1, columns: 1 });
  await assertRejects(() => device.read(y), Error);
  await assertRejects(() => device.keepUp(), Error);
});

gpuTest("more kernels than the cache keeps still give right results", async () => {
  const device = await webgpuDevice({ kept: 3 }) as WebGpuDevice;
  const x = device.upload([1, 2]);
  const add = (n: number) => formula(`add ${n}`, ({ add, constant }) => (x) => add(x, constant(n)));
  const shifted = (n: number) =>
    device.kernels.map(add(n), [{ storage: x, extent: "both" }], [], { rows: 1, columns: 2 })[0];
  const results = Array.from({ length: 8 }, (_, n) => shifted(n + 0.5));
  for (const [n, y] of results.entries()) assertEquals([...await device.read(y)], [n + 1.5, n + 2.5]);
  assertEquals([...await device.read(shifted(0.5))], [1.5, 2.5]);
});

gpuTest("keepUp() bounds the queue, and results stay right", async (device) => {
  let x = device.upload(new Float32Array(1000));
  for (let turn = 0; turn < 20; turn++) {
    const next = doubled(device, x);
    device.free(x);
    x = next;
    await device.keepUp();
  }
  assertEquals((await device.read(x)).length, 1000);
});

gpuTest("a closed device throws at every use, but for free()", async () => {
  const device = await webgpuDevice() as WebGpuDevice;
  const x = device.upload([1]);
  device.close();
  assertThrows(() => device.upload([1]), Error, 'Cannot compute on "webgpu": the device was closed');
  await assertRejects(() => device.read(x), Error, "the device was closed");
  await assertRejects(() => device.keepUp(), Error, "the device was closed");
  device.free(x);
});

// The last test, since it destroys the GPU of every device of this process.
gpuTest("a lost GPU is an error for waiting and for new work", async (device) => {
  const x = device.upload([1, 2]) as GpuStorage;
  await device.read(x);
  x.cell.handle!.context.device.destroy();
  const y = doubled(device, x);
  await assertRejects(() => device.read(y), Error, 'Cannot compute on "webgpu": the device was lost');
  assertThrows(() => device.upload([1]), Error, 'Cannot compute on "webgpu": the device was lost');
  const fresh = await webgpuDevice() as WebGpuDevice;
  assertEquals([...await fresh.read(doubled(fresh, fresh.upload([4])))], [8]);
  assert(fresh !== webgpu);
});
