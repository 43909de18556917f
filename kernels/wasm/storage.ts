/**
 * Blocks of the WebAssembly device: an address in its memory, and views of what lies there.
 *
 * @module
 */
import type { HostStorage } from "../device.ts";
import { compile, type Routine } from "./module.ts";
import type { Heap } from "./memory.ts";
import type { Assembled, Pool } from "./pool.ts";

/** A block in the device's memory. */
export interface WasmStorage extends HostStorage {
  /** Its byte address. */
  readonly address: number;
}

/** How much there is to do, and how much of it is worth handing to another thread. */
export interface Work {
  /** How many pieces: rows, as a rule. */
  readonly count: number;
  /** How many of them to take at once. */
  readonly grain: number;
}

/** What a kernel of this device is built from. */
export interface Engine {
  /** Makes a block of `length` numbers. Its contents are whatever was there. */
  readonly allocate: (length: number) => WasmStorage;
  /** How many threads there are, for deciding on the size of pieces. Results never depend on it. */
  readonly threads: number;
  /**
   * Runs the routine of this key over some work, on as many threads as there are, assembling it the first time. It takes
   * the first and the last but one grain to do, the address of scratch memory, and then `args`.
   */
  readonly parallelFor: (key: string, write: () => Routine, work: Work, args: readonly number[]) => void;
}

/** Returns the {@link Engine.parallelFor} of a heap and the threads that share it. */
export function routines(heap: Heap, threads: Pool): Engine["parallelFor"] {
  const known = new Map<string, Assembled>();
  return (key, write, { count, grain }, args) => {
    const found = known.get(key) ?? { name: known.size, ...compile(write(), heap.memory) };
    known.set(key, found);
    threads.run(found, count, grain, args);
  };
}

/** Bytes moved, or thrice as many operations, that are worth a grain of their own: some 20 microseconds. */
const GRAIN = 2 ** 17;

/** Returns how many rows make a grain of work, where each moves so many bytes; a multiple of `unit`. */
export function grainOf(bytesPerRow: number, unit = 1): number {
  return Math.max(1, Math.ceil(GRAIN / Math.max(1, bytesPerRow) / unit)) * unit;
}
