/** Tests of `--device auto`: the conditions for a GPU, and the cost of measuring. @module */
import { ValueError } from "../../kernels/errors.ts";
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertMatch } from "deno-std/assert/match.js";
import { assertStringIncludes } from "deno-std/assert/string_includes.js";
import { gpuPaysOff } from "../../src/runs/auto.ts";
import type { DeviceTiming } from "../../src/runs/device_timings.ts";
import { fc } from "../fc.ts";
import { type Outcome, type } from "../cli/captured.ts";
import { QUICK, withData } from "../cli/folder.ts";
import { pretend, type Pretended, type Pretender } from "../cli/hardware.ts";

interface Auto extends Outcome, Pretender {
  readonly device: {
    readonly ran: string;
    readonly reason: string;
    readonly adapter?: object;
    readonly traffic?: object;
  };
}

/** Trains with `--device auto`, and returns the device in the run's record. */
async function auto(folder: string, out: string, pretended: Pretended, flags = "--epochs 3"): Promise<Auto> {
  const pretender = pretend(pretended);
  const line = `train --data ${folder}/data --out ${folder}/${out} ${QUICK} ${flags}`;
  const outcome = await type(line, pretender);
  assertEquals(outcome.exit, 0, outcome.err);
  const { device } = JSON.parse(await Deno.readTextFile(`${folder}/${out}/run.json`));
  return { ...outcome, ...pretender, device };
}

const memoryIn = (folder: string) => `${folder}/cache/giverny/devices.json`;
const measuredIn = async (folder: string): Promise<DeviceTiming[]> =>
  JSON.parse(await Deno.readTextFile(memoryIn(folder))).measured;
const tryingOnce = "note: a few steps on the processor and on A Card are timed, once, to choose the faster\n";

Deno.test("auto never chooses or tries a GPU that is software", () =>
  withData(async (folder) => {
    const { device, ran, err } = await auto(folder, "run", { processor: 100, gpu: 1, hardware: false });
    assertEquals([device.ran, device.reason], ["wasm", "the only GPU, A Card, is software"]);
    assertEquals([ran.webgpu, device.adapter], [0, undefined]);
    assertStringIncludes(err, "device wasm on 1 thread (the only GPU, A Card, is software), run");
  }));

Deno.test("auto chooses the faster device, and records both times", () =>
  withData(async (folder) => {
    const slow = await auto(folder, "slow", { processor: 20, gpu: 21 });
    assertEquals(slow.device.ran, "wasm");
    assertMatch(slow.device.reason, /^WebGPU on A Card took [\d,]+ ms a step, the processor [\d,]+$/);
    assertStringIncludes(slow.err, tryingOnce);
    const fast = await auto(folder, "fast", { processor: 20, gpu: 2 });
    assertEquals(fast.device.ran, "webgpu");
    assertStringIncludes(fast.err, "device webgpu on A Card (WebGPU on A Card took ");
    assertEquals(fast.device.adapter, { name: "A Card", hardware: true, mode: "webgpu", largestBlock: 2 ** 31 });
    assert("runs" in fast.device.traffic!);
    const little = await auto(folder, "little", { processor: 20, gpu: 19.99 });
    assertEquals(little.device.ran, "wasm");
    assertMatch(little.device.reason, /, too little to gain in \d+ steps$/);
  }));

Deno.test("auto frees all memory on the device that it does not choose", () =>
  withData(async (folder) => {
    const { devices: { webgpu } } = await auto(folder, "slow", { processor: 20, gpu: 21 });
    assertEquals(webgpu.bytesUsed(), 0);
    const { devices: { wasm } } = await auto(folder, "fast", { processor: 20, gpu: 2 });
    assertEquals(wasm.bytesUsed(), 0);
  }));

Deno.test("auto changes only the device of the training", () =>
  withData(async (folder) => {
    await auto(folder, "plain", { processor: 20, gpu: 2 }, "--epochs 3 --device wasm");
    const { device } = await auto(folder, "tried", { processor: 20, gpu: 2 });
    assertEquals(device.ran, "webgpu");
    for (const file of ["last", "best", "embeddings"]) {
      const [a, b] = ["plain", "tried"].map((run) => Deno.readFileSync(`${folder}/${run}/${file}.safetensors`));
      assertEquals(a, b, file);
    }
  }));

