/**
 * NumPy's `.npy` files: one array, a short text header and then the numbers.
 *
 * @module
 */
import { type FormatError, ValueError } from "../../../kernels/errors.ts";
import { type Files, localFiles } from "../files.ts";
import { readBytes, readStart, reason, unreadable, withoutGz } from "./files.ts";
import type { ReadOptions } from "./options.ts";

/** An array in row-major order. Bytes stay bytes (pictures); all other numbers become 32-bit floats. */
export interface NpyArray {
  /** The lengths of its axes. */
  readonly shape: readonly number[];
  /** The numbers, the last axis fastest. */
  readonly values: Float32Array | Uint8Array;
}

/** A matrix in a file, of which rows are read when they are needed. */
export interface NpyRows {
  /** The lengths of its axes. */
  readonly shape: readonly number[];
  /** Returns the numbers of the rows from `from` to `to − 1`, one row after another, as 32-bit floats. */
  readonly read: (from: number, to: number) => Promise<Float32Array>;
}

type View = {
  new (buffer: ArrayBuffer, offset: number, length: number): ArrayLike<number | bigint> & ArrayBufferView;
  readonly BYTES_PER_ELEMENT: number;
};

/**
 * The array that views the numbers of each type. Half floats are decoded from their bits: many engines have no such
 * array.
 */
const VIEWS: Readonly<Record<string, View>> = {
  b1: Uint8Array,
  u1: Uint8Array,
  i1: Int8Array,
  u2: Uint16Array,
  i2: Int16Array,
  u4: Uint32Array,
  i4: Int32Array,
  u8: BigUint64Array,
  i8: BigInt64Array,
  f2: Uint16Array,
  f4: Float32Array,
  f8: Float64Array,
};
const MAGIC = "\x93NUMPY";
/** The bytes that lead up to the header and say how long it is; 10 of them in version 1. */
const PREFIX = 12;
/** The most bytes that an array which is read at once may take, in the file or as floats. */
const MOST_BYTES = 2 ** 32;

/** The header of a `.npy` file. */
interface Header {
  readonly shape: readonly number[];
  /** How many numbers there are. */
  readonly count: number;
  readonly type: string;
  readonly view: View;
  /** The byte at which they begin. */
  readonly end: number;
}

/**
 * Returns the array of a `.npy` file. Its header is read first, and nothing else if the header shows a fault.
 *
 * @throws {FormatError} if the file cannot be read, its numbers take more than 4 GiB, or {@link decodeNpy} refuses it.
 */
export async function readNpy(path: string, files: Files = localFiles): Promise<NpyArray> {
  // The header of a compressed file cannot be read alone.
  if (withoutGz(path) === path) await readHeader(path, files, MOST_BYTES);
  return decodeNpy(await readBytes(path, "an array", files), path);
}

/** The most bytes of a file that is read at once by `auto`. */
const MOST_AT_ONCE = 2 ** 30;

/** Reads a `.npy` file of features, or opens it, as the options say. A compressed file is always read. */
export async function readOrOpenNpy(
  path: string,
  { features = "memory", files = localFiles }: Pick<ReadOptions, "features" | "files">,
): Promise<NpyArray | NpyRows> {
  const large = async () => features === "source" || ((await files.stat(path))?.size ?? 0) > MOST_AT_ONCE;
  const later = features !== "memory" && withoutGz(path) === path && await large();
  return later ? await openNpy(path, files) : await readNpy(path, files);
}

/**
 * Opens a `.npy` file of any size: its header is read now, its rows later.
 *
 * @throws {FormatError} if the file cannot be read, or {@link decodeNpy} refuses its header.
 */
export async function openNpy(path: string, files: Files = localFiles): Promise<NpyRows> {
  const { shape, count, type, view, end } = await readHeader(path, files, Infinity);
  const width = count / shape[0];
  return {
    shape,
    async read(from, to) {
      const [start, length] = [width * view.BYTES_PER_ELEMENT * from, width * view.BYTES_PER_ELEMENT * (to - from)];
      const bytes = await files.readRange(path, end + start, length).catch((cause) => {
        throw unreadable("features", path, reason(cause), { cause });
      });
      if (bytes.length !== length) {
        throw unreadable("features", path, `rows ${from} to ${to - 1} are missing; the file was changed`);
      }
      return floats(numbersOf(bytes, view, type));
    },
  };
}

/**
 * Returns the array that the bytes of a `.npy` file (version 1, 2 or 3) hold: a view of them where the numbers are
 * 32-bit floats or bytes. `path` is named in errors.
 *
 * @throws {FormatError} if the bytes are no such file, an order or type of numbers is not supported, their count does
 * not fit the shape, or they take more than 4 GiB.
 *
 * @example
 * ```ts
 * import { decodeNpy, encodeNpy } from "@giverny/giverny/data";
 * import { deepEqual } from "node:assert/strict";
 * const array = { shape: [1, 2], values: new Float32Array([0.5, 2]) };
 * deepEqual(decodeNpy(encodeNpy(array), "features.npy"), array);
 * ```
 */
export function decodeNpy(bytes: Uint8Array<ArrayBuffer>, path: string): NpyArray {
  const { shape, view, type, end } = headerOf(bytes, bytes.length, path, MOST_BYTES);
  return { shape, values: numbersOf(bytes.subarray(end), view, type) };
}

/** Returns the numbers that bytes hold: a view of the bytes where they are aligned, and floats or bytes already. */
function numbersOf(bytes: Uint8Array<ArrayBuffer>, view: View, type: string): Float32Array | Uint8Array {
  const { buffer, byteOffset, length } = bytes.byteOffset % view.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
  const numbers = new view(buffer, byteOffset, length / view.BYTES_PER_ELEMENT);
  if (numbers instanceof Float32Array || numbers instanceof Uint8Array) return numbers;
  return Float32Array.from(numbers, type === "f2" ? (bits) => half(Number(bits)) : Number);
}

