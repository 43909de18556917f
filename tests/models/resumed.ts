/**
 * The test that a training can be divided into two, and holds no more memory from epoch to epoch.
 *
 * @module
 */
import { assertEquals } from "deno-std/assert/equals.js";
import { wasmDevice } from "../../kernels/wasm/device.ts";
import { free } from "../../src/core/scope.ts";
import type { Config } from "../../src/core/settings.ts";
import { readSync } from "../../src/core/tensor.ts";
import { leaves, type Tree } from "../../src/core/tree.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { encoded, type Model } from "../../src/models/mod.ts";
import { stepsOf } from "../../src/runs/loop.ts";
import { resolveSettings } from "../../src/runs/settings.ts";
import { setUpTraining } from "../../src/runs/setup.ts";
import { endsEpoch } from "../../src/train/fit.ts";
import type { Training } from "../../src/train/optimizer.ts";

/** The settings of the training: batches so small that an epoch has several steps. */
const TRAINING: Config = { sampler: "interaction", batch: 4, optimizer: "adam", lr: 0.01, decay: 1 };

/** Tests that a model trains to the same bits in one training and in two, in constant memory. */
export function testResumed(model: Model, data: Dataset, settings: Config = {}): void {
  Deno.test(`${model.name} trains to the same bits in one training and in two, in constant memory`, async () => {
    const device = wasmDevice();
    const config = resolveSettings(model, { settings: { ...TRAINING, ...settings }, seed: 1 });
    const setup = await setUpTraining(model, config, data, { device, reason: "handed in" });
    const { batches, start: first } = setup;
    if (!batches) return;
    const used: number[] = [];
    const go = async (start: Training<Tree>, from: number, epochs: number) => {
      let last = start;
      for await (const step of stepsOf({ ...setup, batches, start }, { from, epochs })) {
        last = step.training;
        if (endsEpoch(step)) free(await encoded(model, last.params, setup.context));
      }
      used.push(device.bytesUsed());
      return last;
    };
    const bits = ({ params, memory }: Training<Tree>) =>
      leaves([params, memory]).map(([name, leaf]) => [name, readSync(leaf)]);
    free(await go(first, 0, 1));
    const before = device.bytesUsed();
    const whole = await go(first, 0, 5);
    assertEquals(used[1] - before, used[0] - before);
    const again = await go(await go(first, 0, 2), 2, 5);
    assertEquals(bits(again), bits(whole));
  });
}
