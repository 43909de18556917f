/**
 * Work for every kernel: a table for the tests of all kernels together. A missing kernel is a compile error.
 *
 * @module
 */
import { assertEquals } from "deno-std/assert/equals.js";
import {
  type Device,
  type Extent,
  formula,
  type KernelName,
  type ProductSize,
  type Size,
  type Sparse,
  type Storage,
} from "../../../kernels/mod.ts";
import { extentLength } from "../../../kernels/device.ts";
import { type Pattern, patternFromCsr } from "../../../src/core/pattern.ts";
import { integers, key } from "../../../src/core/random.ts";
import { placed } from "../../support.ts";
import type { WasmStorage } from "../../../kernels/wasm/storage.ts";
import type { Guarded } from "./guarded.ts";

/** Computes a result of about this size on a device, from numbers that depend on the seed alone. */
export type Run = (device: Device, size: ProductSize, seed: number) => Storage | readonly Storage[];

const blend = formula("blend", ({ fma, sub }) => (a, b, c, s) => fma(a, sub(b, c), s));
const both = formula("difference and product", ({ mul, sub }) => (a, b, s) => [sub(a, b), mul(mul(a, b), s)], 2);
const product = formula("multiply", ({ mul }) => (a, b) => mul(a, b));
const shifted = formula("shift", ({ fma }) => (a, b, c, s) => fma(a, b, fma(s, c, a)));

/** Returns numbers from −1 to 1 that look random; cheap for millions. */
export function noise(seed: number, count: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(count);
  for (let i = 0, word = seed; i < count; i++) {
    word = (Math.imul(word, 1664525) + 1013904223) | 0;
    out[i] = word * 2 ** -31;
  }
  return out;
}

/** Uploads one operand per extent. */
const operands = (device: Device, extents: readonly Extent[], size: Size, seed: number) =>
  extents.map((extent, n) => ({ storage: device.upload(noise(seed + n, extentLength(extent, size))), extent }));
const matrix = (device: Device, rows: number, columns: number, seed: number) =>
  device.upload(noise(seed, rows * columns));

/** Draws a square pattern. Rows have 0 to `most` entries; one row has as many entries as there are rows. */
export function drawn(rows: number, most: number, seed: number): Pattern {
  const degrees = integers(key(seed), rows, 1 + most);
  if (rows > 2) degrees[rows - 2] = rows;
  const offsets = new Int32Array(rows + 1);
  degrees.forEach((degree, row) => offsets[row + 1] = offsets[row] + degree);
  return patternFromCsr([rows, rows], offsets, integers(key(seed + 1), offsets[rows], rows));
}

const square = (device: Device, { rows, inner }: ProductSize, seed: number): Sparse<Storage> =>
  placed(drawn(rows, Math.min(inner, 40), seed), device);

function reductions(): Record<string, Run> {
  return Object.fromEntries(
    (["sum", "max"] as const).flatMap((by) =>
      (["rows", "columns", "none"] as const).flatMap((keep) =>
        [
          [
            `${by} to ${keep}, of whole operands`,
            (device, size, seed) =>
              device.kernels.reduce(by, product, operands(device, ["both", "both"], size, seed), [], size, keep),
          ],
          [`${by} to ${keep}, of operands that repeat`, (device, size, seed) => {
            const xs = operands(device, ["rows", "both", "columns"], size, seed);
            return device.kernels.reduce(by, shifted, xs, [0.5], size, keep);
          }],
        ] as [string, Run][]
      )
    ),
  );
}

