/**
 * SHA-256 of bytes that come in parts (FIPS 180-4). The platform's own digest takes all bytes at once.
 *
 * @module
 */

/** Returns the first 32 bits of the fraction of a root of each of the first primes. */
function rootsOfPrimes(count: number, root: (x: number) => number): Uint32Array {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return Uint32Array.from(primes, (prime) => (root(prime) % 1) * 2 ** 32);
}

const START = rootsOfPrimes(8, Math.sqrt);
const ROUNDS = rootsOfPrimes(64, Math.cbrt);
const BLOCK = 64;

/** Returns the SHA-256 of the bytes of all parts, one part after the other. */
export async function sha256(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const state = START.slice();
  const rest = new Uint8Array(BLOCK);
  let length = 0, held = 0;
  const add = (bytes: Uint8Array): void => {
    length += bytes.length;
    let at = 0;
    if (held > 0) {
      at = Math.min(BLOCK - held, bytes.length);
      rest.set(bytes.subarray(0, at), held);
      held += at;
      if (held < BLOCK) return;
      compress(state, rest, 0);
    }
    for (; at + BLOCK <= bytes.length; at += BLOCK) compress(state, bytes, at);
    rest.set(bytes.subarray(at));
    held = bytes.length - at;
  };
  for await (const part of parts) add(part);
  const bits = length * 8;
  const padding = new Uint8Array((held < 56 ? 64 : 128) - held);
  padding[0] = 0x80;
  const end = new DataView(padding.buffer, padding.length - 8);
  end.setUint32(0, Math.floor(bits / 2 ** 32));
  end.setUint32(4, bits >>> 0);
  add(padding);
  const digest = new Uint8Array(32);
  state.forEach((word, i) => new DataView(digest.buffer).setUint32(4 * i, word));
  return digest;
}

const words = new Uint32Array(64);

/** Takes the 64 bytes from `at` on into the state. */
function compress(state: Uint32Array, bytes: Uint8Array, at: number): void {
  for (let i = 0; i < 16; i++, at += 4) {
    words[i] = bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3];
  }
  for (let i = 16; i < 64; i++) {
    const x = words[i - 15], y = words[i - 2];
    const low = (x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3;
    const high = (y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10;
    words[i] = words[i - 16] + low + words[i - 7] + high;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const upper = (e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7);
    const first = h + upper + (e & f ^ ~e & g) + ROUNDS[i] + words[i] | 0;
    const lower = (a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10);
    const second = lower + (a & b ^ a & c ^ b & c) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, d + first | 0, c, b, a, first + second | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => state[i] += word);
}
