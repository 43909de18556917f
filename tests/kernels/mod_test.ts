/** Tests of the choice of a device. @module */
import { ValueError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertMatch } from "deno-std/assert/match.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import type { GpuStorage } from "../../kernels/gpu/storage.ts";
import {
  defaultDevice,
  describeDevice,
  type Device,
  fastest,
  type Instrument,
  openDevice,
  reference,
  setDefaultDevice,
  timeOn,
  wasm,
} from "../../kernels/mod.ts";
import { processor, webgpu } from "../support.ts";
import { withGpu } from "./navigator.ts";

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

Deno.test("openDevice() opens the device of a name", async () => {
  assertEquals(await openDevice("reference"), { device: reference, reason: "asked for" });
  const { device, reason } = await openDevice("wasm");
  assert(device === wasm());
  assertEquals(reason, "asked for");
});

Deno.test("openDevice() with a number of threads opens a private device with this number", async () => {
  for (const name of ["wasm", "auto"] as const) {
    const { device, profile } = await openDevice(name, { threads: 3 });
    assert(device !== wasm() && device.name === (name === "auto" ? processor : "wasm") && profile === undefined);
    assertEquals(device.threads, 3);
    assertMatch(device.about, /, 3 threads$/);
  }
  assertEquals(wasm().threads, Math.min(256, navigator.hardwareConcurrency));
  assertEquals((await openDevice("reference", { threads: 1 })).device, reference);
});

