import { assertEquals } from "deno-std/assert/equals.js";
import { assertMatch } from "deno-std/assert/match.js";
import { assertStringIncludes } from "deno-std/assert/string_includes.js";
import { openDevice, reference } from "../../kernels/mod.ts";
import type { GpuFacts } from "../../kernels/mod.ts";
import { localFiles } from "../../src/data/files.ts";
import { rememberTiming } from "../../src/runs/device_timings.ts";
import { processor } from "../support.ts";
import { plainHardware, type } from "./captured.ts";
import { inFolder } from "./folder.ts";

const card: GpuFacts = { name: "A Card", hardware: true, largestBlock: 2 ** 31 };

Deno.test("devices shows the devices, the choice of auto, and its reason", async () => {
  const { exit, out } = await type("devices");
  assertEquals(exit, 0);
  for (
    const line of [
      /^native +(\d+ +machine code for AVX|– +\w)/m,
      new RegExp(`^wasm +${navigator.hardwareConcurrency} +WebAssembly SIMD`, "m"),
      /^webgpu +– +no WebGPU adapter answers$/m,
      /^reference +1 +plain/m,
      /^relaxed SIMD +(yes|no)$/m,
      /^shared memory +(yes|no)$/m,
      new RegExp(`^auto takes ${processor}: no WebGPU adapter answers\\.$`, "m"),
    ]
  ) {
    assertMatch(out, line);
  }
  const { chosen, gpu, devices } = JSON.parse((await type("devices --json")).out);
  assertEquals([chosen, gpu], [processor, null]);
  assertEquals(devices[3], { name: "reference", threads: 1, about: reference.about });
});

Deno.test("devices opens a GPU only with --probe", async () => {
  const opened: string[] = [];
  const hardware = {
    ...plainHardware,
    gpu: () => Promise.resolve({ ...card, hardware: false }),
    open: (name: Parameters<typeof openDevice>[0] = "auto") => {
      opened.push(name);
      return openDevice(name === "webgpu" ? "wasm" : name);
    },
  };
  const { out } = await type("devices", { hardware });
  assertEquals(opened.sort(), ["auto", "native", "reference", "wasm"]);
  for (const line of [/^GPU +A Card$/m, /^which is +software/m, /^largest block +2,147,483,648 bytes$/m, /--probe/]) {
    assertMatch(out, line);
  }
  assertStringIncludes(out, `auto takes ${processor}: the only GPU, A Card, is software.\n`);
  const { gpu } = JSON.parse((await type("devices --probe --json", { hardware })).out);
  // This device is no GPU, and the adapter's name says so.
  assertEquals([gpu.name, gpu.mode, opened.at(-1)], ["A Card", "asked for", "webgpu"]);
});

Deno.test("devices shows the measurements on this GPU, and on no other", () =>
  inFolder(async (cache) => {
    const hardware = {
      ...plainHardware,
      gpu: () => Promise.resolve(card),
      timings: () => `${cache}/giverny/devices.json`,
    };
    for (const gpu of ["A Card", "Another"]) {
      await rememberTiming(hardware.timings(), {
        giverny: "1.0.0",
        gpu,
        processor: "two threads",
        model: "monet",
        data: { name: `of ${gpu}`, fingerprint: "" },
        settings: {},
        steps: 8,
        onProcessor: 240,
        onGpu: null,
      }, localFiles);
    }
    const { out } = await type("devices", { hardware });
    assertMatch(out, /^monet +of A Card +240\.0 +–$/m);
    assertEquals(out.includes("Another"), false);
    assertStringIncludes(out, `auto takes ${processor} or webgpu: the faster for a model on a data set`);
  }));
