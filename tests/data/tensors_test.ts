/** Tests of item features on a device. @module */
import { ValueError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { type Device, openDevice, peakBytes, wasm } from "../../kernels/mod.ts";
import { wasmDevice } from "../../kernels/wasm/device.ts";
import { free } from "../../src/core/scope.ts";
import { patternFromCoo } from "../../src/core/pattern.ts";
import type { Csr } from "../../src/core/sparse.ts";
import { type Matrix, read } from "../../src/core/tensor.ts";
import type { Dataset, Modality, SourceModality } from "../../src/data/dataset.ts";
import { modalityFeatures, placeFeatures } from "../../src/data/tensors.ts";
import { toDense } from "../../src/ops/sparse.ts";
import { fc } from "../fc.ts";
import { devices, patterns } from "../support.ts";

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
      pattern: patternFromCoo([3, 4], [0, 2, 2], [1, 0, 3]),
      values: Float32Array.of(7, 8, 9),
      known: Uint8Array.of(1, 0, 1),
    },
  },
};

for (const device of devices) {
  Deno.test(`modalityFeatures() puts dense and sparse features on ${device.name}, in the order of the data set`, async () => {
    const features = modalityFeatures(described, { device });
    assertEquals(Object.keys(features), ["image", "tags"]);
    const { image, tags } = features as { image: Matrix; tags: Csr };
    assertEquals([image.shape, await read(image)], [[3, 2], Float32Array.of(1, 2, 3, 4, 5, 6)]);
    assert(image.storage.device === device && tags.values.storage.device === device);
    assertEquals([...await read(toDense(tags))], [0, 7, 0, 0, 0, 0, 0, 0, 8, 0, 0, 9]);
  });
}

Deno.test("modalityFeatures() refuses a data set without features", () => {
  const error = assertThrows(() => modalityFeatures(bare), ValueError);
  assertEquals(
    error.message,
    'Cannot learn from the content of "shop": it has no item features; add a feature file, or texts or pictures, or ' +
      "train a model that needs none, such as lightgcn",
  );
});

/** The data set with its pictures as a source that reads `rows` of them, or fails after some. */
function lazy(rows = 3, most = rows): Dataset {
  const values = Float32Array.of(1, 2, 3, 4, 5, 6);
  const image: SourceModality = {
    kind: "source",
    columns: 2,
    known,
    read: (from, to) =>
      to > most ? Promise.reject(new Error("the disk is gone")) : Promise.resolve(values.slice(2 * from, 2 * to)),
  };
  return { ...described, modalities: { ...described.modalities, image } };
}

for (const device of devices) {
  Deno.test(`placeFeatures() puts sources on ${device.name}, where modalityFeatures() finds them`, async () => {
    const data = await placeFeatures(lazy(), { device });
    assertEquals(Object.keys(data.modalities), ["image", "tags"]);
    const { image, tags } = modalityFeatures(data, { device }) as { image: Matrix; tags: Csr };
    assertEquals([image.shape, await read(image)], [[3, 2], Float32Array.of(1, 2, 3, 4, 5, 6)]);
    assert(image.storage.device === device && tags.values.storage.device === device);
  });
}

const absent =
  'Cannot put the features of "image" on a device: they are not in memory; read them with loadFeatures first';

Deno.test("modalityFeatures() refuses a source on another device, and one that was freed", async () => {
  const [device, other] = [wasmDevice({ threads: 1 }), wasmDevice({ threads: 1 })];
  const data = await placeFeatures(lazy(), { device });
  assertThrows(() => modalityFeatures(data, { device: other }), ValueError, absent);
  assertThrows(() => modalityFeatures(lazy(), { device }), ValueError, absent);
  free(modalityFeatures(data, { device }).image);
  assertThrows(() => modalityFeatures(data, { device }), ValueError, absent);
  assertEquals(other.bytesUsed(), 0);
});

Deno.test("placeFeatures() leaves nothing on the device where a source cannot be read, or has no room", async () => {
  const device = wasmDevice({ threads: 1 });
  const two = { ...lazy(), modalities: { first: lazy().modalities.image, second: lazy(3, 2).modalities.image } };
  await assertRejects(() => placeFeatures(two, { device }), Error, "the disk is gone");
  assertEquals(device.bytesUsed(), 0);
  const full = { ...device, room: () => 100 };
  const rule = 'Cannot put the features of "image" and "tags" on "wasm": they take ';
  await assertRejects(() => placeFeatures(lazy(), { device: full }), ValueError, rule);
  assertEquals(device.bytesUsed(), 0);
});

/** Returns the bytes that the features of a data set take on a device, as the error says. */
function needed(data: Dataset): number {
  const full: Device = { ...wasm(), room: () => -1 };
  const { message } = assertThrows(() => modalityFeatures(data, { device: full }), ValueError);
  return Number(/they take ([\d,]+) bytes and -1 are free/.exec(message)![1].replaceAll(",", ""));
}

Deno.test("modalityFeatures() refuses features for which a device has no room, before any are on it", () => {
  const bytes = needed(described);
  const device = { ...wasmDevice({ threads: 1 }), room: () => bytes - 1 };
  const { message } = assertThrows(() => modalityFeatures(described, { device }), ValueError);
  assertEquals(
    message,
    `Cannot put the features of "image" and "tags" on "wasm": they take ${bytes} bytes and ${bytes - 1} are free; ` +
      "leave out modalities or columns",
  );
  assertEquals(device.bytesUsed(), 0);
  const huge = { ...described, modalities: { image: { ...described.modalities.image, columns: 2 ** 30 } as Modality } };
  assertThrows(
    () => modalityFeatures(huge, { device: wasmDevice({ threads: 1 }) }),
    ValueError,
    'Cannot put the features of "image" on "wasm": they take 12,884,901,888 bytes and 4,29',
  );
});

Deno.test("modalityFeatures() expects the most bytes that features take, up to the padding of their blocks", async () => {
  const sparse = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 200 }))
    .chain(([rows, columns]) => patterns(rows, columns));
  await fc.assert(
    fc.asyncProperty(sparse, async (pattern) => {
      const items = Array.from({ length: pattern.rows }, (_, n) => String(n));
      const known = new Uint8Array(items.length).fill(1);
      const dense: Modality = { kind: "dense", columns: 5, values: new Float32Array(5 * items.length), known };
      const words: Modality = { kind: "sparse", pattern, values: new Float32Array(pattern.indices.length), known };
      for (const [modality, blocks] of [[dense, 1], [words, 8]] as const) {
        const peak = peakBytes();
        const { device } = await openDevice("wasm", { threads: 1, private: true, instrument: peak.instrument });
        const data = { ...bare, items, modalities: { modality } };
        modalityFeatures(data, { device });
        const [taken, told] = [peak.bytes() ?? device.bytesUsed!(), needed(data)];
        assert(taken >= told && taken <= told + 64 * blocks, `${told} bytes were announced, ${taken} taken`);
      }
    }),
    { numRuns: 20 },
  );
});
