/**
 * The devices, and the choice of one.
 *
 * @module
 */
import type { Device, DeviceName } from "./device.ts";
import { reference } from "./reference/device.ts";
import { type WasmDevice, wasmDevice } from "./wasm/device.ts";

export * from "./device.ts";
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
}

/**
 * Returns the device of this name; `auto` takes the fastest that this machine has, and says why.
 *
 * @throws {RangeError} if there is none of this name, or this machine cannot run it.
 */
export function openDevice(name: DeviceName | "auto" = "auto"): Promise<Choice> {
  const refuse = (rule: string) => Promise.reject(new RangeError(`Cannot open the device "${name}": ${rule}`));
  const capable = typeof WebAssembly !== "undefined";
  switch (name) {
    case "reference":
      return Promise.resolve({ device: reference, reason: "asked for" });
    case "wasm":
      return capable
        ? Promise.resolve({ device: wasm(), reason: "asked for" })
        : refuse("this runtime has no WebAssembly");
    case "auto":
      return Promise.resolve(
        capable
          ? { device: wasm(), reason: "the fastest device here" }
          : { device: reference, reason: "this runtime has no WebAssembly" },
      );
    default:
      return refuse("there are wasm, reference and auto");
  }
}
