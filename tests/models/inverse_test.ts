/** Inverses of symmetric matrices, by halves. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertThrows } from "deno-std/assert/throws.js";
import { ValueError } from "../../kernels/errors.ts";
import { wasmDevice } from "../../kernels/wasm/device.ts";
import { key } from "../../src/core/random.ts";
import { free, scope } from "../../src/core/scope.ts";
import { fromArray, readSync } from "../../src/core/tensor.ts";
import { inverse } from "../../src/models/inverse.ts";
import { matmul, matmulNT, normal } from "../../src/ops/mod.ts";
import { devices } from "../support.ts";

/** Returns X Xᵀ + n I / 4 for a random X of n rows. */
function positive(n: number, device: typeof devices[number]) {
  return scope(() => {
    const x = normal(key(n), [n, n], { device });
    const numbers = readSync(matmulNT(x, x)).map((v, at) => at % (n + 1) === 0 ? v + n / 4 : v);
    return fromArray(numbers, [n, n], { device });
  });
}

const processors = devices.filter(({ name }) => name !== "webgpu");
for (const n of [1, 2, 63, 64, 65, 130, 300]) {
  Deno.test(`inverse() of ${n} × ${n} numbers times the matrix is the identity`, () => {
    for (const device of processors) {
      const x = positive(n, device);
      const product = readSync(matmul(inverse(x), x));
      const errors = product.map((value, at) => Math.abs(value - (at % (n + 1) === 0 ? 1 : 0)));
      assert(errors.reduce((most, error) => Math.max(most, error)) < 1e-4, device.name);
    }
  });
}

Deno.test("inverse() is symmetric, has the same bits on any number of threads, and frees what it needs", () => {
  const bits = [1, 3].map((threads) => {
    const device = wasmDevice({ threads });
    const x = positive(200, device);
    const before = device.bytesUsed();
    const y = inverse(x);
    const numbers = readSync(y);
    free(y);
    assertEquals(device.bytesUsed(), before);
    device.close();
    return numbers;
  });
  assertEquals(bits[1], bits[0]);
  for (let i = 0; i < 200; i++) {
    for (let j = 0; j < i; j++) assert(Math.abs(bits[0][200 * i + j] - bits[0][200 * j + i]) < 1e-5);
  }
});

Deno.test("inverse() refuses a matrix that is not positive definite", () => {
  const numbers = new Float32Array(100 * 100);
  for (let i = 0; i < 100; i++) numbers[101 * i] = i === 90 ? -1 : 1;
  assertThrows(() => inverse(fromArray(numbers, [100, 100])), ValueError, "must be positive definite");
});
