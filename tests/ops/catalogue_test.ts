/**
 * Five properties of every operation: its value, its gradient, its operands unchanged, agreement of all devices, and
 * finite results for extreme operands.
 *
 * @module
 */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { grad, vjp } from "../../src/core/autodiff.ts";
import { checkGradient } from "../../src/core/check.ts";
import { foldIn, type Key, key } from "../../src/core/random.ts";
import { free } from "../../src/core/scope.ts";
import { sizeOf } from "../../src/core/shape.ts";
import { fromArray, readSync, type Scalar, stopGradient, type Tensor } from "../../src/core/tensor.ts";
import * as ops from "../../src/ops/mod.ts";
import { assertClose, devices, seeds, type Taken, taken, webgpu } from "../support.ts";
import { catalogue } from "./catalogue.ts";
import { type Case, caseOf, type Entry, operandsOf } from "./entry.ts";
import { flatten, nest, type Nested } from "./naive.ts";

const elsewhere: Readonly<Record<string, string>> = {
  elementwise: "makes operations: elementwise_test.ts",
  fused: "gives several tensors and no gradient: elementwise_test.ts",
  topK: "gives no tensor: topk_test.ts",
  uniform: "draws: draw_test.ts",
  normal: "draws: draw_test.ts",
  xavierUniform: "draws: draw_test.ts",
  xavierNormal: "draws: draw_test.ts",
  linearUniform: "draws: draw_test.ts",
};

Deno.test("the catalogue has every operation", () => {
  const exported = Object.entries(ops).filter(([, value]) => typeof value === "function").map(([name]) => name);
  const known = new Set([...Object.keys(catalogue), ...Object.keys(elsewhere)]);
  assertEquals(exported.filter((name) => !known.has(name)), []);
  assertEquals([...known].filter((name) => !exported.includes(name)), []);
});

const small = fc.integer({ min: 1, max: 7 });
const cases = fc.tuple(small, small, small, seeds).map(([m, k, n, seed]) => caseOf([m, k, n], key(seed)));

/**
 * Fails unless a property holds for random cases. Several cases run at a time, because a GPU takes long to answer,
 * however much work it has.
 */
async function always(rounds: number, property: (at: Case) => Promise<void>, together = 4): Promise<void> {
  const some = fc.array(cases, { minLength: together, maxLength: together });
  await fc.assert(fc.asyncProperty(some, async (some) => void await Promise.all(some.map(property))), {
    numRuns: rounds,
  });
}

/** Returns ⟨y, d⟩ for a direction d drawn from the key. */
function along(d: Key, y: Tensor): Scalar {
  return ops.sum(ops.mul(y, ops.normal(d, y.shape, y.storage)));
}

/** Returns the operation as a scalar function with ½‖x‖² added, so that no gradient to check is zero. */
function probe(entry: Entry, at: Case): (xs: readonly Tensor[]) => Scalar {
  return (xs) => ops.add(along(foldIn(at.key, 4), entry.op(at)(...xs)), ops.l2(...xs));
}

function bitsOf(all: readonly Taken[]): Uint32Array[] {
  return all.map(({ numbers }) => new Uint32Array(numbers.buffer));
}

function naiveValue(entry: Entry, at: Case, xs: readonly Taken[]): Nested {
  return entry.naive(at)(...xs.map(({ numbers, shape }) => nest(numbers, shape)));
}

/** Returns how an array is nested, without its numbers. */
function layoutOf(x: Nested): string {
  return JSON.stringify(x).replaceAll(/[^,[\]]+/g, "0");
}

/**
 * The devices on which gradients are checked, and how often: each check runs dozens of kernels, and a GPU starts them
 * slowly.
 */
const differentiating = [
  { device: devices[1], together: 4, probing: { directions: 2 } },
  ...webgpu ? [{ device: webgpu, together: 1, probing: { directions: 1, steps: [3e-2, 1e-2, 3e-3] } }] : [],
];

/** One element; a pattern with all entries; one with none. */
const odd = [caseOf([1, 1, 1], key(1)), caseOf([4, 3, 2], key(2), 1), caseOf([3, 4, 2], key(3), 0)];
/** Matrices without rows, without columns, without either. */
const empty = [[0, 3, 2], [3, 0, 2], [2, 3, 0], [0, 0, 0]].map(([m, k, n]) => caseOf([m, k, n], key(4)));
const extremes: ((i: number) => number)[] = [
  () => 0,
  () => 1e4,
  () => -1e4,
  (i) => i % 2 ? 1e4 : -1e4,
  (i) => i % 3 ? 1e4 : 0,
];

