/**
 * `models`: the catalogue.
 *
 * @module
 */
import type { Report } from "./command.ts";
import type { Io } from "./io.ts";

/** What `models` takes. */
export interface ModelsOptions {
  /** The model to describe; without it, all are listed. */
  readonly name: string | undefined;
}

/** Lists the models, or describes one. */
export function models(_options: ModelsOptions, _io: Io): Promise<Report> {
  return Promise.reject(new RangeError("Cannot list the models: the catalogue is not there yet"));
}
