/** Tests of shapes. @module */
import { ValueError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { asMatrix, sameShape, type Shape, ShapeError, showShape, sizeOf } from "../../src/core/shape.ts";
import { zeros } from "../../src/core/tensor.ts";

const shapes: readonly Shape[] = [[], [0], [1], [3], [0, 3], [3, 0], [1, 3], [3, 1], [2, 5]];

Deno.test("sizeOf() counts the elements, as many as asMatrix() has", () => {
  assertEquals(shapes.map(sizeOf), [1, 0, 1, 3, 0, 0, 3, 3, 10]);
  for (const shape of shapes) {
    const { rows, columns } = asMatrix(shape);
    assertEquals(rows * columns, sizeOf(shape));
  }
});

Deno.test("sizeOf() refuses impossible shapes before memory is allocated", () => {
  const refused: [number[], string][] = [
    [[1, 2, 3], "Cannot make a tensor of shape [1, 2, 3]: tensors have at most two axes"],
    [[-1], "Cannot make a tensor of shape [-1]: the length of an axis is a whole number from 0"],
    [[2, 0.5], "Cannot make a tensor of shape [2, 0.5]: the length of an axis is a whole number from 0"],
    [
      [1e6, 1e6],
      "Cannot make a tensor of shape [1000000, 1000000]: it has 1000000000000 numbers, and a block holds at most 2147483647",
    ],
    [[2 ** 31], "Cannot make a tensor of shape [2147483648]: it has 2147483648 numbers"],
  ];
  assertEquals([sizeOf([2 ** 31 - 1]), sizeOf([2 ** 20, 2 ** 10])], [2 ** 31 - 1, 2 ** 30]);
  for (const [shape, message] of refused) {
    assertThrows(() => sizeOf(shape as readonly number[] as Shape), ShapeError, message);
    assertThrows(() => zeros(shape as readonly number[] as Shape), ShapeError, message);
  }
});

Deno.test("asMatrix() takes a vector for one row", () => {
  assertEquals([asMatrix([]), asMatrix([3]), asMatrix([3, 1])], [
    { rows: 1, columns: 1 },
    { rows: 1, columns: 3 },
    { rows: 3, columns: 1 },
  ]);
});

Deno.test("sameShape() distinguishes every two shapes", () => {
  shapes.forEach((a, i) => shapes.forEach((b, j) => assertEquals(sameShape(a, b), i === j)));
});

Deno.test("showShape() writes a shape in brackets", () => {
  assertEquals([showShape([]), showShape([3]), showShape([3, 1])], ["[]", "[3]", "[3, 1]"]);
});

Deno.test("ShapeError is a ValueError with a name of its own", () => {
  const error = new ShapeError("Cannot add [2] and [3]: shapes must match");
  assert(error instanceof ValueError);
  assertEquals(String(error), "ShapeError: Cannot add [2] and [3]: shapes must match");
});
