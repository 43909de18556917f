/** Tests of tensors as text. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { reference } from "../../kernels/mod.ts";
import { print } from "../../src/core/print.ts";
import { fromArray, tensor, zeros } from "../../src/core/tensor.ts";

Deno.test("print() shows the shape, the device and the numbers in columns", async () => {
  const x = tensor([[1, -20.5], [300, 0.125]], { device: reference });
  assertEquals(await print(x, { digits: 2 }), "[2, 2] on reference\n  1.00  -20.50\n300.00    0.13");
  assertEquals(await print(tensor(7)), "[] on wasm\n7.0000");
  assertEquals(await print(tensor([1, 2]), { digits: 0 }), "[2] on wasm\n1  2");
  assertEquals(await print(tensor([NaN, Infinity]), { digits: 0 }), "[2] on wasm\n     NaN  Infinity");
});

Deno.test("print() leaves out the middle of long axes only", async () => {
  const counting = (count: number) => Array.from({ length: count }, (_, i) => i);
  const options = { digits: 0, edge: 2 };
  assertEquals(await print(tensor(counting(5)), options), "[5] on wasm\n0  1  2  3  4");
  assertEquals(await print(tensor(counting(6)), options), "[6] on wasm\n0  1  …  4  5");
  assertEquals(
    await print(fromArray(counting(36), [6, 6]), { digits: 0, edge: 1 }),
    "[6, 6] on wasm\n 0  …   5\n⋮\n30  …  35",
  );
});

Deno.test("print() of no numbers is the shape alone", async () => {
  assertEquals(await print(zeros([0, 3])), "[0, 3] on wasm");
  assertEquals(await print(zeros([0])), "[0] on wasm\n");
});
