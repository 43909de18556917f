/** Tests of random numbers on every device. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import type { Device, Key } from "../../kernels/mod.ts";
import { threefry } from "../../src/core/random.ts";
import { devices } from "../support.ts";

const word = fc.nat(2 ** 32 - 1);
const keys = fc.record<Key>({ high: word, low: word });
/** Counts around eight and sixteen, the numbers drawn at once. Odd counts use half of the last counter's words. */
const counts = fc.oneof(fc.nat(40), fc.constantFrom(63, 64, 65, 127, 129, 1001));

function draw(device: Device, key: Key, count: number): Promise<Float32Array> {
  return device.read(device.kernels.uniforms(key, count));
}

Deno.test("uniforms() begins with the known answers of the Random123 library, on every device", async () => {
  for (const device of devices) {
    const [a, b] = await draw(device, { high: 0, low: 0 }, 2);
    assertEquals([a * 2 ** 24, b * 2 ** 24], [0x6b200159 >>> 8, 0x99ba4efe >>> 8]);
  }
});

Deno.test("uniforms() are the words of the encrypted counters in their order, on every device", async () => {
  await fc.assert(fc.asyncProperty(keys, counts, async (key, count) => {
    const expected = Float32Array.from({ length: count }, (_, i) => (threefry(key, 0, i >> 1)[i & 1] >>> 8) * 2 ** -24);
    for (const device of devices) assertEquals(await draw(device, key, count), expected);
  }));
});

Deno.test("a longer list of uniforms() begins with the shorter list, on every device", async () => {
  await fc.assert(fc.asyncProperty(keys, counts, counts, async (key, a, b) => {
    for (const device of devices) {
      const [some, all] = await Promise.all([a, a + b].map((count) => draw(device, key, count)));
      assertEquals(all.subarray(0, a), some);
    }
  }));
});

Deno.test("uniforms() has the same bits on every device where there is enough for several threads", async () => {
  const [expected, ...others] = await Promise.all(devices.map((device) => draw(device, { high: 3, low: 5 }, 100_001)));
  for (const other of others) assertEquals(new Int32Array(other.buffer), new Int32Array(expected.buffer));
});
