/** Tests of products of matrices beyond the catalogue: laws, and errors. @module */
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { ShapeError } from "../../src/core/shape.ts";
import { fromArray, type Matrix, readSync, zeros } from "../../src/core/tensor.ts";
import * as ops from "../../src/ops/mod.ts";
import { assertClose, numbers, seeds } from "../support.ts";

const size = fc.integer({ min: 1, max: 9 });
const draw = (seed: number, rows: number, columns: number): Matrix =>
  fromArray(numbers(seed, rows * columns), [rows, columns]);

Deno.test("matmul(), matmulNT() and matmulTN() agree by transposes", () => {
  fc.assert(fc.property(size, size, size, seeds, (m, k, n, seed) => {
    const [a, b] = [draw(seed, m, k), draw(seed + 1, k, n)];
    const plain = readSync(ops.matmul(a, b));
    assertClose(readSync(ops.matmulNT(a, ops.transpose(b))), plain, 1e-6);
    assertClose(readSync(ops.matmulTN(ops.transpose(a), b)), plain, 1e-6);
    assertClose(readSync(ops.transpose(ops.matmul(ops.transpose(b), ops.transpose(a)))), plain, 1e-6);
  }));
});

Deno.test("products refuse inner axes that differ", () => {
  const [x, y] = [zeros([2, 3]), zeros([4, 5])] as Matrix[];
  const refused: [() => unknown, string][] = [
    [() => ops.matmul(x, y), "Cannot matmul [2, 3] by [4, 5]: inner axes must match, 3 is not 4"],
    [() => ops.matmulNT(x, y), "Cannot matmulNT [2, 3] by [4, 5]: inner axes must match, 3 is not 5"],
    [() => ops.matmulTN(x, y), "Cannot matmulTN [2, 3] by [4, 5]: inner axes must match, 2 is not 4"],
  ];
  for (const [body, message] of refused) assertThrows(body, ShapeError, message);
});
