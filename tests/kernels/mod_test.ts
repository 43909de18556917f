/** Tests of the choice of a device. @module */
import { ValueError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertMatch } from "deno-std/assert/match.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import type { GpuStorage } from "../../kernels/gpu/storage.ts";
import { type Device, fastest, openDevice, reference, timeOn, wasm } from "../../kernels/mod.ts";
import { webgpu } from "../support.ts";

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
        ValueError,
        `Cannot compute on ${threads} threads: a whole number from 1 to 256 is needed`,
      );
    }
  }
  for (const threads of [0, 2]) {
    await assertRejects(
      () => openDevice("reference", { threads }),
      ValueError,
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
      ValueError,
      'Cannot open the device "auto": the reference has one thread, not 2',
    );
    await assertRejects(
      () => openDevice("wasm"),
      ValueError,
      'Cannot open the device "wasm": this runtime has no WebAssembly',
    );
  });
});

/** Runs `body` with another answer to who drives GPUs here. */
async function withGpu(gpu: unknown, body: () => Promise<void>): Promise<void> {
  const kept = Object.getOwnPropertyDescriptor(navigator, "gpu");
  Object.defineProperty(navigator, "gpu", { value: gpu, configurable: true });
  try {
    await body();
  } finally {
    if (kept) Object.defineProperty(navigator, "gpu", kept);
    else Reflect.deleteProperty(navigator, "gpu");
  }
}

Deno.test("openDevice() opens the processor where no GPU can be had, and says why", async () => {
  const answers = { requestAdapter: () => Promise.resolve({}) };
  const library = () => Promise.reject(new Error("the network is down\nand more"));
  for (
    const [gpu, options, why] of [
      [undefined, {}, "this runtime has no WebGPU"],
      [{ requestAdapter: () => Promise.resolve(null) }, {}, "no WebGPU adapter answers"],
      [answers, { library }, "gpu.js did not start (the network is down)"],
    ] as const
  ) {
    await withGpu(gpu, async () => {
      const reason = `${why}, so the processor computes`;
      assertEquals(await openDevice("webgpu", options), { device: wasm(), reason });
      const { device } = await openDevice("webgpu", { ...options, threads: 3 });
      assertEquals([device.name, device.threads], ["wasm", 3]);
    });
  }
});

Deno.test({
  name: "openDevice() has one GPU for everybody, and after it is lost another",
  ignore: webgpu === null,
  fn: async () => {
    const [{ device, reason }, { device: same }] = await Promise.all([openDevice("webgpu"), openDevice("webgpu")]);
    assert(device === same && device.name === "webgpu");
    assertEquals(reason, "asked for");
    const block = device.upload([1, 2]) as GpuStorage;
    assertEquals([...await device.read(block)], [1, 2]);
    block.cell.handle!.context.device.destroy();
    await assertRejects(() => device.read(block), Error, 'Cannot go on on "webgpu": the device was lost');
    const [{ device: next }, { device: also }] = await Promise.all([openDevice("webgpu"), openDevice("webgpu")]);
    assert(next === also && next !== device);
    assertEquals([...await next.read(next.upload([3]))], [3]);
  },
});

Deno.test("tried() times the second of two times, fastest() puts the least time first", async () => {
  let time = 0;
  const done: Device[] = [];
  const cost = new Map<Device, number>([[reference, 5], [wasm(), 3]]);
  const work = (device: Device) => {
    time += done.includes(device) ? cost.get(device)! : 100;
    done.push(device);
    return Promise.resolve();
  };
  assertEquals(await timeOn(reference, work, () => time), { device: reference, milliseconds: 5 });
  assertEquals(done.splice(0), [reference, reference]);
  const found = await fastest([reference, wasm()], work, () => time);
  assertEquals(found.map(({ device, milliseconds }) => [device.name, milliseconds]), [["wasm", 3], ["reference", 5]]);
  assertEquals(done, [reference, reference, wasm(), wasm()]);
});
