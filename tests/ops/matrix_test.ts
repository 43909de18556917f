/** Tests of matrix operations beyond the catalogue: laws, and what is refused. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { ShapeError } from "../../src/core/shape.ts";
import { fromArray, type Matrix, readSync, tensor, zeros } from "../../src/core/tensor.ts";
import * as ops from "../../src/ops/mod.ts";
import { assertClose, numbers, seeds } from "../support.ts";

const size = fc.integer({ min: 1, max: 9 });
const draw = (seed: number, rows: number, columns: number): Matrix =>
  fromArray(numbers(seed, rows * columns), [rows, columns]);

Deno.test("the three products are one product with transposes", () => {
  fc.assert(fc.property(size, size, size, seeds, (m, k, n, seed) => {
    const [a, b] = [draw(seed, m, k), draw(seed + 1, k, n)];
    const plain = readSync(ops.matmul(a, b));
    assertClose(readSync(ops.matmulNT(a, ops.transpose(b))), plain, 1e-6);
    assertClose(readSync(ops.matmulTN(ops.transpose(a), b)), plain, 1e-6);
    assertClose(readSync(ops.transpose(ops.matmul(ops.transpose(b), ops.transpose(a)))), plain, 1e-6);
  }));
});

Deno.test("slices of a concatenation are its parts, bit for bit", () => {
  fc.assert(fc.property(size, size, size, seeds, (m, k, n, seed) => {
    const [a, b] = [draw(seed, m, n), draw(seed + 1, k, n)];
    const below = ops.concatRows([a, b]);
    assertEquals(readSync(ops.sliceRows(below, m, m + k)), readSync(b));
    const beside = ops.concatColumns([ops.transpose(a), ops.transpose(b)]);
    assertEquals(readSync(ops.sliceColumns(beside, 0, m)), readSync(ops.transpose(a)));
    assertEquals(readSync(ops.transpose(beside)), readSync(below));
  }));
});

Deno.test("reshape() copies nothing", () => {
  const x = tensor([[1, 2], [3, 4]]);
  assert(ops.reshape(x, [4]).storage === x.storage);
});

Deno.test("shapes that do not fit are refused before any arithmetic, with the shapes", () => {
  const [x, y] = [zeros([2, 3]), zeros([4, 5])] as Matrix[];
  const refused: [() => unknown, string][] = [
    [() => ops.matmul(x, y), "Cannot multiply [2, 3] by [4, 5]: inner axes must match, 3 is not 4"],
    [() => ops.matmulNT(x, y), "Cannot multiply [2, 3] by [4, 5]ᵀ: inner axes must match, 3 is not 5"],
    [() => ops.matmulTN(x, y), "Cannot multiply [2, 3]ᵀ by [4, 5]: inner axes must match, 2 is not 4"],
    [() => ops.sliceRows(x, 1, 3), "Cannot slice [2, 3]: rows 1 to 3, columns 0 to 3 are not all in it"],
    [() => ops.sliceRows(x, 2, 1), "Cannot slice [2, 3]: rows 2 to 1, columns 0 to 3 are not all in it"],
    [() => ops.sliceColumns(x, -1, 2), "Cannot slice [2, 3]: rows 0 to 2, columns -1 to 2 are not all in it"],
    [() => ops.concatRows([x, y]), "Cannot concatenate [2, 3] and [4, 5] one below the other: they must be as wide"],
    [() => ops.concatColumns([x, y]), "Cannot concatenate [2, 3] and [4, 5] side by side: they must be as high"],
    [() => ops.concatBlocks([[x, x], [x]]), "Cannot concatenate rows of 2 and 1 matrices: rows must be as long"],
    [() => ops.concatRows([]), "Cannot concatenate no matrices: at least one is needed"],
    [() => ops.reshape(x, [5]), "Cannot reshape [2, 3] to [5]: they hold different numbers of elements"],
  ];
  for (const [body, message] of refused) assertThrows(body, ShapeError, message);
});
