/**
 * The devices, and the choice of one.
 *
 * @module
 */
import type { Device, DeviceName } from "./device.ts";
import { type Profile, profiler } from "./profile.ts";
import { reference, referenceDevice } from "./reference/device.ts";
import { type WasmDevice, wasmDevice } from "./wasm/device.ts";

export * from "./device.ts";
export type { Profile, ProfileLine } from "./profile.ts";
export * from "./scalar.ts";
export { reference } from "./reference/device.ts";
export type { WasmDevice } from "./wasm/device.ts";
export type { WasmStorage } from "./wasm/storage.ts";

let shared: WasmDevice | undefined;

/** Returns the WebAssembly device, started on the first call. Tensors live there unless told otherwise. */
export function wasm(): WasmDevice {
  return shared ??= wasmDevice();
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
}

/**
 * Returns the device of this name; `auto` takes the fastest that this machine has, and says why. Without options it is the
 * one that everybody shares, with options one with a memory of its own.
 *
 * @throws {RangeError} if there is none of this name, this machine cannot run it, or it cannot have so many threads.
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

function open(name: DeviceName | "auto", { threads, now }: DeviceOptions): Choice {
  const refuse = (rule: string) => new RangeError(`Cannot open the device "${name}": ${rule}`);
  const profile = now && profiler(now);
  const chosen = (device: Device, reason: string) => ({ device, reason, ...profile && { profile } });
  const withReference = (reason: string) => {
    if (threads !== undefined && threads !== 1) throw refuse(`the reference has one thread, not ${threads}`);
    return chosen(profile ? referenceDevice(profile.around) : reference, reason);
  };
  const withWasm = (reason: string) => {
    if (threads === undefined && !profile) return chosen(wasm(), reason);
    return chosen(
      wasmDevice({ ...threads !== undefined && { threads }, ...profile && { around: profile.around } }),
      reason,
    );
  };
  const lacking = "this runtime has no WebAssembly";
  const capable = typeof WebAssembly !== "undefined";
  switch (name) {
    case "reference":
      return withReference("asked for");
    case "wasm":
      if (!capable) throw refuse(lacking);
      return withWasm("asked for");
    case "auto":
      return capable ? withWasm("the fastest device here") : withReference(lacking);
    default:
      throw refuse("there are wasm, reference and auto");
  }
}
