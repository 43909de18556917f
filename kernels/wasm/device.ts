/**
 * The WebAssembly device, the default: kernels with SIMD, assembled at run time, over one shared memory.
 *
 * @module
 */
import { ValueError } from "../errors.ts";
import { type Device, fill, type Kernels } from "../device.ts";
import { type Instrument, unchanged } from "../instrument.ts";
import { concat, slice, transpose } from "./layout.ts";
import { map, mapRoutines } from "./map.ts";
import { matmul } from "./matmul.ts";
import { addressesFor, type Heap, heap } from "./memory.ts";
import { relaxed } from "./module.ts";
import { type Pool, pool, processors } from "./pool.ts";
import { uniforms } from "./random.ts";
import { reduce, reduceRoutines } from "./reduce.ts";
import { sddmm, sddmmRoutine } from "./sddmm.ts";
import { meanRoutine, segmentSoftmax, segmentSoftmaxMean, softmaxRoutine } from "./segment.ts";
import { spmm, spmmRoutine } from "./spmm.ts";
import { blocksIn, type Engine, routines, type WasmStorage } from "./storage.ts";
import { topk, topkRoutine } from "./topk.ts";

/** A WebAssembly device, with its memory and its threads. */
export interface WasmDevice extends Device<WasmStorage> {
  /** Its memory, which devices of other technologies may share. */
  readonly memory: Heap;
  /** Returns the bytes that live blocks take. */
  bytesUsed(): number;
  /**
   * Returns the number of worker threads that have started. They start with the first work that is large enough to
   * share.
   */
  started(): number;
  /** Ends the worker threads. The device continues on the calling thread. */
  close(): void;
}

/** Options of {@link wasmDevice}. */
export interface WasmOptions {
  /** The number of threads that compute; the number of processors by default. */
  readonly threads?: number | undefined;
  /**
   * The bytes of numbers that the program needs at once, 0 by default. For more than 2 GiB the memory has addresses of
   * 64 bits, and holds 16 GiB instead of 4.
   */
  readonly bytes?: number | undefined;
  /** Wraps the kernels; they stay unchanged by default. */
  readonly instrument?: Instrument | undefined;
}

/** The most threads of a device: each takes scratch memory and a thread of the operating system. */
const MOST_THREADS = 256;

/** The parts of a device on the processor in which one technology differs from another. */
export interface Technology {
  readonly name: "wasm" | "native";
  /** The technology, for people. */
  readonly about: string;
  /** The kernels in which it differs from WebAssembly. */
  readonly kernels: (
    wasm: Kernels<WasmStorage>,
    engine: Engine,
    memory: Heap,
    threads: Pool,
  ) => Partial<Kernels<WasmStorage>>;
  /** The text of a function that workers need for routines that are no WebAssembly; see `launch` in `pool.ts`. */
  readonly caller?: string | undefined;
}

/**
 * Returns a WebAssembly device with a memory of its own.
 *
 * @throws {ValueError} if the number of threads is not a whole number from 1 to 256, or above 1 where threads cannot
 * share memory; or if this runtime has no memory of so many bytes.
 */
export function wasmDevice(options: WasmOptions = {}): WasmDevice {
  const about = `WebAssembly SIMD${relaxed() ? " with relaxed fused multiply-add" : ""}, assembled at run time`;
  return processorDevice({ name: "wasm", about, kernels: () => ({}) }, options);
}

/**
 * Returns a device of this technology, with threads of its own, on a memory of its own or on that of another device.
 *
 * @throws {ValueError} as {@link wasmDevice} does.
 */
export function processorDevice(
  { name, about, kernels, caller }: Technology,
  { threads: count = Math.min(MOST_THREADS, processors()), bytes = 0, instrument = unchanged }: WasmOptions,
  memory: Heap = heap(addressesFor(bytes)),
): WasmDevice {
  checkThreads(count);
  const threads = pool(memory, count, caller);
  const { allocate, free } = blocksIn(memory, () => device);
  const engine: Engine = { allocate, threads: count, parallelFor: routines(memory, threads) };
  const wasm = kernelsOf(engine);
  const all = { ...wasm, ...kernels(wasm, engine, memory, threads) };
  const device: WasmDevice = {
    name,
    about: `${about}, ${count} thread${count === 1 ? "" : "s"}` +
      (memory.addresses === "i64" ? ", addresses of 64 bits" : ""),
    threads: count,
    memory,
    kernels: instrument(all, () => device),
    copies: new WeakMap(),
    upload: (values) => {
      const block = allocate(values.length);
      block.floats.set(values);
      return block;
    },
    uploadParts: async (parts, length) => {
      const block = allocate(length);
      try {
        await fill(block.floats, parts);
        return block;
      } catch (error) {
        free(block);
        throw error;
      }
    },
    uploadIndices: (values) => {
      const block = allocate(values.length);
      block.integers.set(values);
      return block;
    },
    read: ({ floats }) => Promise.resolve(Float32Array.from(floats)),
    view: ({ floats }) => floats,
    free,
    bytesUsed: () => memory.used() - threads.bytes(),
    room: memory.room,
    keepUp: () => Promise.resolve(),
    started: threads.started,
    close: threads.close,
  };
  return device;
}

function checkThreads(count: number): void {
  const refuse = (rule: string) => new ValueError(`Cannot compute on ${count} threads: ${rule}`);
  if (!(Number.isInteger(count) && count >= 1 && count <= MOST_THREADS)) {
    throw refuse(`a whole number from 1 to ${MOST_THREADS} is needed`);
  }
  if (count > 1 && typeof SharedArrayBuffer === "undefined") throw refuse("here, threads cannot share memory");
}

/** Returns all kernels of an engine. */
export function kernelsOf(engine: Engine): Kernels<WasmStorage> {
  return {
    map: map(engine, mapRoutines),
    reduce: reduce(engine, reduceRoutines),
    matmul: matmul(engine),
    spmm: spmm(engine, spmmRoutine),
    sddmm: sddmm(engine, sddmmRoutine),
    segmentSoftmax: segmentSoftmax(engine, softmaxRoutine),
    segmentSoftmaxMean: segmentSoftmaxMean(engine, meanRoutine),
    slice: slice(engine),
    concat: concat(engine),
    transpose: transpose(engine),
    topk: topk(engine, topkRoutine),
    uniforms: uniforms(engine),
  };
}
