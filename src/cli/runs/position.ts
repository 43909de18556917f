/**
 * A training on its way, as `last.safetensors` holds it: what a resumed run goes on from.
 *
 * @module
 */
import * as v from "valibot";
import type { Tree } from "../../core/tree.ts";
import { unreadable } from "../../data/formats/files.ts";
import { loadTraining, saveTraining } from "../../train/checkpoint.ts";
import type { Training } from "../../train/optimizer.ts";

/** How far a training is. */
export interface Standing {
  /** Epochs finished. */
  readonly epochs: number;
  /** The best evaluation on validation: after how many epochs it was, and its score. */
  readonly best: { readonly epochs: number; readonly score: number } | null;
  /** Evaluations since then. */
  readonly waited: number;
}

const StandingSchema: v.GenericSchema<unknown, Standing> = v.object({
  epochs: v.number(),
  best: v.nullable(v.object({ epochs: v.number(), score: v.number() })),
  waited: v.number(),
});

/** A training, and how far it is. */
export interface Position {
  readonly training: Training<Tree>;
  readonly standing: Standing;
}

/** Returns where a new training begins. */
export function beginning(training: Training<Tree>): Position {
  return { training, standing: { epochs: 0, best: null, waited: 0 } };
}

/** Writes a position to a file. */
export async function savePosition(path: string, { training, standing }: Position): Promise<void> {
  await saveTraining(path, training, { standing: JSON.stringify(standing) });
}

/**
 * Returns the position in a file.
 *
 * @throws {FormatError} if it holds none, or one of another model than `like`.
 */
export async function loadPosition(path: string, like: Training<Tree>): Promise<Position> {
  const { training, metadata } = await loadTraining(path, like);
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), StandingSchema), metadata.standing);
  if (!result.success) throw unreadable("a training", path, "it does not say how far it is");
  return { training, standing: result.output };
}