/**
 * Returns the number that a half float (IEEE 754 binary16: 1 sign bit, 5 of the exponent, 10 of the fraction) stands
 * for.
 */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1, exponent = bits >> 10 & 31, fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 25) * (1024 + fraction) : 2 ** -24 * fraction);
}

async function readHeader(path: string, files: Files, limit: number): Promise<Header> {
  const prefix = await readStart(path, "an array", PREFIX, files);
  const { start, size } = await readStart(path, "an array", headerEnd(prefix.start, path), files);
  return headerOf(start, size, path, limit);
}

/** Returns the byte at which the header of a file that begins with these bytes ends. */
function headerEnd(bytes: Uint8Array<ArrayBuffer>, path: string): number {
  const refuse = (rule: string): FormatError => unreadable("an array", path, rule);
  const major = bytes[6];
  if (latin1(bytes.subarray(0, 6)) !== MAGIC) throw refuse("the file does not begin as a .npy file does");
  if (!(major >= 1 && major <= 3)) throw refuse(`format version ${major} is unknown; expected 1, 2 or 3`);
  const start = major === 1 ? 10 : 12;
  if (bytes.length < start) throw refuse("the header is truncated");
  const data = new DataView(bytes.buffer, bytes.byteOffset);
  return start + (major === 1 ? data.getUint16(8, true) : data.getUint32(8, true));
}

/** Returns the header of a file of `length` bytes that begins with these, after checking that the rest can be read. */
function headerOf(bytes: Uint8Array<ArrayBuffer>, length: number, path: string, limit: number): Header {
  const refuse = (rule: string): FormatError => unreadable("an array", path, rule);
  const end = headerEnd(bytes, path);
  if (bytes.length < end) throw refuse("the header is truncated");
  const header = latin1(bytes.subarray(10, end));
  const [, order, type] = /'descr': *'([<>|=]?)([a-zA-Z]\w*)'/.exec(header) ?? [];
  const [, tuple] = /'shape': *\(([\d, ]*)\)/.exec(header) ?? [];
  if (type === undefined || tuple === undefined) throw refuse("the header does not state a plain type and a shape");
  const view = Object.hasOwn(VIEWS, type) ? VIEWS[type] : undefined;
  if (!view) {
    throw refuse(`numbers of type "${type}" are not supported; save array.astype("float32")`);
  }
  if (order === ">" && view.BYTES_PER_ELEMENT > 1) {
    throw refuse('the numbers are big-endian; save array.astype("<f4")');
  }
  if (/'fortran_order': *True/.test(header)) {
    throw refuse("the array is in Fortran order; save numpy.ascontiguousarray(array)");
  }
  const shape = tuple.split(",").filter((length) => length.trim() !== "").map(Number);
  const count = shape.reduce((product, length) => product * length, 1);
  const size = count * view.BYTES_PER_ELEMENT;
  const takes = `shape [${shape.join(", ")}] of ${type} takes ${grouped(size)} bytes`;
  if (length - end !== size) throw refuse(`${takes}, found ${grouped(length - end)}`);
  const most = Math.max(size, (view === Uint8Array ? 1 : 4) * count);
  if (most > limit) {
    const inMemory = most > size ? `, ${grouped(most)} as 32-bit floats` : "";
    throw refuse(`${takes}${inMemory}; at most ${grouped(MOST_BYTES)} can be used: keep fewer rows or columns`);
  }
  return { shape, count, type, view, end };
}

/** Returns numbers as 32-bit floats: the same array where they are that already. */
export function floats(values: NpyArray["values"]): Float32Array {
  return values instanceof Float32Array ? values : Float32Array.from(values);
}

/**
 * Returns the bytes of a `.npy` file (version 1) that holds an array.
 *
 * @throws {ValueError} if the shape does not hold the numbers.
 *
 * @example
 * ```ts
 * import { encodeNpy } from "@giverny/giverny/data";
 * import { equal } from "node:assert/strict";
 * const bytes = encodeNpy({ shape: [2, 3], values: new Float32Array(6) });
 * equal(bytes.length, 128 + 4 * 6);
 * ```
 */
export function encodeNpy({ shape, values }: NpyArray): Uint8Array<ArrayBuffer> {
  if (shape.reduce((product, length) => product * length, 1) !== values.length) {
    throw new ValueError(
      `Cannot write ${values.length} numbers as an array of shape [${shape.join(", ")}]: they must fill it`,
    );
  }
  const start = npyHeader(shape, values instanceof Float32Array ? "<f4" : "|u1");
  const bytes = new Uint8Array(start.length + values.byteLength);
  bytes.set(start);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), start.length);
  return bytes;
}

/** Returns the bytes that precede the numbers in a `.npy` file. */
export function npyHeader(shape: readonly number[], type: "<f4" | "|u1"): Uint8Array<ArrayBuffer> {
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.map((n) => `${n},`).join(" ")}), }`;
  // The numbers begin at a multiple of 64 bytes, so that readers can view them in place.
  const end = Math.ceil((10 + header.length + 1) / 64) * 64;
  const bytes = new Uint8Array(end);
  bytes.set(Uint8Array.from(`${MAGIC}\x01\x00`, (letter) => letter.charCodeAt(0)));
  new DataView(bytes.buffer).setUint16(8, end - 10, true);
  bytes.set(new TextEncoder().encode(`${header.padEnd(end - 11)}\n`), 10);
  return bytes;
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}
