/** Tests of conversions to ndarrays and back. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
// @ts-types="@types/ndarray"
import ndarray from "ndarray";
import { fromNdarray, toNdarray } from "../../src/core/ndarray.ts";
import { ShapeError } from "../../src/core/shape.ts";
import { read, readSync } from "../../src/core/tensor.ts";
import { transpose } from "../../src/ops/matrix.ts";
import { fromArray, tensor } from "../../src/core/tensor.ts";
import { awkward, devices, numbers, seeds } from "../support.ts";

Deno.test("fromNdarray() is the inverse of toNdarray() on every device", async () => {
  await fc.assert(
    fc.asyncProperty(awkward, awkward, seeds, async (rows, columns, seed) => {
      for (const device of devices) {
        const x = fromArray(numbers(seed, rows * columns), [rows, columns], { device });
        const back = fromNdarray(await toNdarray(x), { device });
        assertEquals(back.shape, x.shape);
        assertEquals(await read(back), await read(x));
      }
    }),
    { numRuns: 20 },
  );
});

Deno.test("fromNdarray() follows the strides of a view", async () => {
  const x = tensor([[1, 2, 3], [4, 5, 6]]);
  const view = (await toNdarray(x)).transpose(1, 0);
  assertEquals(readSync(fromNdarray(view)), readSync(transpose(x)));
  assertEquals([...readSync(fromNdarray(view.pick(1, -1)))], [2, 5]);
});

Deno.test("fromNdarray() accepts scalars and refuses three axes", () => {
  assertEquals(fromNdarray(ndarray([7], [])).shape, []);
  assertThrows(
    () => fromNdarray(ndarray(new Float32Array(8), [2, 2, 2])),
    ShapeError,
    "Cannot make a tensor of shape [2, 2, 2]: tensors have at most two axes",
  );
});
