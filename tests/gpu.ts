/**
 * The GPU that tests compute on, and how many of them did.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { type WebGpuDevice, webgpuDevice } from "../kernels/gpu/device.ts";

const answer = await webgpuDevice();

/** The WebGPU device, on whatever adapter answers: Mesa's llvmpipe will do. `null` where none does. */
export const webgpu: WebGpuDevice | null = typeof answer === "string" ? null : answer;

if (typeof answer === "string") console.log(`Tests on WebGPU are left out: ${answer}`);
else countTests(answer);

/** A test on the WebGPU device; left out where no adapter answers. */
export function gpuTest(name: string, body: (device: WebGpuDevice) => Promise<void>): void {
  Deno.test({ name, ignore: webgpu === null, fn: () => body(webgpu!) });
}

/** Says at the end of a file of tests in how many of them a GPU was given work, for whatever device; `.ci/run` adds them up. */
function countTests(device: WebGpuDevice): void {
  let [submitted, before, tests] = [0, 0, 0];
  const queue = GPUQueue.prototype;
  const submit = queue.submit;
  queue.submit = function (...work: Parameters<typeof submit>) {
    submitted++;
    return submit.apply(this, work);
  };
  Deno.test.beforeEach(() => void (before = submitted));
  Deno.test.afterEach(async () => {
    if (submitted === before) return;
    tests++;
    // What is still waiting is this test's work and not the next one's. Some tests lose the GPU.
    await device.keepUp().catch(() => {});
  });
  Deno.test.afterAll(() => console.log(`Tests that computed on WebGPU: ${tests}, with ${device.about}`));
}
