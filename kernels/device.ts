/**
 * The interface of a device: storage for numbers, and a small closed set of kernels over that storage. Kernels know
 * arrays, not tensors: sizes are arguments, every result is a new block, and operands are never written.
 *
 * @module
 */
import { ValueError } from "./errors.ts";
import type { Formula } from "./scalar.ts";

/** The names of the devices. */
export type DeviceName = "reference" | "wasm" | "native" | "webgpu";

/** A block of numbers that lives on one device. */
export interface Storage {
  /** The device that holds it. */
  readonly device: Device;
  /** The count of its 32-bit numbers. */
  readonly length: number;
  /** Set once, by {@link Device.free}. */
  freed: boolean;
}

/** A block in the host's memory, which plain TypeScript can read as floats or as integers. */
export interface HostStorage extends Storage {
  /** The numbers, as floats. */
  readonly floats: Float32Array;
  /** The same bits, as integers. */
  readonly integers: Int32Array;
}

/** The size of a row-major matrix. */
export interface Size {
  /** The number of rows. */
  readonly rows: number;
  /** The number of columns. */
  readonly columns: number;
}

/** A source of random numbers: two 32-bit words. Make one with `key()`; get unrelated ones with `split()`. */
export interface Key {
  /** The upper word. */
  readonly high: number;
  /** The lower word. */
  readonly low: number;
}

/**
 * The axes of a matrix along which a smaller block varies: `rows` means one number per row, repeated across the
 * columns.
 */
export type Extent = "both" | "rows" | "columns" | "none";

/** A block as an operand of {@link Kernels.map}, repeated along the axes that its extent lacks. */
export interface Operand<S> {
  /** The numbers. */
  readonly storage: S;
  /** The axes along which they vary. */
  readonly extent: Extent;
}

/** A sparse pattern on a device, in compressed rows. `offsets` and `indices` are blocks of integers. */
export interface Sparse<S> extends Size {
  /** The number of stored entries. */
  readonly entries: number;
  /** The positions at which the entries of each row begin and end: rows + 1 integers. */
  readonly offsets: S;
  /** The column of each entry. */
  readonly indices: S;
}

/** The form of a matrix product: A·B, A·Bᵀ or Aᵀ·B. */
export type Form = "nn" | "nt" | "tn";

/** The sizes of a matrix product: `[rows, inner]` times `[inner, columns]`, after transposition. */
export interface ProductSize extends Size {
  /** The length of the axis that is summed over. */
  readonly inner: number;
}

/** A rectangle of a matrix. */
export interface Window extends Size {
  /** The first row. */
  readonly fromRow: number;
  /** The first column. */
  readonly fromColumn: number;
}

/** The k best columns of each row, the best first; −1 (and −∞) where a row has fewer than k candidates. */
export interface Top {
  /** The number of columns per row. */
  readonly k: number;
  /** The columns, k per row. */
  readonly indices: Int32Array;
  /** Their values. */
  readonly values: Float32Array;
}

/** The closed set of kernels. Every device implements all of them; a missing kernel is a compile error. */
export interface Kernels<S> {
  /** Applies a formula elementwise to a `size` matrix; returns one block per output of the formula. */
  map(formula: Formula, operands: readonly Operand<S>[], scalars: readonly number[], size: Size): S[];
  /** The sum or the maximum of a formula of one output, along the axes that `keep` lacks. An empty maximum is −∞. */
  reduce(
    by: "sum" | "max",
    term: Formula,
    operands: readonly Operand<S>[],
    scalars: readonly number[],
    size: Size,
    keep: Exclude<Extent, "both">,
  ): S;
  /** The matrix product. `form` says which operand is stored transposed. */
  matmul(a: S, b: S, size: ProductSize, form: Form): S;
  /**
   * The sparse product: row r of the result is Σ value(e) · x[column(e)] over the entries e of row r, plus `self` ·
   * x[r]. `null` values are 1. With `self` other than 0 the pattern is square.
   */
  spmm(pattern: Sparse<S>, values: S | null, x: S, columns: number, self: number): S;
  /** The dense product sampled at a pattern: entry e of the result is ⟨x[row(e)], y[column(e)]⟩. */
  sddmm(pattern: Sparse<S>, x: S, y: S, depth: number): S;
  /**
   * Softmax within the entries of each row. An entry holds `columns` numbers, and each column is normalised separately.
   */
  segmentSoftmax(pattern: Sparse<S>, x: S, columns: number): S;
  /**
   * The mean of `values` within the entries of each row, weighted by the softmax of `scores`; 0 for rows without
   * entries.
   */
  segmentSoftmaxMean(pattern: Sparse<S>, scores: S, values: S, columns: number): S;
  /** Copies a rectangle out of a matrix. */
  slice(x: S, size: Size, window: Window): S;
  /**
   * Joins a grid of matrices, given row by row, to one matrix. All matrices in a grid row have its height, in a column
   * its width.
   */
  concat(grid: readonly (readonly S[])[], heights: readonly number[], widths: readonly number[]): S;
  /** The transpose of a matrix. */
  transpose(x: S, size: Size): S;
  /**
   * The k largest of each row, without NaN and without the entries of `exclude`; the lower column first among equals.
   */
  topk(x: S, size: Size, k: number, exclude: Sparse<S> | null): Promise<Top>;
  /** Draws `count` numbers uniformly from [0, 1), multiples of 2⁻²⁴: the same bits on every device. */
  uniforms(key: Key, count: number): S;
}

