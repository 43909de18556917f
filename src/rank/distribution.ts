/**
 * The two-sided tails of the normal distribution and of Student's t-distribution. Small tails are summed directly, so
 * that small probabilities keep their digits.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";

/** Terms below this share of the sum are not added. */
const NEGLIGIBLE = 2 ** -54;

/**
 * Returns P(|Z| ≥ z) = erfc(z / √2) of a standard normal Z: for z up to 3 by the series of its complement, and above by
 * the continued fraction of Laplace.
 */
export function normalTail(z: number): number {
  const x = Math.abs(z);
  const density = Math.sqrt(2 / Math.PI) * Math.exp(-x * x / 2);
  if (x > 3) {
    let fraction = x;
    for (let k = 120; k > 0; k--) fraction = x + k / fraction;
    return density / fraction;
  }
  // P(|Z| < x) = φ Σ x^(2k+1) / (1·3·…·(2k + 1))
  let [term, sum] = [x, 0];
  for (let k = 1; term > NEGLIGIBLE * sum; k++) {
    sum += term;
    term *= x * x / (2 * k + 1);
  }
  return 1 - density * sum;
}

/**
 * Returns P(|T| ≥ t) of a T with Student's t-distribution with a whole number of degrees of freedom. With θ = atan(t /
 * √ν) it is sin θ · Σ over m = ν, ν + 2, … of c(m) cosᵐ θ, with c(m + 2) = c(m) (m + 1) / (m + 2), c(0) = 1 and c(1) =
 * 2 / π; the sum over smaller m (with 2θ/π for odd ν) is the rest of 1 (Abramowitz and Stegun, 26.7.3 and 26.7.4). It
 * is 0 for an infinite t.
 *
 * @throws {ValueError} if the degrees of freedom are not a whole number above 0.
 */
export function studentTail(t: number, freedom: number): number {
  if (!(Number.isSafeInteger(freedom) && freedom > 0)) {
    throw new ValueError(`Cannot studentTail with ${freedom} degrees of freedom: a whole number above 0 is needed`);
  }
  if (!Number.isFinite(t)) return Number.isNaN(t) ? NaN : 0;
  const length = Math.hypot(Math.sqrt(freedom), t);
  const [sin, cos] = [Math.abs(t) / length, Math.sqrt(freedom) / length];
  const odd = freedom % 2;
  let term = odd ? 2 / Math.PI * cos : 1;
  let below = 0;
  for (let m = odd; m < freedom; m += 2) {
    below += term;
    term *= cos * cos * (m + 1) / (m + 2);
  }
  // Near the middle the terms of the tail fall slowly, and 1 − … loses few digits there.
  if (Math.abs(t) < 1) return 1 - sin * below - odd * 2 / Math.PI * Math.atan2(sin, cos);
  let above = 0;
  for (let m = freedom; term > NEGLIGIBLE * above; m += 2) {
    above += term;
    term *= cos * cos * (m + 1) / (m + 2);
  }
  return sin * above;
}
