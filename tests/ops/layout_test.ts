/** Tests of slices, concatenations and reshapes beyond the catalogue: laws, types, and errors. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { ShapeError } from "../../src/core/shape.ts";
import { fromArray, type Matrix, readSync, tensor, type Vector, zeros } from "../../src/core/tensor.ts";
import * as ops from "../../src/ops/mod.ts";
import { numbers, seeds } from "../support.ts";

const size = fc.integer({ min: 1, max: 9 });
const draw = (seed: number, rows: number, columns: number): Matrix =>
  fromArray(numbers(seed, rows * columns), [rows, columns]);

Deno.test("slices of a concatenation are its blocks, bit for bit", () => {
  fc.assert(fc.property(size, size, size, seeds, (m, k, n, seed) => {
    const [a, b] = [draw(seed, m, n), draw(seed + 1, k, n)];
    const below = ops.concatRows([a, b]);
    assertEquals(readSync(ops.sliceRows(below, m, m + k)), readSync(b));
    const joined = ops.concatColumns([ops.transpose(a), ops.transpose(b)]);
    assertEquals(readSync(ops.sliceColumns(joined, 0, m)), readSync(ops.transpose(a)));
    assertEquals(readSync(ops.transpose(joined)), readSync(below));
  }));
});

Deno.test("reshape() copies nothing", () => {
  const x = tensor([[1, 2], [3, 4]]);
  assert(ops.reshape(x, [4]).storage === x.storage);
});

Deno.test("reshape() and fill() infer read-only shapes, so that their results are vectors and matrices", () => {
  const n: number = 4;
  const x: Matrix | Vector = n > 3 ? ops.reshape(tensor([[1, 2], [3, 4]]), [n]) : tensor([1]);
  const y: Vector = ops.fill(tensor(7), [n]);
  const z: Matrix = ops.reshape(y, [2, 2]);
  assertEquals([x.shape, y.shape, z.shape], [[4], [4], [2, 2]]);
});

Deno.test("slices, concatenations and reshapes refuse shapes that do not fit", () => {
  const [x, y] = [zeros([2, 3]), zeros([4, 5])] as Matrix[];
  const refused: [() => unknown, string][] = [
    [() => ops.sliceRows(x, 1, 3), "Cannot sliceRows of [2, 3]: rows 1 to 3 are not all in it"],
    [() => ops.sliceRows(x, 2, 1), "Cannot sliceRows of [2, 3]: rows 2 to 1 are not all in it"],
    [() => ops.sliceColumns(x, -1, 2), "Cannot sliceColumns of [2, 3]: columns -1 to 2 are not all in it"],
    [
      () => ops.concatRows([x, y]),
      "Cannot concatRows of [2, 3] and [4, 5]: blocks of one column must have the same width",
    ],
    [
      () => ops.concatColumns([x, y]),
      "Cannot concatColumns of [2, 3] and [4, 5]: blocks of one row must have the same height",
    ],
    [
      () => ops.concatBlocks([[x, x], [x]]),
      "Cannot concatBlocks with rows of 2 and 1 matrices: rows must have the same number of matrices",
    ],
    [() => ops.concatRows([]), "Cannot concatRows of no matrices: at least one is needed"],
    [() => ops.reshape(x, [5]), "Cannot reshape [2, 3] to [5]: they hold different numbers of elements"],
  ];
  for (const [body, message] of refused) assertThrows(body, ShapeError, message);
});
