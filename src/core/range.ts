/**
 * Lists of the whole numbers from 0.
 *
 * @module
 */

/**
 * Returns 0, 1, … `count − 1`. It is called several times per training step, and a loop is far faster than
 * `Int32Array.from`.
 */
export function range(count: number): Int32Array<ArrayBuffer> {
  const out = new Int32Array(count);
  for (let n = 0; n < count; n++) out[n] = n;
  return out;
}
