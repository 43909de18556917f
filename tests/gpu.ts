/**
 * The GPU that tests compute on, and the number of tests that did.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { type WebGpuDevice, webgpuDevice } from "../kernels/gpu/device.ts";

const answer = await webgpuDevice();

/** The WebGPU device, on any adapter that answers, such as Mesa's llvmpipe; `null` if none answers. */
export const webgpu: WebGpuDevice | null = typeof answer === "string" ? null : answer;

if (typeof answer === "string") console.log(`Tests on WebGPU are left out: ${answer}`);
else countTests(answer);

/** A test on the WebGPU device; left out if no adapter answers. */
export function gpuTest(name: string, body: (device: WebGpuDevice) => Promise<void>): void {
  Deno.test({ name, ignore: webgpu === null, fn: () => body(webgpu!) });
}

/** Prints, after a file of tests, the number of tests that gave work to a GPU; `.ci/run` adds these numbers up. */
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
    // Work that still waits belongs to this test, not to the next. Some tests lose the GPU, hence the catch.
    await device.keepUp().catch(() => {});
  });
  Deno.test.afterAll(() => console.log(`Tests that computed on WebGPU: ${tests}, with ${device.about}`));
}
