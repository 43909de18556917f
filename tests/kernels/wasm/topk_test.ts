/** Tests of the search for the best of each row: on any number of threads, and beyond 2 and 6 GiB. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { type Device, type HostStorage, reference, type Size } from "../../../kernels/mod.ts";
import { technologyOf } from "../../../kernels/native/device.ts";
import { sets } from "../native/support.ts";
import { placed } from "../../support.ts";
import { far, type Guarded, guarded, guards } from "./guarded.ts";
import { drawn, noise } from "./work.ts";

/** Fails unless a device agrees with the reference and writes only its result. */
async function agree(device: Guarded, { rows, columns }: Size, k: number): Promise<void> {
  const scores = noise(k, rows * columns);
  const { offsets, indices } = drawn(rows, Math.min(columns, 40), k);
  // Not sorted, and some of them twice.
  const exclude = { rows, columns, offsets, indices: indices.map((column) => column % columns) };
  const both: readonly Device<HostStorage>[] = [reference, device];
  const [expected, actual] = await Promise.all(
    both.map((d) => d.kernels.topk(d.upload(scores), { rows, columns }, k, placed(exclude, d))),
  );
  device.clear();
  assertEquals(actual, expected);
}

Deno.test("topk() reads and writes only operands and results, on any number of threads", async () => {
  const native = sets.map((set) => guarded(2, { technology: technologyOf(set) }));
  for (const device of [...guards, ...native]) {
    const before = device.shared();
    for (const columns of [1, 15, 16, 17, 32, 701]) {
      for (const k of [1, 4, 20, 702]) await agree(device, { rows: 5, columns }, k);
    }
    await agree(device, { rows: 301, columns: 701 }, 20);
    assert(device.shared() > before, "there was nothing to share");
  }
});

for (const [name, beyond, addresses, ignore] of far) {
  Deno.test(`topk() finds its operands beyond ${name}`, { ignore }, async () => {
    const device = guarded(2, { beyond, addresses });
    await agree(device, { rows: 301, columns: 701 }, 20);
    device.close();
  });
}
