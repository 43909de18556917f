/** Tests of the device copies of patterns. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { patternFromCoo } from "../../src/core/pattern.ts";
import { free, scope } from "../../src/core/scope.ts";
import { deviceCopy } from "../../src/core/sparse.ts";
import { devices } from "../support.ts";

for (const device of devices) {
  Deno.test(`deviceCopy() copies a pattern to ${device.name} once, and again after the copy was freed`, async () => {
    const pattern = patternFromCoo([2, 3], [0, 1, 1], [2, 0, 1]);
    const first = deviceCopy(pattern, device);
    assert(deviceCopy(pattern, device) === first);
    const integers = async (block: typeof first.offsets) => [...new Int32Array((await device.read(block)).buffer)];
    assertEquals([await integers(first.offsets), await integers(first.indices)], [[0, 1, 3], [2, 0, 1]]);
    assertEquals([first.rows, first.columns, first.entries], [2, 3, 3]);
    free(pattern);
    assert(first.offsets.freed && first.indices.freed);
    assert(!deviceCopy(pattern, device).offsets.freed);
  });

  Deno.test(`deviceCopy() on ${device.name} belongs to the scope, unless the pattern is returned`, () => {
    const pattern = patternFromCoo([1, 1], [0], [0]);
    const inside = scope(() => void deviceCopy(pattern, device)) ?? deviceCopy(pattern, device);
    assert(!inside.offsets.freed);
    const kept = scope(() => {
      const made = patternFromCoo([1, 1], [0], [0]);
      return { made, copy: [deviceCopy(made, device)] };
    });
    assert(deviceCopy(kept.made, device) === kept.copy[0]);
  });
}

Deno.test("deviceCopy() keeps one copy per device", () => {
  const pattern = patternFromCoo([1, 1], [0], [0]);
  const copies = devices.map((device) => deviceCopy(pattern, device));
  assertEquals(
    devices.map((device) => deviceCopy(pattern, device) === copies[devices.indexOf(device)]),
    devices.map(() => true),
  );
  assertEquals(copies.map(({ offsets }) => offsets.device.name), devices.map(({ name }) => name));
});
