/**
 * The WebGPU device: gpu.js translates kernels into shaders, results stay on the GPU, and nothing is copied back but what is
 * read.
 *
 * @module
 */
import type { Device, Kernels } from "../device.ts";
import type { Instrument } from "../profile.ts";
import { concat, slice, transpose } from "./layout.ts";
import { factsOf, fromNpm, type GpuFacts, probe } from "./library.ts";
import { map } from "./map.ts";
import { matmul } from "./matmul.ts";
import { floatsOf, numbersOf } from "./pattern.ts";
import { uniforms } from "./random.ts";
import { reduce } from "./reduce.ts";
import { sddmm } from "./sddmm.ts";
import { segmentSoftmax, segmentSoftmaxMean } from "./segment.ts";
import { spmm } from "./spmm.ts";
import { type GpuStorage, type Machine, machine, type Traffic } from "./storage.ts";
import { topk } from "./topk.ts";

/** What a WebGPU device runs on, as it said itself when it ran. */
export interface Adapter extends GpuFacts {
  /** What gpu.js ran as. */
  readonly mode: string;
}

/** A device on a GPU. */
export interface WebGpuDevice extends Device {
  /** What it runs on. */
  readonly adapter: Adapter;
  /** Returns what was copied to and from it, and how many kernels ran. */
  traffic(): Traffic;
  /** Returns the bytes that live blocks take. */
  bytesUsed(): number;
  /** Ends all work. Its blocks are lost. */
  close(): void;
}

/** How a WebGPU device works. */
export interface WebGpuOptions {
  /** Loads gpu.js; by default from npm, which only Deno can. A bundle names it: `() => import("gpu.js")`. */
  readonly library?: () => Promise<unknown>;
  /** Changes the kernels; by default they stay as they are. */
  readonly around?: Instrument;
  /** Whole numbers below this are exact as 32-bit floats: 2²⁴, the default. Less is for tests of what larger ones need. */
  readonly exact?: number;
  /** The most kernels kept ready; 512 by default. */
  readonly kept?: number;
}

/** Returns a WebGPU device, or the reason why there is none. */
export async function webgpuDevice(options: WebGpuOptions = {}): Promise<WebGpuDevice | string> {
  const { library = fromNpm, around = (kernels) => kernels, exact = 2 ** 24, kept = 512 } = options;
  const found = await probe(library);
  if (typeof found === "string") return found;
  const { adapter: { info }, device: { limits } } = found.handle.context;
  const adapter = { ...factsOf({ info, limits }), mode: found.mode };
  const works: Machine = machine(found, kept, () => device);
  const device: Omit<WebGpuDevice, keyof Device> & Device<GpuStorage> = {
    name: "webgpu",
    about: `gpu.js on ${adapter.name}${adapter.hardware ? "" : ", a processor working as a GPU"}`,
    threads: 1,
    adapter,
    kernels: around(kernelsOf(works)),
    upload: (values) => works.store(Float32Array.from(values)),
    uploadIndices: (values) => works.store(...floatsOf(values, exact)),
    read: async (storage: GpuStorage) => numbersOf(await works.fetch(storage), storage),
    view: () => null,
    free: works.release,
    room: () => Infinity,
    keepUp: works.keepUp,
    traffic: works.traffic,
    bytesUsed: works.bytesUsed,
    close: works.close,
  };
  return device;
}

function kernelsOf(works: Machine): Kernels<GpuStorage> {
  return {
    map: map(works),
    reduce: reduce(works),
    matmul: matmul(works),
    spmm: spmm(works),
    sddmm: sddmm(works),
    segmentSoftmax: segmentSoftmax(works),
    segmentSoftmaxMean: segmentSoftmaxMean(works),
    slice: slice(works),
    concat: concat(works),
    transpose: transpose(works),
    topk: topk(works),
    uniforms: uniforms(works),
  };
}
