/**
 * Five properties of every operation: its value, its gradient, that it leaves its operands alone, that all devices agree, and
 * that nothing extreme breaks it.
 *
 * @module
 */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../fc.ts";
import { grad, vjp } from "../../src/core/autodiff.ts";
import { checkGradient } from "../../src/core/check.ts";
import { foldIn, type Key, key } from "../../src/core/random.ts";
import { scope } from "../../src/core/scope.ts";
import { sizeOf } from "../../src/core/shape.ts";
import { fromArray, readSync, type Scalar, stopGradient, type Tensor } from "../../src/core/tensor.ts";
import * as ops from "../../src/ops/mod.ts";
import { assertClose, devices, seeds } from "../support.ts";
import { catalogue } from "./catalogue.ts";
import { type Case, caseOf, type Entry, operandsOf } from "./entry.ts";
import { flatten, nest, type Nested } from "./naive.ts";

const elsewhere: Readonly<Record<string, string>> = {
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

/** Fails unless a property holds for random cases, the same in every run of the tests. */
function always(numRuns: number, property: (at: Case) => void): void {
  fc.assert(fc.property(cases, (at) => scope(() => property(at))), { numRuns });
}

const wasm = devices[1];

/** ⟨y, d⟩ for some direction d of the key's. */
function along(d: Key, y: Tensor): Scalar {
  return ops.sum(ops.mul(y, ops.normal(d, y.shape, y.storage)));
}

/** The operation as a scalar function with ½‖x‖² added, so that a gradient that should vanish is compared with something. */
function probe(entry: Entry, at: Case): (xs: readonly Tensor[]) => Scalar {
  return (xs) => ops.add(along(foldIn(at.key, 4), entry.op(at)(...xs)), ops.l2(...xs));
}

function bitsOf(xs: readonly Tensor[]): Uint32Array[] {
  return xs.map((x) => new Uint32Array(readSync(x).buffer));
}

function naiveValue(entry: Entry, at: Case, xs: readonly Tensor[]): Nested {
  return entry.naive(at)(...xs.map((x) => nest(readSync(x), x.shape)));
}

/** How an array is nested, without its numbers. */
function layoutOf(x: Nested): string {
  return JSON.stringify(x).replaceAll(/[^,[\]]+/g, "0");
}

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
  /** The value, and what carries a gradient of it back, on fresh operands. */
  const traced = (at: Case, xs: Tensor[]) => vjp((xs: Tensor[]) => entry.op(at)(...xs), xs);

  Deno.test(`${name}() has the value of its plain form`, () => {
    always(20, (at) => {
      for (const device of devices) {
        const xs = operandsOf(entry, at, device);
        const y = entry.op(at)(...xs);
        const expected = naiveValue(entry, at, xs);
        assertEquals(layoutOf(nest(readSync(y), y.shape)), layoutOf(expected));
        assertClose(readSync(y), flatten(expected));
      }
    });
  });

  Deno.test(`${name}() has the right gradient, and so has its gradient`, () => {
    always(4, (at) => {
      const xs = operandsOf(entry, at, wasm);
      const f = probe(entry, at);
      const slope = (xs: readonly Tensor[]): Scalar => {
        const parts = grad(f)(xs).map((g, n) => along(foldIn(at.key, 5 + n), g));
        return ops.add(ops.addAll(parts), ops.l2(...xs));
      };
      for (const [what, g] of [["gradient", f], ["gradient of its gradient", slope]] as const) {
        const off = checkGradient(g, xs, { key: at.key, directions: 2 });
        assert(off < 1e-2, `its ${what} is off by ${off}`);
      }
    });
  });

  Deno.test(`${name}() leaves its operands alone, and so does its gradient`, () => {
    always(5, (at) => {
      for (const device of devices) {
        const xs = operandsOf(entry, at, device);
        const before = bitsOf(xs);
        const [y, back] = traced(at, xs);
        const g = ops.normal(at.key, y.shape, { device });
        const gradientBefore = bitsOf([y, g]);
        back(g);
        assertEquals(bitsOf(xs), before);
        assertEquals(bitsOf([y, g]), gradientBefore);
      }
    });
  });

  Deno.test(`${name}() and its gradient are the same on all devices`, () => {
    always(8, (at) => {
      const [expected, ...others] = devices.map((device) => {
        const [y, back] = traced(at, operandsOf(entry, at, device));
        return [y, ...back(ops.normal(at.key, y.shape, { device }))].map(readSync);
      });
      for (const actual of others) actual.forEach((values, n) => assertClose(values, expected[n], 3e-5));
    });
  });

  Deno.test(`${name}() stands extremes`, () => {
    for (const at of entry.empty === false ? odd : [...odd, ...empty]) {
      for (const value of extremes) {
        for (const device of devices) {
          scope(() => {
            const xs = entry.shapes(at).map((shape) =>
              fromArray(Float32Array.from({ length: sizeOf(shape) }, (_, i) => value(i)), shape, { device })
            );
            const expected = flatten(naiveValue(entry, at, xs));
            const [y, back] = traced(at, xs);
            assertEquals(Array.from(readSync(y), Number.isNaN), expected.map(Number.isNaN));
            if (!expected.every(Number.isFinite)) return;
            const g = ops.normal(at.key, y.shape, { device });
            for (const part of back(g)) assert(!readSync(part).some(Number.isNaN), "its gradient has NaN");
          });
        }
      }
    }
  });
}

Deno.test("stopGradient() passes no gradient", () => {
  const x = fromArray([1, 2], [2]);
  assertEquals([...readSync(grad((x: Tensor) => ops.sum(ops.mul(stopGradient(x), x)))(x))], [1, 2]);
});
