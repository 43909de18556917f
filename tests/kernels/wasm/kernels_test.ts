/**
 * Tests of all WebAssembly kernels at once: they read and write only their blocks, and threads do not change a bit.
 * @module
 */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../../fc.ts";
import type { ProductSize } from "../../../kernels/mod.ts";
import { awkward, seeds } from "../../support.ts";
import { assertGuarded, far, guarded } from "./guarded.ts";
import { bitsOf, gather, type Run, runs, shapes } from "./work.ts";

for (const [name, run] of runs) {
  Deno.test(`${name} agrees with the reference, and reads and writes only operands and results`, () => {
    const sizes = fc.record<ProductSize>({ rows: awkward, inner: awkward, columns: awkward });
    fc.assert(
      fc.property(sizes, seeds, (size, seed) => assertGuarded((device) => run(device, size, seed), 2e-5)),
      { numRuns: 60 },
    );
    // Enough for several threads.
    assertGuarded((device) => run(device, { rows: 701, inner: 41, columns: 62 }, 1), 2e-5);
  });
}

for (const [name, beyond, addresses, ignore] of far) {
  const title = `every kernel finds its operands, its code and its scratch memory beyond ${name}`;
  Deno.test(title, { ignore }, async () => {
    const devices = [1, 3].map((threads) => guarded(threads, { beyond, addresses }));
    await gather(devices);
    for (const [, run] of runs) {
      for (const size of [{ rows: 7, inner: 9, columns: 13 }, { rows: 13, inner: 5, columns: 6 }, shapes[0]]) {
        assertGuarded((device) => run(device, { ...size, rows: Math.min(size.rows, 701) }, 1), 2e-5, devices);
      }
    }
    for (const device of devices) device.close();
  });
}

Deno.test("every kernel gives the same bits with addresses of 32 and of 64 bits", { ignore: far[1][3] }, async (t) => {
  const [narrow, wide] = (["i32", "i64"] as const).map((addresses) => guarded(2, { addresses }));
  await gather([narrow, wide]);
  const sizes = fc.record<ProductSize>({ rows: awkward, inner: awkward, columns: awkward });
  const agree = (run: Run, size: ProductSize, seed: number) =>
    assertEquals(bitsOf(wide, run, size, seed), bitsOf(narrow, run, size, seed));
  for (const [name, run] of runs) {
    await t.step(name, () => {
      fc.assert(fc.property(sizes, seeds, (size, seed) => agree(run, size, seed)), { numRuns: 20 });
      for (const size of shapes) agree(run, size, 1);
    });
  }
  for (const device of [narrow, wide]) device.close();
});

Deno.test("every kernel gives the same bits on 1, 2, 3 and 5 threads", async (t) => {
  const threads = [1, 2, 3, 5];
  const devices = threads.map((count) => guarded(count));
  await gather(devices);
  for (const [name, run] of runs) {
    await t.step(name, () => {
      const before = devices.map((device) => device.shared());
      for (const { rows, inner, columns } of shapes) {
        for (let more = 0; more < 3; more++) {
          const size = { rows: rows + more, inner: inner + 4 * more, columns: columns + 3 * more };
          const [expected, ...others] = devices.map((device) => bitsOf(device, run, size, more));
          for (const [n, actual] of others.entries()) {
            actual.forEach((block, at) => {
              const where = block.findIndex((word, i) => word !== expected[at][i]);
              assert(where < 0, `number ${where} differs on ${threads[n + 1]} threads, of ${JSON.stringify(size)}`);
            });
          }
        }
      }
      devices.forEach((device, n) => assert(device.shared() > before[n], "there was nothing to share"));
    });
  }
  for (const device of devices) device.close();
});
