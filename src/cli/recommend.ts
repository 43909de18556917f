/**
 * `recommend`: items for users, from a run folder alone.
 *
 * @module
 */
import type { Report } from "./command.ts";
import type { Io } from "./io.ts";

/** What `recommend` takes. */
export interface RecommendOptions {
  /** The run folder. */
  readonly run: string;
  /** External ids; either these or `all`. */
  readonly users: readonly string[] | undefined;
  readonly all: boolean;
  /** How many items each user gets. */
  readonly k: number;
  readonly format: "table" | "json" | "csv";
  readonly includeSeen: boolean;
}

/** Recommends items. */
export function recommend({ run }: RecommendOptions, _io: Io): Promise<Report> {
  return Promise.reject(new RangeError(`Cannot recommend from "${run}": recommendation is not there yet`));
}
