/** Tests of `--device webgpu`: with a GPU, without one, and with one that fails during a training. @module */
import { cp } from "node:fs/promises";
import { ValueError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertAlmostEquals } from "deno-std/assert/almost_equals.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertMatch } from "deno-std/assert/match.js";
import { assertStringIncludes } from "deno-std/assert/string_includes.js";
import type { GpuStorage } from "../../kernels/gpu/storage.ts";
import { openDevice } from "../../kernels/mod.ts";
import type { RunRecord } from "../../src/runs/record.ts";
import type { Hardware } from "../../src/runs/device.ts";
import { gpuTest, webgpu } from "../gpu.ts";
import { type CapturedOptions, type Outcome, plainHardware, type } from "./captured.ts";
import { namesIn, QUICK, withData } from "./folder.ts";
import { pretend } from "./hardware.ts";

/** Trains on the small garden of a folder, and writes the run to its folder `out`. */
function train(folder: string, flags: string, options: CapturedOptions = {}, out = "run"): Promise<Outcome> {
  return type(`train --data ${folder}/data --out ${folder}/${out} ${QUICK} ${flags}`, options);
}

async function recordIn(run: string): Promise<RunRecord> {
  return JSON.parse(await Deno.readTextFile(`${run}/run.json`));
}

/** Hardware on which no adapter answers. */
const without: Hardware = {
  ...plainHardware,
  open: async (name, options) =>
    name !== "webgpu"
      ? await openDevice(name, options)
      : { ...await openDevice("wasm", options), reason: "no WebGPU adapter answers, so the processor computes" },
};

const interrupted = (line: string): CapturedOptions => ({
  listen: (text, interrupt) => text.startsWith(line) && interrupt(),
});
const fallback = "note: no WebGPU adapter answers, so the processor computes\n";

Deno.test("train --device webgpu computes on the processor if there is no GPU, with one note", () =>
  withData(async (folder) => {
    const { exit, err } = await train(folder, "--epochs 1 --device webgpu --threads 1", { hardware: without });
    assertEquals(exit, 0, err);
    assertEquals(err.split("processor computes").length, 2);
    assertStringIncludes(err, fallback);
    assertStringIncludes(err, "device wasm on 1 thread, run");
    const { device } = await recordIn(`${folder}/run`);
    assertEquals([device.asked, device.ran, `note: ${device.reason}\n`], ["webgpu", "wasm", fallback]);
    assert(!("adapter" in device) && !("traffic" in device));
    for (const line of [`evaluate ${folder}/run`, `recommend ${folder}/run --all`]) {
      const gone = await type(`${line} --device webgpu`, { hardware: without });
      assertEquals(gone, { ...await type(line), err: fallback });
    }
  }));

gpuTest(
  "train --device webgpu has the results of the processor, and records the adapter",
  () =>
    withData(async (folder) => {
      const flags = "--epochs 2 --json";
      const results = async (device: string) => {
        const { out, err } = await train(folder, `${flags} --device ${device}`, {}, device);
        assert(out, err);
        return JSON.parse(out).results.monet.test;
      };
      const [expected, found] = [await results("wasm"), await results("webgpu")];
      for (const [metric, value] of Object.entries(expected)) {
        // Two lists may differ in items whose scores differ by rounding.
        assertAlmostEquals(found[metric], value as number, 0.02, metric);
      }
      const { device } = await recordIn(`${folder}/webgpu`);
      assertEquals([device.asked, device.ran, device.adapter], ["webgpu", "webgpu", webgpu!.adapter]);
      assertEquals(device.adapter!.mode, "webgpu");
      const { runs, readbacks, uploads } = device.traffic!;
      assert(runs > 10 * readbacks && uploads > 0, JSON.stringify(device.traffic));
      const ranked = await type(`evaluate ${folder}/webgpu --device webgpu --json`);
      const { evaluation: { metrics } } = JSON.parse(ranked.out || ranked.err);
      for (const [metric, value] of Object.entries(found)) assertAlmostEquals(metrics[metric], value as number, 1e-6);
    }),
);

gpuTest(
  "train --profile on a GPU shows the work of kernels, and not their time",
  () =>
    withData(async (folder) => {
      const { out, err } = await train(folder, "--epochs 1 --profile --device webgpu");
      assertMatch(out, /\npart +kernel +of +calls +ms +share +GFLOP +GB\n/, err);
      assertMatch(out, /\nsteps +matmul +tn +\d+ +– +– +\d\.\d{3} +\d\.\d{3}\n/);
      assertMatch(out, /\nsteps +all kernels +and sampling, bookkeeping +– +[\d.,]+ /);
      assertStringIncludes(out, "\nA GPU runs kernels after the call that asked for them");
    }),
);

