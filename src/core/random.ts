/**
 * Random numbers from keys: every function that draws takes a {@link Key}, and the same key always gives the same
 * numbers.
 *
 * The generator is Threefry-2x32 with 20 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC
 * 2011). It is counter-based: the i-th number depends on the key and on i only, so a longer draw begins with the
 * shorter one.
 *
 * @module
 */
import { KindError, ValueError } from "../../kernels/errors.ts";
import { type Key, reference } from "../../kernels/mod.ts";
import { encrypt } from "../../kernels/reference/random.ts";
import { range } from "./range.ts";

export type { Key } from "../../kernels/mod.ts";

/**
 * Returns the key, after checking that it is a key: code without type checks may pass the number of a seed.
 *
 * @throws {KindError} if it is no key.
 */
export function checkedKey(caller: string, source: Key): Key {
  const given: unknown = source;
  if (typeof given === "object" && given !== null && "high" in given && "low" in given) return source;
  const rule = typeof given === "number" ? `write key(${given})` : "make one with key(seed)";
  throw new KindError(`Cannot call ${caller}() with ${JSON.stringify(given)} as its key: ${rule}`);
}

/**
 * Returns the counter `(x, y)` encrypted under a key, as two unsigned 32-bit words: the Threefry-2x32-20 block
 * function.
 *
 * @throws {KindError} if the key is no key.
 *
 * @example
 * ```ts
 * import { threefry } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(threefry({ high: 0, low: 0 }, 0, 0), [0x6b200159, 0x99ba4efe]);
 * ```
 */
export function threefry(source: Key, x: number, y: number): [number, number] {
  checkedKey("threefry", source);
  const [a, b] = encrypt(source, x, y, new Uint32Array(2));
  return [a, b];
}

/**
 * Returns the key of a seed. Different seeds give unrelated numbers.
 *
 * @throws {ValueError} if the seed is not a whole number from 0 to 2⁵³ − 1.
 *
 * @example
 * ```ts
 * import { integers, key } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(integers(key(1), 3, 10), integers(key(1), 3, 10));
 * ```
 */
export function key(seed: number): Key {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new ValueError(`Cannot make a key of ${seed}: a seed is a whole number from 0 to 2^53 - 1`);
  }
  return { high: Math.floor(seed / 2 ** 32), low: seed >>> 0 };
}

/**
 * Returns the key number `data` of `parent`. Epochs, steps or items can have a key each, and each key is computed by
 * itself.
 *
 * @param data A whole number, at most 2⁵³ − 1 in size.
 * @throws {KindError} if the parent is no key.
 *
 * @example
 * ```ts
 * import { foldIn, key, split } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(foldIn(key(7), 1), split(key(7), 3)[1]);
 * ```
 */
export function foldIn(parent: Key, data: number): Key {
  checkedKey("foldIn", parent);
  const [high, low] = threefry(parent, Math.floor(data / 2 ** 32) ^ 0x80000000, data >>> 0);
  return { high, low };
}

/**
 * Returns `count` unrelated keys; 2 by default. Use a key for one draw, or split it, but never both.
 *
 * @throws {KindError} if the parent is no key.
 *
 * @example
 * ```ts
 * import { key, normalArray, split } from "@giverny/giverny/core";
 * import { notDeepEqual } from "node:assert/strict";
 * const [a, b] = split(key(7));
 * notDeepEqual(normalArray(a, 3), normalArray(b, 3));
 * ```
 */
export function split(parent: Key, count = 2): Key[] {
  checkedKey("split", parent);
  return Array.from({ length: count }, (_, i) => foldIn(parent, i));
}

/**
 * Returns `count` independent 32-bit words.
 *
 * @throws {KindError} if the key is no key.
 *
 * @example
 * ```ts
 * import { bits, key } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(bits(key(1), 4).subarray(0, 2), bits(key(1), 2));
 * ```
 */
export function bits(source: Key, count: number): Uint32Array<ArrayBuffer> {
  checkedKey("bits", source);
  return encrypt(source, 0, 0, new Uint32Array(count + (count & 1))).subarray(0, count);
}

/**
 * Returns `count` numbers drawn uniformly from [0, 1), each a multiple of 2⁻²⁴ and so exact in 32-bit floats.
 *
 * @throws {KindError} if the key is no key.
 *
 * @example
 * ```ts
 * import { key, uniformArray } from "@giverny/giverny/core";
 * import { ok } from "node:assert/strict";
 * ok(uniformArray(key(1), 100).every((u) => u >= 0 && u < 1));
 * ```
 */
export function uniformArray(source: Key, count: number): Float32Array {
  checkedKey("uniformArray", source);
  return reference.kernels.uniforms(source, count).floats;
}

/**
 * Returns `count` standard normal numbers, by the transform of Box and Muller (1958).
 *
 * @throws {KindError} if the key is no key.
 *
 * @example
 * ```ts
 * import { key, normalArray } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(normalArray(key(1), 4).subarray(0, 2), normalArray(key(1), 2));
 * ```
 */
export function normalArray(source: Key, count: number): Float32Array<ArrayBuffer> {
  checkedKey("normalArray", source);
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
 * Returns `count` whole numbers drawn uniformly from 0 to `bound − 1`. The probabilities of two numbers differ by at
 * most the share `bound / 2³²`.
 *
 * @throws {KindError} if the key is no key.
 *
 * @example
 * ```ts
 * import { integers, key } from "@giverny/giverny/core";
 * import { ok } from "node:assert/strict";
 * ok(integers(key(1), 100, 6).every((n) => n >= 0 && n < 6));
 * ```
 */
export function integers(source: Key, count: number, bound: number): Int32Array<ArrayBuffer> {
  checkedKey("integers", source);
  const words = bits(source, count);
  const out = new Int32Array(count);
  for (let i = 0; i < count; i++) out[i] = Math.floor(words[i] * 2 ** -32 * bound);
  return out;
}

/**
 * Returns `count` different whole numbers from 0 to `bound − 1` in random order: the first steps of a Fisher–Yates
 * shuffle. By default it returns a permutation of all of them.
 *
 * @throws {ValueError} if `count` is larger than `bound`.
 * @throws {KindError} if the key is no key.
 *
 * @example
 * ```ts
 * import { choose, key } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * deepEqual([...choose(key(1), 3)].sort(), [0, 1, 2]);
 * ```
 */
export function choose(source: Key, bound: number, count: number = bound): Int32Array<ArrayBuffer> {
  checkedKey("choose", source);
  if (count > bound) {
    throw new ValueError(`Cannot choose ${count} of ${bound} numbers: the count must not exceed the bound`);
  }
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
