/**
 * Does a long training keep its memory? Trains BPR-MF on a small garden for 100,000 steps, evaluations included, and
 * looks at the memory of the device and of the process 20 times. The first quarter is warm-up. `--steps N` and
 * `--threads N` take other numbers.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { parseArgs } from "node:util";
import { wasmDevice } from "../kernels/wasm/device.ts";
import { key } from "../src/core/random.ts";
import { garden } from "../src/data/garden.ts";
import { bprMf } from "../src/models/mod.ts";
import { train } from "../src/runs/train.ts";

const { values } = parseArgs({
  options: { steps: { type: "string", default: "100000" }, threads: { type: "string", default: "1" } },
});
const [steps, threads] = [Number(values.steps), Number(values.threads)];
const LOOKS = 20;
const data = garden(key(0), { users: 200, items: 150 });
const device = wasmDevice({ threads });
const settings = { dim: 16, batch: 128, every: 50, patience: Number.MAX_SAFE_INTEGER };

const stop = new AbortController();
const looks: { readonly step: number; readonly device: number; readonly process: number }[] = [];
let [total, epoch] = [0, 0];
const began = performance.now();
const run = await train(bprMf, data, {
  settings,
  seed: 1,
  epochs: steps,
  device,
  signal: stop.signal,
  test: false,
  now: () => performance.now(),
  events: (event) => {
    if (event.type !== "step") return;
    total = event.done;
    // At the first step of an epoch, the same tensors exist every time.
    if (event.epoch === epoch) return;
    epoch = event.epoch;
    if (total >= (looks.length + 1) * steps / LOOKS) {
      looks.push({ step: total, device: device.memory.used(), process: Deno.memoryUsage().rss });
    }
    if (total >= steps) stop.abort();
  },
});
const seconds = (performance.now() - began) / 1000;

const settled = looks.slice(LOOKS / 4);
const flat = new Set(settled.map((look) => look.device)).size === 1;
const meanOf = (some: typeof looks) => some.reduce((sum, { process }) => sum + process, 0) / some.length;
// Garbage that V8 has not collected yet comes and goes; growth would show in the means of quarters.
const growth = meanOf(settled.slice(-LOOKS / 4)) / meanOf(settled.slice(0, LOOKS / 4)) - 1;
for (const { step, device, process } of looks) {
  console.log(`step ${step}  device ${device} B  process ${(process / 1e6).toFixed(1)} MB`);
}
console.log(
  `${total} steps in ${run.record.epochs} epochs, ${seconds.toFixed(0)} s. After a quarter: device ${
    flat ? "the same bytes always" : "NOT the same bytes"
  }, process ${(100 * growth).toFixed(1)} % larger in the last quarter than in the second.`,
);
Deno.exit(flat && Math.abs(growth) <= 0.05 ? 0 : 1);
