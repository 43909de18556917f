/**
 * The reference device: every kernel in its plainest form, in 64-bit arithmetic rounded to 32-bit results. It is the
 * specification that the fast devices are tested against, and what a newcomer reads first.
 *
 * @module
 */
import type { Device, HostStorage } from "../device.ts";
import type { Instrument } from "../profile.ts";
import { concat, slice, transpose } from "./layout.ts";
import { map } from "./map.ts";
import { matmul } from "./matmul.ts";
import { uniforms } from "./random.ts";
import { reduce } from "./reduce.ts";
import { sddmm } from "./sddmm.ts";
import { segmentSoftmax, segmentSoftmaxMean } from "./segment.ts";
import { spmm } from "./spmm.ts";
import { topk } from "./topk.ts";

/** Returns a reference device, its kernels as they are or changed by `around`. */
export function referenceDevice(around: Instrument = (kernels) => kernels): Device<HostStorage> {
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
    kernels: around({
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
    }),
    upload: (values) => block(Float32Array.from(values)),
    uploadIndices: (values) => block(new Float32Array(Int32Array.from(values).buffer)),
    read: ({ floats }) => Promise.resolve(floats.slice()),
    view: ({ floats }) => floats,
    free: (storage) => void (storage.freed = true),
    room: () => Infinity,
    keepUp: () => Promise.resolve(),
  };
  return device;
}

/** The reference device. */
export const reference: Device<HostStorage> = referenceDevice();
