/**
 * Item features as tensors on a device.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { defaultDevice } from "../../kernels/mod.ts";
import type { Features, Items } from "../core/axis.ts";
import { entries } from "../core/pattern.ts";
import type { Csr } from "../core/sparse.ts";
import { fromArray, type Matrix, type Placement } from "../core/tensor.ts";
import { csr } from "../ops/sparse.ts";
import type { Dataset, Modality } from "./dataset.ts";

/** The raw features of one modality: dense, or sparse as words and tags are. */
export type FeatureMatrix = Matrix<Items, Features> | Csr<Items, Features>;

/**
 * Returns the raw features of every modality of a data set.
 *
 * @throws {ValueError} if it has none, or the device has no room for them all; nothing is put there then.
 */
export function modalityFeatures(data: Dataset, place: Placement = {}): Readonly<Record<string, FeatureMatrix>> {
  const modalities = Object.entries(data.modalities);
  if (modalities.length === 0) {
    throw new ValueError(
      `Cannot learn from the content of "${data.name}": it has no item features; add a feature file, or texts or pictures`,
    );
  }
  const { device = defaultDevice() } = place;
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

/**
 * Returns the bytes that features take on a device. Sparse ones take a value, a column and a row per entry, mirrored values,
 * the order of the mirror while it is made, and where the rows of all these begin.
 */
function bytesOf(m: Modality, items: number): number {
  if (m.kind === "dense") return 4 * items * m.columns;
  const { rows, columns } = m.pattern;
  return 4 * (6 * entries(m.pattern) + rows + columns + 3);
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
