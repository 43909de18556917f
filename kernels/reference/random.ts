/**
 * The random generator as its definition: Threefry-2x32 with 20 rounds (Salmon et al., "Parallel random numbers: as
 * easy as 1, 2, 3", SC 2011). It is counter based: the i-th number of a key is computed from i alone.
 *
 * @module
 */
import type { HostStorage, Kernels, Key } from "../device.ts";
import type { Allocate } from "./storage.ts";

/** The bits by which each round rotates its second word; after eight rounds the list repeats. */
export const ROTATIONS: readonly number[] = [13, 15, 26, 6, 17, 29, 16, 24];
/** The number of rounds. The key is added after every fourth. */
export const ROUNDS = 20;

/** Returns the words that are added to the counter in turn: the words of the key, and their parity. */
export function schedule({ high, low }: Key): readonly [number, number, number] {
  return [high | 0, low | 0, high ^ low ^ 0x1BD11BDA];
}

/** Fills pairs of words with the encrypted counters (x, y), (x, y + 1), and so on. */
export function encrypt(key: Key, x: number, y: number, out: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const words = schedule(key);
  for (let i = 0; i < out.length; i += 2) {
    let a = (x + words[0]) | 0;
    let b = (y + i / 2 + words[1]) | 0;
    for (let round = 0; round < ROUNDS; round++) {
      const turn = ROTATIONS[round % 8];
      a = (a + b) | 0;
      b = (b << turn | b >>> (32 - turn)) ^ a;
      if (round % 4 < 3) continue;
      const group = (round + 1) / 4;
      a = (a + words[group % 3]) | 0;
      b = (b + words[(group + 1) % 3] + group) | 0;
    }
    out[i] = a;
    out[i + 1] = b;
  }
  return out;
}

/** See {@link Kernels.uniforms}. */
export function uniforms(allocate: Allocate): Kernels<HostStorage>["uniforms"] {
  return (key, count) => {
    const words = encrypt(key, 0, 0, new Uint32Array(count + count % 2));
    const out = allocate(count);
    for (let i = 0; i < count; i++) out.floats[i] = (words[i] >>> 8) * 2 ** -24;
    return out;
  };
}
