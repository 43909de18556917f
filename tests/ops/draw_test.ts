/** Tests of tensors of random numbers. @module */
import { KindError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { key, uniformArray } from "../../src/core/random.ts";
import { ones, read, readSync, type Tensor } from "../../src/core/tensor.ts";
import * as ops from "../../src/ops/mod.ts";
import { assertClose, devices, seeds } from "../support.ts";

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
  Deno.test(`${name}() has mean 0 and the stated deviation`, () => {
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

Deno.test("uniform() scales uniformArray() to its range, with the same bits on every device", async () => {
  const bound = fc.constantFrom(0, 1, -3, 0.1, 7.25);
  await fc.assert(fc.asyncProperty(seeds, fc.nat(70), bound, bound, async (seed, count, low, high) => {
    const expected = uniformArray(key(seed), count).map((u) => low + u * (high - low));
    for (const device of devices) {
      assertEquals(await read(ops.uniform(key(seed), [count], { low, high, device })), expected);
    }
  }));
});

Deno.test("uniform() draws from [0, 1) by default, and normal() with deviation 1", () => {
  const u = readSync(ops.uniform(key(2), [1000]));
  assert(u.every((value) => value >= 0 && value < 1));
  const z = readSync(ops.normal(key(2), [1000]));
  assert(z.some((value) => Math.abs(value) > 2) && z.every((value) => Math.abs(value) < 6));
});

Deno.test("a table with more rows begins with the rows of a shorter one", () => {
  const counts = fc.integer({ min: 1, max: 12 });
  const tables: Readonly<Record<string, (rows: number, columns: number, seed: number) => Tensor>> = {
    uniform: (rows, columns, seed) => ops.uniform(key(seed), [rows, columns], { low: -2, high: 3 }),
    unit: (rows, columns, seed) => ops.uniform(key(seed), [rows, columns]),
    normal: (rows, columns, seed) => ops.normal(key(seed), [rows, columns], { deviation: 0.1 }),
    linearUniform: (rows, columns, seed) => ops.linearUniform(key(seed), [rows, columns], { inputs: 7 }),
  };
  fc.assert(fc.property(counts, counts, counts, seeds, (a, b, columns, seed) => {
    for (const table of Object.values(tables)) {
      const [short, long] = [Math.min(a, b), Math.max(a, b)].map((rows) => readSync(table(rows, columns, seed)));
      assertEquals(long.subarray(0, short.length), short);
    }
  }));
});

Deno.test("xavierUniform() and xavierNormal() of more rows begin with the same rows but for a common factor", () => {
  const factor = Math.sqrt((8 + 4) / (5 + 4));
  for (const table of [ops.xavierUniform, ops.xavierNormal]) {
    const [short, long] = [5, 8].map((rows) => readSync(table(key(3), [rows, 4])));
    assertClose(long.subarray(0, short.length).map((x) => x * factor), short, 1e-6);
  }
});

Deno.test("tensors of random numbers refuse a number in place of a key", () => {
  const calls: Readonly<Record<string, (source: never) => unknown>> = {
    uniform: (source) => ops.uniform(source, [2]),
    normal: (source) => ops.normal(source, [2]),
    xavierUniform: (source) => ops.xavierUniform(source, [2, 2]),
    xavierNormal: (source) => ops.xavierNormal(source, [2, 2]),
    linearUniform: (source) => ops.linearUniform(source, [2], { inputs: 3 }),
    dropout: (source) => ops.dropout(source, ones([2]), 0.5),
  };
  for (const [name, call] of Object.entries(calls)) {
    assertThrows(() => call(1 as never), KindError, `Cannot call ${name}() with 1 as its key: write key(1)`);
  }
});
