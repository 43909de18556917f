/**
 * `evaluate`: how well a trained model ranks.
 *
 * @module
 */
import type { Report } from "./command.ts";
import type { Io } from "./io.ts";

/** What `evaluate` takes. */
export interface EvaluateOptions {
  /** The run folder. */
  readonly run: string;
  readonly split: "validation" | "test";
  /** The lengths of the lists that are judged. */
  readonly k: readonly number[];
}

/** Ranks all items for every user with held-out interactions, and judges the lists. */
export function evaluate({ run }: EvaluateOptions, _io: Io): Promise<Report> {
  return Promise.reject(new RangeError(`Cannot evaluate "${run}": evaluation is not there yet`));
}
