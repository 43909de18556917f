/**
 * Lists of the first whole numbers.
 *
 * @module
 */

/** Returns 0, 1, … up to `count − 1`. A loop: it runs several times a training step, and `Int32Array.from` is far slower. */
export function range(count: number): Int32Array<ArrayBuffer> {
  const out = new Int32Array(count);
  for (let n = 0; n < count; n++) out[n] = n;
  return out;
}
