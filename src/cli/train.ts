/**
 * `train`: fits a model and keeps the run.
 *
 * @module
 */
import type { Report } from "./command.ts";
import type { Io } from "./io.ts";

/** What `train` takes. */
export interface TrainOptions {
  /** A folder or file, or `garden`. */
  readonly data: string;
  /** A name of the catalogue. */
  readonly model: string;
  /** A TOML file of settings. */
  readonly config: string | undefined;
  /** Settings as typed, in order. */
  readonly set: readonly (readonly [name: string, value: string])[];
  readonly epochs: number | undefined;
  readonly seed: number | undefined;
  readonly device: "auto" | "wasm" | "reference";
  /** The run folder; by default a new one. */
  readonly out: string | undefined;
  /** The run to go on with. */
  readonly resume: string | undefined;
}

/** Fits a model. */
export function train(options: TrainOptions, _io: Io): Promise<Report> {
  return Promise.reject(new RangeError(`Cannot train ${options.model}: training is not there yet`));
}
