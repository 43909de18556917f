/**
 * The state of a training between two epochs, as `last.safetensors` holds it. A resumed run starts from it.
 *
 * @module
 */
import type { GenericSchema } from "valibot";
import type { Tree } from "../core/tree.ts";
import type { Files } from "../data/files.ts";
import { unreadable } from "../data/formats/files.ts";
import { loadTraining, saveTraining } from "../train/checkpoint.ts";
import type { Training } from "../train/optimizer.ts";
import type * as Schemas from "./schema.ts";

/** The progress of a training. */
export interface TrainingStatus {
  /** The number of finished epochs. */
  readonly epochs: number;
  /** The best evaluation on validation: the number of epochs before it, and its score. */
  readonly best: { readonly epochs: number; readonly score: number } | null;
  /** The number of evaluations since then. */
  readonly waited: number;
  /**
   * The best and the number before the last evaluation, if that one took place only because the training ended there: a
   * training with more epochs continues from them.
   */
  readonly onSchedule?: Pick<TrainingStatus, "best" | "waited"> | undefined;
}

const bestSchema = (v: typeof Schemas) => v.nullable(v.object({ epochs: v.number(), score: v.number() }));

const statusSchema = (v: typeof Schemas): GenericSchema<unknown, TrainingStatus> =>
  v.object({
    epochs: v.number(),
    best: bestSchema(v),
    waited: v.number(),
    onSchedule: v.optional(v.object({ best: bestSchema(v), waited: v.number() })),
  });

/** A training and its progress. */
export interface ResumePoint {
  /** Parameters and the optimizer's memory. */
  readonly training: Training<Tree>;
  /** The progress. */
  readonly status: TrainingStatus;
}

/** Returns the point that a new training starts from. */
export function startPoint(training: Training<Tree>): ResumePoint {
  return { training, status: { epochs: 0, best: null, waited: 0 } };
}

/** Returns the status of a training that goes on after its last epoch, as if the end had been later from the start. */
export function continued({ epochs, onSchedule, ...status }: TrainingStatus): TrainingStatus {
  return { epochs, ...onSchedule ?? status };
}

/** Writes a resume point to a file. */
export async function saveResumePoint(path: string, { training, status }: ResumePoint, files: Files): Promise<void> {
  await saveTraining(path, training, { metadata: { standing: JSON.stringify(status) }, files });
}

/**
 * Returns the resume point in a file.
 *
 * @throws {FormatError} if it holds none, or one of another model than `like`.
 */
export async function loadResumePoint(path: string, like: Training<Tree>, files: Files): Promise<ResumePoint> {
  const { training, metadata } = await loadTraining(path, like, { files });
  const v = await import("./schema.ts");
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), statusSchema(v)), metadata.standing);
  if (!result.success) throw unreadable("a training", path, "it does not say how far it is");
  return { training, status: result.output };
}