/** Destroys the GPU of the shared device. */
async function killer(): Promise<() => void> {
  const { device } = await openDevice("webgpu");
  const block = device.upload([1]) as GpuStorage;
  await device.read(block);
  return () => block.cell.handle!.context.device.destroy();
}

gpuTest(
  "a training whose GPU is lost keeps the last epoch, reports it, and can be resumed",
  () =>
    withData(async (folder) => {
      const kill = await killer();
      const run = `${folder}/run`;
      let last: Uint8Array | null = null;
      const { exit, out, err } = await train(folder, "--epochs 4 --device webgpu", {
        listen: (text) => {
          if (!text.startsWith("epoch 2 ")) return;
          last = Deno.readFileSync(`${run}/last.safetensors`);
          kill();
        },
      });
      assertEquals([exit, out], [1, ""]);
      assertMatch(
        err,
        /\nerror: Cannot compute on "webgpu": the device was lost( \([^\n]*\))?\nThe run is kept up to epoch 2\./,
      );
      assertEquals(Deno.readFileSync(`${run}/last.safetensors`), last!);
      assertEquals((await recordIn(run)).status, "failed");
      assert(!(await namesIn(run))!.some((name) => name.endsWith(".partial")));

      await cp(run, `${folder}/other`, { recursive: true });
      const again = await type(`train --resume ${run}`);
      assertEquals(again.exit, 0, again.err);
      assertStringIncludes(again.err, "note: going on after epoch 2");
      assertEquals((await recordIn(run)).device.ran, "webgpu");
      const elsewhere = await type(`train --resume ${folder}/other --device wasm`);
      assertEquals(elsewhere.exit, 0, elsewhere.err);
      const { device, epochs } = await recordIn(`${folder}/other`);
      assertEquals([device.asked, device.ran, device.adapter, epochs], ["wasm", "wasm", undefined, 4]);
    }),
);

Deno.test("a training whose GPU is full keeps the last epoch, and names the bytes", () =>
  withData(async (folder) => {
    const refusal = 'Cannot hold 1,234 bytes more on "webgpu": the GPU is out of memory with 56 bytes in use';
    let full = false;
    const before = () => {
      if (full) throw new ValueError(refusal);
    };
    const { hardware } = pretend({ processor: 1, gpu: 1, before });
    const failed = await train(folder, "--epochs 4 --device webgpu", {
      hardware,
      listen: (text) => void (full ||= text.startsWith("epoch 2 ")),
    });
    assertEquals(failed.exit, 1);
    assertStringIncludes(failed.err, `\nerror: ${refusal}\nThe run is kept up to epoch 2.\n`);
    const resumed = await type(`train --resume ${folder}/run`, { hardware: without });
    assertEquals(resumed.exit, 0, resumed.err);
    assertEquals((await recordIn(`${folder}/run`)).epochs, 4);
  }));

Deno.test("train --resume continues without a GPU if there is none, with one note", () =>
  withData(async (folder) => {
    const { hardware } = pretend({ processor: 1, gpu: 1 });
    await train(folder, "--epochs 3 --device webgpu", { ...interrupted("epoch 1 "), hardware });
    assertEquals((await recordIn(`${folder}/run`)).device.ran, "webgpu");
    const { exit, err } = await type(`train --resume ${folder}/run`, { hardware: without });
    assertEquals(exit, 0, err);
    assertEquals(err.split("processor computes").length, 2);
    assertStringIncludes(err, fallback);
    const { device } = await recordIn(`${folder}/run`);
    assertEquals([device.asked, device.ran, `note: ${device.reason}\n`], ["webgpu", "wasm", fallback]);
    assert(!("adapter" in device));
  }));

Deno.test("train --resume computes on the device of the run by default", () =>
  withData(async (folder) => {
    const [fast, slow] = [{ processor: 20, gpu: 2 }, { processor: 2, gpu: 20 }].map(pretend);
    await train(folder, "--epochs 9", { ...fast, ...interrupted("epoch 1 ") });
    const { device: first } = await recordIn(`${folder}/run`);
    assertEquals([first.asked, first.ran], ["auto", "webgpu"]);
    await type(`train --resume ${folder}/run`, { ...slow, ...interrupted("epoch 2 ") });
    const { device: second } = await recordIn(`${folder}/run`);
    assertEquals([second.asked, second.ran, second.reason], [first.asked, first.ran, first.reason]);
    await type(`train --resume ${folder}/run --device auto`, slow);
    const { device: third } = await recordIn(`${folder}/run`);
    assertEquals([third.asked, third.ran], ["auto", "wasm"]);
  }));
