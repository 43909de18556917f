/**
 * Tests of the matrix product at the edges of its blocks: tiles, strips, MC rows, KC steps, NC columns, panels. Factors
 * are small whole numbers, whose sums are exact in any order, so results are compared to the bit.
 *
 * @module
 */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "../../fc.ts";
import type { Device, Form, ProductSize, Storage } from "../../../kernels/mod.ts";
import { wasmDevice } from "../../../kernels/wasm/device.ts";
import { seeds } from "../../support.ts";
import { assertGuarded } from "./guarded.ts";
import { noise } from "./work.ts";

const forms: readonly Form[] = ["nn", "nt", "tn"];
const exactly = 0;

/** Returns whole numbers from −4 to 4. */
const whole = (seed: number, count: number) => noise(seed, count).map((x) => Math.round(4 * x));

function product(device: Device, size: ProductSize, form: Form, a: ArrayLike<number>, b: ArrayLike<number>): Storage {
  return device.kernels.matmul(device.upload(a), device.upload(b), size, form);
}

function assertExact(size: ProductSize, form: Form, seed: number): void {
  const { rows, inner, columns } = size;
  const [a, b] = [whole(seed, rows * inner), whole(seed + 1, inner * columns)];
  assertGuarded((device) => product(device, size, form, a, b), exactly);
}

const few = fc.oneof(fc.nat(13), fc.constantFrom(23, 24, 25, 29, 31, 47, 48, 49, 53));
const many = fc.constantFrom(61, 63, 64, 65, 71, 72, 73, 127, 128, 129, 255, 256, 257, 511, 512, 513, 521, 1023, 1025);
const depth = fc.oneof(
  fc.nat(17),
  fc.constantFrom(31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257, 509, 513, 769),
);
const light = ({ rows, inner, columns }: ProductSize) => rows * inner * columns <= 500_000;

for (const form of forms) {
  const cases: Record<string, fc.Arbitrary<ProductSize>> = {
    "small": fc.record({ rows: few, inner: depth, columns: few }),
    "tall": fc.record({ rows: many, inner: depth, columns: few }),
    "wide": fc.record({ rows: few, inner: depth, columns: many }),
    "large": fc.record({ rows: many, inner: fc.nat(17), columns: many }),
  };
  for (const [kind, sizes] of Object.entries(cases)) {
    Deno.test(`matmul() of form ${form} is exact to the last bit, ${kind} and at the edge of every tile`, () => {
      fc.assert(
        fc.property(sizes.filter(light), seeds, (size, seed) => assertExact(size, form, seed)),
        { numRuns: 60 },
      );
    });
  }

  Deno.test(`matmul() of form ${form} is exact where an operand needs several blocks of columns or several panels`, () => {
    // A mebibyte of the second operand holds 64 columns, less a tile, of 4,097 steps.
    for (const [rows, inner, columns] of [[80, 4097, 71], [81, 4101, 64], [7, 63, 2111], [1025, 9, 1024]]) {
      assertExact({ rows, inner, columns }, form, 1);
    }
  });

  Deno.test(`matmul() of form ${form} keeps NaN and infinities within their rows and columns`, () => {
    const strange = fc.array(fc.tuple(fc.nat(), fc.constantFrom(NaN, Infinity, -Infinity)), { maxLength: 4 });
    const sizes = fc.record({
      rows: fc.integer({ min: 1, max: 14 }),
      inner: fc.integer({ min: 1, max: 11 }),
      columns: fc.integer({ min: 1, max: 35 }),
    });
    fc.assert(fc.property(sizes, strange, strange, seeds, (size, inA, inB, seed) => {
      const [a, b] = [whole(seed, size.rows * size.inner), whole(seed + 1, size.inner * size.columns)];
      for (const [x, places] of [[a, inA], [b, inB]] as const) {
        for (const [place, value] of places) x[place % x.length] = value;
      }
      assertGuarded((device) => product(device, size, form, a, b), exactly);
    }));
  });
}

Deno.test("matmul() on one thread stays within its scratch memory for many columns", () => {
  // All columns in one panel would need 5 MiB.
  assertExact({ rows: 3, inner: 256, columns: 5003 }, "nn", 1);
});

Deno.test("matmul() packs only the panel where the depth is no multiple of four", () => {
  for (const inner of [1, 2, 3, 5, 9]) assertExact({ rows: 20, inner, columns: 16 }, "nt", 1);
});

Deno.test("matmul() reads only columns that exist, also where an operand is the last block in memory", () => {
  const device = wasmDevice({ threads: 1 });
  const inner = 2 ** 20;
  const a = device.upload(new Float32Array(inner).fill(1));
  // Memory grows no more than needed: it ends within three rows after these five.
  const b = device.upload(new Float32Array(5 * inner).fill(1));
  assert(b.floats.buffer.byteLength < b.address + 8 * inner * 4);
  const c = device.kernels.matmul(a, b, { rows: 1, inner, columns: 5 }, "nt");
  assertEquals(c.floats, new Float32Array(5).fill(inner));
});
