/**
 * The failure of a training that leaves a folder to go on with.
 *
 * @module
 */
import { GivernyError } from "../../kernels/errors.ts";
import type { RunRecord } from "./record.ts";
import type { TrainingStatus } from "./resume_point.ts";

/** The folder of a training that failed. */
export interface FailedRun {
  /** The folder. */
  readonly folder: string;
  /** The record of the run. */
  readonly record: RunRecord;
  /** The epochs that are safe in the folder. */
  readonly status: TrainingStatus;
}

/**
 * A training failed after its first epoch. Its folder has all epochs until then, and `resume` goes on from there.
 *
 * @example
 * ```ts
 * import { garden, key } from "@giverny/giverny";
 * import { memoryFiles } from "@giverny/giverny/data";
 * import { lightgcn } from "@giverny/giverny/models";
 * import { train, TrainingFailed } from "@giverny/giverny/runs";
 * import { rejects } from "node:assert/strict";
 * const options = {
 *   folder: "run",
 *   files: memoryFiles(),
 *   events: ({ type }: { type: string }) => type === "epoch" ? Promise.reject(new Error("no more")) : undefined,
 * };
 * await rejects(train(lightgcn, garden(key(0), { users: 60, items: 40 }), options), TrainingFailed);
 * ```
 */
export class TrainingFailed extends GivernyError {
  /** The name of the error. */
  override readonly name = "TrainingFailed";
  /** The folder of the run. */
  readonly run: FailedRun;

  /** Makes the error from its cause, whose message it has. */
  constructor(run: FailedRun, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.run = run;
  }
}