for (const [name, entry] of Object.entries(catalogue)) {
  /** Returns the value on fresh operands, and its pullback. */
  const traced = (at: Case, xs: Tensor[]) => vjp((xs: Tensor[]) => entry.op(at)(...xs), xs);

  Deno.test(`${name}() has the value of its plain form`, async () => {
    await always(5, async (at) => {
      await Promise.all(devices.map(async (device) => {
        const [y, ...xs] = await taken(() => {
          const xs = operandsOf(entry, at, device);
          return [entry.op(at)(...xs), ...xs];
        });
        const expected = naiveValue(entry, at, xs);
        assertEquals(layoutOf(nest(y.numbers, y.shape)), layoutOf(expected));
        assertClose(y.numbers, flatten(expected));
      }));
    });
  });

  for (const { device, together, probing } of differentiating) {
    Deno.test(`${name}() has the right gradient on ${device.name}, and so has its gradient`, async () => {
      await always(1, async (at) => {
        const xs = operandsOf(entry, at, device);
        const f = probe(entry, at);
        const slope = (xs: readonly Tensor[]): Scalar => {
          const parts = grad(f)(xs).map((g, n) => along(foldIn(at.key, 5 + n), g));
          return ops.add(ops.addAll(parts), ops.l2(...xs));
        };
        for (const [what, g] of [["gradient", f], ["gradient of its gradient", slope]] as const) {
          const off = await checkGradient(g, xs, { key: at.key, ...probing });
          assert(off < 1e-2, `its ${what} is off by ${off}`);
        }
        free(xs);
      }, together);
    });
  }

  Deno.test(`${name}() does not change its operands, and neither does its gradient`, async () => {
    await always(1, async (at) => {
      await Promise.all(devices.map(async (device) => {
        const xs = operandsOf(entry, at, device);
        const before = taken(() => xs);
        const [y, back] = traced(at, xs);
        const g = ops.normal(at.key, y.shape, { device });
        const between = taken(() => [...xs, y, g]);
        const gradient = back(g);
        const after = bitsOf(await taken(() => [...xs, y, g]));
        assertEquals(after.slice(0, xs.length), bitsOf(await before));
        assertEquals(after, bitsOf(await between));
        free([xs, y, g, gradient]);
      }));
    });
  });

  Deno.test(`${name}() and its gradient are the same on all devices`, async () => {
    await always(2, async (at) => {
      const [expected, ...others] = await Promise.all(devices.map((device) =>
        taken(() => {
          const [y, back] = traced(at, operandsOf(entry, at, device));
          return [y, ...back(ops.normal(at.key, y.shape, { device }))];
        })
      ));
      for (const actual of others) actual.forEach(({ numbers }, n) => assertClose(numbers, expected[n].numbers, 3e-5));
    });
  });

  Deno.test(`${name}() is finite for extreme operands`, async () => {
    const sizes = entry.empty === false ? odd : [...odd, ...empty];
    await Promise.all(sizes.flatMap((at) =>
      extremes.flatMap((value) => {
        const operands = entry.shapes(at).map((shape) => ({
          shape,
          numbers: Float32Array.from({ length: sizeOf(shape) }, (_, i) => value(i)),
        }));
        const expected = flatten(naiveValue(entry, at, operands));
        return devices.map(async (device) => {
          const [y, ...gradient] = await taken(() => {
            const xs = operands.map(({ shape, numbers }) => fromArray(numbers, shape, { device }));
            const [y, back] = traced(at, xs);
            return [y, ...expected.every(Number.isFinite) ? back(ops.normal(at.key, y.shape, { device })) : []];
          });
          assertEquals(Array.from(y.numbers, Number.isNaN), expected.map(Number.isNaN));
          for (const { numbers } of gradient) assert(!numbers.some(Number.isNaN), "its gradient has NaN");
        });
      })
    ));
  });
}

Deno.test("stopGradient() passes no gradient", () => {
  const x = fromArray([1, 2], [2]);
  assertEquals([...readSync(grad((x: Tensor) => ops.sum(ops.mul(stopGradient(x), x)))(x))], [1, 2]);
});
