/**
 * `devices`: what can compute here.
 *
 * @module
 */
import type { Report } from "./command.ts";
import type { Io } from "./io.ts";

/** Shows the devices. */
export function devices(_options: object, _io: Io): Promise<Report> {
  return Promise.reject(new RangeError("Cannot show the devices: they are not there yet"));
}
