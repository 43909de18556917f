/** Tests of the fingerprint. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { assertMatch } from "deno-std/assert/match.js";
import { patternFromCoo } from "../../src/core/pattern.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { fingerprint } from "../../src/data/fingerprint.ts";

const base: Dataset = {
  name: "small",
  users: ["a", "b"],
  items: ["x", "y"],
  interactions: { users: Int32Array.of(0, 1), items: Int32Array.of(1, 0), split: Uint8Array.of(0, 1), times: null },
  modalities: {
    image: { kind: "dense", columns: 1, values: Float32Array.of(1, 2), known: Uint8Array.of(1, 1) },
    tags: {
      kind: "sparse",
      pattern: patternFromCoo([2, 3], [0], [2]),
      values: Float32Array.of(1),
      known: Uint8Array.of(1, 0),
    },
  },
};
const { interactions, modalities } = base;

Deno.test("fingerprint() is 64 hexadecimal digits and does not depend on names, notes or shared memory", async () => {
  const shared = new Float32Array(new SharedArrayBuffer(8));
  shared.set([1, 2]);
  const same: Dataset = {
    ...base,
    name: "other",
    notes: ["read elsewhere"],
    modalities: {
      tags: modalities.tags,
      image: { ...modalities.image, values: shared } as Dataset["modalities"][string],
    },
  };
  assertMatch(await fingerprint(base), /^[0-9a-f]{64}$/);
  assertEquals(await fingerprint(same), await fingerprint(base));
});

Deno.test("fingerprint() differs with every id, interaction, split, time and feature", async () => {
  const variants: Dataset[] = [
    base,
    { ...base, users: ["a", "c"] },
    { ...base, items: ["x,y", ""] },
    { ...base, interactions: { ...interactions, users: Int32Array.of(1, 1) } },
    { ...base, interactions: { ...interactions, items: Int32Array.of(1, 1) } },
    { ...base, interactions: { ...interactions, split: Uint8Array.of(0, 2) } },
    { ...base, interactions: { ...interactions, times: new Float64Array(2) } },
    { ...base, modalities: { image: modalities.image } },
    { ...base, modalities: { photo: modalities.image, tags: modalities.tags } },
    {
      ...base,
      modalities: {
        ...modalities,
        image: { kind: "dense", columns: 1, values: Float32Array.of(1, 3), known: Uint8Array.of(1, 1) },
      },
    },
  ];
  assertEquals(new Set(await Promise.all(variants.map(fingerprint))).size, variants.length);
});
