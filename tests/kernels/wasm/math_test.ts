/** Tests of the approximations: their distance from the true values, over the whole range of 32-bit floats. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { type Formula, formula, wasm } from "../../../kernels/mod.ts";

/** A function to approximate. */
interface Approximated {
  readonly formula: Formula;
  readonly exact: (x: number) => number;
  /**
   * The largest error, rounded up to a half, in units of the last place of a 32-bit float of the true size: 2⁻¹⁴⁹ for
   * denormals. Found with 2²⁵ floats spread evenly over all 2³², with fused multiply-add and without. It holds for
   * every operand; a result beyond the largest float counts as 2¹²⁸.
   */
  readonly bound: number;
}

const functions: Readonly<Record<string, Approximated>> = {
  // 1.01, at −5.8.
  exp: { formula: formula("exp", ({ exp }) => exp), exact: Math.exp, bound: 1.5 },
  // 0.76, at 0.63.
  log: { formula: formula("log", ({ log }) => log), exact: Math.log, bound: 1 },
  // 1.44, at −9 · 10⁻⁸: 1 + x has few bits left of x.
  log1p: { formula: formula("log1p", ({ log1p }) => log1p), exact: Math.log1p, bound: 1.5 },
  // 1.32, at 0.63, where the polynomial ends.
  tanh: { formula: formula("tanh", ({ tanh }) => tanh), exact: Math.tanh, bound: 1.5 },
  // One instruction, which is correctly rounded.
  sqrt: { formula: formula("sqrt", ({ sqrt }) => sqrt), exact: Math.sqrt, bound: 0.5 },
  // 1.50, just above powers of 4: a root that is rounded, and a quotient.
  rsqrt: {
    formula: formula("rsqrt", ({ one, div, sqrt }) => (x) => div(one, sqrt(x))),
    exact: (x) => 1 / Math.sqrt(x),
    bound: 1.5,
  },
};

function evaluate({ formula }: Approximated, x: Float32Array): Float32Array {
  const device = wasm();
  const block = device.upload(x);
  const [out] = device.kernels.map(formula, [{ storage: block, extent: "both" }], [], { rows: 1, columns: x.length });
  const y = Float32Array.from(out.floats);
  [block, out].forEach(device.free);
  return y;
}

const BEYOND = 2 ** 128;
const clamp = (x: number): number => Math.max(-BEYOND, Math.min(BEYOND, x));
/** Returns the distance in units of the last place; ∞ if only one number is NaN. */
function ulps(actual: number, exact: number): number {
  if (actual === exact || Number.isNaN(actual) && Number.isNaN(exact)) return 0;
  const exponent = Math.max(-126, Math.min(127, Math.floor(Math.log2(Math.abs(exact)))));
  const distance = Math.abs(clamp(actual) - clamp(exact)) / 2 ** (exponent - 23);
  return Number.isNaN(distance) ? Infinity : distance;
}

const COUNT = 2 ** 21;
/** Every 2,049th float: odd, so that the last bits differ too. Every exponent of both signs occurs 4,096 times. */
const STRIDE = 2049;
const range = new Float32Array(Uint32Array.from({ length: COUNT }, (_, i) => Math.imul(i, STRIDE) >>> 0).buffer);
/** The ranges in which these functions change most: −110 to 110, and close to 0 and to 1. */
const busy = Float32Array.from(
  { length: 400_000 },
  (_, i) => [(i - 2e5) * 5.5e-4, (i - 2e5) * 1e-5, (i - 2e5) * 1e-8, 1 + (i - 2e5) * 1e-6][i % 4],
);

Deno.test("the floats of the test have every exponent, with both signs, and NaN", () => {
  const words = new Uint32Array(range.buffer);
  const met = new Uint32Array(512);
  for (const word of words) met[word >>> 23]++;
  assert(met.every((times) => times >= 4000));
  assert(new Set(words.map((word) => word & 0xff)).size === 256);
});

for (const [name, f] of Object.entries(functions)) {
  Deno.test(`${name}() is within ${f.bound} units in the last place of the true value, everywhere`, () => {
    let [worst, at] = [0, 0];
    for (const x of [range, busy]) {
      const y = evaluate(f, x);
      for (let i = 0; i < x.length; i++) {
        const error = ulps(y[i], f.exact(x[i]));
        if (error > worst) [worst, at] = [error, x[i]];
      }
    }
    assert(worst <= f.bound, `${name}(${at}) is off by ${worst}`);
  });
}

/** Exact results, the sign of zero included. */
const exactly: Readonly<Record<string, readonly (readonly [x: number, y: number])[]>> = {
  exp: [[0, 1], [-0, 1], [1e-45, 1], [-1e-45, 1], [Infinity, Infinity], [-Infinity, 0], [3.4e38, Infinity], [
    -3.4e38,
    0,
  ]],
  log: [[0, -Infinity], [-0, -Infinity], [1, 0], [Infinity, Infinity], [-1, NaN], [-1e-45, NaN], [-Infinity, NaN]],
  log1p: [[0, 0], [-1, -Infinity], [Infinity, Infinity], [-1.0000001, NaN], [-Infinity, NaN]],
  tanh: [[0, 0], [-0, -0], [Infinity, 1], [-Infinity, -1], [3.4e38, 1], [-3.4e38, -1], [20, 1], [-20, -1]],
  sqrt: [[0, 0], [-0, -0], [4, 2], [Infinity, Infinity], [-1, NaN], [-1e-45, NaN], [-Infinity, NaN]],
  rsqrt: [[0, Infinity], [-0, -Infinity], [4, 0.5], [Infinity, 0], [-1, NaN]],
};

for (const [name, f] of Object.entries(functions)) {
  Deno.test(`${name}() of zeros, infinities and NaN is exact to the bit`, () => {
    const pairs = [...exactly[name], [NaN, NaN]] as const;
    const y = evaluate(f, Float32Array.from(pairs, ([x]) => x));
    pairs.forEach(([x, expected], i) => assert(Object.is(y[i], expected), `${name}(${x}) is ${y[i]}, not ${expected}`));
  });

  Deno.test(`${name}() of denormals is as accurate as of other numbers`, () => {
    const denormals = new Float32Array(
      Uint32Array.from({ length: 2 ** 17 }, (_, i) => (i >> 1) * 129 + ((i & 1) << 31)).buffer,
    );
    const y = evaluate(f, denormals);
    const worst = y.reduce((most, value, i) => Math.max(most, ulps(value, f.exact(denormals[i]))), 0);
    assert(worst <= f.bound, `${name}() is off by ${worst}`);
  });
}

Deno.test("exp() falls to 0 and rises to ∞ at the ends of its range, and never decreases between them", () => {
  const x = Float32Array.from({ length: 400_000 }, (_, i) => -105 + i * 195 / 400_000);
  const y = evaluate(functions.exp, x);
  assertEquals([y[0], y.at(-1)], [0, Infinity]);
  for (let i = 1; i < y.length; i++) {
    assert(y[i] >= y[i - 1], `exp(${x[i]}) is ${y[i]}, exp(${x[i - 1]}) is ${y[i - 1]}`);
  }
});

Deno.test("tanh() is odd, and between −1 and 1", () => {
  const [plus, minus] = [range, range.map((x) => -x)].map((x) => evaluate(functions.tanh, x));
  for (let i = 0; i < COUNT; i++) {
    assert(plus[i] === -minus[i] || Number.isNaN(plus[i]) && Number.isNaN(minus[i]));
    assert(!(Math.abs(plus[i]) > 1));
  }
});
