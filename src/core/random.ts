/**
 * Randomness as a value: every draw takes a {@link Key}, and the same key always gives the same numbers.
 *
 * The generator is Threefry-2x32 with 20 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 * It is counter based: the i-th number of a key is computed from i alone, so a longer draw begins with a shorter one.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { type Key, reference } from "../../kernels/mod.ts";
import { encrypt } from "../../kernels/reference/random.ts";
import { range } from "./range.ts";

export type { Key } from "../../kernels/mod.ts";

/**
 * Encrypts the counter `(x, y)` under a key: the Threefry-2x32-20 block function. Returns two unsigned 32-bit words.
 *
 * @example
 * ```ts
 * import { threefry } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * assertEquals(threefry({ high: 0, low: 0 }, 0, 0), [0x6b200159, 0x99ba4efe]);
 * ```
 */
export function threefry(source: Key, x: number, y: number): [number, number] {
  const [a, b] = encrypt(source, x, y, new Uint32Array(2));
  return [a, b];
}

/**
 * Returns the key of a seed, a whole number from 0 to 2⁵³ − 1.
 *
 * @throws {ValueError} if the seed is not such a number.
 */
export function key(seed: number): Key {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new ValueError(`Cannot make a key of ${seed}: a seed is a whole number from 0 to 2^53 - 1`);
  }
  return { high: Math.floor(seed / 2 ** 32), low: seed >>> 0 };
}

/**
 * Returns the key that belongs to a whole number `data` under `parent`: one per epoch, step or item, say, without making
 * the others.
 */
export function foldIn(parent: Key, data: number): Key {
  const [high, low] = threefry(parent, Math.floor(data / 2 ** 32) ^ 0x80000000, data >>> 0);
  return { high, low };
}

/**
 * Returns `count` unrelated keys. Use a key for one draw, or split it; never both.
 *
 * @example
 * ```ts
 * import { key, normalArray, split } from "@giverny/giverny";
 * import { assertNotEquals } from "deno-std/assert/not_equals.js";
 * const [a, b] = split(key(7));
 * assertNotEquals(normalArray(a, 3), normalArray(b, 3));
 * ```
 */
export function split(parent: Key, count = 2): Key[] {
  return Array.from({ length: count }, (_, i) => foldIn(parent, i));
}

/** Returns `count` independent 32-bit words. */
export function bits(source: Key, count: number): Uint32Array<ArrayBuffer> {
  return encrypt(source, 0, 0, new Uint32Array(count + (count & 1))).subarray(0, count);
}

/** Returns `count` numbers drawn uniformly from [0, 1), each a multiple of 2⁻²⁴ and so exact in 32-bit floats. */
export function uniformArray(source: Key, count: number): Float32Array {
  return reference.kernels.uniforms(source, count).floats;
}

/** Returns `count` standard normal numbers, by the transform of Box and Muller (1958). */
export function normalArray(source: Key, count: number): Float32Array<ArrayBuffer> {
  const words = bits(source, count + (count & 1));
  const out = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const radius = Math.sqrt(-2 * Math.log((words[i & ~1] + 1) * 2 ** -32));
    const angle = 2 * Math.PI * words[i | 1] * 2 ** -32;
    out[i] = radius * (i & 1 ? Math.sin(angle) : Math.cos(angle));
  }
  return out;
}

/**
 * Returns `count` whole numbers drawn uniformly from 0 to `bound − 1`. No number is likelier than another by more than
 * `bound / 2³²` of its probability.
 */
export function integers(source: Key, count: number, bound: number): Int32Array<ArrayBuffer> {
  const words = bits(source, count);
  const out = new Int32Array(count);
  for (let i = 0; i < count; i++) out[i] = Math.floor(words[i] * 2 ** -32 * bound);
  return out;
}

/**
 * Returns `count` different whole numbers from 0 to `bound − 1` in random order (the first steps of a Fisher–Yates
 * shuffle). With `count` left out, a permutation of all of them.
 *
 * @throws {ValueError} if more are asked for than there are.
 */
export function choose(source: Key, bound: number, count: number = bound): Int32Array<ArrayBuffer> {
  if (count > bound) throw new ValueError(`Cannot choose ${count} of ${bound}: there are not that many`);
  const words = bits(source, count);
  const order = range(bound);
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(words[i] * 2 ** -32 * (bound - i));
    const other = order[j];
    order[j] = order[i];
    order[i] = other;
  }
  return order.slice(0, count);
}
