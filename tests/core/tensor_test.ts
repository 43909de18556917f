/** Tests of making and reading tensors. @module */
import { KindError } from "../../kernels/errors.ts";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { inspect as nodeInspect } from "node:util";
import { fc } from "../fc.ts";
import { type Device, openDevice, reference, setDefaultDevice, wasm } from "../../kernels/mod.ts";
import { wasmDevice } from "../../kernels/wasm/device.ts";
import { key } from "../../src/core/random.ts";
import { ShapeError, sizeOf } from "../../src/core/shape.ts";
import {
  deviceOf,
  fromArray,
  full,
  isTensor,
  ones,
  read,
  readSync,
  tensor,
  wrap,
  zeros,
} from "../../src/core/tensor.ts";
import { uniform } from "../../src/ops/draw.ts";
import { devices } from "../support.ts";

Deno.test("read() returns the numbers given to fromArray(), on every device", async () => {
  const numbers = fc.float32Array({ maxLength: 20 });
  await fc.assert(fc.asyncProperty(numbers, fc.constantFrom(...devices), async (values, device) => {
    const x = fromArray(values, [values.length], { device });
    assertEquals(await read(x), values);
    if (device.view(x.storage)) assertEquals(readSync(x), values);
  }));
});

Deno.test("fromArray() refuses more or fewer numbers than the shape holds", () => {
  const message = "Cannot make a tensor of shape [2, 3] from 5 numbers: it holds 6";
  assertThrows(() => fromArray([1, 2, 3, 4, 5], [2, 3]), ShapeError, message);
});

Deno.test("tensor() makes scalars, vectors and matrices", () => {
  const made = [tensor(7), tensor([1, 2]), tensor([]), tensor([[1], [2]]), tensor([[], []])];
  assertEquals(made.map(({ shape }) => shape), [[], [2], [0], [2, 1], [2, 0]]);
  assertEquals(made.map((x) => [...readSync(x)]), [[7], [1, 2], [], [1, 2], []]);
});

Deno.test("tensor() refuses rows of different lengths", () => {
  const message = "Cannot make a tensor of rows of 2 and 1 numbers: rows must have the same length";
  assertThrows(() => tensor([[1, 2], [3, 4], [5]]), ShapeError, message);
});

Deno.test("full(), zeros() and ones() fill any shape, on the given device", () => {
  for (const shape of [[], [3], [2, 3], [0, 3]] as const) {
    const made = [zeros(shape), ones(shape), full(shape, 2.5, { device: reference })];
    assertEquals(made.map((x) => [...readSync(x)]), [0, 1, 2.5].map((value) => Array(sizeOf(shape)).fill(value)));
    assertEquals(made.map(({ storage }) => storage.device.name), ["wasm", "wasm", "reference"]);
  }
});

Deno.test("a tensor cannot be changed: its numbers are copied on the way in and out", async () => {
  for (const device of devices) {
    const values = Float32Array.of(1, 2);
    const x = fromArray(values, [2], { device });
    values[0] = 9;
    if (device.view(x.storage)) readSync(x)[0] = 9;
    (await read(x))[0] = 9;
    assertEquals([...await read(x)], [1, 2]);
  }
});

Deno.test("readSync() refuses a device that cannot be read at once", () => {
  const later: Device = { ...wasm(), view: () => null };
  const x = wrap({ device: later, length: 1, freed: false }, [1]);
  const message = 'Cannot readSync from the device "wasm": use await read()';
  assertThrows(() => readSync(x), KindError, message);
});

Deno.test("isTensor() distinguishes a tensor from other values", () => {
  assertEquals([tensor(1), null, undefined, 3, "x", [], { shape: [1] }].map(isTensor), [true, ...Array(6).fill(false)]);
});

Deno.test("a tensor shows its shape, its device and its numbers in a console", () => {
  const x = tensor([[1, 2]]);
  const shown = "Tensor [1, 2] on wasm\n  1.0000  2.0000";
  assertEquals([Deno.inspect(x), nodeInspect(x)], [shown, shown]);
  assertEquals(Deno.inspect(tensor([[1], [2]])), "Tensor [2, 1] on wasm\n  1.0000\n  2.0000");
  assertEquals(Deno.inspect(zeros([0, 2])), "Tensor [0, 2] on wasm");
  const later = wrap({ device: { ...wasm(), view: () => null }, length: 1, freed: false }, [1]);
  assertEquals(Deno.inspect(later), "Tensor [1] on wasm");
  x.storage.device.free(x.storage);
  assertEquals([Deno.inspect(x), nodeInspect(x)], Array(2).fill("Tensor [1, 2] on wasm (freed)"));
});

Deno.test("a tensor shows itself as a table in a notebook, on every device", async () => {
  const show = async (x: object) => await (Reflect.get(x, Symbol.for("Jupyter.display")) as () => unknown).call(x);
  for (const device of devices) {
    const x = tensor([[1, 2], [3, 4]], { device });
    const heading = `Tensor [2, 2] on ${device.name}`;
    assertEquals(await show(x), {
      "text/plain": `${heading}\n1.0000  2.0000\n3.0000  4.0000`,
      "text/html": `<table><caption>${heading}</caption><tbody><tr><td>1.0000</td><td>2.0000</td></tr>` +
        "<tr><td>3.0000</td><td>4.0000</td></tr></tbody></table>",
    });
    device.free(x.storage);
    assertEquals(await show(x), { "text/plain": `${heading} (freed)` });
  }
});

Deno.test("a tensor has no properties of its own but shape, storage and node", () => {
  assertEquals(Object.keys(tensor(1)), ["shape", "storage", "node"]);
  assertEquals(Object.getOwnPropertyNames(Object.getPrototypeOf(tensor(1))), []);
});

Deno.test("an error of tensors on two devices tells devices of one name apart", () => {
  const [one, two, another] = [1, 2, 1].map((threads) => tensor([1], { device: wasmDevice({ threads }) }));
  assertThrows(
    () => deviceOf("add", [one, two]),
    KindError,
    "Cannot add tensors on two devices, wasm on 1 thread and wasm on 2 threads: copy one with toDevice()",
  );
  assertThrows(
    () => deviceOf("add", [one, another]),
    KindError,
    "Cannot add tensors on two devices, both wasm on 1 thread: copy one with toDevice()",
  );
});

Deno.test("making a tensor refuses a device that is none, with a hint", async () => {
  const choice = await openDevice("reference");
  for (const device of [choice, Promise.resolve(choice), "wasm", null]) {
    const place = { device: device as never };
    const hint = "write const { device } = await openDevice(name)";
    assertThrows(() => zeros([2], place), KindError, hint);
    assertThrows(() => uniform(key(1), [2], place), KindError, hint);
  }
});

Deno.test("tensors are made on the default device, which can be set", () => {
  const device = wasmDevice({ threads: 1 });
  setDefaultDevice(device);
  try {
    assertEquals([tensor(1), uniform(key(1), [2])].map((x) => x.storage.device === device), [true, true]);
  } finally {
    setDefaultDevice(null);
  }
  assertEquals(tensor(1).storage.device === wasm(), true);
});
