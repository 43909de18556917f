/**
 * The elementwise algebra as SIMD instructions on four floats. Exponentials and logarithms are a range reduction and a
 * polynomial; the coefficients are those of the Cephes library's single-precision functions (Moshier, 1992).
 *
 * @module
 */
import type { Algebra } from "../scalar.ts";
import { type Code, f32x4, i32x4, type NewLocal, v128 } from "./assembler.ts";

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

const constants = new WeakMap<NewLocal, Map<string, Code>>();

/**
 * Returns a constant in a local that is set once. Written in place, each loop would spend several instructions on it.
 */
function constantOf(newLocal: NewLocal, code: Code): Code {
  const known = constants.get(newLocal) ?? new Map<string, Code>();
  constants.set(newLocal, known);
  const found = known.get(`${code}`) ?? newLocal("v128", code).get;
  known.set(`${code}`, found);
  return found;
}

/** The instructions that the functions below are made of. Every result is kept in a local. */
interface Basics extends Omit<Algebra<Code>, "exp" | "log" | "log1p" | "tanh"> {
  /** Keeps the result of an instruction. */
  readonly keep: (code: Code) => Code;
  /** A constant of four equal integers. */
  readonly whole: (n: number) => Code;
  /** A polynomial in x, the coefficient of the highest power first. */
  readonly polynomial: (x: Code, coefficients: readonly number[]) => Code;
}

function basics(newLocal: NewLocal, statements: Code[]): Basics {
  const keep = (code: Code): Code => {
    const local = newLocal("v128");
    statements.push(local.set(code));
    return local.get;
  };
  const constant = (x: number) => constantOf(newLocal, f32x4.const(x));
  const binary = (op: (a: Code, b: Code) => Code) => (a: Code, b: Code) => keep(op(a, b));
  const unary = (op: (a: Code) => Code) => (a: Code) => keep(op(a));
  const [add, sub, mul, div] = [f32x4.add, f32x4.sub, f32x4.mul, f32x4.div].map(binary);
  const [min, max] = [f32x4.min, f32x4.max].map(binary);
  const [neg, abs, sqrt] = [f32x4.neg, f32x4.abs, f32x4.sqrt].map(unary);
  const fma = (a: Code, b: Code, c: Code) => keep(f32x4.madd(a, b, c));
  const where = (a: Code, b: Code, yes: Code, no: Code) => keep(v128.select(yes, no, f32x4.greater(a, b)));
  const polynomial = (x: Code, [first, ...rest]: readonly number[]) =>
    rest.reduce((sum, coefficient) => fma(sum, x, constant(coefficient)), constant(first) as Code);
  const whole = (n: number) => constantOf(newLocal, i32x4.const(n));
  const [zero, one] = [constant(0), constant(1)];
  return { zero, one, constant, add, sub, mul, div, fma, neg, abs, min, max, sqrt, where, keep, whole, polynomial };
}

/**
 * eˣ = 2ⁿ eʳ with n = ⌊x / ln 2⌉. Adding {@link ROUNDER} rounds n and leaves it in the lowest bits. 2ⁿ is a product of
 * two factors, so that results down to the smallest denormal are exact.
 */
function exponential({ keep, constant, whole, add, sub, mul, fma, polynomial }: Basics): Algebra<Code>["exp"] {
  /** 2ⁿ for whole n from −126 to 127, by writing the exponent bits. */
  const power = (n: Code) => i32x4.shiftLeft(i32x4.add(n, whole(127)), 23);
  return (a) => {
    const x = keep(f32x4.most(f32x4.least(a, constant(89)), constant(-105)));
    const shifted = fma(x, constant(Math.LOG2E), constant(ROUNDER));
    const n = sub(shifted, constant(ROUNDER));
    const r = fma(n, constant(-LN2[1]), fma(n, constant(-LN2[0]), x));
    const y = add(fma(polynomial(r, EXP), mul(r, r), r), constant(1));
    const exponent = keep(i32x4.sub(shifted, constant(ROUNDER)));
    const half = keep(i32x4.shiftRight(exponent, 1));
    return mul(mul(y, keep(power(half))), keep(power(i32x4.sub(exponent, half))));
  };
}

/** log x = log m + e ln 2 with x = m 2ᵉ and m in [√½, √2). */
function logarithm({ keep, constant, whole, add, sub, mul, fma, where, polynomial }: Basics): Algebra<Code>["log"] {
  return (a) => {
    const tiny = keep(f32x4.greater(constant(SMALLEST_NORMAL), a));
    const x = keep(v128.select(f32x4.mul(a, constant(2 ** 23)), a, tiny));
    const biased = i32x4.sub(i32x4.shiftRightUnsigned(x, 23), whole(126));
    const exponent = keep(f32x4.sub(f32x4.fromInt(biased), v128.and(tiny, constant(23))));
    const half = keep(v128.or(v128.and(x, whole(0x007fffff)), whole(0x3f000000)));
    const low = keep(f32x4.greater(constant(Math.SQRT1_2), half));
    const e = sub(exponent, keep(v128.and(low, constant(1))));
    const m = sub(add(half, keep(v128.and(low, half))), constant(1));
    const square = mul(m, m);
    const tail = fma(e, constant(LN2[1]), mul(mul(polynomial(m, LOG), square), m));
    const y = fma(e, constant(LN2[0]), add(fma(square, constant(-0.5), tail), m));
    const finite = where(a, constant(LARGEST), a, y);
    // a − ∞ is log 0 for a = 0, and NaN for a = NaN, which comparisons alone would lose.
    return where(a, constant(0), finite, where(constant(0), a, constant(NaN), sub(a, constant(Infinity))));
  };
}

/** log(1 + x) = log u + (x − (u − 1)) / u with u = 1 + x as rounded: the second term restores what rounding lost. */
function logarithmPlusOne({ constant, add, sub, div, where }: Basics, log: Algebra<Code>["log"]): typeof log {
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
function hyperbolicTangent(
  { keep, constant, whole, add, sub, mul, div, fma, abs, where, polynomial }: Basics,
  exp: Algebra<Code>["exp"],
): typeof exp {
  return (x) => {
    const size = abs(x);
    const large = sub(constant(1), div(constant(2), add(exp(add(size, size)), constant(1))));
    const square = mul(x, x);
    const small = fma(mul(polynomial(square, TANH), square), x, x);
    return keep(v128.or(where(size, constant(0.625), large, small), v128.and(x, whole(0x80000000 | 0))));
  };
}

/**
 * Returns the algebra that writes instructions: a value is code that leaves it on the stack. Every result goes to a
 * local, appended to `statements` in order, so values may be used more than once.
 */
export function vectors(newLocal: NewLocal, statements: Code[]): Algebra<Code> {
  const base = basics(newLocal, statements);
  const [exp, log] = [exponential(base), logarithm(base)];
  return { ...base, exp, log, log1p: logarithmPlusOne(base, log), tanh: hyperbolicTangent(base, exp) };
}
