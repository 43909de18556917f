/** Tests of the choice of a device. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertMatch } from "deno-std/assert/match.js";
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

Deno.test("openDevice() with a number of threads opens a device of its own, and says how many it has", async () => {
  for (const name of ["wasm", "auto"] as const) {
    const { device, profile } = await openDevice(name, { threads: 3 });
    assert(device !== wasm() && device.name === "wasm" && profile === undefined);
    assertEquals(device.threads, 3);
    assertMatch(device.about, /, 3 threads$/);
  }
  assertEquals(wasm().threads, Math.min(256, navigator.hardwareConcurrency));
  assertEquals((await openDevice("reference", { threads: 1 })).device, reference);
});

Deno.test("openDevice() refuses numbers of threads that make no sense", async () => {
  for (const threads of [0, -1, 1.5, NaN, Infinity, 257]) {
    for (const name of ["wasm", "auto"] as const) {
      await assertRejects(
        () => openDevice(name, { threads }),
        RangeError,
        `Cannot compute on ${threads} threads: a whole number from 1 to 256 is needed`,
      );
    }
  }
  for (const threads of [0, 2]) {
    await assertRejects(
      () => openDevice("reference", { threads }),
      RangeError,
      `Cannot open the device "reference": the reference has one thread, not ${threads}`,
    );
  }
});

Deno.test("openDevice() with a clock opens a device of its own that keeps a profile", async () => {
  for (const name of ["wasm", "reference"] as const) {
    let time = 0;
    const { device, profile } = await openDevice(name, { now: () => time++ });
    assert(device !== wasm() && device !== reference);
    const x = device.upload([1, 2, 3]);
    assertEquals(await device.read(device.kernels.transpose(x, { rows: 3, columns: 1 })), Float32Array.of(1, 2, 3));
    assertEquals(profile!.take(), [
      { kernel: "transpose", detail: "", calls: 1, milliseconds: 1, flops: null, bytes: 24 },
    ]);
  }
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
      () => openDevice("auto", { threads: 2 }),
      RangeError,
      'Cannot open the device "auto": the reference has one thread, not 2',
    );
    await assertRejects(
      () => openDevice("wasm"),
      RangeError,
      'Cannot open the device "wasm": this runtime has no WebAssembly',
    );
  });
});
