/** Tests of the loading of gpu.js. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { webgpuDevice } from "../../../kernels/gpu/device.ts";
import { PACKAGE } from "../../../kernels/gpu/library.ts";
import { gpuTest } from "../../gpu.ts";
import { withGpu } from "../navigator.ts";

const untouched = () => Promise.reject(new Error("gpu.js was loaded"));

Deno.test("without WebGPU, or without an adapter, gpu.js is not loaded", async () => {
  await withGpu(undefined, async () => {
    assertEquals(await webgpuDevice({ library: untouched }), "this runtime has no WebGPU");
  });
  await withGpu({ requestAdapter: () => Promise.resolve(null) }, async () => {
    assertEquals(await webgpuDevice({ library: untouched }), "no WebGPU adapter answers");
  });
});

Deno.test("the loaded gpu.js has the version of deno.json", async () => {
  const { imports } = JSON.parse(await Deno.readTextFile(new URL("../../../deno.json", import.meta.url)));
  assertEquals(PACKAGE, imports["gpu.js"]);
});

Deno.test("the lock file leaves out the packages of gpu.js for other runtimes, which every user would download", async () => {
  const { npm } = JSON.parse(await Deno.readTextFile(new URL("../../../deno.lock", import.meta.url)));
  const of = (name: string) => Object.entries(npm).find(([key]) => key.startsWith(`${name}@`))?.[1];
  assertEquals((of("gpu.js") as { dependencies: unknown; optionalDependencies?: unknown }).dependencies, [
    "acorn",
    "gpu-mock.js",
  ]);
  assertEquals([of("webgpu"), of("gl")], [undefined, undefined]);
});

gpuTest("an adapter has a name", ({ adapter, about }) => {
  assert(adapter.name.length > 3 && about.includes(adapter.name));
  assertEquals(about.endsWith("a processor working as a GPU"), !adapter.hardware);
  assert(adapter.largestBlock >= 2 ** 27);
  return Promise.resolve();
});
