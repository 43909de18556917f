/** Tests of products and maxima of rows beyond the catalogue: ties, and errors. @module */
import { assertThrows } from "deno-std/assert/throws.js";
import { grad } from "../../src/core/autodiff.ts";
import { ShapeError } from "../../src/core/shape.ts";
import { type Matrix, readSync, tensor, zeros } from "../../src/core/tensor.ts";
import * as ops from "../../src/ops/mod.ts";
import { assertClose } from "../support.ts";

Deno.test("rowMax() shares the gradient among equal elements", () => {
  const slope = grad((x: Matrix) => ops.sum(ops.rowMax(x)))(tensor([[1, 3, 3], [2, 2, 2], [5, 0, 1]]));
  assertClose(readSync(slope), [0, 0.5, 0.5, 1 / 3, 1 / 3, 1 / 3, 1, 0, 0]);
});

Deno.test("a vector must have one number per row or per column of the matrix", () => {
  const x = zeros([2, 3]);
  const refused: [() => unknown, string][] = [
    [() => ops.addRow(x, zeros([2])), "Cannot addRow with [2, 3] and [2]: one number per column is needed"],
    [() => ops.addColumn(x, zeros([3])), "Cannot addColumn with [2, 3] and [3]: one number per row is needed"],
    [() => ops.scaleRows(x, zeros([3])), "Cannot scaleRows with [2, 3] and [3]: one number per row is needed"],
    [() => ops.scaleColumns(x, zeros([2])), "Cannot scaleColumns with [2, 3] and [2]: one number per column is needed"],
    [() => ops.rowDots(x, zeros([3, 2])), "Cannot rowDots [2, 3] and [3, 2]: shapes must match"],
    [() => ops.dot(x, zeros([3, 2])), "Cannot dot [2, 3] and [3, 2]: shapes must match"],
  ];
  for (const [body, message] of refused) assertThrows(body, ShapeError, message);
});
