/**
 * The command line as a library: a program of your own can run commands, and hand in other surroundings.
 *
 * @module
 */
export type { DeviceRequest, Hardware } from "../runs/device.ts";
export type { Exit } from "./failure.ts";
export { type Io, processIo, type Report, type Sink } from "./io.ts";
export { run } from "./run.ts";