Deno.test("auto measures once, and again for other work", () =>
  withData(async (folder) => {
    const cache = `${folder}/cache`;
    const first = await auto(folder, "1", { processor: 20, gpu: 2, cache });
    const [{ model, data, steps, onProcessor, onGpu }] = await measuredIn(folder);
    assertEquals([model, data.name, onProcessor > onGpu!, steps > 1], ["monet", "small", true, true]);
    assertStringIncludes(first.device.reason, `the processor ${Math.round(onProcessor).toLocaleString("en-US")}`);
    // A remembered measurement counts, even if it is outdated.
    const second = await auto(folder, "2", { processor: 20, gpu: 200, cache }, "--epochs 4 --seed 8");
    assertEquals([second.device.ran, second.device.reason], ["webgpu", `${first.device.reason}, measured before`]);
    assertEquals([second.err.includes("are timed"), second.ran.wasm], [false, 0]);
    const other = await auto(folder, "3", { processor: 20, gpu: 200, cache }, "--epochs 3 --set optimizer=sgd");
    assertStringIncludes(other.err, tryingOnce);
    assertEquals([other.device.ran, (await measuredIn(folder)).length], ["wasm", 2]);
  }));

Deno.test("auto does not try a GPU for a training shorter than a GPU's start, and does for a longer one", () =>
  withData(async (folder) => {
    const cache = `${folder}/cache`;
    const few = await auto(folder, "few", { processor: 1, gpu: 0.01, cache });
    assertMatch(few.device.reason, /^done in [\d.]+s on the processor, too soon for a GPU to gain$/);
    assertEquals([few.device.ran, few.ran.webgpu], ["wasm", 0]);
    assertEquals((await measuredIn(folder))[0].onGpu, null);
    const again = await auto(folder, "again", { processor: 1, gpu: 0.01, cache });
    assertEquals(again.device.reason, `${few.device.reason}, measured before`);
    const many = await auto(folder, "many", { processor: 1, gpu: 0.01, cache }, "--epochs 200 --set patience=0");
    assertEquals(many.device.ran, "webgpu");
    assertEquals((await measuredIn(folder)).map(({ onGpu }) => onGpu === null), [false]);
  }));

Deno.test("auto ignores a damaged file of measurements, and replaces it", () =>
  withData(async (folder) => {
    const cache = `${folder}/cache`;
    await Deno.mkdir(`${cache}/giverny`, { recursive: true });
    for (const [n, text] of ["", "{", '{"format":"giverny measurements","version":1,"measured":[{}]}'].entries()) {
      await Deno.writeTextFile(memoryIn(folder), text);
      const { err } = await auto(folder, String(n), { processor: 20, gpu: 2, cache });
      assertStringIncludes(err, tryingOnce);
      assertEquals((await measuredIn(folder)).length, 1);
    }
  }));

Deno.test("auto works without a file of measurements if it cannot be written", () =>
  withData(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    const { device } = await auto(folder, "run", { processor: 20, gpu: 2, cache: `${folder}/file` });
    assertEquals(device.ran, "webgpu");
  }));

Deno.test("auto chooses the processor if the GPU fails, with the reason", () =>
  withData(async (folder) => {
    const cache = `${folder}/cache`;
    const before = (ran: number) => {
      if (ran === 40) throw new ValueError('Cannot hold 7 bytes more on "webgpu": it is full');
    };
    const { device, devices } = await auto(folder, "run", { processor: 20, gpu: 2, cache, before });
    assertEquals(device.ran, "wasm");
    assertEquals(device.reason, 'A Card failed: Cannot hold 7 bytes more on "webgpu": it is full');
    assertEquals(devices.webgpu.bytesUsed(), 0);
    // Next time there may be enough memory.
    const next = await auto(folder, "next", { processor: 20, gpu: 2, cache });
    assertEquals(next.device.ran, "webgpu");
  }));

Deno.test("auto measures nothing for a model that is not trained", () =>
  withData(async (folder) => {
    const { hardware, now } = pretend({ processor: 20, gpu: 2 });
    const line = `train --data ${folder}/data --model popularity --out ${folder}/run`;
    const { err } = await type(line, { hardware, now });
    assertStringIncludes(err, "device wasm on 1 thread (nothing is trained), run");
  }));

const measured: fc.Arbitrary<DeviceTiming> = fc.record({
  giverny: fc.constant("1"),
  gpu: fc.constant("A Card"),
  processor: fc.constant("two threads"),
  model: fc.constant("monet"),
  data: fc.constant({ name: "small", fingerprint: "" }),
  settings: fc.constant({}),
  steps: fc.integer({ min: 1, max: 1000 }),
  onProcessor: fc.double({ min: 0.01, max: 1000, noNaN: true }),
  onGpu: fc.option(fc.double({ min: 0.01, max: 1000, noNaN: true })),
});

Deno.test("gpuPaysOff() chooses a GPU only if it is faster, and then for all longer trainings too", () => {
  fc.assert(fc.property(measured, fc.nat(1000), fc.nat(1000), (one, epochs, more) => {
    const gains = gpuPaysOff(one, epochs)?.gains ?? false;
    if (gains) assert(one.onGpu !== null && one.onGpu < one.onProcessor && gpuPaysOff(one, epochs + more)!.gains);
    if (one.onGpu !== null) assert(gpuPaysOff(one, epochs));
  }));
});
