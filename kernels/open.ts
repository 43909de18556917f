/**
 * The choice of a device: the shared devices, private devices, and the fastest device for a piece of work.
 *
 * @module
 */
import type { Device, DeviceName } from "./device.ts";
import { ValueError } from "./errors.ts";
import type { WebGpuDevice, WebGpuOptions } from "./gpu/device.ts";
import { compose, type Instrument } from "./instrument.ts";
import { type Profile, profiler } from "./profile.ts";
import { reference, referenceDevice } from "./reference/device.ts";
import { type WasmDevice, wasmDevice } from "./wasm/device.ts";
import { addressesFor } from "./wasm/memory.ts";

/** The shared devices, for addresses of 32 bits and of 64. */
let [shared, sharedWide]: (WasmDevice | undefined)[] = [];
/** The shared devices with machine code, on the memories of the former. */
let [sharedNative, sharedWideNative]: (WasmDevice | undefined)[] = [];

/**
 * Returns the shared WebAssembly device, started on the first call.
 *
 * @example
 * ```ts
 * import { wasm } from "@giverny/giverny/kernels";
 * import { deepEqual } from "node:assert/strict";
 * const { kernels, upload } = wasm();
 * const y = kernels.transpose(upload([1, 2, 3, 4]), { rows: 2, columns: 2 });
 * deepEqual([...y.floats], [1, 3, 2, 4]);
 * ```
 */
export function wasm(): WasmDevice {
  return shared ??= wasmDevice();
}

let chosenDefault: Device | null = null;

/**
 * Returns the device on which tensors are made where no device is named: the shared WebAssembly device, unless
 * {@link setDefaultDevice} chose another.
 *
 * @example
 * ```ts
 * import { defaultDevice, wasm } from "@giverny/giverny/kernels";
 * import { equal } from "node:assert/strict";
 * equal(defaultDevice(), wasm());
 * ```
 */
export function defaultDevice(): Device {
  return chosenDefault ?? sharedNative ?? wasm();
}

/**
 * Sets the device of tensors that are made without naming a device, in this whole program: a device with fewer threads
 * on a machine that others use too, for example. `null` restores the shared WebAssembly device. Tensors that exist stay
 * where they are, so call it once, at the start of a program.
 *
 * @example
 * ```ts
 * import { tensor } from "@giverny/giverny/core";
 * import { openDevice, setDefaultDevice } from "@giverny/giverny/kernels";
 * import { equal } from "node:assert/strict";
 * const { device } = await openDevice("wasm", { threads: 1 });
 * setDefaultDevice(device);
 * equal(tensor([1, 2]).storage.device.threads, 1);
 * setDefaultDevice(null);
 * ```
 */
export function setDefaultDevice(device: Device | null): void {
  chosenDefault = device;
}

/** A device, and the reason for its choice. */
export interface Choice {
  /** The device. */
  readonly device: Device;
  /** The reason, in a few words. */
  readonly reason: string;
  /** The calls of its kernels and their times; present if `now` was given. */
  readonly profile?: Profile | undefined;
}

/** Options of {@link openDevice}. */
export interface DeviceOptions {
  /** The number of threads that compute; the number of processors by default. The reference has one thread. */
  readonly threads?: number | undefined;
  /** The bytes that tensors need at once, 0 by default: for more than 2 GiB `wasm` has 16 GiB of memory, not 4. */
  readonly bytes?: number | undefined;
  /** Returns the time in milliseconds. With a clock every call of a kernel is timed; no call is timed by default. */
  readonly now?: (() => number) | undefined;
  /**
   * Loads gpu.js; from npm by default, which only Deno can do. A bundle names its own copy: `() => import("gpu.js")`.
   */
  readonly library?: (() => Promise<unknown>) | undefined;
  /** Wraps the kernels; they stay unchanged by default. {@link peakBytes} returns such an instrument. */
  readonly instrument?: Instrument | undefined;
  /** Whether the device has memory and threads of its own, which `device.close?.()` gives back; `false` by default. */
  readonly private?: boolean | undefined;
}

