/**
 * The engine of the native device: the memory, the blocks and the threads of a WebAssembly device, and routines in
 * machine code.
 *
 * @module
 */
import type { Heap } from "../wasm/memory.ts";
import type { Assembled, Pool } from "../wasm/pool.ts";
import type { Engine } from "../wasm/storage.ts";
import { caller, execute, library } from "./pages.ts";
import { assemble, type Routine } from "./routine.ts";
import type { Vectors } from "./vectors.ts";

/** An engine that runs machine code. */
export type NativeEngine = Engine<Routine>;

/** The addresses of routines in this process, by instruction set and key: all devices share the pages. */
const addresses = new Map<string, number>();

/** Returns the {@link Engine.parallelFor} of a heap, the threads that share it, and an instruction set. */
export function nativeRoutines({ memory }: Heap, threads: Pool, set: Vectors): NativeEngine["parallelFor"] {
  const callOf = caller(memory.buffer, library());
  const known = new Map<string, Assembled>();
  const routineOf = (key: string, write: () => Routine): Assembled => {
    const name = `${set.name} ${key}`;
    const address = addresses.get(name) ?? execute(assemble(write(), set));
    addresses.set(name, address);
    // WebAssembly's routines have the names from 0.
    return { name: -1 - known.size, code: address, run: callOf(address) };
  };
  return (key, write, { count, grain }, args) => {
    const found = known.get(key) ?? routineOf(key, write);
    known.set(key, found);
    threads.run(found, count, grain, args);
  };
}
