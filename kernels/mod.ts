/**
 * The devices, and the choice of one.
 *
 * @module
 */
import { ValueError } from "./errors.ts";
import type { Device, DeviceName } from "./device.ts";
import { type WebGpuDevice, webgpuDevice, type WebGpuOptions } from "./gpu/device.ts";
import { type Profile, profiler } from "./profile.ts";
import { reference, referenceDevice } from "./reference/device.ts";
import { type WasmDevice, wasmDevice } from "./wasm/device.ts";

export * from "./device.ts";
export type { Profile, ProfileLine } from "./profile.ts";
export * from "./errors.ts";
export * from "./scalar.ts";
export { reference } from "./reference/device.ts";
export type { Adapter, WebGpuDevice } from "./gpu/device.ts";
export type { GpuFacts } from "./gpu/library.ts";
export type { Traffic } from "./gpu/storage.ts";
export type { WasmDevice } from "./wasm/device.ts";
export type { WasmStorage } from "./wasm/storage.ts";

let shared: WasmDevice | undefined;

/** Returns the WebAssembly device, started on the first call. Tensors live there unless told otherwise. */
export function wasm(): WasmDevice {
  return shared ??= wasmDevice();
}

let sharedGpu: Promise<WebGpuDevice | string> | undefined;

/** Returns the WebGPU device that everybody shares; a new one where that was lost. */
function gpuForAll(): Promise<WebGpuDevice | string> {
  const before = sharedGpu;
  return sharedGpu = Promise.try(async () => {
    const known = await before;
    const works = typeof known === "object" && await known.keepUp().then(() => true, () => false);
    return works ? known : await startGpu();
  });
}

/** Returns a WebGPU device. What goes wrong while it starts, gpu.js not being there say, is a reason why there is none. */
function startGpu(options?: WebGpuOptions): Promise<WebGpuDevice | string> {
  return webgpuDevice(options).catch((error: Error) => `gpu.js did not start (${error.message.split("\n")[0]})`);
}

/** A device and why it was chosen. */
export interface Choice {
  /** The device. */
  readonly device: Device;
  /** Why this one, in a few words. */
  readonly reason: string;
  /** What its kernels did and when, if a clock was given. */
  readonly profile?: Profile;
}

/** How a device works. */
export interface DeviceOptions {
  /** How many threads compute; by default as many as the machine has processors. The reference has one. */
  readonly threads?: number;
  /** Tells the time in milliseconds. With a clock every call of a kernel is timed; by default none is. */
  readonly now?: () => number;
  /** Loads gpu.js; by default from npm, as only Deno can. A bundle names what it contains: `() => import("gpu.js")`. */
  readonly library?: () => Promise<unknown>;
}

/**
 * Returns the device of this name. Where no GPU answers, `webgpu` is WebAssembly, and says why. `auto` is the processor at its
 * fastest; whether a GPU is faster depends on the work, see {@link fastest}. Without options it is the device that everybody
 * shares, with options one with a memory of its own.
 *
 * @throws {ValueError} if there is none of this name, this machine cannot run it, or it cannot have so many threads.
 *
 * @example
 * ```ts
 * import { add, openDevice, readSync, tensor } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * const { device, profile } = await openDevice("wasm", { threads: 1, now: () => performance.now() });
 * const x = tensor([1, 2], { device });
 * assertEquals([...readSync(add(x, x))], [2, 4]);
 * const [{ kernel, detail, calls, bytes }] = profile!.take();
 * assertEquals([kernel, detail, calls, bytes], ["map", "add", 1, 24]);
 * ```
 */
export function openDevice(name: DeviceName | "auto" = "auto", options: DeviceOptions = {}): Promise<Choice> {
  return Promise.try(() => open(name, options));
}

async function open(name: DeviceName | "auto", { threads, now, library }: DeviceOptions): Promise<Choice> {
  const refuse = (rule: string) => new ValueError(`Cannot open the device "${name}": ${rule}`);
  const profile = now && profiler(now);
  const chosen = (device: Device, reason: string) => ({ device, reason, ...profile && { profile } });
  const withReference = (reason: string) => {
    if (threads !== undefined && threads !== 1) throw refuse(`the reference has one thread, not ${threads}`);
    return chosen(profile ? referenceDevice(profile.instrument) : reference, reason);
  };
  const withWasm = (reason: string) => {
    if (threads === undefined && !profile) return chosen(wasm(), reason);
    return chosen(
      wasmDevice({ ...threads !== undefined && { threads }, ...profile && { around: profile.instrument } }),
      reason,
    );
  };
  const withGpu = async () => {
    const own = { ...library && { library }, ...profile && { around: profile.instrument } };
    const gpu = await (library || profile ? startGpu(own) : gpuForAll());
    return typeof gpu === "string" ? withWasm(`${gpu}, so the processor computes`) : chosen(gpu, "asked for");
  };
  const lacking = "this runtime has no WebAssembly";
  const capable = typeof WebAssembly !== "undefined";
  switch (name) {
    case "reference":
      return withReference("asked for");
    case "wasm":
      if (!capable) throw refuse(lacking);
      return withWasm("asked for");
    case "webgpu":
      return await withGpu();
    case "auto":
      return capable ? withWasm("the fastest device here") : withReference(lacking);
    default:
      throw refuse("there are wasm, webgpu, reference and auto");
  }
}

/** How long a piece of work took on a device. */
export interface Timing {
  /** The device. */
  readonly device: Device;
  /** Milliseconds, by the clock that was given. */
  readonly milliseconds: number;
}

/**
 * Tries a piece of work on a device, and returns how long it took. It is done twice, and the second time counts: by then, kernels
 * are made and memory is there.
 *
 * @param work Does the work on a device; it should take what a device does before its promise resolves.
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

/** Tries a piece of work on several devices, as {@link timeOn} does, and returns how long each took, the fastest first. */
export async function fastest(
  devices: readonly Device[],
  work: (device: Device) => Promise<void>,
  now: () => number,
): Promise<readonly Timing[]> {
  const trials: Timing[] = [];
  for (const device of devices) trials.push(await timeOn(device, work, now));
  return trials.sort((a, b) => a.milliseconds - b.milliseconds);
}
