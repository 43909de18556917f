/**
 * NumPy's legacy random generator. It repeats splits of released codes bit for bit; all other random numbers come
 * from a `Key`.
 *
 * @module
 */

const WORDS = 624;
const SHIFT = 397;

/**
 * Returns the 32-bit Mersenne Twister of a seed (Matsumoto and Nishimura, "Mersenne Twister", TOMACS 1998): a function
 * that returns the next unsigned word at each call, the same words as after `numpy.random.seed(seed)`.
 */
export function mersenneTwister(seed: number): () => number {
  const state = new Uint32Array(WORDS);
  state[0] = seed;
  for (let i = 1; i < WORDS; i++) state[i] = Math.imul(1812433253, state[i - 1] ^ (state[i - 1] >>> 30)) + i;
  let next = WORDS;
  return () => {
    if (next === WORDS) next = twist(state);
    let y = state[next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
}

/**
 * Returns `count` different numbers of 0 to `bound − 1` in the order of `numpy.random.choice(bound, count,
 * replace=False)`: the head of a shuffle that runs from the end, whose draws from 0 to i repeat masked words until
 * one is at most i.
 */
export function numpyChoice(word: () => number, bound: number, count: number): number[] {
  const order = Array.from({ length: bound }, (_, i) => i);
  for (let i = bound - 1; i > 0; i--) {
    const mask = 2 ** (32 - Math.clz32(i)) - 1;
    let j = word() & mask;
    while (j > i) j = word() & mask;
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order.slice(0, count);
}

function twist(state: Uint32Array): 0 {
  for (let i = 0; i < WORDS; i++) {
    const y = (state[i] & 0x80000000) | (state[(i + 1) % WORDS] & 0x7fffffff);
    state[i] = state[(i + SHIFT) % WORDS] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
  }
  return 0;
}
