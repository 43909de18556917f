/**
 * Worlds with other numbers for their items, for tests that a model does not depend on the numbers.
 *
 * @module
 */
import { KindError } from "../../kernels/errors.ts";
import { fromArray, type Matrix, readSync } from "../../src/core/tensor.ts";
import type { Modality } from "../../src/data/dataset.ts";
import type { World } from "./worlds.ts";

/** Returns the rows of a matrix in another order. */
export function permuted(x: Matrix, order: readonly number[]): Matrix {
  const [values, columns] = [readSync(x), x.shape[1]];
  const rows = order.flatMap((row) => [...values.subarray(row * columns, (row + 1) * columns)]);
  return fromArray(rows, x.shape, x.storage);
}

/** Returns the world in which item n is the one that was `order[n]`. Modalities must be dense. */
export function renumbered(world: World, order: readonly number[]): World {
  const moved = (modality: Modality): Modality => {
    if (modality.kind !== "dense") throw new KindError("Cannot renumber features that are not dense");
    const { columns, values } = modality;
    const rows = order.flatMap((item) => [...values.subarray(item * columns, (item + 1) * columns)]);
    return { ...modality, values: Float32Array.from(rows) };
  };
  return {
    ...world,
    train: world.train.map((list) => list.map((item) => order.indexOf(item)).sort((a, b) => a - b)),
    modalities: Object.fromEntries(Object.entries(world.modalities).map(([name, m]) => [name, moved(m)])),
  };
}
