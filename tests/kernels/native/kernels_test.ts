/**
 * Tests of all kernels in machine code at once: they read and write only their blocks, and they give the bits of
 * WebAssembly.
 *
 * @module
 */
import { assert } from "deno-std/assert/assert.js";
import { fc } from "../../fc.ts";
import type { ProductSize } from "../../../kernels/mod.ts";
import { technologyOf } from "../../../kernels/native/device.ts";
import { awkward, seeds } from "../../support.ts";
import { assertGuarded, far, type Guarded, guarded } from "../wasm/guarded.ts";
import { bitsOf, gather, type Run, runs, shapes } from "../wasm/work.ts";
import { ignore, sets } from "./support.ts";

const sizes = fc.record<ProductSize>({ rows: awkward, inner: awkward, columns: awkward });

for (const set of sets) {
  const technology = technologyOf(set);
  Deno.test(`every kernel for ${set} agrees with the reference, and writes only its results`, async (t) => {
    const devices = [1, 2].map((threads) => guarded(threads, { technology }));
    for (const [name, run] of runs) {
      await t.step(name, () => {
        const agrees = (size: ProductSize, seed: number) => {
          assertGuarded((device) => run(device, size, seed), 2e-5, devices);
        };
        fc.assert(fc.property(sizes, seeds, agrees), { numRuns: 20 });
        agrees({ rows: 701, inner: 41, columns: 62 }, 1);
      });
    }
    for (const device of devices) device.close();
  });

  Deno.test(`every kernel for ${set} gives the bits of WebAssembly, on 1, 2 and 5 threads`, async (t) => {
    const wasm = guarded(1);
    const devices = [1, 2, 5].map((threads) => guarded(threads, { technology }));
    await gather(devices);
    const agree = (run: Run, size: ProductSize, seed: number) => {
      const expected = bitsOf(wasm, run, size, seed);
      for (const device of devices) assertSame(bitsOf(device, run, size, seed), expected, device, size);
    };
    for (const [name, run] of runs) {
      await t.step(name, () => {
        fc.assert(fc.property(sizes, seeds, (size, seed) => agree(run, size, seed)), { numRuns: 20 });
        shapes.forEach((size, n) => agree(run, size, n));
      });
    }
    for (const device of devices) device.close();
  });
}

for (const set of sets) {
  const [name, beyond, addresses, ignore] = far[1];
  Deno.test(`every kernel for ${set} finds its operands beyond ${name}`, { ignore }, async () => {
    const devices = [1, 3].map((threads) => guarded(threads, { beyond, addresses, technology: technologyOf(set) }));
    await gather(devices);
    for (const [, run] of runs) {
      for (const size of [{ rows: 7, inner: 9, columns: 13 }, { rows: 701, inner: 61, columns: 62 }]) {
        assertGuarded((device) => run(device, size, 1), 2e-5, devices);
      }
    }
    for (const device of devices) device.close();
  });
}

Deno.test("machine code is tested on this machine", { ignore }, () => assert(sets.length > 0));

/** Fails if two results differ in a bit. NaN has many bits. */
function assertSame(
  results: readonly Int32Array[],
  expected: readonly Int32Array[],
  { threads }: Guarded,
  size: ProductSize,
): void {
  results.forEach((words, n) => {
    const [floats, others] = [words, expected[n]].map(({ buffer, byteOffset, length }) =>
      new Float32Array(buffer, byteOffset, length)
    );
    const where = words.findIndex((word, i) =>
      word !== expected[n][i] && !(Number.isNaN(floats[i]) && Number.isNaN(others[i]))
    );
    const values = `${floats[where]}, not ${others[where]}`;
    assert(where < 0, `number ${where} on ${threads} threads is ${values}, of ${JSON.stringify(size)}`);
  });
}
