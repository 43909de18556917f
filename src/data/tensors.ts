/**
 * Item features as tensors on a device.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { Features, Items } from "../core/axis.ts";
import { entries } from "../core/pattern.ts";
import type { Csr } from "../core/sparse.ts";
import type { Device } from "../../kernels/mod.ts";
import { free } from "../core/scope.ts";
import { sizeOf } from "../core/shape.ts";
import { deviceFor, fromArray, type Matrix, type Placement, wrap } from "../core/tensor.ts";
import { csr } from "../ops/sparse.ts";
import { type Dataset, datasetOf, type Modality, type SourceModality } from "./dataset.ts";
import { rowBlocks } from "./sources.ts";

/** The raw features of one modality: dense, or sparse as words and tags are. */
export type FeatureMatrix = Matrix<Items, Features> | Csr<Items, Features>;

/**
 * Returns the raw features of every modality of a data set on a device.
 *
 * @throws {ValueError} if the data set has no modality, one of them is a source that {@link placeFeatures} did not put
 * on this device, or the device has no room for all of them; it then holds none.
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
  const device = deviceFor(place);
  const modalities = Object.entries(data.modalities);
  if (modalities.length === 0) {
    throw new ValueError(
      `Cannot learn from the content of "${data.name}": it has no item features; ` +
        "add a feature file, or texts or pictures, or train a model that needs none, such as lightgcn",
    );
  }
  const known = new Map(
    modalities.flatMap(([name, m]) => m.kind === "source" ? [[name, onDevice(name, m, device)]] : []),
  );
  checkRoom(modalities.filter(([, { kind }]) => kind !== "source"), data, device);
  return Object.fromEntries(modalities.map(([name, m]): [string, FeatureMatrix] => [
    name,
    m.kind === "source"
      ? known.get(name)!
      : m.kind === "dense"
      ? fromArray(m.values, [data.items.length, m.columns], place)
      : csr(m.pattern, fromArray(m.values, [m.values.length], place)),
  ]));
}

/** The tensors of sources that are on a device. */
const placed = new WeakMap<SourceModality, Matrix<Items, Features>>();

function onDevice(name: string, source: SourceModality, device: Device): Matrix<Items, Features> {
  const tensor = placed.get(source);
  if (tensor && tensor.storage.device === device && !tensor.storage.freed) return tensor;
  throw new ValueError(
    `Cannot put the features of "${name}" on a device: they are not in memory; read them with loadFeatures first`,
  );
}

/**
 * Returns the data set with its sources on a device, for {@link modalityFeatures} on the same device. Rows go there in
 * blocks of 64 MiB, so the features are in memory once. They belong to the caller of {@link modalityFeatures}, who may
 * free them; call it once.
 *
 * @throws {ValueError} if the device has no room for all features; it then holds none.
 *
 * @example
 * ```ts
 * import { garden, modalityFeatures, placeFeatures } from "@giverny/giverny/data";
 * import { key, readSync, type Tensor } from "@giverny/giverny/core";
 * import { equal } from "node:assert/strict";
 * const known = new Uint8Array(400).fill(1);
 * const read = (from: number, to: number) => Promise.resolve(new Float32Array(to - from).fill(7));
 * const modalities = { image: { kind: "source" as const, columns: 1, known, read } };
 * const { image } = modalityFeatures(await placeFeatures({ ...garden(key(0)), modalities }));
 * equal(readSync(image as Tensor)[399], 7);
 * ```
 */
export async function placeFeatures(data: Dataset, place: Placement = {}): Promise<Dataset> {
  const device = deviceFor(place);
  checkRoom(Object.entries(data.modalities), data, device);
  const modalities: Record<string, Modality> = {};
  const made: Matrix[] = [];
  try {
    for (const [name, modality] of Object.entries(data.modalities)) {
      if (modality.kind !== "source") modalities[name] = modality;
      else {
        const own = { ...modality };
        const shape = [own.known.length, own.columns] as const;
        const tensor = wrap(await device.uploadParts(rowBlocks(own), sizeOf(shape)), shape);
        made.push(tensor);
        placed.set(own, tensor);
        modalities[name] = own;
      }
    }
  } catch (error) {
    free(made);
    throw error;
  }
  return datasetOf({ ...data, modalities });
}

function checkRoom(modalities: readonly (readonly [string, Modality])[], { items }: Dataset, device: Device): void {
  const [bytes, room] = [modalities.reduce((sum, [, m]) => sum + bytesOf(m, items.length), 0), device.room()];
  if (bytes <= room) return;
  throw new ValueError(
    `Cannot put the features of ${modalities.map(([name]) => `"${name}"`).join(" and ")} on "${device.name}": ` +
      `they take ${grouped(bytes)} bytes and ${grouped(room)} are free; leave out modalities or columns`,
  );
}

/**
 * Returns the most bytes that features take on a device while they are put there. Sparse features take a value and a
 * column for each entry, twice, for the matrix and for its transpose, and the order and row offsets that make the
 * transpose.
 */
function bytesOf(m: Modality, items: number): number {
  if (m.kind !== "sparse") return 4 * items * m.columns;
  const { rows, columns } = m.pattern;
  return 4 * (6 * entries(m.pattern) + rows + columns + 3);
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
