/** Tests of the choice of a device. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { openDevice, reference, wasm } from "../../kernels/mod.ts";

/** Runs `body` as on a runtime that has no WebAssembly. */
async function withoutWebAssembly(body: () => Promise<void>): Promise<void> {
  const kept = Object.getOwnPropertyDescriptor(globalThis, "WebAssembly")!;
  Reflect.deleteProperty(globalThis, "WebAssembly");
  try {
    await body();
  } finally {
    Object.defineProperty(globalThis, "WebAssembly", kept);
  }
}

Deno.test("openDevice() opens what is asked for", async () => {
  assertEquals(await openDevice("reference"), { device: reference, reason: "asked for" });
  const { device, reason } = await openDevice("wasm");
  assert(device === wasm());
  assertEquals(reason, "asked for");
});

Deno.test("openDevice() takes the fastest unless told otherwise, and says so", async () => {
  const { device, reason } = await openDevice();
  assert(device === wasm());
  assertEquals(reason, "the fastest device here");
});

Deno.test("openDevice() falls back to the reference where there is no WebAssembly, and refuses to pretend", async () => {
  await withoutWebAssembly(async () => {
    assertEquals(await openDevice("auto"), { device: reference, reason: "this runtime has no WebAssembly" });
    await assertRejects(
      () => openDevice("wasm"),
      RangeError,
      'Cannot open the device "wasm": this runtime has no WebAssembly',
    );
  });
});