/**
 * Opens the device of this name. `auto` is the processor at its fastest: `wasm`, or the reference where there is no
 * WebAssembly. `webgpu` becomes `wasm` where no GPU answers, and the reason says so. Whether a GPU is faster depends on
 * the work; see {@link fastest}.
 *
 * Without options the result is a shared device: every call returns the same one, or for more than 2 GiB the same one
 * with addresses of 64 bits. With `private: true`, and also with a number of threads, a clock, an instrument or a
 * library, it is a new device with its own memory.
 *
 * @throws {ValueError} if the name is unknown, this runtime cannot run the device, or it cannot have this number of
 * threads or so much memory.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { openDevice } from "@giverny/giverny/kernels";
 * import { add } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const { device, profile } = await openDevice("wasm", { threads: 1, now: () => performance.now() });
 * const x = tensor([1, 2], { device });
 * deepEqual([...readSync(add(x, x))], [2, 4]);
 * const [{ kernel, detail, calls, bytes }] = profile!.take();
 * deepEqual([kernel, detail, calls, bytes], ["map", "add", 1, 24]);
 * device.close?.();
 * ```
 */
export async function openDevice(name: DeviceName | "auto" = "auto", options: DeviceOptions = {}): Promise<Choice> {
  const profile = options.now && profiler(options.now);
  const choice = await choose(name, {
    ...options,
    instrument: profile && options.instrument
      ? compose(profile.instrument, options.instrument)
      : profile?.instrument ?? options.instrument,
  });
  return profile ? { ...choice, profile } : choice;
}

async function choose(name: DeviceName | "auto", options: Omit<DeviceOptions, "now">): Promise<Choice> {
  const lacking = "this runtime has no WebAssembly";
  const capable = typeof WebAssembly !== "undefined";
  switch (name) {
    case "reference":
      return { device: openReference(name, options), reason: "asked for" };
    case "native": {
      const device = await openNative(options, false);
      if (typeof device === "string") throw refusal(name, device);
      return { device, reason: "asked for" };
    }
    case "wasm":
      if (!capable) throw refusal(name, lacking);
      return { device: openWasm(options), reason: "asked for" };
    case "webgpu": {
      const gpu = await openGpu(options);
      if (typeof gpu !== "string") return { device: gpu, reason: "asked for" };
      return { device: await openProcessor(options), reason: `${gpu}, so the processor computes` };
    }
    case "auto":
      return capable
        ? { device: await openProcessor(options), reason: "the fastest device here" }
        : { device: openReference(name, options), reason: lacking };
    default:
      throw refusal(name, "there are native, wasm, webgpu, reference and auto");
  }
}

function refusal(name: string, rule: string): ValueError {
  return new ValueError(`Cannot open the device "${name}": ${rule}`);
}

function openReference(name: string, { threads, instrument, private: own = false }: DeviceOptions): Device {
  if (threads !== undefined && threads !== 1) throw refusal(name, `the reference has one thread, not ${threads}`);
  return own || instrument ? referenceDevice({ instrument }) : reference;
}

function openWasm({ threads, bytes = 0, instrument, private: own = false }: DeviceOptions): Device {
  if (own || instrument || threads !== undefined) return wasmDevice({ threads, bytes, instrument });
  return addressesFor(bytes) === "i64" ? sharedWide ??= wasmDevice({ bytes }) : wasm();
}

/** Opens the processor at its fastest: machine code where it can run, else WebAssembly. */
async function openProcessor(options: DeviceOptions): Promise<Device> {
  const native = await openNative(options, true);
  return typeof native === "string" ? openWasm(options) : native;
}

/**
 * Returns the native device; the reason if there is none. The shared one has the memory of the shared WebAssembly
 * device, so tensors of both go together.
 *
 * @param chosen Whether the device is chosen by itself, so that the environment may choose WebAssembly.
 */
