/** Tests of tensors of random numbers. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { key, uniformArray } from "../../src/core/random.ts";
import { read, readSync, type Tensor } from "../../src/core/tensor.ts";
import * as ops from "../../src/ops/mod.ts";
import { devices, seeds } from "../support.ts";

const shape = [60, 40] as const;
const draws: Readonly<Record<string, { draw: typeof drawUniform; bound?: number; deviation: number }>> = {
  uniform: { draw: drawUniform, bound: 3, deviation: 3 / Math.sqrt(3) },
  normal: { draw: (place) => ops.normal(key(1), shape, { deviation: 2, ...place }), deviation: 2 },
  xavierUniform: {
    draw: (place) => ops.xavierUniform(key(1), shape, place),
    bound: Math.sqrt(6 / 100),
    deviation: Math.sqrt(2 / 100),
  },
  xavierNormal: { draw: (place) => ops.xavierNormal(key(1), shape, place), deviation: Math.sqrt(2 / 100) },
  linearUniform: {
    draw: (place) => ops.linearUniform(key(1), shape, { inputs: 16, ...place }),
    bound: 1 / 4,
    deviation: 1 / 4 / Math.sqrt(3),
  },
};

function drawUniform(place: { readonly device: (typeof devices)[number] }): Tensor {
  return ops.uniform(key(1), shape, { low: -3, high: 3, ...place });
}

for (const [name, { draw, bound = Infinity, deviation }] of Object.entries(draws)) {
  Deno.test(`${name}() is centred at 0 with the spread it promises`, () => {
    const x = readSync(draw({ device: devices[0] }));
    const [mean, square] = [1, 2].map((power) => x.reduce((sum, value) => sum + value ** power, 0) / x.length);
    assert(Math.abs(mean) < 4 * deviation / Math.sqrt(x.length), `its mean is ${mean}`);
    assert(
      Math.abs(Math.sqrt(square) / deviation - 1) < 0.06,
      `its deviation is ${Math.sqrt(square)}, not ${deviation}`,
    );
    assert(x.every((value) => Math.abs(value) <= bound));
    assert(bound === Infinity || x.some((value) => Math.abs(value) > 0.95 * bound));
  });

  Deno.test(`${name}() draws the same bits on every device`, async () => {
    const [expected, ...others] = devices.map((device) => draw({ device }));
    assertEquals(expected.shape, shape);
    for (const other of others) assertEquals(await read(other), await read(expected));
  });
}

Deno.test("uniform() stretches the numbers of its key to the range, with the same bits on every device", async () => {
  const bound = fc.constantFrom(0, 1, -3, 0.1, 7.25);
  await fc.assert(fc.asyncProperty(seeds, fc.nat(70), bound, bound, async (seed, count, low, high) => {
    const expected = uniformArray(key(seed), count).map((u) => low + u * (high - low));
    for (const device of devices) {
      assertEquals(await read(ops.uniform(key(seed), [count], { low, high, device })), expected);
    }
  }));
});

Deno.test("uniform() draws from [0, 1) unless told otherwise, and normal() with deviation 1", () => {
  const u = readSync(ops.uniform(key(2), [1000]));
  assert(u.every((value) => value >= 0 && value < 1));
  const z = readSync(ops.normal(key(2), [1000]));
  assert(z.some((value) => Math.abs(value) > 2) && z.every((value) => Math.abs(value) < 6));
});
