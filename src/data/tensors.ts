/**
 * Item features as tensors on a device.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { Features, Items } from "../core/axis.ts";
import { entries } from "../core/pattern.ts";
import type { Csr } from "../core/sparse.ts";
import { deviceFor, fromArray, type Matrix, type Placement } from "../core/tensor.ts";
import { csr } from "../ops/sparse.ts";
import type { Dataset, DenseModality, Modality, SparseModality } from "./dataset.ts";

/** The raw features of one modality: dense, or sparse as words and tags are. */
export type FeatureMatrix = Matrix<Items, Features> | Csr<Items, Features>;

/**
 * Returns the raw features of every modality of a data set on a device.
 *
 * @throws {ValueError} if the data set has no modality or one that is a source, or the device has no room for all of
 * them; the device then holds none.
 *
 * @example
 * ```ts
 * import { garden, modalityFeatures } from "@giverny/giverny/data";
 * import { isTensor, key } from "@giverny/giverny/core";
 * import { equal, ok } from "node:assert/strict";
 * const { image, text } = modalityFeatures(garden(key(0)));
 * ok(isTensor(image));
 * equal("pattern" in text, true);
 * ```
 */
export function modalityFeatures(data: Dataset, place: Placement = {}): Readonly<Record<string, FeatureMatrix>> {
  const modalities = Object.entries(data.modalities).map(([name, modality]) =>
    [name, inMemory(name, modality)] as const
  );
  if (modalities.length === 0) {
    throw new ValueError(
      `Cannot learn from the content of "${data.name}": it has no item features; ` +
        "add a feature file, or texts or pictures, or train a model that needs none, such as lightgcn",
    );
  }
  const device = deviceFor(place);
  const [bytes, room] = [modalities.reduce((sum, [, m]) => sum + bytesOf(m, data.items.length), 0), device.room()];
  if (bytes > room) {
    throw new ValueError(
      `Cannot put the features of ${modalities.map(([name]) => `"${name}"`).join(" and ")} on "${device.name}": ` +
        `they take ${grouped(bytes)} bytes and ${grouped(room)} are free; leave out modalities or columns`,
    );
  }
  return Object.fromEntries(modalities.map(([name, m]): [string, FeatureMatrix] => [
    name,
    m.kind === "dense"
      ? fromArray(m.values, [data.items.length, m.columns], place)
      : csr(m.pattern, fromArray(m.values, [m.values.length], place)),
  ]));
}

function inMemory(name: string, modality: Modality): DenseModality | SparseModality {
  if (modality.kind !== "source") return modality;
  throw new ValueError(
    `Cannot put the features of "${name}" on a device: they are not in memory; read them with loadFeatures first`,
  );
}

/**
 * Returns the most bytes that features take on a device while they are put there. Sparse features take a value and a
 * column for each entry, twice, for the matrix and for its transpose, and the order and row offsets that make the
 * transpose.
 */
function bytesOf(m: DenseModality | SparseModality, items: number): number {
  if (m.kind === "dense") return 4 * items * m.columns;
  const { rows, columns } = m.pattern;
  return 4 * (6 * entries(m.pattern) + rows + columns + 3);
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
