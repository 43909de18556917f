/**
 * The device of a run: the request, the hardware that answers it, and the record of the device that computed.
 *
 * @module
 */
import {
  type Choice,
  type Device,
  type DeviceName,
  type GpuFacts,
  openDevice,
  type WebGpuDevice,
} from "../../kernels/mod.ts";
import { UsageError, ValueError } from "../../kernels/errors.ts";
import type { DeviceRecord } from "./record.ts";

/**
 * The request for a device. `auto` has one meaning everywhere: the processor, unless a GPU that is hardware answers,
 * the work is a training, and a few of its steps, measured on both, show that the GPU finishes sooner.
 */
export type DeviceRequest = DeviceName | "auto";

/** The hardware of this machine. It is handed in, so that tests can have GPUs that do not exist. */
export interface Hardware {
  /** Returns the GPU that answers, without loading gpu.js; the reason, if none does. */
  readonly gpu: () => Promise<GpuFacts | string>;
  /** Opens a device. */
  readonly open: typeof openDevice;
  /** Returns the path of the file that remembers measurements of `auto`; `null` if nothing is to be remembered. */
  readonly timings: () => string | null;
}

/**
 * The hardware of this machine, as the runtime shows it. It remembers no measurements.
 *
 * @example
 * ```ts
 * import { localHardware } from "@giverny/giverny/runs";
 * import { ok } from "node:assert/strict";
 * const gpu = await localHardware.gpu();
 * ok(typeof gpu === "string" || gpu.name.length > 0);
 * ```
 */
export const localHardware: Hardware = {
  gpu: async () => {
    const gpu = typeof navigator === "undefined" ? undefined : navigator.gpu;
    const adapter = await gpu?.requestAdapter();
    if (!adapter) return gpu ? "no WebGPU adapter answers" : "this runtime has no WebGPU";
    return (await import("../../kernels/gpu/library.ts")).factsOf(adapter);
  },
  open: openDevice,
  timings: () => null,
};

/** The options of a device. */
export interface DeviceOptions {
  /** The number of threads; by default all that the machine has. */
  readonly threads?: number | undefined;
  /** The bytes that tensors need at once, by an estimate; 0 by default. */
  readonly bytes?: number | undefined;
  /** The clock that times every kernel; by default no kernel is timed. */
  readonly clock?: (() => number) | undefined;
}

/**
 * Opens a device. If no GPU answers a request for one, the processor takes its place, and `note` receives a sentence
 * that says so.
 *
 * @throws {UsageError} if the device does not exist here, or cannot have so many threads or so much memory.
 */
export async function requestDevice(
  request: DeviceRequest,
  { threads, bytes, clock }: DeviceOptions,
  hardware: Hardware,
  note: (text: string) => void | Promise<void>,
): Promise<Choice> {
  try {
    const choice = await hardware.open(request, { threads, bytes, now: clock });
    if (isFallback(request, choice.device.name)) await note(choice.reason);
    return choice;
  } catch (error) {
    throw error instanceof ValueError ? new UsageError(error.message) : error;
  }
}

/** Returns whether the processor computes although a GPU was asked for. */
export function isFallback(asked: string, ran: DeviceName): boolean {
  return asked === "webgpu" && ran !== asked;
}

/** Returns a device as a GPU, if it is one. */
export function asGpu(device: Device): WebGpuDevice | null {
  return "adapter" in device ? device as WebGpuDevice : null;
}

/** Returns the record of a device. A GPU describes itself after its first kernel. */
export function deviceRecord(asked: string, { device, reason }: Choice): DeviceRecord {
  const { name, about, threads } = device;
  const gpu = asGpu(device);
  return { asked, ran: name, about, reason, threads, adapter: gpu?.adapter };
}

/** Returns a function that returns the work of a GPU from now on; `undefined` for a processor. */
export function measureTraffic(device: Device): () => DeviceRecord["traffic"] {
  const gpu = asGpu(device);
  if (!gpu) return () => undefined;
  const before = { ...gpu.traffic() };
  return () =>
    Object.fromEntries(
      Object.entries(gpu.traffic()).map(([name, count]) => [name, count - before[name as keyof typeof before]]),
    );
}
