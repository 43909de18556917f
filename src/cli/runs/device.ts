/**
 * The device that a command computes on.
 *
 * @module
 */
import { ValueError } from "../../../kernels/errors.ts";
import type { Choice, Device, DeviceName, WebGpuDevice } from "../../../kernels/mod.ts";
import { Misuse } from "../shell/failure.ts";
import { type Io, note } from "../shell/io.ts";
import type { RunRecord } from "./folder.ts";

/** How a command wants to compute. */
export interface DeviceOptions {
  /** On how many threads of the processor; by default on all that the machine has. */
  readonly threads: number | undefined;
  /** Whether to time every kernel; `false` by default. */
  readonly profile?: boolean;
}

/**
 * Opens the device of this name, or the processor at its fastest. Where there is no GPU, it takes the place of one, and a note
 * says so.
 *
 * @throws {Misuse} if it cannot be had, or not with so many threads.
 */
export async function deviceFor(name: DeviceName | "auto", options: DeviceOptions, io: Io): Promise<Choice> {
  const choice = await opened(name, options, io);
  if (instead(name, choice.device.name)) note(io, choice.reason);
  return choice;
}

/** As {@link deviceFor}, without a note. */
export async function opened(
  name: DeviceName | "auto",
  { threads, profile = false }: DeviceOptions,
  { machine, now }: Io,
): Promise<Choice> {
  try {
    return await machine.open(name, { ...threads !== undefined && { threads }, ...profile && { now } });
  } catch (error) {
    throw error instanceof ValueError ? new Misuse(error.message) : error;
  }
}

/** Returns whether the processor computes where a GPU was asked for. */
export function instead(asked: string, ran: DeviceName): boolean {
  return asked === "webgpu" && ran !== asked;
}

/** Returns a device as one on a GPU, if it is. */
export function asGpu(device: Device): WebGpuDevice | null {
  return "adapter" in device ? device as WebGpuDevice : null;
}

/** Returns what a record says of the device that computes; of a GPU, what gpu.js said after a first kernel ran there. */
export function whatRan({ device }: Choice): Pick<RunRecord["device"], "ran" | "about" | "threads" | "adapter"> {
  const gpu = asGpu(device);
  return { ran: device.name, about: device.about, threads: device.threads, ...gpu && { adapter: gpu.adapter } };
}
