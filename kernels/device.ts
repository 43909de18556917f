/**
 * What a device is: storage for numbers, and a small closed set of kernels over it. Kernels know arrays, not tensors: sizes
 * come as numbers, results are fresh blocks, operands are never written.
 *
 * @module
 */
import type { Formula } from "./scalar.ts";

/** The devices there are. */
export type DeviceName = "reference" | "wasm" | "webgpu";

/** A block of numbers that lives on one device. */
export interface Storage {
  /** The device that holds it. */
  readonly device: Device;
  /** How many 32-bit numbers it holds. */
  readonly length: number;
  /** Set once, by {@link Device.free}. */
  freed: boolean;
}

/** A block that plain TypeScript can see, as floats or as integers. */
export interface HostStorage extends Storage {
  /** The numbers, as floats. */
  readonly floats: Float32Array;
  /** The same bits, as integers. */
  readonly integers: Int32Array;
}

/** The size of a row-major matrix. */
export interface Size {
  /** How many rows. */
  readonly rows: number;
  /** How many columns. */
  readonly columns: number;
}

/** A source of random numbers: two 32-bit words. Make one with `key()`; get unrelated ones with `split()`. */
export interface Key {
  /** The upper word. */
  readonly high: number;
  /** The lower word. */
  readonly low: number;
}

/** Along which axes of a matrix a smaller block varies: `rows` means one number per row, repeated across the columns. */
export type Extent = "both" | "rows" | "columns" | "none";

/** A block as an operand of {@link Kernels.map}, repeated along the axes its extent lacks. */
export interface Operand<S> {
  /** The numbers. */
  readonly storage: S;
  /** The axes along which they vary. */
  readonly extent: Extent;
}

/** A sparse pattern on a device: `offsets` (rows + 1) and `indices` (one column per entry) are blocks of integers. */
export interface Sparse<S> extends Size {
  /** How many entries are stored. */
  readonly entries: number;
  /** Where the entries of each row begin and end: rows + 1 integers. */
  readonly offsets: S;
  /** The column of each entry. */
  readonly indices: S;
}

/** Which operand of a matrix product is transposed: A·B, A·Bᵀ or Aᵀ·B. */
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

/** The best columns of each row, best first; −1 (and −∞) where a row has fewer candidates than asked for. */
export interface Top {
  /** How many per row. */
  readonly k: number;
  /** The columns, k per row. */
  readonly indices: Int32Array;
  /** Their values. */
  readonly values: Float32Array;
}

/** The closed set of kernels. Every device implements each of them; a missing one does not compile. */
export interface Kernels<S> {
  /** Applies a formula elementwise to a `size` matrix; one block per output of the formula. */
  map(formula: Formula, operands: readonly Operand<S>[], scalars: readonly number[], size: Size): S[];
  /** Sums a formula of one output, or takes its largest value, along the axes that `keep` lacks. The largest of nothing is −∞. */
  reduce(
    by: "sum" | "max",
    term: Formula,
    operands: readonly Operand<S>[],
    scalars: readonly number[],
    size: Size,
    keep: Exclude<Extent, "both">,
  ): S;
  /** The matrix product, either operand possibly stored transposed. */
  matmul(a: S, b: S, size: ProductSize, form: Form): S;
  /**
   * The sparse product: row r of the result is Σ value(e) · x[column(e)] over the entries e of row r, plus `self` · x[r].
   * `null` values are 1. With `self` other than 0 the pattern is square.
   */
  spmm(pattern: Sparse<S>, values: S | null, x: S, columns: number, self: number): S;
  /** The dense product sampled at a pattern: entry e of the result is ⟨x[row(e)], y[column(e)]⟩. */
  sddmm(pattern: Sparse<S>, x: S, y: S, depth: number): S;
  /** Softmax within each row's entries, where every entry holds `columns` numbers that are normalised separately. */
  segmentSoftmax(pattern: Sparse<S>, x: S, columns: number): S;
  /** The mean of `values` within each row's entries, weighted by the softmax of `scores`; 0 for rows without entries. */
  segmentSoftmaxMean(pattern: Sparse<S>, scores: S, values: S, columns: number): S;
  /** Copies a rectangle out of a matrix. */
  slice(x: S, size: Size, window: Window): S;
  /** Joins a grid of matrices, given row by row, to one. They are as high as their row of the grid, as wide as their column. */
  concat(grid: readonly (readonly S[])[], heights: readonly number[], widths: readonly number[]): S;
  /** Turns rows into columns. */
  transpose(x: S, size: Size): S;
  /** The k largest of each row, leaving out NaN and the entries of a pattern; the lower column first among equals. */
  topk(x: S, size: Size, k: number, exclude: Sparse<S> | null): Promise<Top>;
  /** Draws `count` numbers uniformly from [0, 1), multiples of 2⁻²⁴: the same bits on every device. */
  uniforms(key: Key, count: number): S;
}

/** The name of a kernel. */
export type KernelName = keyof Kernels<Storage>;

/** A machine that holds numbers and runs kernels on them. */
export interface Device<S extends Storage = Storage> {
  /** Its name, as `openDevice` knows it. */
  readonly name: DeviceName;
  /** One line for people: what it is and what it uses. */
  readonly about: string;
  /** How many threads compute, the calling one included. */
  readonly threads: number;
  /** What it can compute. */
  readonly kernels: Kernels<S>;
  /** Copies numbers to the device. */
  upload(values: ArrayLike<number>): S;
  /** Copies whole numbers to the device: indices and offsets. */
  uploadIndices(values: Int32Array): S;
  /** Copies numbers back. */
  read(storage: S): Promise<Float32Array>;
  /** Shows the numbers without a copy, on devices that share the host's memory; `null` elsewhere. For reading only. */
  view(storage: S): Float32Array | null;
  /** Gives the block back. Freeing twice is harmless. */
  free(storage: S): void;
  /** Returns how many more bytes blocks may take; `Infinity` where nobody knows. */
  room(): number;
  /**
   * Waits until the device is not far behind with what it was asked for: a loop that never reads asks it once a turn. At once
   * on devices that compute when they are called.
   */
  keepUp(): Promise<void>;
}

/** The number of values that an operand of this extent holds. */
export function extentLength(extent: Extent, { rows, columns }: Size): number {
  return extent === "both" ? rows * columns : extent === "rows" ? rows : extent === "columns" ? columns : 1;
}
