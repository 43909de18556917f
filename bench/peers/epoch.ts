/**
 * CPU seconds of training epochs of a model of ours, on one thread: sampling, the loss, its gradient and Adam.
 *
 * `deno run -A bench/peers/epoch.ts --model NAME [--data DIR] [--batch N] [--epochs N] [--device native|wasm]`
 *
 * @module
 */
import { cpuUsage } from "node:process";
import { ValueError } from "../../kernels/errors.ts";
import { openDataset } from "../../src/data/open.ts";
import { catalogued } from "../../src/runs/catalogue.ts";
import { stepsOf } from "../../src/runs/loop.ts";
import { resolveSettings } from "../../src/runs/settings.ts";
import { setUpTraining } from "../../src/runs/setup.ts";
import { endsEpoch } from "../../src/train/fit.ts";
import { command, open, options, print } from "../measure.ts";

const seconds = () => (cpuUsage().user + cpuUsage().system) / 1e6;

await command(async () => {
  const { model: name = "bprmf", data = "../shared/data/tiktok", batch = 2048, epochs = 3, device } = options({
    model: "text",
    data: "text",
    batch: "count",
    epochs: "count",
    device: ["native", "wasm"] as const,
  });
  const model = catalogued(name);
  const config = resolveSettings(model, { protocol: "B", settings: { batch }, epochs: 1 + epochs });
  const opened = open({ threads: 1, device });
  const setup = await setUpTraining(model, config, await openDataset(data), { device: opened, reason: "" });
  if (!setup.batches) throw new ValueError(`Cannot measure an epoch of ${name}: it is not trained`);
  const found: number[] = [];
  let start = seconds();
  for await (const step of stepsOf({ ...setup, batches: setup.batches }, { epochs: 1 + epochs })) {
    if (!endsEpoch(step)) continue;
    found.push(seconds() - start);
    start = seconds();
  }
  print({ seconds: found.slice(1), device: opened.name }, true);
});
