/**
 * The WebGPU device: gpu.js translates kernels into shaders, results stay on the GPU, and only blocks that are read are
 * copied back.
 *
 * @module
 */
import { type Device, fill, type Kernels } from "../device.ts";
import { type Instrument, unchanged } from "../instrument.ts";
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
import { type GpuEngine, gpuEngine, type GpuStorage, type Traffic } from "./storage.ts";
import { topk } from "./topk.ts";

/** The adapter of a WebGPU device, as it described itself after a first kernel. */
export interface Adapter extends GpuFacts {
  /** The mode in which gpu.js ran. */
  readonly mode: string;
}

/** A device on a GPU. */
export interface WebGpuDevice extends Device {
  /** The GPU. */
  readonly adapter: Adapter;
  /** Returns the copies to and from the GPU, and the kernels run. */
  traffic(): Traffic;
  /** Returns the bytes that live blocks take. */
  bytesUsed(): number;
  /** Ends all work. Its blocks are lost. */
  close(): void;
}

/** Options of {@link webgpuDevice}. */
export interface WebGpuOptions {
  /**
   * Loads gpu.js; from npm by default, which only Deno can do. A bundle names its own copy: `() => import("gpu.js")`.
   */
  readonly library?: (() => Promise<unknown>) | undefined;
  /** Wraps the kernels; they stay unchanged by default. */
  readonly instrument?: Instrument | undefined;
  /** Whole numbers below this bound are exact as 32-bit floats: 2²⁴, the default. Tests of larger numbers lower it. */
  readonly exact?: number | undefined;
  /** The most compiled kernels that are kept; 512 by default. */
  readonly kept?: number | undefined;
}

/** Returns a WebGPU device; a sentence with the reason if there is none. */
export async function webgpuDevice(options: WebGpuOptions = {}): Promise<WebGpuDevice | string> {
  const { library = fromNpm, instrument = unchanged, exact = 2 ** 24, kept = 512 } = options;
  const found = await probe(library);
  if (typeof found === "string") return found;
  const { adapter: { info }, device: { limits } } = found.handle.context;
  const adapter = { ...factsOf({ info, limits }), mode: found.mode };
  const engine: GpuEngine = gpuEngine(found, kept, () => device);
  const device: Device<GpuStorage> & Pick<WebGpuDevice, "adapter" | "traffic" | "bytesUsed" | "close"> = {
    name: "webgpu",
    about: `gpu.js on ${adapter.name}${adapter.hardware ? "" : ", a processor working as a GPU"}`,
    threads: 1,
    adapter,
    kernels: instrument(kernelsOf(engine), () => device),
    copies: new WeakMap(),
    upload: (values) => engine.store(Float32Array.from(values)),
    uploadParts: async (parts, length) => engine.store(await fill(new Float32Array(length), parts)),
    uploadIndices: (values) => engine.store(...floatsOf(values, exact)),
    read: async (storage: GpuStorage) => numbersOf(await engine.fetch(storage), storage),
    view: () => null,
    free: engine.release,
    room: () => Infinity,
    keepUp: engine.keepUp,
    traffic: engine.traffic,
    bytesUsed: engine.bytesUsed,
    close: engine.close,
  };
  return device;
}

function kernelsOf(engine: GpuEngine): Kernels<GpuStorage> {
  return {
    map: map(engine),
    reduce: reduce(engine),
    matmul: matmul(engine),
    spmm: spmm(engine),
    sddmm: sddmm(engine),
    segmentSoftmax: segmentSoftmax(engine),
    segmentSoftmaxMean: segmentSoftmaxMean(engine),
    slice: slice(engine),
    concat: concat(engine),
    transpose: transpose(engine),
    topk: topk(engine),
    uniforms: uniforms(engine),
  };
}
