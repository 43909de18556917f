/** Tests that estimates of memory are near the measured peak. @module */
import { assert } from "deno-std/assert/assert.js";
import { openDevice, peakBytes } from "../../kernels/mod.ts";
import { key } from "../../src/core/random.ts";
import { garden } from "../../src/data/garden.ts";
import { statistics } from "../../src/data/statistics.ts";
import { bprMf, lightgcn, type Model, monet, vbpr } from "../../src/models/mod.ts";
import { resolveSettings } from "../../src/runs/settings.ts";
import { train } from "../../src/runs/train.ts";

const data = garden(key(0), { users: 300, items: 200 });

for (const model of [bprMf, lightgcn, vbpr, monet] as readonly Model[]) {
  for (const [dim, loss] of [[16, "bpr"], [64, "bpr"], [32, "softmax"]] as const) {
    Deno.test(`memory() of ${model.name} with ${loss} and ${dim} numbers an embedding is near the peak`, async () => {
      const peak = peakBytes();
      const { device } = await openDevice("wasm", { threads: 1, private: true, instrument: peak.instrument });
      const settings = { dim, loss, batch: 1024 };
      await train(model, data, { device, settings, epochs: 1, test: false });
      device.close!();
      const estimate = model.memory!(statistics(data), resolveSettings(model, { settings }));
      const share = estimate / peak.bytes()!;
      assert(share > 0.7 && share < 1.7, `${estimate} bytes estimated, ${peak.bytes()} measured`);
    });
  }
}