async function openNative(
  { threads, bytes = 0, instrument, private: own = false }: DeviceOptions,
  chosen: boolean,
): Promise<WasmDevice | string> {
  // Nothing of it is loaded where it cannot run.
  if (!("Deno" in globalThis)) return "this runtime does not call machine code";
  const { nativeDevice, nativeSupport, nativeUnwanted } = await import("./native/device.ts");
  const unwanted = chosen ? nativeUnwanted() : null;
  const support = unwanted ?? nativeSupport();
  if (typeof support === "string") return support;
  const { vectors } = support;
  if (own || instrument || threads !== undefined) return nativeDevice({ threads, bytes, instrument, vectors });
  if (addressesFor(bytes) === "i32") return sharedNative ??= nativeDevice({ vectors }, wasm().memory);
  return sharedWideNative ??= nativeDevice({ vectors }, (sharedWide ??= wasmDevice({ bytes })).memory);
}

/** Returns a WebGPU device; a sentence with the reason if there is none. */
async function openGpu({ library, instrument, private: own = false }: DeviceOptions): Promise<WebGpuDevice | string> {
  return await (own || instrument || library ? startGpu({ library, instrument }) : gpuForAll());
}

let sharedGpu: Promise<WebGpuDevice | string> | undefined;

/** Returns the shared WebGPU device; a new one if the GPU of the previous one was lost. */
function gpuForAll(): Promise<WebGpuDevice | string> {
  const replace = async (before: typeof sharedGpu) => {
    const known = await before;
    const works = typeof known === "object" && await known.keepUp().then(() => true, () => false);
    return works ? known : await startGpu();
  };
  return sharedGpu = replace(sharedGpu);
}

/**
 * Starts a WebGPU device. An error at the start, such as a missing gpu.js, becomes the reason why there is no device.
 */
async function startGpu(options?: WebGpuOptions): Promise<WebGpuDevice | string> {
  try {
    const { webgpuDevice } = await import("./gpu/device.ts");
    return await webgpuDevice(options);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return `gpu.js did not start (${message.split("\n")[0]})`;
  }
}

/** The time of a piece of work on a device. */
export interface Timing {
  /** The device. */
  readonly device: Device;
  /** Milliseconds, by the clock that was given. */
  readonly milliseconds: number;
}

/**
 * Runs a piece of work on a device twice, and returns the time of the second run: by then kernels are compiled and
 * memory is allocated.
 *
 * @param work Does the work on a device. Its promise resolves when the device has finished, so it reads a result.
 *
 * @example
 * ```ts
 * import { reference, timeOn } from "@giverny/giverny/kernels";
 * import { equal } from "node:assert/strict";
 * let clock = 0;
 * const work = () => Promise.resolve(void (clock += 5));
 * equal((await timeOn(reference, work, () => clock)).milliseconds, 5);
 * ```
 */
export async function timeOn(
  device: Device,
  work: (device: Device) => Promise<void>,
  now: () => number,
): Promise<Timing> {
  await work(device);
  const start = now();
  await work(device);
  return { device, milliseconds: now() - start };
}

/**
 * Returns the time of a piece of work on each of several devices, the fastest device first. See {@link timeOn}.
 *
 * @example
 * ```ts
 * import { type Device, fastest, reference, wasm } from "@giverny/giverny/kernels";
 * import { equal } from "node:assert/strict";
 * const work = async ({ kernels, upload, read }: Device) => {
 *   const x = upload(new Float32Array(1e4));
 *   await read(kernels.matmul(x, x, { rows: 100, inner: 100, columns: 100 }, "nn"));
 * };
 * const [{ device }] = await fastest([reference, wasm()], work, () => performance.now());
 * equal(device.name, "wasm");
 * ```
 */
export async function fastest(
  devices: readonly Device[],
  work: (device: Device) => Promise<void>,
  now: () => number,
): Promise<readonly Timing[]> {
  const timings: Timing[] = [];
  for (const device of devices) timings.push(await timeOn(device, work, now));
  return timings.sort((a, b) => a.milliseconds - b.milliseconds);
}
