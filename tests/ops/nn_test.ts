/** Tests of layers beyond the catalogue. @module */
import { ValueError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { entries } from "../../src/core/pattern.ts";
import { vjp } from "../../src/core/autodiff.ts";
import { key, uniformArray } from "../../src/core/random.ts";
import { ShapeError } from "../../src/core/shape.ts";
import type { Csr } from "../../src/core/sparse.ts";
import { fromArray, type Matrix, ones, read, readSync, tensor, type Vector, zeros } from "../../src/core/tensor.ts";
import * as ops from "../../src/ops/mod.ts";
import { assertClose, devices, numbers, patterns, seeds } from "../support.ts";

const matrix = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 7 }), seeds)
  .map(([rows, columns, seed]): Matrix => fromArray(numbers(seed, rows * columns), [rows, columns]));

Deno.test("linear() of sparse features is linear() of the same dense features", () => {
  fc.assert(fc.property(patterns(4, 6), seeds, (pattern, seed) => {
    const x: Csr = ops.csr(pattern, fromArray(numbers(seed, entries(pattern)), [entries(pattern)]));
    const weight: Matrix = fromArray(numbers(seed + 1, 18), [3, 6]);
    const bias: Vector = fromArray(numbers(seed + 2, 3), [3]);
    assertClose(readSync(ops.linear(x, weight, bias)), readSync(ops.linear(ops.toDense(x), weight, bias)));
  }));
});

Deno.test("linear() refuses weights and biases that do not fit", () => {
  const x: Matrix = zeros([2, 3]);
  const [narrow, wide]: Matrix[] = [zeros([4, 2]), zeros([4, 3])];
  const message = "Cannot matmulNT [2, 3] by [4, 2]: inner axes must match, 3 is not 2";
  assertThrows(() => ops.linear(x, narrow, zeros([4])), ShapeError, message);
  assertThrows(
    () => ops.linear(x, wide, zeros([3])),
    ShapeError,
    "Cannot addRow with [2, 4] and [3]: one number per column",
  );
});

Deno.test("softmaxRows() sums to one, is shift-invariant, and is the exponential of logSoftmaxRows()", () => {
  fc.assert(fc.property(matrix, fc.constantFrom(-1e3, 0, 1e3), (x, offset) => {
    const y = ops.softmaxRows(x);
    assertClose(readSync(ops.rowSums(y)), new Float32Array(x.shape[0]).fill(1), 1e-6);
    assertClose(readSync(ops.softmaxRows(ops.shift(x, offset))), readSync(y), 1e-4);
    assertClose(readSync(ops.exp(ops.logSoftmaxRows(x))), readSync(y), 1e-6);
  }));
});

Deno.test("logSumExpRows() is close to the largest element where the others are far below", () => {
  assertEquals([...readSync(ops.logSumExpRows(tensor([[1e4, -1e4], [-1e4, -1e4 - 200]])))], [1e4, -1e4]);
});

Deno.test("dropout() zeroes its share of elements and keeps the mean, equally for equal keys", () => {
  const x = ones([200, 100]);
  for (const rate of [0.1, 0.5, 0.9]) {
    const y = readSync(ops.dropout(key(3), x, rate));
    const kept = y.filter((value) => value !== 0);
    assert(Math.abs(kept.length / y.length - (1 - rate)) < 0.015);
    assert(kept.every((value) => value === Math.fround(1 / (1 - rate))));
    assertEquals(readSync(ops.dropout(key(3), x, rate)), y);
  }
  assert(ops.dropout(key(3), x, 0) === x);
});

/** Normal numbers, and rates of all sizes or very near one of the draws, where rounding must not change the outcome. */
const dropped = fc.tuple(seeds, fc.integer({ min: 1, max: 50 })).chain(([seed, count]) => {
  const draws = uniformArray(key(seed), count);
  const close = fc.tuple(fc.nat(count - 1), fc.constantFrom(-(2 ** -30), 0, 2 ** -30))
    .map(([n, hair]) => Math.max(0, draws[n] + hair));
  const rate = fc.oneof(fc.constantFrom(1e-9, 0.1, 0.5, 0.9, 1 - 2 ** -30), close);
  return fc.record({ seed: fc.constant(seed), x: fc.constant(numbers(seed + 1, count)), rate });
});

Deno.test("dropout() drops where a draw is below the rate, the same on every device", async () => {
  await fc.assert(fc.asyncProperty(dropped, async ({ seed, x, rate }) => {
    const draws = uniformArray(key(seed), x.length);
    const expected = x.map((value, i) => draws[i] < rate ? 0 : value * Math.fround(1 / (1 - rate)));
    for (const device of devices) {
      const y = ops.dropout(key(seed), fromArray(x, [x.length], { device }), rate);
      assertClose(await read(y), expected, 0);
    }
  }));
});

Deno.test("dropout() of a gradient drops the same elements", () => {
  fc.assert(fc.property(dropped, seeds, ({ seed, x, rate }, other) => {
    const g = fromArray(numbers(other, x.length), [x.length]);
    const [, back] = vjp((x: Vector) => ops.dropout(key(seed), x, rate), fromArray(x, [x.length]));
    assertEquals(readSync(back(g)), readSync(ops.dropout(key(seed), g, rate)));
  }));
});

Deno.test("dropout() refuses a rate outside [0, 1)", () => {
  for (const rate of [-0.1, 1, NaN]) {
    const message = `Cannot dropout with the rate ${rate}: it must be in [0, 1)`;
    assertThrows(() => ops.dropout(key(0), ones([1]), rate), ValueError, message);
  }
});
