/** Tests of the copies of patterns that devices work on. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { patternOf } from "../../src/core/pattern.ts";
import { free, scope } from "../../src/core/scope.ts";
import { place } from "../../src/core/sparse.ts";
import { devices } from "../support.ts";

for (const device of devices) {
  Deno.test(`place() copies a pattern to ${device.name} once, and again after it was freed`, async () => {
    const pattern = patternOf([2, 3], [0, 1, 1], [2, 0, 1]);
    const first = place(pattern, device);
    assert(place(pattern, device) === first);
    const integers = async (block: typeof first.offsets) => [...new Int32Array((await device.read(block)).buffer)];
    assertEquals([await integers(first.offsets), await integers(first.indices)], [[0, 1, 3], [2, 0, 1]]);
    assertEquals([first.rows, first.columns, first.entries], [2, 3, 3]);
    free(pattern);
    assert(first.offsets.freed && first.indices.freed);
    assert(!place(pattern, device).offsets.freed);
  });

  Deno.test(`place() on ${device.name} belongs to the scope, unless the pattern is returned`, () => {
    const pattern = patternOf([1, 1], [0], [0]);
    const inside = scope(() => void place(pattern, device)) ?? place(pattern, device);
    assert(!inside.offsets.freed);
    const kept = scope(() => {
      const made = patternOf([1, 1], [0], [0]);
      return { made, copy: [place(made, device)] };
    });
    assert(place(kept.made, device) === kept.copy[0]);
  });
}

Deno.test("place() keeps one copy per device", () => {
  const pattern = patternOf([1, 1], [0], [0]);
  const copies = devices.map((device) => place(pattern, device));
  assertEquals(
    devices.map((device) => place(pattern, device) === copies[devices.indexOf(device)]),
    devices.map(() => true),
  );
  assertEquals(copies.map(({ offsets }) => offsets.device.name), devices.map(({ name }) => name));
});
