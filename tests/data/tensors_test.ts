/** Item features on a device. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { patternOf } from "../../src/core/pattern.ts";
import type { Csr } from "../../src/core/sparse.ts";
import { type Matrix, readSync } from "../../src/core/tensor.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { modalityFeatures } from "../../src/data/tensors.ts";
import { toDense } from "../../src/ops/sparse.ts";
import { devices } from "../support.ts";

const known = new Uint8Array(3).fill(1);
const bare: Dataset = {
  name: "shop",
  users: ["ann"],
  items: ["lily", "bridge", "poplar"],
  interactions: { users: Int32Array.of(0), items: Int32Array.of(1), split: Uint8Array.of(0), times: null },
  modalities: {},
};
const described: Dataset = {
  ...bare,
  modalities: {
    image: { kind: "dense", columns: 2, values: Float32Array.of(1, 2, 3, 4, 5, 6), known },
    tags: {
      kind: "sparse",
      pattern: patternOf([3, 4], [0, 2, 2], [1, 0, 3]),
      values: Float32Array.of(7, 8, 9),
      known: Uint8Array.of(1, 0, 1),
    },
  },
};

for (const device of devices) {
  Deno.test(`modalityFeatures() puts dense and sparse features on ${device.name}, in the order of the data set`, () => {
    const features = modalityFeatures(described, { device });
    assertEquals(Object.keys(features), ["image", "tags"]);
    const { image, tags } = features as { image: Matrix; tags: Csr };
    assertEquals([image.shape, readSync(image)], [[3, 2], Float32Array.of(1, 2, 3, 4, 5, 6)]);
    assert(image.storage.device === device && tags.values.storage.device === device);
    assertEquals([...readSync(toDense(tags))], [0, 7, 0, 0, 0, 0, 0, 0, 8, 0, 0, 9]);
  });
}

Deno.test("modalityFeatures() refuses a data set without features", () => {
  const error = assertThrows(() => modalityFeatures(bare), RangeError);
  assertEquals(
    error.message,
    'Cannot learn from the content of "shop": it has no item features; add a feature file, or texts or pictures',
  );
});
