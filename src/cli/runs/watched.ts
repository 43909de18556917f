/**
 * Devices of one trial each, whose memory is watched: what a trial took is told apart from what others left behind.
 *
 * @module
 */
import type { Choice, Device } from "../../../kernels/mod.ts";
import { deviceFor, type DeviceOptions } from "./device.ts";
import type { Io } from "../shell/io.ts";

/** A device with nothing on it, and how much was. */
export interface Watched {
  readonly choice: Choice;
  /** Returns the most bytes that its blocks took at once, looked at after every kernel; `null` where the device cannot tell. */
  readonly bytes: () => number | null;
  /** Gives its threads back. Its memory goes when the last tensor does. */
  readonly close: () => void;
}

/** What devices tell of their memory that have one of their own. */
type Own = Device & { readonly bytesUsed: () => number; readonly close: () => void };

/**
 * Opens a device that nobody shares.
 *
 * @throws {Misuse} if it cannot be had, or not with so many threads.
 */
export async function watchedDevice(
  name: Parameters<typeof deviceFor>[0],
  { threads }: Pick<DeviceOptions, "threads">,
  io: Io,
): Promise<Watched> {
  const all = (await deviceFor(name, { threads: undefined }, io)).device.threads;
  const choice = await deviceFor(name, { threads: threads ?? all }, io);
  const { device } = choice;
  if (!isOwn(device)) return { choice, bytes: () => null, close: () => {} };
  let most = 0;
  const watching = Object.entries(device.kernels).map(([kernel, run]) => [kernel, (...args: unknown[]): unknown => {
    const result: unknown = Reflect.apply(run, device.kernels, args);
    most = Math.max(most, device.bytesUsed());
    return result;
  }]);
  Object.assign(device.kernels, Object.fromEntries(watching));
  return { choice, bytes: () => most, close: device.close };
}

function isOwn(device: Device): device is Own {
  return "bytesUsed" in device && "close" in device;
}
