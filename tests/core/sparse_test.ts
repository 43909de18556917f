/** Tests of the device copies of patterns. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { patternFromCoo } from "../../src/core/pattern.ts";
import { free, scope } from "../../src/core/scope.ts";
import { deviceCopy } from "../../src/core/sparse.ts";
import { devices } from "../support.ts";

for (const device of devices) {
  Deno.test(`deviceCopy() copies a pattern to ${device.name} once, and again after the copy was freed`, async () => {
    const pattern = patternFromCoo([2, 3], [0, 1, 1], [2, 0, 1]);
    const first = deviceCopy(pattern, device);
    assert(deviceCopy(pattern, device) === first);
    const integers = async (block: typeof first.offsets) => [...new Int32Array((await device.read(block)).buffer)];
    assertEquals([await integers(first.offsets), await integers(first.indices)], [[0, 1, 3], [2, 0, 1]]);
    assertEquals([first.rows, first.columns, first.entries], [2, 3, 3]);
    free(pattern);
    assert(first.offsets.freed && first.indices.freed);
    assert(!deviceCopy(pattern, device).offsets.freed);
  });

  Deno.test(`deviceCopy() on ${device.name} belongs to the scope, unless the pattern is returned`, () => {
    const pattern = patternFromCoo([1, 1], [0], [0]);
    const inside = scope(() => void deviceCopy(pattern, device)) ?? deviceCopy(pattern, device);
    assert(!inside.offsets.freed);
    const kept = scope(() => {
      const made = patternFromCoo([1, 1], [0], [0]);
      return { made, copy: [deviceCopy(made, device)] };
    });
    assert(deviceCopy(kept.made, device) === kept.copy[0]);
  });
}

Deno.test("deviceCopy() keeps one copy per device", () => {
  const pattern = patternFromCoo([1, 1], [0], [0]);
  const copies = devices.map((device) => deviceCopy(pattern, device));
  assertEquals(
    devices.map((device) => deviceCopy(pattern, device) === copies[devices.indexOf(device)]),
    devices.map(() => true),
  );
  assertEquals(copies.map(({ offsets }) => offsets.device.name), devices.map(({ name }) => name));
});

Deno.test("a closed private device is not kept alive by the patterns that it has copies of", async () => {
  const root = new URL("../../", import.meta.url);
  // Garbage is collected on demand in a process of its own.
  const source = `
    import { openDevice } from "${root}kernels/mod.ts";
    import { patternFromCoo, transposed } from "${root}src/core/pattern.ts";
    import { free, scope } from "${root}src/core/scope.ts";
    import { fromArray, readSync } from "${root}src/core/tensor.ts";
    import { csr, spmm } from "${root}src/ops/sparse.ts";
    const pattern = patternFromCoo([2, 3], [0, 1, 1], [2, 0, 1]);
    async function use(name) {
      const { device } = await openDevice(name, { private: true });
      const ones = (rows, ...columns) => fromArray(new Float32Array(rows * (columns[0] ?? 1)).fill(1), [rows, ...columns], { device });
      console.log(scope(() => readSync(spmm(csr(pattern, ones(3)), ones(3, 1))).join()));
      free(ones(1));
      device.close?.();
      return new WeakRef(device);
    }
    for (const name of ["wasm", "reference"]) {
      const device = await use(name);
      for (let turn = 0; turn < 20 && device.deref(); turn++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        gc();
      }
      console.log(name, device.deref() ? "is kept" : "is gone", transposed(pattern).pattern.rows);
    }
  `;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", "--config", new URL("deno.json", root).pathname, "--v8-flags=--expose-gc", source],
    env: { NO_COLOR: "1" },
  }).output();
  const [out, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals([out, error], ["1,2\nwasm is gone 3\n1,2\nreference is gone 3\n", ""]);
});

Deno.test("a pattern that is freed takes its copies on every device along, and a device keeps the others", () => {
  const [one, other] = [patternFromCoo([1, 1], [0], [0]), patternFromCoo([1, 1], [0], [0])];
  for (const device of devices) {
    const [freed, kept] = [deviceCopy(one, device), deviceCopy(other, device)];
    free(one);
    assert(freed.offsets.freed && freed.indices.freed && !kept.offsets.freed);
    assert(device.copies.get(other) === kept);
  }
});
