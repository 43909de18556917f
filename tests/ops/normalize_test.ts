/** Tests of rows scaled to length 1 beyond the catalogue: with and without a bias, short rows, and errors. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { grad, vjp } from "../../src/core/autodiff.ts";
import { checkGradient } from "../../src/core/check.ts";
import { key } from "../../src/core/random.ts";
import { ShapeError } from "../../src/core/shape.ts";
import { fromArray, type Matrix, readSync, tensor, type Vector, zeros } from "../../src/core/tensor.ts";
import * as ops from "../../src/ops/mod.ts";
import { assertClose, numbers, seeds } from "../support.ts";

const draw = (seed: number, rows: number, columns: number): Matrix =>
  fromArray(numbers(seed, rows * columns), [rows, columns]);
const list = (seed: number, count: number): Vector => fromArray(numbers(seed, count), [count]);
const size = fc.integer({ min: 1, max: 9 });

type Biased = { readonly x: Matrix; readonly b: Vector };

Deno.test("normalizeRows() gives rows of length 1, and does not change rows of zeros", () => {
  const row = fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 });
  fc.assert(fc.property(fc.array(row, { minLength: 1 }), fc.constantFrom(1e-4, 1, 1e4), (rows, size) => {
    const scaled = rows.map((row) => row.map((x) => x * size));
    const lengths = readSync(ops.rowSums(ops.square(ops.normalizeRows(tensor(scaled)))));
    rows.forEach((row, r) => {
      const largest = Math.max(...row.map(Math.abs));
      if (largest === 0) assertEquals(lengths[r], 0);
      else if (largest > 1e-6) assertClose([lengths[r]], [1], 1e-5);
    });
  }));
});

Deno.test("normalizeRows() with a bias normalises the sum, and its gradients agree", () => {
  fc.assert(fc.property(size, size, seeds, (rows, columns, seed) => {
    const [x, g] = [draw(seed, rows, columns), draw(seed + 1, rows, columns)];
    const at: Biased = { x, b: list(seed + 2, columns) };
    const [y, back] = vjp(({ x, b }: Biased) => ops.normalizeRows(x, b), at);
    const [expected, expectedBack] = vjp(({ x, b }: Biased) => ops.normalizeRows(ops.addRow(x, b)), at);
    assertClose(readSync(y), readSync(expected));
    const [actual, wanted] = [back(g), expectedBack(g)];
    assertClose(readSync(actual.x), readSync(wanted.x), 1e-4);
    assertClose(readSync(actual.b), readSync(wanted.b), 1e-4);
  }));
});

Deno.test("normalizeRows() without a bias is normalizeRows() with a bias of zeros, bit for bit", () => {
  fc.assert(fc.property(size, size, seeds, (rows, columns, seed) => {
    const [x, g] = [draw(seed, rows, columns), draw(seed + 1, rows, columns)];
    const [y, back] = vjp((x: Matrix) => ops.normalizeRows(x), x);
    const [expected, expectedBack] = vjp((x: Matrix) => ops.normalizeRows(x, zeros([columns])), x);
    assertEquals(readSync(y), readSync(expected));
    assertEquals(readSync(back(g)), readSync(expectedBack(g)));
  }));
});

Deno.test("normalizeRows() without a bias has a correct gradient, and so has its gradient", async () => {
  const weights = draw(9, 4, 3);
  const f = (x: Matrix) => ops.sum(ops.mul(ops.normalizeRows(x), weights));
  const slope = (x: Matrix) => ops.sum(ops.mul(grad(f)(x), ops.square(weights)));
  for (const g of [f, slope]) assert(await checkGradient(g, draw(8, 4, 3), { key: key(1), directions: 4 }) < 1e-2);
});

Deno.test("normalizeRows() does not depend on the length of a row, and its gradient is orthogonal to the row", () => {
  fc.assert(fc.property(size, size, fc.constantFrom(1e-3, 0.5, 4, 1e3), seeds, (rows, columns, length, seed) => {
    const [x, g] = [draw(seed, rows, columns), draw(seed + 1, rows, columns)];
    const [y, back] = vjp((x: Matrix) => ops.normalizeRows(x), x);
    assertClose(readSync(ops.normalizeRows(ops.scale(x, length))), readSync(y), 1e-5);
    const slope = back(g);
    const sizes = readSync(ops.rowDots(slope, slope)).map(Math.sqrt);
    const lengths = readSync(ops.rowDots(x, x)).map(Math.sqrt);
    readSync(ops.rowDots(slope, x)).forEach((dot, r) =>
      // The rounding error of 32 bits when ⟨g, x⟩ / ‖x‖ is subtracted.
      assert(Math.abs(dot) <= 1e-5 * (1 + lengths[r]) * (1 + sizes[r]), `${dot}`)
    );
  }));
});

Deno.test("normalizeRows() divides rows shorter than 10⁻¹² by 10⁻¹², and their gradients too", () => {
  const x = tensor([[1e-13, 0], [0, 3], [0, 0]]);
  const [y, back] = vjp((x: Matrix) => ops.normalizeRows(x), x);
  assertClose(readSync(y), [0.1, 0, 0, 1, 0, 0], 1e-5);
  const slope = back(tensor([[1, 2], [6, 5], [-1, 1]]));
  assertClose(readSync(slope).map((value, i) => i < 2 || i > 3 ? value * 1e-12 : value), [1, 2, 2, 0, -1, 1], 1e-5);
});

Deno.test("normalizeRows() refuses a bias without one number per column", () => {
  const message = "Cannot normalizeRows of [2, 3] with a bias [2]: it needs one number per column";
  assertThrows(() => ops.normalizeRows(zeros([2, 3]) as Matrix, zeros([2])), ShapeError, message);
});
