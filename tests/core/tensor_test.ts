/** Tests of making and reading tensors. @module */
import { KindError } from "../../kernels/errors.ts";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { fc } from "../fc.ts";
import { type Device, reference, setDefaultDevice, wasm } from "../../kernels/mod.ts";
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

Deno.test("fromArray() and read() give the same numbers back, on every device", async () => {
  const numbers = fc.float32Array({ maxLength: 20 });
  await fc.assert(fc.asyncProperty(numbers, fc.constantFrom(...devices), async (values, device) => {
    const x = fromArray(values, [values.length], { device });
    assertEquals(await read(x), values);
    if (device.view(x.storage)) assertEquals(readSync(x), values);
  }));
});

Deno.test("fromArray() refuses more or fewer numbers than the shape holds", () => {
  const message = "Cannot shape 5 numbers as [2, 3]: it holds 6";
  assertThrows(() => fromArray([1, 2, 3, 4, 5], [2, 3]), ShapeError, message);
});

Deno.test("tensor() spells out scalars, vectors and matrices", () => {
  const made = [tensor(7), tensor([1, 2]), tensor([]), tensor([[1], [2]]), tensor([[], []])];
  assertEquals(made.map(({ shape }) => shape), [[], [2], [0], [2, 1], [2, 0]]);
  assertEquals(made.map((x) => [...readSync(x)]), [[7], [1, 2], [], [1, 2], []]);
});

Deno.test("tensor() refuses rows of different lengths", () => {
  const message = "Cannot make a matrix of rows of 2 and 1 numbers: rows must be equally long";
  assertThrows(() => tensor([[1, 2], [3, 4], [5]]), ShapeError, message);
});

Deno.test("full(), zeros() and ones() fill any shape, on the device asked for", () => {
  for (const shape of [[], [3], [2, 3], [0, 3]] as const) {
    const made = [zeros(shape), ones(shape), full(shape, 2.5, { device: reference })];
    assertEquals(made.map((x) => [...readSync(x)]), [0, 1, 2.5].map((value) => Array(sizeOf(shape)).fill(value)));
    assertEquals(made.map(({ storage }) => storage.device.name), ["wasm", "wasm", "reference"]);
  }
});

Deno.test("nobody can write through a tensor: what goes in and comes out is copied", async () => {
  for (const device of devices) {
    const values = Float32Array.of(1, 2);
    const x = fromArray(values, [2], { device });
    values[0] = 9;
    if (device.view(x.storage)) readSync(x)[0] = 9;
    (await read(x))[0] = 9;
    assertEquals([...await read(x)], [1, 2]);
  }
});

Deno.test("readSync() refuses a device that only answers later", () => {
  const later: Device = { ...wasm(), view: () => null };
  const x = wrap({ device: later, length: 1, freed: false }, [1]);
  const message = 'Cannot read at once from the device "wasm": await read() instead';
  assertThrows(() => readSync(x), KindError, message);
});

Deno.test("isTensor() knows a tensor from everything else", () => {
  assertEquals([tensor(1), null, undefined, 3, "x", [], { shape: [1] }].map(isTensor), [true, ...Array(6).fill(false)]);
});

Deno.test("a tensor shows its shape and device when it is logged", () => {
  const x = tensor([[1, 2]]);
  assertEquals(Deno.inspect(x), "Tensor [1, 2] on wasm");
  x.storage.device.free(x.storage);
  assertEquals(Deno.inspect(x), "Tensor [1, 2] on wasm (freed)");
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
