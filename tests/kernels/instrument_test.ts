/** Tests of instruments: functions that wrap kernels. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { compose, type Instrument, peakBytes, wrapKernels } from "../../kernels/instrument.ts";
import { openDevice } from "../../kernels/mod.ts";
import { reference, referenceDevice } from "../../kernels/reference/device.ts";
import { wasmDevice } from "../../kernels/wasm/device.ts";

const size = { rows: 4, columns: 4 };

Deno.test("peakBytes() records the most bytes after a kernel, also when they are freed later", async () => {
  const peak = peakBytes();
  const { device } = await openDevice("wasm", { private: true, threads: 1, instrument: peak.instrument });
  assertEquals(peak.bytes(), null);
  const x = device.upload(new Float32Array(16));
  const turned = device.kernels.transpose(x, size);
  assertEquals([device.bytesUsed?.(), peak.bytes()], [128, 128]);
  const [y, z] = [device.kernels.transpose(turned, size), device.kernels.transpose(turned, size)];
  for (const block of [x, turned, y, z]) device.free(block);
  assertEquals([device.bytesUsed?.(), peak.bytes()], [0, 256]);
  device.kernels.uniforms({ high: 0, low: 1 }, 16);
  assertEquals(peak.bytes(), 256);
});

Deno.test("peakBytes() of every kernel is the bytes that the device counted after it, and changes no result", async () => {
  const peak = peakBytes();
  const device = wasmDevice({ threads: 1, instrument: peak.instrument });
  const x = device.upload(Float32Array.from({ length: 16 }, (_, n) => n));
  const top = await device.kernels.topk(x, size, 1, null);
  assertEquals([...top.indices], [3, 3, 3, 3]);
  assertEquals(peak.bytes(), device.bytesUsed());
});

Deno.test("peakBytes() is null on a device that does not count its bytes", () => {
  const peak = peakBytes();
  const device = referenceDevice({ instrument: peak.instrument });
  device.kernels.transpose(device.upload(new Float32Array(16)), size);
  assertEquals(peak.bytes(), null);
});

Deno.test("compose() applies the inner instrument first, and wrapKernels() wraps every kernel by its name", () => {
  const calls: string[] = [];
  const log = (who: string): Instrument => (kernels) =>
    wrapKernels(kernels, (name, kernel) => (...args) => {
      calls.push(`${who} ${name}`);
      return kernel(...args);
    });
  const device = referenceDevice({ instrument: compose(log("outer"), log("inner")) });
  device.kernels.transpose(device.upload(new Float32Array(16)), size);
  assertEquals(calls, ["outer transpose", "inner transpose"]);
  const names = Object.keys(reference.kernels);
  assertEquals(Object.keys(wrapKernels(reference.kernels, (_, kernel) => kernel)), names);
});
