/**
 * Blocks of the WebAssembly device: an address in its memory, and views of what lies there.
 *
 * @module
 */
import type { HostStorage } from "../device.ts";
import { compile, type Routine } from "./assembler.ts";
import type { Heap } from "./memory.ts";

/** A block in the device's memory. */
export interface WasmStorage extends HostStorage {
  /** Its byte address. */
  readonly address: number;
}

/** What a kernel of this device is built from. */
export interface Machine {
  readonly heap: Heap;
  /** Makes a block of `length` numbers. Its contents are whatever was there. */
  readonly allocate: (length: number) => WasmStorage;
  /** Returns the assembled routine of this key, assembling it the first time. */
  readonly routine: (key: string, write: () => Routine) => (...args: number[]) => void;
}

/** Returns a store of assembled routines over one memory. */
export function routines(heap: Heap): Machine["routine"] {
  const known = new Map<string, (...args: number[]) => void>();
  return (key, write) => {
    const found = known.get(key) ?? compile(write(), heap.memory);
    known.set(key, found);
    return found;
  };
}
