/**
 * The device that a command computes on.
 *
 * @module
 */
import { type Choice, type DeviceName, openDevice } from "../../kernels/mod.ts";
import { Misuse } from "./failure.ts";
import type { Io } from "./io.ts";
import type { RunRecord } from "./run_folder.ts";

/** How a command wants to compute. */
export interface DeviceOptions {
  /** On how many threads; by default on all that the machine has. */
  readonly threads: number | undefined;
  /** Whether to time every kernel; `false` by default. */
  readonly profile?: boolean;
}

/**
 * Opens the device of this name, or the fastest.
 *
 * @throws {Misuse} if it cannot be had, or not with so many threads.
 */
export async function deviceFor(
  name: DeviceName | "auto",
  { threads, profile = false }: DeviceOptions,
  { now }: Io,
): Promise<Choice> {
  try {
    return await openDevice(name, { ...threads !== undefined && { threads }, ...profile && { now } });
  } catch (error) {
    throw error instanceof RangeError ? new Misuse(error.message) : error;
  }
}

/** Returns what a record says of the device that computes. */
export function whatRan({ device }: Choice): Pick<RunRecord["device"], "ran" | "about" | "threads"> {
  return { ran: device.name, about: device.about, threads: device.threads };
}
