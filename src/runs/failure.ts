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

/** A training failed after its first epoch. Its folder has all epochs until then, and `resume` goes on from there. */
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
