/**
 * Exponentials and logarithms of vectors, for machines that have neither: a range reduction and a polynomial. The
 * coefficients are those of the Cephes library's single-precision functions (Moshier, 1992).
 *
 * @module
 */
import type { Algebra } from "./scalar.ts";

const EXP = [1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1];
const LOG = [
  7.0376836292e-2,
  -1.1514610310e-1,
  1.1676998740e-1,
  -1.2420140846e-1,
  1.4249322787e-1,
  -1.6668057665e-1,
  2.0000714765e-1,
  -2.4999993993e-1,
  3.3333331174e-1,
];
const TANH = [-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1];
/** ln 2 in two parts; the first has few bits, so that its product with a small integer is exact. */
const LN2 = [0.693359375, -2.12194440e-4];
/** 1.5 · 2²³: floats of this size are whole numbers. */
const ROUNDER = 12582912;
const LARGEST = 3.4028234663852886e38;
const SMALLEST_NORMAL = 1.1754943508222875e-38;

/** The instructions that the functions are made of: on floats, and on the same 32 bits as whole numbers. */
export interface Lanes<V> extends Omit<Algebra<V>, "exp" | "log" | "log1p" | "tanh"> {
  /** The same whole number in all lanes. */
  readonly whole: (n: number) => V;
  /** b where b < a, else a. NaN in `a` stays; NaN in `b` is ignored. */
  readonly least: (a: V, b: V) => V;
  /** b where b > a, else a. NaN in `a` stays; NaN in `b` is ignored. */
  readonly most: (a: V, b: V) => V;
  /** All bits of a lane are set where a > b. */
  readonly greater: (a: V, b: V) => V;
  /** Bits of `yes` where the lane of the mask is set, else of `no`. */
  readonly select: (mask: V, yes: V, no: V) => V;
  readonly and: (a: V, b: V) => V;
  readonly or: (a: V, b: V) => V;
  readonly addInt: (a: V, b: V) => V;
  readonly subInt: (a: V, b: V) => V;
  /** Whole numbers to floats. */
  readonly fromInt: (a: V) => V;
  readonly shiftLeft: (a: V, by: number) => V;
  readonly shiftRight: (a: V, by: number) => V;
  readonly shiftRightUnsigned: (a: V, by: number) => V;
}

type Unary<V> = (a: V) => V;

/** Returns the whole algebra of a machine with these instructions. */
export function withTranscendentals<V>(lanes: Lanes<V>): Algebra<V> {
  const [exp, log] = [exponential(lanes), logarithm(lanes)];
  return { ...lanes, exp, log, log1p: logarithmPlusOne(lanes, log), tanh: hyperbolicTangent(lanes, exp) };
}

/** A polynomial in x, the coefficient of the highest power first. */
function polynomial<V>({ fma, constant }: Lanes<V>, x: V, [first, ...rest]: readonly number[]): V {
  return rest.reduce((sum, coefficient) => fma(sum, x, constant(coefficient)), constant(first));
}

/**
 * eˣ = 2ⁿ eʳ with n = ⌊x / ln 2⌉. Adding {@link ROUNDER} rounds n and leaves it in the lowest bits. 2ⁿ is a product of
 * two factors, so that results down to the smallest denormal are exact.
 */
function exponential<V>(lanes: Lanes<V>): Unary<V> {
  const { constant, whole, add, sub, mul, fma, least, most, addInt, subInt, shiftLeft, shiftRight } = lanes;
  /** 2ⁿ for whole n from −126 to 127, by writing the exponent bits. */
  const power = (n: V) => shiftLeft(addInt(n, whole(127)), 23);
  return (a) => {
    const x = most(least(a, constant(89)), constant(-105));
    const shifted = fma(x, constant(Math.LOG2E), constant(ROUNDER));
    const n = sub(shifted, constant(ROUNDER));
    const r = fma(n, constant(-LN2[1]), fma(n, constant(-LN2[0]), x));
    const y = add(fma(polynomial(lanes, r, EXP), mul(r, r), r), constant(1));
    const exponent = subInt(shifted, constant(ROUNDER));
    const half = shiftRight(exponent, 1);
    return mul(mul(y, power(half)), power(subInt(exponent, half)));
  };
}

/** log x = log m + e ln 2 with x = m 2ᵉ and m in [√½, √2). */
function logarithm<V>(lanes: Lanes<V>): Unary<V> {
  const { constant, whole, add, sub, mul, fma, where, greater, select, and, or, subInt } = lanes;
  return (a) => {
    const tiny = greater(constant(SMALLEST_NORMAL), a);
    const x = select(tiny, mul(a, constant(2 ** 23)), a);
    const biased = subInt(lanes.shiftRightUnsigned(x, 23), whole(126));
    const exponent = sub(lanes.fromInt(biased), and(tiny, constant(23)));
    const half = or(and(x, whole(0x007fffff)), whole(0x3f000000));
    const low = greater(constant(Math.SQRT1_2), half);
    const e = sub(exponent, and(low, constant(1)));
    const m = sub(add(half, and(low, half)), constant(1));
    const square = mul(m, m);
    const tail = fma(e, constant(LN2[1]), mul(mul(polynomial(lanes, m, LOG), square), m));
    const y = fma(e, constant(LN2[0]), add(fma(square, constant(-0.5), tail), m));
    const finite = where(a, constant(LARGEST), a, y);
    // a − ∞ is log 0 for a = 0, and NaN for a = NaN, which comparisons alone would lose.
    return where(a, constant(0), finite, where(constant(0), a, constant(NaN), sub(a, constant(Infinity))));
  };
}

/** log(1 + x) = log u + (x − (u − 1)) / u with u = 1 + x as rounded: the second term restores what rounding lost. */
function logarithmPlusOne<V>({ constant, add, sub, div, where }: Lanes<V>, log: Unary<V>): Unary<V> {
  return (x) => {
    const u = add(constant(1), x);
    const y = log(u);
    const corrected = add(y, div(sub(x, sub(u, constant(1))), u));
    return where(u, constant(0), where(x, constant(LARGEST), x, corrected), y);
  };
}

/**
 * tanh x = 1 − 2 / (e²ˣ + 1), and a polynomial near 0. The sign of x is restored at the end, since −0 would lose it.
 */
function hyperbolicTangent<V>(lanes: Lanes<V>, exp: Unary<V>): Unary<V> {
  const { constant, whole, add, sub, mul, div, fma, abs, where, and, or } = lanes;
  return (x) => {
    const size = abs(x);
    const large = sub(constant(1), div(constant(2), add(exp(add(size, size)), constant(1))));
    const square = mul(x, x);
    const small = fma(mul(polynomial(lanes, square, TANH), square), x, x);
    return or(where(size, constant(0.625), large, small), and(x, whole(0x80000000 | 0)));
  };
}
