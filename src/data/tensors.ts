/**
 * Item features as tensors on a device.
 *
 * @module
 */
import type { Features, Items } from "../core/axis.ts";
import type { Csr } from "../core/sparse.ts";
import { fromArray, type Matrix, type Placement } from "../core/tensor.ts";
import { csr } from "../ops/sparse.ts";
import type { Dataset } from "./dataset.ts";

/** The raw features of one modality: dense, or sparse as words and tags are. */
export type FeatureMatrix = Matrix<Items, Features> | Csr<Items, Features>;

/**
 * Returns the raw features of every modality of a data set.
 *
 * @throws {RangeError} if it has none.
 */
export function modalityFeatures(data: Dataset, place: Placement = {}): Readonly<Record<string, FeatureMatrix>> {
  const modalities = Object.entries(data.modalities);
  if (modalities.length === 0) {
    throw new RangeError(
      `Cannot learn from the content of "${data.name}": it has no item features; add a feature file, or texts or pictures`,
    );
  }
  return Object.fromEntries(modalities.map(([name, m]): [string, FeatureMatrix] => [
    name,
    m.kind === "dense"
      ? fromArray(m.values, [data.items.length, m.columns], place)
      : csr(m.pattern, fromArray(m.values, [m.values.length], place)),
  ]));
}