/** Work by kernel and by the special case that it covers. */
export const work: Readonly<Record<Exclude<KernelName, "topk">, Readonly<Record<string, Run>>>> = {
  map: {
    "of whole operands": (device, size, seed) =>
      device.kernels.map(both, operands(device, ["both", "none"], size, seed), [0.75], size),
    "of operands that repeat": (device, size, seed) =>
      device.kernels.map(blend, operands(device, ["rows", "both", "columns"], size, seed), [0.75], size),
  },
  reduce: reductions(),
  matmul: Object.fromEntries((["nn", "nt", "tn"] as const).map((form): [string, Run] => [
    `of form ${form}`,
    (device, size, seed) => {
      const [a, b] = [size.rows * size.inner, size.inner * size.columns].map((n, at) =>
        device.upload(noise(seed + at, n))
      );
      return device.kernels.matmul(a, b, size, form);
    },
  ])),
  spmm: {
    "of ones": (device, size, seed) =>
      device.kernels.spmm(
        square(device, size, seed),
        null,
        matrix(device, size.rows, size.columns, seed),
        size.columns,
        0,
      ),
    "with values, and a share of itself": (device, size, seed) => {
      const s = square(device, size, seed);
      const values = device.upload(noise(seed + 1, s.entries));
      return device.kernels.spmm(s, values, matrix(device, size.rows, size.columns, seed), size.columns, 0.3);
    },
  },
  sddmm: {
    "": (device, size, seed) => {
      const [x, y] = [seed, seed + 1].map((seed) => matrix(device, size.rows, size.columns, seed));
      return device.kernels.sddmm(square(device, size, seed), x, y, size.columns);
    },
  },
  segmentSoftmax: {
    "": (device, size, seed) => {
      const s = square(device, size, seed);
      return device.kernels.segmentSoftmax(s, matrix(device, s.entries, size.columns, seed), size.columns);
    },
  },
  segmentSoftmaxMean: {
    "": (device, size, seed) => {
      const s = square(device, size, seed);
      const [scores, values] = [seed, seed + 1].map((seed) => matrix(device, s.entries, size.columns, seed));
      return device.kernels.segmentSoftmaxMean(s, scores, values, size.columns);
    },
  },
  slice: {
    "": (device, { rows, columns }, seed) =>
      device.kernels.slice(matrix(device, rows + 2, columns + 3, seed), { rows: rows + 2, columns: columns + 3 }, {
        rows,
        columns,
        fromRow: 1,
        fromColumn: 2,
      }),
  },
  concat: {
    "of a grid": (device, { rows, columns }, seed) => {
      const [heights, widths] = [[rows, 3], [columns, 1, columns]];
      const grid = heights.map((height, r) =>
        widths.map((width, c) => matrix(device, height, width, seed + 3 * r + c))
      );
      return device.kernels.concat(grid, heights, widths);
    },
  },
  transpose: {
    "": (device, { rows, columns }, seed) =>
      device.kernels.transpose(matrix(device, rows, columns, seed), { rows, columns }),
  },
  uniforms: {
    "": (device, { rows, columns }, seed) => device.kernels.uniforms(key(seed), rows * columns),
  },
};

/** All work, by name. */
export const runs: readonly (readonly [name: string, run: Run])[] = Object.entries(work).flatMap(([kernel, kinds]) =>
  Object.entries(kinds).map(([kind, run]) => [`${kernel}() ${kind}`.trim(), run] as const)
);

/** Sizes with enough work for several threads in every kernel: many rows, a long sum, and many columns. */
export const shapes: readonly ProductSize[] = [
  { rows: 1500, inner: 61, columns: 62 },
  { rows: 100, inner: 2501, columns: 90 },
  { rows: 61, inner: 70, columns: 1500 },
];

/** Gives devices work to share, and waits until all their threads have started. */
export async function gather(devices: readonly Guarded[]): Promise<void> {
  for (const device of devices) {
    runs[0][1](device, shapes[0], 1);
    for (let looks = 0; device.started() < device.threads - 1 && looks < 1000; looks++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assertEquals(device.started(), device.threads - 1);
    device.clear();
  }
}

/** Runs a kernel, and returns the bits of its results. */
export function bitsOf(device: Guarded, run: Run, size: ProductSize, seed: number): readonly Int32Array[] {
  const results = [run(device, size, seed)].flat() as WasmStorage[];
  const copies = results.map(({ integers }) => integers.slice());
  device.clear();
  return copies;
}
