/**
 * Blocks of the WebAssembly device, and the engine that its kernels share: memory, threads, and assembled routines.
 *
 * @module
 */
import type { Device, HostStorage } from "../device.ts";
import { ValueError } from "../errors.ts";
import { compile, type Routine } from "./module.ts";
import type { Heap } from "./memory.ts";
import type { Assembled, Pool } from "./pool.ts";

/** A block in the device's memory. */
export interface WasmStorage extends HostStorage {
  /** Its byte address. */
  readonly address: number;
}

/** The iterations of a routine, and the grain in which threads take them. */
export interface Work {
  /** The number of iterations: rows, as a rule. */
  readonly count: number;
  /** The number of iterations that a thread takes at once. */
  readonly grain: number;
}

/** The base of all kernels of a device of the processor, whose routines are of the type R. */
export interface Engine<R = Routine> {
  /** Makes a block of `length` numbers. Its contents are undefined. */
  readonly allocate: (length: number) => WasmStorage;
  /** The number of threads, for the choice of a grain. Results never depend on it. */
  readonly threads: number;
  /**
   * Runs the routine of this key over some work on all threads. The first call assembles the routine. Its parameters
   * are the first iteration, the end of the iterations, the address of scratch memory, and then `args`.
   */
  readonly parallelFor: (key: string, write: () => R, work: Work, args: readonly number[]) => void;
}

/** Returns the {@link Engine.parallelFor} of a heap and the threads that share it. */
export function routines(heap: Heap, threads: Pool): Engine["parallelFor"] {
  const known = new Map<string, Assembled>();
  return (key, write, { count, grain }, args) => {
    const found = known.get(key) ?? { name: known.size, ...compile(write(), heap.memory, heap.addresses) };
    known.set(key, found);
    threads.run(found, count, grain, args);
  };
}

/** The live blocks of a device. */
export interface Blocks {
  /** Makes a block of `length` numbers. Its contents are undefined. */
  readonly allocate: (length: number) => WasmStorage;
  /** Gives a block back to the heap. */
  readonly free: (storage: WasmStorage) => void;
}

/** The most numbers in a block: kernels count them, and the rows and entries of their operands, in 31 bits. */
const MOST_NUMBERS = 2 ** 31 - 1;

/** Returns the blocks of a heap. A block that was not freed returns to the heap when its handle is collected. */
export function blocksIn(heap: Heap, device: () => Device<WasmStorage>): Blocks {
  const forgotten = new FinalizationRegistry<number>((address) => heap.release(address));
  return {
    allocate: (length) => {
      if (!(Number.isInteger(length) && length >= 0 && length <= MOST_NUMBERS)) {
        const rule = `a whole number up to ${MOST_NUMBERS} is needed`;
        throw new ValueError(`Cannot make a block of ${length} numbers on "wasm": ${rule}`);
      }
      const address = heap.allocate(length * 4);
      const { buffer } = heap.memory;
      const storage: WasmStorage = {
        device: device(),
        length,
        address,
        floats: new Float32Array(buffer, address, length),
        integers: new Int32Array(buffer, address, length),
        freed: false,
      };
      forgotten.register(storage, address, storage);
      return storage;
    },
    free: (storage) => {
      if (storage.freed) return;
      storage.freed = true;
      forgotten.unregister(storage);
      heap.release(storage.address);
    },
  };
}

/** The bytes moved, or a third of the operations, that make a grain of about 20 microseconds. */
const GRAIN_BYTES = 2 ** 17;

/** Returns the number of rows in a grain if each row moves this many bytes; a multiple of `unit`. */
export function grainOf(bytesPerRow: number, unit = 1): number {
  return Math.max(1, Math.ceil(GRAIN_BYTES / Math.max(1, bytesPerRow) / unit)) * unit;
}
