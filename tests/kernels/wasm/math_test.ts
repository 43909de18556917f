/** Tests of the approximations: how far they are from `Math`, over the whole range of 32-bit floats. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { formula, wasm } from "../../../kernels/mod.ts";

const functions = {
  exp: { f: formula("exp", ({ exp }) => exp), exact: Math.exp },
  log: { f: formula("log", ({ log }) => log), exact: Math.log },
  log1p: { f: formula("log1p", ({ log1p }) => log1p), exact: Math.log1p },
  tanh: { f: formula("tanh", ({ tanh }) => tanh), exact: Math.tanh },
};

function evaluate(f: typeof functions.exp.f, x: Float32Array): Float32Array {
  const device = wasm();
  const block = device.upload(x);
  const [out] = device.kernels.map(f, [{ storage: block, extent: "both" }], [], { rows: 1, columns: x.length });
  const y = Float32Array.from(out.floats);
  [block, out].forEach(device.free);
  return y;
}

/** The distance in units of the last place that a 32-bit float of the exact size has. */
function ulps(actual: number, exact: number): number {
  if (Object.is(actual, Math.fround(exact)) || actual === Math.fround(exact)) return 0;
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(exact))));
  return Math.abs(actual - exact) / 2 ** (exponent - 23);
}

/** Every exponent of both signs, denormals included, with 64 mantissas each. */
const range = new Float32Array(
  Uint32Array.from(
    { length: 512 * 64 },
    (_, i) => (((i % 512) << 23) | (Math.floor(i / 512) * 0x1ffff & 0x7fffff)) >>> 0,
  ).buffer,
);
/** Where these functions are busy: −110 to 110, and close to 0 and to 1. */
const busy = Float32Array.from(
  { length: 40000 },
  (_, i) => [(i - 20000) * 0.0055, (i - 20000) * 1e-4, (i - 20000) * 1e-7, 1 + (i - 20000) * 1e-5][i % 4],
);

for (const [name, { f, exact }] of Object.entries(functions)) {
  Deno.test(`${name}() is within two units in the last place everywhere`, () => {
    for (const x of [range, busy]) {
      evaluate(f, x).forEach((y, i) => {
        const expected = exact(x[i]);
        const off = Number.isNaN(expected) ? (Number.isNaN(y) ? 0 : Infinity) : ulps(y, expected);
        assert(off <= 2, `${name}(${x[i]}) is ${y}, expected ${expected}: off by ${off}`);
      });
    }
  });

  Deno.test(`${name}() of zeros, denormals, infinities and NaN is that of Math`, () => {
    const x = Float32Array.of(
      0,
      -0,
      1e-45,
      -1e-45,
      1e-39,
      -1e-39,
      Infinity,
      -Infinity,
      NaN,
      -1,
      1,
      3.4028235e38,
      -3.4028235e38,
    );
    const expected = Array.from(x, (x) => Math.fround(exact(x)));
    evaluate(f, x).forEach((y, i) => {
      assert(
        Math.abs(y - expected[i]) <= 2e-7 || Object.is(y + 0, expected[i] + 0),
        `${name}(${x[i]}) is ${y}, expected ${expected[i]}`,
      );
    });
  });
}

Deno.test("tanh() is odd and exp() of 0 is 1, exactly", () => {
  const [plus, minus] = [busy, busy.map((x) => -x)].map((x) => evaluate(functions.tanh.f, x));
  assertEquals(minus, plus.map((y) => -y));
  assertEquals([...evaluate(functions.exp.f, Float32Array.of(0, -0))], [1, 1]);
});
