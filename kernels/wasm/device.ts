/**
 * The WebAssembly device, the default: kernels assembled at run time over one shared memory, with SIMD.
 *
 * @module
 */
import { ValueError } from "../errors.ts";
import type { Device, Kernels } from "../device.ts";
import type { Instrument } from "../profile.ts";
import { concat, slice, transpose } from "./layout.ts";
import { map } from "./map.ts";
import { matmul } from "./matmul.ts";
import { heap } from "./memory.ts";
import { relaxed } from "./module.ts";
import { pool, processors } from "./pool.ts";
import { uniforms } from "./random.ts";
import { reduce } from "./reduce.ts";
import { sddmm } from "./sddmm.ts";
import { segmentSoftmax, segmentSoftmaxMean } from "./segment.ts";
import { spmm } from "./spmm.ts";
import { type Machine, routines, type WasmStorage } from "./storage.ts";
import { topk } from "./topk.ts";

/** The WebAssembly device, with what tests and `devices` want to see of its memory and threads. */
export interface WasmDevice extends Device<WasmStorage> {
  /** Bytes that live blocks take. */
  readonly bytesUsed: () => number;
  /** Returns how many other threads have started. They do when there is first work enough to share. */
  readonly started: () => number;
  /** Ends the other threads. The device goes on with the calling one. */
  readonly close: () => void;
}

/** How a WebAssembly device works. */
export interface WasmOptions {
  /** How many threads compute; by default as many as the machine has processors. */
  readonly threads?: number;
  /** Changes the kernels, to time them say; by default they stay as they are. */
  readonly around?: Instrument;
}

/** Each thread takes scratch memory, and a thread of the system. */
const MOST_THREADS = 256;

/**
 * Returns a WebAssembly device with a memory of its own.
 *
 * @throws {ValueError} if the number of threads is not a whole number from 1 to 256, or above 1 where threads cannot share
 * memory.
 */
export function wasmDevice(
  { threads: count = Math.min(MOST_THREADS, processors()), around = (kernels) => kernels }: WasmOptions = {},
): WasmDevice {
  const refuse = (rule: string) => new ValueError(`Cannot compute on ${count} threads: ${rule}`);
  if (!(Number.isInteger(count) && count >= 1 && count <= MOST_THREADS)) {
    throw refuse(`a whole number from 1 to ${MOST_THREADS} is needed`);
  }
  if (count > 1 && typeof SharedArrayBuffer === "undefined") throw refuse("here, threads cannot share memory");
  const memory = heap();
  const threads = pool(memory, count);
  // Blocks that nobody freed go back when their handle is collected.
  const forgotten = new FinalizationRegistry<number>((address) => memory.release(address));

  const allocate = (length: number): WasmStorage => {
    const address = memory.allocate(length * 4);
    const buffer = memory.memory.buffer;
    const storage: WasmStorage = {
      device,
      length,
      address,
      floats: new Float32Array(buffer, address, length),
      integers: new Int32Array(buffer, address, length),
      freed: false,
    };
    forgotten.register(storage, address, storage);
    return storage;
  };

  const machine: Machine = { allocate, threads: count, each: routines(memory, threads) };
  const device: WasmDevice = {
    name: "wasm",
    about: `WebAssembly SIMD${relaxed() ? " with relaxed fused multiply-add" : ""}, assembled at run time, ` +
      `${count} thread${count === 1 ? "" : "s"}`,
    threads: count,
    kernels: around(kernelsOf(machine)),
    upload: (values) => {
      const block = allocate(values.length);
      block.floats.set(values);
      return block;
    },
    uploadIndices: (values) => {
      const block = allocate(values.length);
      block.integers.set(values);
      return block;
    },
    read: ({ floats }) => Promise.resolve(Float32Array.from(floats)),
    view: ({ floats }) => floats,
    free: (storage) => {
      if (storage.freed) return;
      storage.freed = true;
      forgotten.unregister(storage);
      memory.release(storage.address);
    },
    bytesUsed: () => memory.used() - threads.bytes(),
    room: memory.room,
    keepUp: () => Promise.resolve(),
    started: threads.started,
    close: threads.close,
  };
  return device;
}

/** Returns all kernels of a machine. */
export function kernelsOf(machine: Machine): Kernels<WasmStorage> {
  return {
    map: map(machine),
    reduce: reduce(machine),
    matmul: matmul(machine),
    spmm: spmm(machine),
    sddmm: sddmm(machine),
    segmentSoftmax: segmentSoftmax(machine),
    segmentSoftmaxMean: segmentSoftmaxMean(machine),
    slice: slice(machine),
    concat: concat(machine),
    transpose: transpose(machine),
    topk: topk(machine),
    uniforms: uniforms(machine),
  };
}
