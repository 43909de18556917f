/**
 * A WebAssembly device that finds wrong reads and writes. Each block is filled with marked NaN and lies between two
 * lines of marked NaN: a kernel that reads outside of its operands returns NaN, and a kernel that writes there changes
 * a mark.
 *
 * @module
 */
import { assertEquals } from "deno-std/assert/equals.js";
import { type Device, type HostStorage, reference, type Storage, type WasmDevice } from "../../../kernels/mod.ts";
import { kernelsOf, type Technology, wasmDevice } from "../../../kernels/wasm/device.ts";
import { type Heap, heap } from "../../../kernels/wasm/memory.ts";
import type { Addresses } from "../../../kernels/wasm/module.ts";
import { type Pool, pool } from "../../../kernels/wasm/pool.ts";
import { type Engine, routines, type WasmStorage } from "../../../kernels/wasm/storage.ts";
import { assertClose } from "../../support.ts";

const LINE = 64;
/** Returns a NaN that no computation returns, different for every line of memory. */
const mark = (address: number): number => 0x7fc0_0000 | address / LINE & 0x3f_ffff;

/** A heap that notices writes to the lines around its blocks. */
export interface GuardedHeap extends Heap {
  /** Fails if a guard line of a block, freed or not, was written. */
  readonly check: () => void;
}

/** Returns a heap with a guard line on either side of every block. The first `beyond` bytes stay unused. */
export function guardedHeap(beyond = 0, addresses: Addresses = "i32"): GuardedHeap {
  const inner = heap(addresses);
  inner.allocate(beyond);
  const ends = new Map<number, number>();
  const words = (start: number, bytes: number) => new Int32Array(inner.memory.buffer, start, bytes / 4);
  const damage: string[] = [];
  const inspect = (address: number): void => {
    const end = ends.get(address)!;
    for (const [line, where] of [[address - LINE, "before"], [end, "after"]] as const) {
      const written = words(line, LINE).filter((word) => word !== mark(line)).length;
      if (written > 0) damage.push(`${written} words were written ${where} a block of ${end - address} bytes`);
      words(line, LINE).fill(mark(line));
    }
  };
  return {
    ...inner,
    allocate: (bytes) => {
      const size = Math.max(1, Math.ceil(bytes / LINE)) * LINE;
      const address = inner.allocate(size + 2 * LINE) + LINE;
      for (let line = address - LINE; line <= address + size; line += LINE) words(line, LINE).fill(mark(line));
      ends.set(address, address + size);
      return address;
    },
    release: (address) => {
      if (!ends.has(address)) return;
      inspect(address);
      ends.delete(address);
      inner.release(address - LINE);
    },
    check: () => {
      [...ends.keys()].forEach(inspect);
      assertEquals(damage.splice(0), []);
    },
  };
}

/** A device that checks the reads and writes of its kernels. */
export interface Guarded extends Device<WasmStorage> {
  /** Frees all blocks, and fails if a guard line was written. */
  readonly clear: () => void;
  /** Returns the number of jobs that were large enough for several threads. */
  readonly shared: () => number;
  readonly close: Pool["close"];
  readonly started: Pool["started"];
}

/** Where a guarded device begins, and what it computes with. */
export interface GuardedOptions {
  /** The first bytes of its memory, which stay unused; 0 by default. */
  readonly beyond?: number | undefined;
  readonly addresses?: Addresses | undefined;
  /** WebAssembly by default. */
  readonly technology?: Technology | undefined;
}

/** Returns a guarded device. */
export function guarded(threads: number, { beyond, addresses, technology }: GuardedOptions = {}): Guarded {
  const memory = guardedHeap(beyond, addresses);
  const workers = pool(memory, threads, technology?.caller);
  const live = new Set<WasmStorage>();
  const allocate = (length: number): WasmStorage => {
    const address = memory.allocate(length * 4);
    const place = [memory.memory.buffer, address, length] as const;
    const [floats, integers] = [new Float32Array(...place), new Int32Array(...place)];
    const storage = { device, length, address, floats, integers, freed: false };
    live.add(storage);
    return storage;
  };
  const free = (storage: WasmStorage): void => {
    storage.freed = true;
    live.delete(storage);
    memory.release(storage.address);
  };
  const put = (values: ArrayLike<number>, into: "floats" | "integers"): WasmStorage => {
    const block = allocate(values.length);
    block[into].set(values);
    return block;
  };
  let jobs = 0;
  const watched: Pool = {
    ...workers,
    run: (routine, count, grain, args) => {
      jobs += count > grain ? 1 : 0;
      workers.run(routine, count, grain, args);
    },
  };
  const engine: Engine = { allocate, threads, parallelFor: routines(memory, watched) };
  const wasm = kernelsOf(engine);
  const likeness: WasmDevice = wasmDevice({ threads: 1 });
  const device: Guarded = {
    ...likeness,
    threads,
    kernels: { ...wasm, ...technology?.kernels(wasm, engine, memory, watched) },
    upload: (values) => put(values, "floats"),
    uploadIndices: (values) => put(values, "integers"),
    free,
    clear: () => {
      live.forEach(free);
      memory.check();
    },
    shared: () => jobs,
    close: workers.close,
    started: workers.started,
  };
  return device;
}

/** Places of operands that need the whole width of an address. Unused memory costs nothing. */
export const far: readonly (readonly [name: string, bytes: number, addresses: Addresses, ignore: boolean])[] = [
  // There, an address is negative as a signed integer of 32 bits.
  ["2 GiB", 2 ** 31 + 2 ** 20, "i32", false],
  ["6 GiB", 6 * 2 ** 30, "i64", !reaches(7 * 2 ** 30)],
];

/** Returns whether this machine has a memory of so many bytes, at least of addresses. */
export function reaches(bytes: number): boolean {
  try {
    return heap("i64").allocate(bytes) > 0;
  } catch {
    return false;
  }
}

/** Guarded devices of one, two and five threads, for all tests of a file. */
export const guards: readonly Guarded[] = [1, 2, 5].map((threads) => guarded(threads));

/** Fails unless guarded devices agree with the reference to within `tolerance`, and write only their results. */
export function assertGuarded(
  run: (device: Device) => Storage | readonly Storage[],
  tolerance?: number,
  devices: readonly Guarded[] = guards,
): void {
  const expected = [run(reference)].flat().map((block) => reference.view(block as HostStorage)!);
  for (const device of devices) {
    const results = [run(device)].flat().map((block) => device.view(block as WasmStorage)!.slice());
    device.clear();
    assertEquals(results.length, expected.length);
    results.forEach((result, n) => assertClose(result, expected[n], tolerance));
  }
}
