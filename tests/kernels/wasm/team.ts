/**
 * Threads to test: a pool with a block of memory, routines for it, and ways to see who did what.
 *
 * @module
 */
import { assert } from "deno-std/assert/assert.js";
import { type Code, i32, type Local, loop, type NewLocal } from "../../../kernels/wasm/assembler.ts";
import { type Heap, heap } from "../../../kernels/wasm/memory.ts";
import { compile } from "../../../kernels/wasm/module.ts";
import { type Assembled, type Pool, pool } from "../../../kernels/wasm/pool.ts";

/** Nothing of a test may be left when it ends. Workers may: they keep nothing alive. */
export const strict = { sanitizeOps: true, sanitizeResources: true, sanitizeExit: true } as const;

/** `i32.store`, which no kernel needs. */
export const storeWord = (address: Code, value: Code): Code => [address, value, 0x36, 0, 0];
/** `unreachable`, which traps. */
export const unreachable: Code = [0x00];
/** The address of a word in a list of them. */
export const word = (base: Local, index: Local): Code => i32.add(base.get, i32.shl(index.get, i32.const(2)));

/** Counts to 50,000, so that others come to take a piece too. */
export const dawdle = (newLocal: NewLocal): Code =>
  loop(newLocal("i32"), i32.const(0), i32.const(50_000), i32.const(1), []);

/** What is done with a piece, from the first number to the last but one. */
export type Body = (piece: { from: Local; to: Local; scratch: Local; address: Local }, newLocal: NewLocal) => Code;

/** A pool with a block of words for its routines to write to, and what a test does with it. */
export interface Team {
  readonly memory: Heap;
  readonly workers: Pool;
  readonly words: Int32Array;
  readonly routine: (body: Body) => Assembled;
  /** Runs a routine, which is given the address of the words. */
  readonly run: (routine: Assembled, count: number, piece: number) => void;
  /** Runs a job of 64 pieces, and returns the addresses of the scratch memory of those who did them; 0 for nobody. */
  readonly signatures: () => Set<number>;
}

/** Returns a pool of so many threads, and so many words. */
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
  /** Writes the address of the scratch memory of whoever does a piece, after some dawdling. */
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

/** Repeats something until it holds, a few seconds at most, and returns whether it came to that. */
export async function until(holds: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 2000; tries++) {
    if (holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return false;
}

/** Fails unless every thread of a team does a piece sooner or later. */
export async function assertAllTakePart({ workers, signatures }: Team): Promise<void> {
  const seen = new Set<number>();
  const all = await until(() => {
    signatures().forEach((scratch) => seen.add(scratch));
    return seen.size === workers.threads && !seen.has(0);
  });
  assert(all, `of ${workers.threads} threads, ${seen.size} took part`);
}

/** Returns the address of the calling thread's scratch memory: a job of one piece is its own. */
export function mine({ words, routine, run }: Team): number {
  run(routine(({ scratch, address }) => storeWord(address.get, scratch.get)), 1, 1);
  return words[0];
}
