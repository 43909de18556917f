/**
 * The reference device: plain TypeScript that computes in 64 bits and rounds every result once to 32 bits. It is the
 * specification that the fast devices are tested against, and the first to read.
 *
 * @module
 */
import { type Device, fill, type HostStorage } from "../device.ts";
import { type Instrument, unchanged } from "../instrument.ts";
import { concat, slice, transpose } from "./layout.ts";
import { map } from "./map.ts";
import { matmul } from "./matmul.ts";
import { uniforms } from "./random.ts";
import { reduce } from "./reduce.ts";
import { sddmm } from "./sddmm.ts";
import { segmentSoftmax, segmentSoftmaxMean } from "./segment.ts";
import { spmm } from "./spmm.ts";
import { topk } from "./topk.ts";

/** Options of {@link referenceDevice}. */
export interface ReferenceOptions {
  /** Wraps the kernels; they stay unchanged by default. */
  readonly instrument?: Instrument | undefined;
}

/** Returns a reference device that nothing shares. */
export function referenceDevice({ instrument = unchanged }: ReferenceOptions = {}): Device<HostStorage> {
  const block = (floats: Float32Array<ArrayBuffer>): HostStorage => ({
    device,
    length: floats.length,
    floats,
    integers: new Int32Array(floats.buffer),
    freed: false,
  });
  const allocate = (length: number) => block(new Float32Array(length));
  const device: Device<HostStorage> = {
    name: "reference",
    about: "plain TypeScript; slow, for checking",
    threads: 1,
    kernels: instrument<HostStorage>({
      map: map(allocate),
      reduce: reduce(allocate),
      matmul: matmul(allocate),
      spmm: spmm(allocate),
      sddmm: sddmm(allocate),
      segmentSoftmax: segmentSoftmax(allocate),
      segmentSoftmaxMean: segmentSoftmaxMean(allocate),
      slice: slice(allocate),
      concat: concat(allocate),
      transpose: transpose(allocate),
      topk: topk(),
      uniforms: uniforms(allocate),
    }, () => device),
    copies: new WeakMap(),
    upload: (values) => block(Float32Array.from(values)),
    uploadParts: async (parts, length) => block(await fill(new Float32Array(length), parts)),
    uploadIndices: (values) => block(new Float32Array(Int32Array.from(values).buffer)),
    read: ({ floats }) => Promise.resolve(floats.slice()),
    view: ({ floats }) => floats,
    free: (storage) => void (storage.freed = true),
    room: () => Infinity,
    keepUp: () => Promise.resolve(),
  };
  return device;
}

/**
 * The shared reference device: plain TypeScript, slow, and exact to the last rounding.
 *
 * @example
 * ```ts
 * import { reference } from "@giverny/giverny/kernels";
 * import { deepEqual } from "node:assert/strict";
 * const x = reference.upload([1, 2, 3, 4]);
 * const y = reference.kernels.matmul(x, x, { rows: 2, inner: 2, columns: 2 }, "nn");
 * deepEqual([...y.floats], [7, 10, 15, 22]);
 * ```
 */
export const reference: Device<HostStorage> = referenceDevice();
