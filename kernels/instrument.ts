/**
 * Instruments: functions that wrap the kernels of a device before it is used, to time them or to watch its memory.
 *
 * @module
 */
import type { Device, KernelName, Kernels, Storage } from "./device.ts";

/**
 * Returns the kernels that a device shall have, given its own. `device()` returns the device itself; call it when a
 * kernel runs, not before.
 */
export type Instrument = <S extends Storage>(kernels: Kernels<S>, device: () => Device<S>) => Kernels<S>;

/** Leaves kernels as they are. */
export const unchanged: Instrument = (kernels) => kernels;

/** Returns a kernel around another kernel, which has the given name. */
export type WrapKernel = <A extends readonly unknown[], R>(
  name: KernelName,
  kernel: (...args: A) => R,
) => (...args: A) => R;

/** Returns kernels that are each wrapped by the same function. */
export function wrapKernels<S extends Storage>(kernels: Kernels<S>, wrap: WrapKernel): Kernels<S> {
  return {
    map: wrap("map", kernels.map),
    reduce: wrap("reduce", kernels.reduce),
    matmul: wrap("matmul", kernels.matmul),
    spmm: wrap("spmm", kernels.spmm),
    sddmm: wrap("sddmm", kernels.sddmm),
    segmentSoftmax: wrap("segmentSoftmax", kernels.segmentSoftmax),
    segmentSoftmaxMean: wrap("segmentSoftmaxMean", kernels.segmentSoftmaxMean),
    slice: wrap("slice", kernels.slice),
    concat: wrap("concat", kernels.concat),
    transpose: wrap("transpose", kernels.transpose),
    topk: wrap("topk", kernels.topk),
    uniforms: wrap("uniforms", kernels.uniforms),
  };
}

/** Returns the instrument that applies `inner` first and then `outer`. */
export function compose(outer: Instrument, inner: Instrument): Instrument {
  return (kernels, device) => outer(inner(kernels, device), device);
}

/** The most bytes that the blocks of a device took at once. */
export interface MemoryPeak {
  /** Measures the memory after every kernel of the device that it is given to. */
  readonly instrument: Instrument;
  /** Returns the peak so far; `null` before the first kernel, and on devices that do not count their bytes. */
  readonly bytes: () => number | null;
}

/**
 * Returns an instrument that records the peak of a device's memory. Use one per device.
 *
 * @example
 * ```ts
 * import { openDevice, peakBytes } from "@giverny/giverny/kernels";
 * import { equal } from "node:assert/strict";
 * const peak = peakBytes();
 * const { device } = await openDevice("wasm", { threads: 1, private: true, instrument: peak.instrument });
 * const x = device.upload(new Float32Array(16));
 * const y = device.kernels.transpose(x, { rows: 4, columns: 4 });
 * [x, y].forEach(device.free);
 * equal(device.bytesUsed?.(), 0);
 * equal(peak.bytes(), 128);
 * ```
 */
export function peakBytes(): MemoryPeak {
  let most: number | null = null;
  return {
    instrument: (kernels, device) =>
      wrapKernels(kernels, (_, kernel) => (...args) => {
        const result = kernel(...args);
        const used = device().bytesUsed?.();
        if (used !== undefined) most = Math.max(most ?? 0, used);
        return result;
      }),
    bytes: () => most,
  };
}
