/** Tests of elementwise formulas on a GPU, whose built-in functions are less accurate than formulas promise. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { type Formula, formula, numbers as plain } from "../../../kernels/scalar.ts";
import { element, written } from "../../../kernels/gpu/formula.ts";
import { gpuTest } from "../../gpu.ts";

/** Numbers of either sign, from tiny to large. */
const sizes = Array.from({ length: 4001 }, (_, n) => 10 ** (-8 + n / 400));
const both = [...sizes.map((x) => -x), 0, ...sizes];

/** Formulas of one operation, their domains, and the largest error relative to the result. */
const single: readonly (readonly [Formula, readonly number[], number])[] = [
  [formula("log1p", ({ log1p }) => (x) => log1p(x)), both.filter((x) => x > -0.99), 2e-6],
  [formula("tanh", ({ tanh }) => (x) => tanh(x)), both, 1e-6],
  [formula("exp", ({ exp }) => (x) => exp(x)), both.filter((x) => Math.abs(x) < 80), 2e-5],
  [formula("sqrt", ({ sqrt }) => (x) => sqrt(x)), sizes, 1e-6],
  [formula("div", ({ div, one }) => (x) => div(one, x)), both.filter((x) => x !== 0), 1e-6],
  [formula("abs", ({ abs }) => (x) => abs(x)), both, 0],
  [formula("neg", ({ neg }) => (x) => neg(x)), both, 0],
];

for (const [of, values, tolerance] of single) {
  gpuTest(`${of.name} is exact to ${tolerance} of its size on its whole domain`, async (device) => {
    const x = Float32Array.from(values);
    const size = { rows: 1, columns: x.length };
    const [y] = device.kernels.map(of, [{ storage: device.upload(x), extent: "both" }], [], size);
    const f = of.write(plain) as (x: number) => number;
    (await device.read(y)).forEach((value, n) => {
      const expected = f(x[n]);
      assert(Math.abs(value - expected) <= tolerance * Math.abs(expected) + 1e-38, `${of.name} ${x[n]} is ${value}`);
    });
  });
}

gpuTest("functions with a limit stay at the limit", async (device) => {
  const ends = formula("ends", ({ tanh, exp, log1p }) => (x) => [tanh(x), exp(x), log1p(exp(x))], 3);
  const x = [{ storage: device.upload([-1e30, -1e4, 1e4, 1e30]), extent: "both" }] as const;
  const [t, e, s] = await Promise.all(device.kernels.map(ends, x, [], { rows: 2, columns: 2 }).map(device.read));
  assertEquals([...t], [-1, -1, 1, 1]);
  assertEquals([...e], [0, 0, Infinity, Infinity]);
  assertEquals([...s], [0, 0, Infinity, Infinity]);
});

gpuTest("NaN in an operand is in the result", async (device) => {
  const sum = formula("many", ({ add, exp, mul, tanh }) => (a, b) => add(mul(exp(a), b), tanh(a)));
  const [a, b] = [[NaN, 1, 1], [1, NaN, 1]].map((x) => ({ storage: device.upload(x), extent: "both" } as const));
  const [y] = device.kernels.map(sum, [a, b], [], { rows: 1, columns: 3 });
  assertEquals(Array.from(await device.read(y), Number.isNaN), [true, true, false]);
});

Deno.test("a formula becomes lines that name each value once, in order", () => {
  const { lines, values } = written(formula("twice", ({ add, mul }) => (x, y) => mul(add(x, y), add(x, y))), [
    "a",
    "b",
  ]);
  assertEquals(lines, [
    "const v0 = a;",
    "const v1 = b;",
    "const t2 = (v0 + v1);",
    "const t3 = (v0 + v1);",
    "const t4 = (t2 * t3);",
  ]);
  assertEquals(values, ["t4"]);
});

Deno.test("element() reads along the axes of an operand", () => {
  const read = (extent: "both" | "rows" | "columns" | "none") => element("x", extent, "r", "c");
  assertEquals([read("both"), read("rows"), read("columns"), read("none")], ["x[r][c]", "x[r]", "x[c]", "x[0]"]);
});
