/**
 * The WebAssembly device, the default: kernels assembled at run time over one shared memory, with SIMD.
 *
 * @module
 */
import type { Device } from "../device.ts";
import { relaxed } from "./assembler.ts";
import { concat, slice, transpose } from "./layout.ts";
import { map } from "./map.ts";
import { matmul } from "./matmul.ts";
import { heap } from "./memory.ts";
import { reduce } from "./reduce.ts";
import { sddmm } from "./sddmm.ts";
import { segmentSoftmax } from "./segment.ts";
import { spmm } from "./spmm.ts";
import { type Machine, routines, type WasmStorage } from "./storage.ts";
import { topk } from "./topk.ts";

/** The WebAssembly device, with what tests and `devices` want to see of its memory. */
export interface WasmDevice extends Device<WasmStorage> {
  /** Bytes that live blocks take. */
  readonly bytesUsed: () => number;
}

/** Returns a WebAssembly device with a memory of its own. */
export function wasmDevice(): WasmDevice {
  const memory = heap();
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

  const machine: Machine = { heap: memory, allocate, routine: routines(memory) };
  const device: WasmDevice = {
    name: "wasm",
    about: `WebAssembly SIMD${relaxed() ? " with relaxed fused multiply-add" : ""}, assembled at run time`,
    kernels: {
      map: map(machine),
      reduce: reduce(machine),
      matmul: matmul(machine),
      spmm: spmm(machine),
      sddmm: sddmm(machine),
      segmentSoftmax: segmentSoftmax(machine),
      slice: slice(machine),
      concat: concat(machine),
      transpose: transpose(machine),
      topk: topk(),
    },
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
    bytesUsed: memory.used,
  };
  return device;
}
