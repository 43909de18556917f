/** Tests of the k-core. @module */
import { ValueError } from "../../kernels/errors.ts";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { patternFromCoo } from "../../src/core/pattern.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { kCore } from "../../src/data/filter.ts";
import { inMemory } from "./in_memory.ts";

/** A data set in which every description of an item shows the item's number. */
function described(pairs: readonly (readonly [user: number, item: number])[]): Dataset {
  const items = Array.from({ length: 8 }, (_, i) => `i${i}`);
  const numbers = items.map((_, i) => i);
  return {
    name: "drawn",
    users: Array.from({ length: 8 }, (_, u) => `u${u}`),
    items,
    interactions: {
      users: Int32Array.from(pairs, ([user]) => user),
      items: Int32Array.from(pairs, ([, item]) => item),
      split: Uint8Array.from(pairs, (_, e) => e % 3),
      times: Float64Array.from(pairs, (_, e) => e),
    },
    modalities: {
      dense: { kind: "dense", columns: 1, values: Float32Array.from(numbers), known: new Uint8Array(8).fill(1) },
      sparse: {
        kind: "sparse",
        pattern: patternFromCoo([8, 8], numbers, numbers),
        values: Float32Array.from(numbers),
        known: new Uint8Array(8).fill(1),
      },
    },
    titles: items,
    texts: items,
    pictures: { height: 1, width: 1, pixels: Uint8Array.from(numbers.flatMap((i) => [i, i, i])) },
  };
}

const graphs = fc.uniqueArray(fc.tuple(fc.nat(7), fc.nat(7)), { size: "max", maxLength: 50, selector: String });

Deno.test("kCore() is the largest part in which users and items have k interactions", () => {
  fc.assert(fc.property(graphs, fc.integer({ min: 1, max: 4 }), (pairs, k) => {
    const expected = naiveCore(pairs, k);
    if (expected.length === 0) {
      assertThrows(
        () => kCore(described(pairs), k),
        ValueError,
        `Cannot take the ${k}-core of "drawn": nothing is left; choose a smaller k`,
      );
      return;
    }
    const core = kCore(described(pairs), k);
    const { users, items, split, times } = core.interactions;
    const back = Array.from(users, (u, e) => [core.users[u], core.items[items[e]], split[e], times![e]]);
    assertEquals(back, expected.map((e) => [`u${pairs[e][0]}`, `i${pairs[e][1]}`, e % 3, e]));
    assertEquals(new Set(users).size, core.users.length);
    assertEquals(new Set(items).size, core.items.length);
    const numbers = core.items.map((id) => Number(id.slice(1)));
    const [dense, sparse] = [core.modalities.dense, core.modalities.sparse].map(inMemory);
    assertEquals([...dense.values], numbers);
    assertEquals([...sparse.values], numbers);
    assertEquals(sparse.kind === "sparse" && [...sparse.pattern.indices], numbers);
    assertEquals([...core.pictures!.pixels], numbers.flatMap((i) => [i, i, i]));
    assertEquals([core.titles, core.texts], [core.items, core.items]);
    assertEquals([dense.known.length, sparse.known.length], [numbers.length, numbers.length]);
  }));
});

Deno.test("kCore() of a k-core changes nothing", () => {
  const square = described([[0, 0], [0, 1], [1, 0], [1, 1], [2, 1]]);
  const core = kCore(square, 2);
  assertEquals([core.users, core.items], [["u0", "u1"], ["i0", "i1"]]);
  assertEquals(kCore(core, 2), core);
});

Deno.test("kCore() refuses a k that is not a whole number from 1", () => {
  assertThrows(
    () => kCore(described([[0, 0]]), 0.5),
    ValueError,
    'Cannot take the 0.5-core of "drawn": k is a whole number from 1 on',
  );
});

/** Returns the interactions of the k-core: removes one interaction at a time. */
function naiveCore(pairs: readonly (readonly [number, number])[], k: number): number[] {
  const left = [...pairs.keys()];
  for (;;) {
    const bad = left.findIndex((e) =>
      left.filter((f) => pairs[f][0] === pairs[e][0]).length < k ||
      left.filter((f) => pairs[f][1] === pairs[e][1]).length < k
    );
    if (bad < 0) return left;
    left.splice(bad, 1);
  }
}
