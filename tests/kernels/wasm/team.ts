/**
 * Threads to test: a pool with a block of memory, routines for it, and functions that show which thread did which work.
 *
 * @module
 */
import { assert } from "deno-std/assert/assert.js";
import { type Code, i32, type Local, loop, type NewLocal } from "../../../kernels/wasm/assembler.ts";
import { type Heap, heap } from "../../../kernels/wasm/memory.ts";
import { compile } from "../../../kernels/wasm/module.ts";
import { type Assembled, type Pool, pool } from "../../../kernels/wasm/pool.ts";

/** A test must not leave resources, but for workers: they do not keep a process alive. */
export const strict = { sanitizeOps: true, sanitizeResources: true, sanitizeExit: true } as const;

/** `i32.store`, which no kernel needs. */
export const storeWord = (address: Code, value: Code): Code => [address, value, 0x36, 0, 0];
/** `unreachable`, which traps. */
export const unreachable: Code = [0x00];
/** Returns the address of a word in a list of words. */
export const word = (base: Local, index: Local): Code => i32.add(base.get, i32.shl(index.get, i32.const(2)));

/** Counts to 50,000, so that other threads take part too. */
export const dawdle = (newLocal: NewLocal): Code =>
  loop(newLocal("i32"), i32.const(0), i32.const(50_000), i32.const(1), []);

/** The code for the iterations `from` to `to − 1`. */
export type Body = (iterations: { from: Local; to: Local; scratch: Local; address: Local }, newLocal: NewLocal) => Code;

/** A pool with a block of words that its routines write. */
export interface Team {
  readonly memory: Heap;
  readonly workers: Pool;
  readonly words: Int32Array;
  readonly routine: (body: Body) => Assembled;
  /** Runs a routine on the address of the words. */
  readonly run: (routine: Assembled, count: number, piece: number) => void;
  /** Runs a job of 64 iterations, and returns the scratch address of the thread of each; 0 for no thread. */
  readonly signatures: () => Set<number>;
}

/** Returns a team with these counts of threads and words. */
export function team(threads: number, length = 64): Team {
  const memory = heap();
  const workers = pool(memory, threads);
  const address = memory.allocate(4 * length);
  const words = new Int32Array(memory.memory.buffer, address, length);
  let name = 0;
  const routine = (body: Body): Assembled => {
    const parameters = ["i32", "i32", "i32", "i32"] as const;
    const write = ([from, to, scratch, address]: readonly Local[], newLocal: NewLocal) =>
      body({ from, to, scratch, address }, newLocal);
    return { name: name++, ...compile({ parameters, body: write }, memory.memory) };
  };
  /** Writes the scratch address of the thread of each iteration, after a delay. */
  const sign = routine(({ from, to, scratch, address }, newLocal) => [
    dawdle(newLocal),
    loop(from, from.get, to.get, i32.const(1), storeWord(word(address, from), scratch.get)),
  ]);
  return {
    memory,
    workers,
    words,
    routine,
    run: (routine, count, piece) => workers.run(routine, count, piece, [address]),
    signatures: () => {
      words.fill(0);
      workers.run(sign, 64, 1, [address]);
      return new Set(words.subarray(0, 64));
    },
  };
}

/** Repeats a check until it holds, a few seconds at most, and returns whether it does. */
export async function until(holds: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 2000; tries++) {
    if (holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return false;
}

/** Fails unless every thread of a team takes part within a few seconds. */
export async function assertAllTakePart({ workers, signatures }: Team): Promise<void> {
  const seen = new Set<number>();
  const all = await until(() => {
    signatures().forEach((scratch) => seen.add(scratch));
    return seen.size === workers.threads && !seen.has(0);
  });
  assert(all, `of ${workers.threads} threads, ${seen.size} took part`);
}

/** Returns the scratch address of the calling thread, which runs a job of one iteration itself. */
export function mine({ words, routine, run }: Team): number {
  run(routine(({ scratch, address }) => storeWord(address.get, scratch.get)), 1, 1);
  return words[0];
}
