/**
 * The gain of a GPU: products, sparse products and training steps of MONET on WebGPU and, in the same run, on the
 * processor.
 *
 * `deno task bench:gpu [--shapes men,women,tiktok] [--threads N] [--repeat N] [--json]`
 *
 * A line names the adapter, as gpu.js reports it, and whether it is hardware: a processor that emulates a GPU gains
 * nothing.
 *
 * @module
 */
import { ValueError } from "../kernels/errors.ts";
import { type Device, openDevice, type WebGpuDevice } from "../kernels/mod.ts";
import { type Shape, SHAPES } from "./data.ts";
import { command, COMMON, measure, open, options, print, type Work } from "./measure.ts";
import { products, sparseProduct, training } from "./work.ts";

/** Milliseconds of calls that are timed together: the GPU is waited for at their end only. */
const TOGETHER = 200;

/** Returns the milliseconds of one call. A read at the end waits for all calls before it. */
async function timed(device: Device, { run, warmUp }: Work, repeat?: number): Promise<number> {
  const mark = device.upload([0]);
  const several = async (calls: number) => {
    for (let call = 0; call < calls; call++) await run();
    await device.read(mark);
  };
  await several(1);
  const { ms: one } = await measure(() => several(1), { repeat: 1, warmUp: 0 });
  const calls = device.name === "webgpu" ? Math.max(1, Math.round(TOGETHER / one)) : 1;
  const { ms } = await measure(() => several(calls), { repeat, warmUp });
  return ms / calls;
}

/** Returns the same works on a device, one after the other. A shape that does not fit has the reason instead. */
async function* worksOn(
  device: Device,
  shapes: readonly Shape[],
): AsyncGenerator<Work | { name: string; refused: string }> {
  yield* products(device);
  for (const shape of shapes) {
    yield await sparseProduct(device, shape);
    try {
      yield await training(device, shape);
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      yield { name: `step ${shape}`, refused: error.message };
    }
  }
}

await command(async () => {
  const { shapes = "tiktok,men,women", threads, repeat, json } = options({ ...COMMON, shapes: "text" });
  const wanted = shapes.split(",").map((shape) => {
    const known = SHAPES.find((name) => name === shape);
    if (!known) throw new ValueError(`Cannot measure "${shape}": there are ${SHAPES.join(", ")}`);
    return known;
  });
  const { device, reason } = await openDevice("webgpu");
  if (device.name !== "webgpu") throw new ValueError(`Cannot measure a GPU: ${reason}`);
  const { adapter } = device as WebGpuDevice;
  const processor = open({ threads });
  const others = worksOn(processor, wanted);
  for await (const work of worksOn(device, wanted)) {
    const { value: other } = await others.next();
    const where = { adapter: adapter.name, hardware: adapter.hardware ? "yes" : "no", threads: processor.threads };
    if ("refused" in work || !other || "refused" in other) {
      print({ name: work.name, ...where, refused: "refused" in work ? work.refused : "" }, json);
      continue;
    }
    const [ms, processorMs] = [await timed(device, work, repeat), await timed(processor, other, repeat)];
    const gflops = work.flops === undefined ? null : work.flops / ms / 1e6;
    print({ name: work.name, ms, gflops, processorMs, faster: processorMs / ms, ...where, ...work.facts }, json);
  }
});