/** The name of a kernel. */
export type KernelName = keyof Kernels<Storage>;

/** A place that holds numbers and runs kernels on them: plain TypeScript, WebAssembly or a GPU. */
export interface Device<S extends Storage = Storage> {
  /** Its name, as `openDevice` knows it. Several devices may have one name; see {@link describeDevice}. */
  readonly name: DeviceName;
  /** One line for people: its technology, its threads or its GPU. */
  readonly about: string;
  /** The number of threads that compute, the calling thread included. */
  readonly threads: number;
  /** The memory of its blocks. Devices with the same memory compute on each other's blocks. */
  readonly memory?: object | undefined;
  /** The kernels. */
  readonly kernels: Kernels<S>;
  /**
   * The device's copies of sparse patterns, by pattern. The device owns them, so a pattern never keeps a device alive,
   * and a device that is dropped takes its copies with it.
   */
  readonly copies: WeakMap<object, Sparse<Storage>>;
  /** Copies numbers to the device. */
  upload(values: ArrayLike<number>): S;
  /**
   * Copies `length` numbers to the device that arrive in parts, such as the rows of a large file.
   *
   * @throws {ValueError} if there are more or fewer; the device then holds none of them.
   */
  uploadParts(parts: AsyncIterable<ArrayLike<number>>, length: number): Promise<S>;
  /** Copies whole numbers to the device: indices and offsets. */
  uploadIndices(values: Int32Array): S;
  /** Copies numbers back. */
  read(storage: S): Promise<Float32Array>;
  /** The numbers without a copy, for reading only, on devices that share the host's memory; `null` elsewhere. */
  view(storage: S): Float32Array | null;
  /** Frees a block. Freeing it twice is harmless. */
  free(storage: S): void;
  /** Returns the bytes that further blocks may take; `Infinity` where the limit is unknown. */
  room(): number;
  /** Returns the bytes that live blocks take; absent on devices that do not count them. */
  bytesUsed?(): number;
  /**
   * Gives threads or a GPU back; absent on devices that hold neither. Close only a device that was opened with
   * `private: true`: others use the shared devices too.
   */
  close?(): void;
  /**
   * Waits until the device has at most two calls of `keepUp` still to reach. A loop that never reads a result calls it
   * once per turn, so that the queue stays short. Returns at once on devices that compute when they are called.
   */
  keepUp(): Promise<void>;
}

/**
 * Returns a device's name with its threads or its GPU, for messages: two devices may have the same name.
 *
 * @example
 * ```ts
 * import { describeDevice, openDevice } from "@giverny/giverny/kernels";
 * import { equal } from "node:assert/strict";
 * const { device } = await openDevice("wasm", { threads: 2 });
 * equal(describeDevice(device), "wasm on 2 threads");
 * ```
 */
export function describeDevice({ name, threads, about }: Pick<Device, "name" | "threads" | "about">): string {
  if (name === "webgpu") return about.replace(/^gpu\.js/, name);
  return name === "reference" ? name : `${name} on ${threads} thread${threads === 1 ? "" : "s"}`;
}

/** Writes numbers that arrive in parts into an array, and returns it. */
export async function fill<A extends Float32Array>(out: A, parts: AsyncIterable<ArrayLike<number>>): Promise<A> {
  const refuse = (found: string) => new ValueError(`Cannot upload ${out.length} numbers in parts: ${found} arrived`);
  let at = 0;
  for await (const part of parts) {
    if (at + part.length > out.length) throw refuse("more");
    out.set(part, at);
    at += part.length;
  }
  if (at < out.length) throw refuse(`only ${at}`);
  return out;
}

/** Returns the number of values that an operand of this extent holds. */
export function extentLength(extent: Extent, { rows, columns }: Size): number {
  return extent === "both" ? rows * columns : extent === "rows" ? rows : extent === "columns" ? columns : 1;
}

/**
 * Returns whether each of two devices can compute on the blocks of the other.
 *
 * @example
 * ```ts
 * import { openDevice, reference, shareMemory, wasm } from "@giverny/giverny/kernels";
 * import { deepEqual } from "node:assert/strict";
 * const { device } = await openDevice();
 * deepEqual([shareMemory(wasm(), device), shareMemory(wasm(), reference)], [true, false]);
 * ```
 */
export function shareMemory(one: Device, other: Device): boolean {
  return one === other || one.memory !== undefined && one.memory === other.memory;
}
