/**
 * Modalities whose numbers a test looks at.
 *
 * @module
 */
import { KindError } from "../../kernels/errors.ts";
import type { DenseModality, Modality, SparseModality } from "../../src/data/dataset.ts";

/** Returns a modality that is in memory. */
export function inMemory(modality: Modality): DenseModality | SparseModality {
  if (modality.kind === "source") throw new KindError("Cannot look at the numbers of a source: load them first");
  return modality;
}
