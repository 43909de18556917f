/** Tests of the matrix product on every device. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import type { Device, Form, ProductSize, Storage } from "../../kernels/mod.ts";
import { assertDevicesAgree, devices, numbers, seeds } from "../support.ts";

const rows = fc.constantFrom(0, 1, 2, 5, 6, 7, 12, 13);
const inner = fc.constantFrom(0, 1, 3, 4, 5, 8, 255, 256, 257);
const columns = fc.constantFrom(0, 1, 3, 4, 5, 7, 8, 9, 16, 255, 256, 257, 263);
const sizes = fc.record({ rows, inner, columns });

function product(device: Device, size: ProductSize, form: Form, seed: number): Storage {
  const a = device.upload(numbers(seed, size.rows * size.inner));
  const b = device.upload(numbers(seed + 1, size.inner * size.columns));
  return device.kernels.matmul(a, b, size, form);
}

for (const form of ["nn", "nt", "tn"] as const) {
  Deno.test(`matmul() of form ${form} agrees on all devices at any size`, async () => {
    await fc.assert(
      fc.asyncProperty(
        sizes,
        seeds,
        (size, seed) => assertDevicesAgree((device) => product(device, size, form, seed), 2e-5),
      ),
      { numRuns: 25 },
    );
  });
}

Deno.test("matmul() does not confuse rows and columns", async () => {
  for (const device of devices) {
    const [a, b] = [[1, 2, 3, 4, 5, 6], [1, 0, 0, 1, 1, 1]].map((values) => device.upload(values));
    const expected = {
      nn: [{ rows: 2, inner: 3, columns: 2 }, [4, 5, 10, 11]],
      nt: [{ rows: 2, inner: 3, columns: 2 }, [1, 6, 4, 15]],
      tn: [{ rows: 2, inner: 3, columns: 2 }, [6, 8, 8, 10]],
    } as const;
    for (const [form, [size, values]] of Object.entries(expected)) {
      assertEquals([...await device.read(device.kernels.matmul(a, b, size, form as Form))], [...values]);
    }
  }
});

Deno.test("matmul() of an inner axis of length 0 is zeros in reused memory", async () => {
  for (const device of devices) {
    device.free(device.upload(new Float32Array(64).fill(NaN)));
    const out = product(device, { rows: 3, inner: 0, columns: 5 }, "nn", 1);
    assertEquals(await device.read(out), new Float32Array(15));
  }
});
