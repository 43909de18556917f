/** Tests of the algebra of formulas: one formula gives the same results on every device. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { type Algebra, type Formula, formula, interpret, numbers } from "../../kernels/scalar.ts";
import { assertClose, devices } from "../support.ts";

/** A formula for each operation of the algebra. */
const operations: { readonly [K in keyof Algebra<number>]: Formula } = {
  zero: formula("zero", ({ zero, mul }) => (x) => mul(x, zero)),
  one: formula("one", ({ one, add }) => (x) => add(x, one)),
  constant: formula("constant", ({ constant, mul }) => (x) => mul(x, constant(2.5))),
  add: formula("add", ({ add }) => (x, y) => add(x, y)),
  sub: formula("sub", ({ sub }) => (x, y) => sub(x, y)),
  mul: formula("mul", ({ mul }) => (x, y) => mul(x, y)),
  div: formula("div", ({ div }) => (x, y) => div(x, y)),
  fma: formula("fma", ({ fma }) => (x, y, z) => fma(x, y, z)),
  neg: formula("neg", ({ neg }) => (x) => neg(x)),
  abs: formula("abs", ({ abs }) => (x) => abs(x)),
  min: formula("min", ({ min }) => (x, y) => min(x, y)),
  max: formula("max", ({ max }) => (x, y) => max(x, y)),
  sqrt: formula("sqrt", ({ sqrt }) => (x) => sqrt(x)),
  exp: formula("exp", ({ exp }) => (x) => exp(x)),
  log: formula("log", ({ log }) => (x) => log(x)),
  log1p: formula("log1p", ({ log1p }) => (x) => log1p(x)),
  tanh: formula("tanh", ({ tanh }) => (x) => tanh(x)),
  where: formula("where", ({ where }) => (x, y, z) => where(x, y, z, x)),
};

/** Ordinary numbers, and numbers that are hard to compare or to round. */
const value = fc.oneof(
  fc.float({ min: -50, max: 50, noNaN: true }),
  fc.constantFrom(0, -0, 1, -1, Infinity, -Infinity, NaN, 1e-30, 3e38),
);

/** WebGPU lets GPUs assume that no number is NaN, and replace numbers nearer to 0 than 2⁻¹²⁶ by 0. */
const unpromised = (x: number) => Number.isNaN(x) || x !== 0 && Math.abs(x) < 2 ** -126;

for (const [name, f] of Object.entries(operations)) {
  Deno.test(`${name} gives the same results on all devices`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 9 }), async (triples) => {
        const size = { rows: 1, columns: triples.length };
        const [expected, ...others] = await Promise.all(devices.map(async (device) => {
          const operands = [0, 1, 2].map((n) =>
            ({ storage: device.upload(triples.map((t) => t[n])), extent: "both" }) as const
          );
          return { device, values: await device.read(device.kernels.map(f, operands, [], size)[0]) };
        }));
        for (const { device, values } of others) {
          const free = (n: number) => device.name === "webgpu" && [expected.values[n], ...triples[n]].some(unpromised);
          assertClose(values.map((value, n) => free(n) ? expected.values[n] : value), expected.values);
        }
      }),
      { numRuns: 60 },
    );
  });
}

Deno.test("interpret() returns the results of a formula as a list", () => {
  const one = formula("hypotenuse", ({ sqrt, fma, mul }) => (a, b) => sqrt(fma(a, a, mul(b, b))));
  const two = formula("sum and difference", ({ add, sub }) => (a, b) => [add(a, b), sub(a, b)], 2);
  assertEquals(interpret(numbers, one, [3, 4]), [5]);
  assertEquals(interpret(numbers, two, [3, 4]), [7, -1]);
});

Deno.test("a formula receives its scalars after its operands", async () => {
  const line = formula("line", ({ fma }) => (x, slope, offset) => fma(x, slope, offset));
  for (const device of devices) {
    const x = { storage: device.upload([1, 2]), extent: "both" } as const;
    for (const [slope, offset] of [[2, 1], [-1, 0.5]]) {
      const [y] = device.kernels.map(line, [x], [slope, offset], { rows: 1, columns: 2 });
      assertClose(await device.read(y), [slope + offset, 2 * slope + offset]);
    }
  }
});