Deno.test("openDevice() refuses numbers of threads outside of 1 to 256", async () => {
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

Deno.test("openDevice() opens a memory beyond 4 GiB for more than 2 GiB, shared or private", async () => {
  const gib = 2 ** 30;
  for (const name of ["wasm", "auto"] as const) {
    assert((await openDevice(name, { bytes: 2 * gib })).device.memory === wasm().memory);
    const [{ device: wide }, { device: same }] = [
      await openDevice(name, { bytes: 5 * gib }),
      await openDevice(name, { bytes: 4 * gib }),
    ];
    assert(wide === same && wide.memory !== wasm().memory);
    assertEquals([wasm().room() > 4 * gib, wide.room() > 15.9 * gib], [false, true]);
    assertMatch(wide.about, /, addresses of 64 bits$/);
    const { device: own } = await openDevice(name, { bytes: 5 * gib, threads: 1 });
    assertEquals([own === wide, own.threads, own.room() > 15.9 * gib], [false, 1, true]);
    await assertRejects(
      () => openDevice(name, { bytes: 17 * gib }),
      ValueError,
      `Cannot open the device "wasm" for ${17 * gib} bytes: a memory of WebAssembly holds at most ${16 * gib}`,
    );
  }
});

Deno.test("openDevice() with a clock opens a private device that keeps a profile", async () => {
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

Deno.test("openDevice() with private: true opens a new device, which close() closes", async () => {
  for (const name of ["wasm", "auto", "reference"] as const) {
    const [{ device }, { device: other }] = [
      await openDevice(name, { private: true }),
      await openDevice(name, { private: true }),
    ];
    assert(device !== other && device !== wasm() && device !== reference);
    assertEquals(device.bytesUsed?.() ?? 0, 0);
    const before = wasm().bytesUsed();
    const x = device.upload([1, 2]);
    assertEquals([device.bytesUsed?.() ?? 64, other.bytesUsed?.() ?? 0, wasm().bytesUsed()], [64, 0, before]);
    device.close?.();
    assertEquals([...await device.read(x)], [1, 2]);
  }
  for (const name of ["wasm", "reference"] as const) {
    const { device } = await openDevice(name, { private: false });
    assert(device === wasm() || device === reference);
  }
});

Deno.test("openDevice() wraps kernels by an instrument, and a clock times the wrapped kernels", async () => {
  for (const name of ["wasm", "reference"] as const) {
    let [time, calls] = [0, 0];
    const instrument: Instrument = (kernels, device) => ({
      ...kernels,
      transpose: (x, size) => {
        assert(device() === x.device);
        time += 7;
        calls++;
        return kernels.transpose(x, size);
      },
    });
    const { device, profile } = await openDevice(name, { instrument, now: () => time });
    const x = device.upload([1, 2, 3]);
    device.kernels.transpose(x, { rows: 3, columns: 1 });
    assertEquals([calls, profile!.take().map(({ milliseconds }) => milliseconds)], [1, [7]]);
    const { profile: none } = await openDevice(name, { instrument });
    assertEquals(none, undefined);
  }
});

Deno.test("openDevice() takes options that are undefined as absent", async () => {
  const options = { threads: undefined, now: undefined, library: undefined, instrument: undefined, private: undefined };
  assertEquals(await openDevice("wasm", options), { device: wasm(), reason: "asked for" });
  assertEquals(await openDevice("reference", options), { device: reference, reason: "asked for" });
});

Deno.test("setDefaultDevice() changes defaultDevice() until null restores it", () => {
  setDefaultDevice(reference);
  const chosen = defaultDevice();
  setDefaultDevice(null);
  assert(chosen === reference && defaultDevice().memory === wasm().memory);
});

Deno.test("describeDevice() names threads and GPUs", async () => {
  const open = async (threads: number) => describeDevice((await openDevice("wasm", { threads })).device);
  assertEquals([await open(1), await open(2)], ["wasm on 1 thread", "wasm on 2 threads"]);
  assertEquals(describeDevice(reference), "reference");
  const gpu = { name: "webgpu", threads: 1, about: "gpu.js on a card" } as const;
  assertEquals(describeDevice(gpu), "webgpu on a card");
});

Deno.test("openDevice() opens the fastest device by default, with the reason", async () => {
  const { device, reason } = await openDevice();
  assert(device.name === processor && device.memory === wasm().memory && device === (await openDevice()).device);
  assertEquals(reason, "the fastest device here");
});

Deno.test("openDevice() opens the reference for auto without WebAssembly, and refuses wasm", async () => {
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

Deno.test("openDevice() opens the processor where there is no GPU, with the reason", async () => {
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
      const choice = await openDevice("webgpu", options);
      assert(choice.device === (await openDevice()).device);
      assertEquals(choice.reason, reason);
      const { device } = await openDevice("webgpu", { ...options, threads: 3 });
      assertEquals([device.name, device.threads], [processor, 3]);
    });
  }
});

Deno.test({
  name: "openDevice() has one shared GPU device, and a new one after its GPU is lost",
  ignore: webgpu === null,
  fn: async () => {
    const [{ device, reason }, { device: same }] = await Promise.all([openDevice("webgpu"), openDevice("webgpu")]);
    assert(device === same && device.name === "webgpu");
    assertEquals(reason, "asked for");
    const block = device.upload([1, 2]) as GpuStorage;
    assertEquals([...await device.read(block)], [1, 2]);
    block.cell.handle!.context.device.destroy();
    await assertRejects(() => device.read(block), Error, 'Cannot compute on "webgpu": the device was lost');
    const [{ device: next }, { device: also }] = await Promise.all([openDevice("webgpu"), openDevice("webgpu")]);
    assert(next === also && next !== device);
    assertEquals([...await next.read(next.upload([3]))], [3]);
  },
});

Deno.test({
  name: "openDevice() opens a private GPU device, and closing it leaves the shared device alone",
  ignore: webgpu === null,
  fn: async () => {
    const [{ device }, { device: shared }] = [
      await openDevice("webgpu", { private: true }),
      await openDevice("webgpu"),
    ];
    assert(device !== shared);
    const x = device.upload([1, 2]);
    assertEquals([[...await device.read(x)], device.bytesUsed?.()], [[1, 2], 8]);
    device.close?.();
    await assertRejects(() => device.read(x), Error, 'Cannot compute on "webgpu": the device was closed');
    assertEquals([...await shared.read(shared.upload([3]))], [3]);
  },
});

Deno.test("timeOn() times the second of two runs, fastest() puts the least time first", async () => {
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
