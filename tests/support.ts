/**
 * Helpers for tests of kernels, tensors and operations: comparing numbers, drawing operands, and the devices.
 *
 * @module
 */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { fc } from "./fc.ts";
import { webgpu } from "./gpu.ts";
import { type Device, reference, type Sparse, type Storage, wasm } from "../kernels/mod.ts";
import { nativeDevice, nativeSupport } from "../kernels/native/device.ts";
import type { SetName } from "../kernels/native/vectors.ts";
import { type WasmDevice, wasmDevice } from "../kernels/wasm/device.ts";
import { entries, type Pattern, patternFromCoo } from "../src/core/pattern.ts";
import { key, normalArray } from "../src/core/random.ts";
import { recordAllocations, scope } from "../src/core/scope.ts";
import type { Shape } from "../src/core/shape.ts";
import { read, type Tensor } from "../src/core/tensor.ts";

export { webgpu } from "./gpu.ts";

/** The native device on so many threads; `null` where machine code cannot run. */
export function openNative(threads: number, vectors?: SetName): WasmDevice | null {
  const support = nativeSupport();
  return typeof support === "string" ? null : nativeDevice({ threads, vectors: vectors ?? support.vectors });
}

/** The device of the processor that is chosen by itself. */
export const processor: "native" | "wasm" = openNative(1) ? "native" : "wasm";

/** Every device. The first is the specification, which the others must agree with. One of them always has threads. */
export const devices: readonly Device[] = [
  reference,
  wasm(),
  openNative(3) ?? wasmDevice({ threads: 3 }),
  ...webgpu ? [webgpu] : [],
];

/** Sizes at which kernels are likely to fail: 0, 1, primes, and the widths of vectors and tiles, give or take 1. */
export const awkward: fc.Arbitrary<number> = fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 16, 17, 31, 32, 33);

/** A seed of keyed numbers. */
export const seeds: fc.Arbitrary<number> = fc.nat(2 ** 31);

/** Returns `count` normal numbers, the same for the same seed. */
export function numbers(seed: number, count: number): Float32Array<ArrayBuffer> {
  return normalArray(key(seed), count);
}

/** Returns the number of random cases: fewer on a GPU, which takes long to answer. Its kernels have their own tests. */
export function runsOn({ name }: Device, usual: number): { readonly numRuns: number } {
  return { numRuns: name === "webgpu" ? Math.ceil(usual / 10) : usual };
}

/** The shape and the numbers of a tensor. */
export interface Taken {
  readonly shape: Shape;
  readonly numbers: Float32Array;
}

/** Reads the tensors that `body` returns, from any device, and frees all tensors that it made. */
export async function taken(body: () => readonly Tensor[]): Promise<Taken[]> {
  const [tensors, made] = recordAllocations(() => scope(body));
  const all = await Promise.all(tensors.map(async (x) => ({ shape: x.shape, numbers: await read(x) })));
  for (const storage of made) storage.device.free(storage);
  return all;
}

/** Draws a pattern of this shape. Some rows are empty. */
export function patterns(rows: number, columns: number): fc.Arbitrary<Pattern> {
  if (rows * columns === 0) return fc.constant(patternFromCoo([rows, columns], [], []));
  const place = fc.tuple(fc.nat(rows - 1), fc.nat(columns - 1));
  return fc.array(place, { maxLength: 40, size: "max" }).map((places) =>
    patternFromCoo([rows, columns], places.map(([r]) => r), places.map(([, c]) => c))
  );
}

/** Returns a copy of a pattern on a device. */
export function placed<S extends Storage>(pattern: Pattern, device: Device<S>): Sparse<S> {
  const { rows, columns, offsets, indices } = pattern;
  const [at, of] = [offsets, indices].map((values) => device.uploadIndices(values));
  return { rows, columns, entries: entries(pattern), offsets: at, indices: of };
}

/**
 * Fails unless two lists of numbers agree: NaN with NaN, infinities exactly, and other numbers to within `tolerance`
 * times the larger of their size and 1.
 */
export function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-5): void {
  assertEquals(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i], Math.fround(expected[i])];
    const agrees = Object.is(a, e) || a === e || Math.abs(a - e) <= tolerance * Math.max(1, Math.abs(e));
    assert(agrees, `number ${i} of ${expected.length} is ${a}, expected ${expected[i]}`);
  }
}

/** Fails unless every device has the results of the reference, to within `tolerance`. */
export async function assertDevicesAgree(
  run: (device: Device) => Storage | readonly Storage[],
  tolerance?: number,
): Promise<void> {
  const results = await Promise.all(devices.map((device) => {
    const blocks = [run(device)].flat();
    return Promise.all(blocks.map((block) => device.read(block)));
  }));
  for (const other of results.slice(1)) {
    assertEquals(other.length, results[0].length);
    other.forEach((block, n) => assertClose(block, results[0][n], tolerance));
  }
}
