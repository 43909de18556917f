/**
 * NumPy's `.npy` files: one array, a short text header and then the numbers.
 *
 * @module
 */
import { FormatError, ValueError } from "../../../kernels/errors.ts";
import { readBytes, readStart, unreadable } from "./files.ts";

/** An array in row-major order. Bytes stay bytes (pictures); all other numbers become 32-bit floats. */
export interface NpyArray {
  /** The lengths of its axes. */
  readonly shape: readonly number[];
  /** The numbers, the last axis fastest. */
  readonly values: Float32Array | Uint8Array;
}

type Numbers = ArrayLike<number | bigint>;
type View = { new (buffer: ArrayBuffer, offset: number, length: number): Numbers; readonly BYTES_PER_ELEMENT: number };

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
  f2: Float16Array,
  f4: Float32Array,
  f8: Float64Array,
};
const MAGIC = "\x93NUMPY";
/** The bytes that lead up to the header and say how long it is; 10 of them in version 1. */
const PREFIX = 12;
/** The most bytes that an array may take, in the file or in memory: what a device can address. */
const MOST_BYTES = 2 ** 32;

/**
 * Returns the array of a `.npy` file. Its header is read first, and nothing else if that shows what is wrong.
 *
 * @throws {FormatError} if the file cannot be read, its numbers take more than 4 GiB, or {@link decodeNpy} refuses it.
 */
export async function readNpy(path: string): Promise<NpyArray> {
  const prefix = await readStart(path, "an array", PREFIX);
  const { start, size } = await readStart(path, "an array", headerEnd(prefix.start, path));
  headerOf(start, size, path);
  return decodeNpy(await readBytes(path, "an array"), path);
}

/** What the header of a `.npy` file says. */
interface Header {
  readonly shape: readonly number[];
  /** How many numbers there are. */
  readonly count: number;
  readonly view: View;
  /** Where they begin. */
  readonly end: number;
}

/**
 * Returns the array that the bytes of a `.npy` file (version 1, 2 or 3) hold: a view of them where the numbers are
 * 32-bit floats or bytes. `path` is named in errors.
 *
 * @throws {FormatError} if the bytes are no such file, an order or type of numbers is not supported, their count is not what
 * the shape asks for, or they take more than 4 GiB.
 *
 * @example
 * ```ts
 * import { decodeNpy, encodeNpy } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * const array = { shape: [1, 2], values: new Float32Array([0.5, 2]) };
 * assertEquals(decodeNpy(encodeNpy(array), "features.npy"), array);
 * ```
 */
export function decodeNpy(bytes: Uint8Array<ArrayBuffer>, path: string): NpyArray {
  const { shape, count, view, end } = headerOf(bytes, bytes.length, path);
  const aligned = (bytes.byteOffset + end) % view.BYTES_PER_ELEMENT === 0;
  const body = aligned ? bytes.subarray(end) : bytes.slice(end);
  const numbers = new view(body.buffer, body.byteOffset, count);
  const whole = numbers instanceof Float32Array || numbers instanceof Uint8Array;
  return { shape, values: whole ? numbers : Float32Array.from(numbers, Number) };
}

/** Returns where the header of a file that begins with these bytes ends. */
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
function headerOf(bytes: Uint8Array<ArrayBuffer>, length: number, path: string): Header {
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
  if (most > MOST_BYTES) {
    const floats = most > size ? `, ${grouped(most)} as 32-bit floats` : "";
    throw refuse(`${takes}${floats}; at most ${grouped(MOST_BYTES)} can be used: keep fewer rows or columns`);
  }
  return { shape, count, view, end };
}

/** Returns the numbers of an array as 32-bit floats: the same ones where they are that already. */
export function floatsOf({ values }: NpyArray): Float32Array {
  return values instanceof Float32Array ? values : Float32Array.from(values);
}

/**
 * Returns the bytes of a `.npy` file (version 1) that holds an array.
 *
 * @throws {ValueError} if the shape does not hold the numbers.
 */
export function encodeNpy({ shape, values }: NpyArray): Uint8Array<ArrayBuffer> {
  if (shape.reduce((product, length) => product * length, 1) !== values.length) {
    throw new ValueError(
      `Cannot write ${values.length} numbers as an array of shape [${shape.join(", ")}]: they must fill it`,
    );
  }
  const type = values instanceof Float32Array ? "<f4" : "|u1";
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.map((n) => `${n},`).join(" ")}), }`;
  // The numbers begin at a multiple of 64 bytes, so that readers can view them in place.
  const end = Math.ceil((10 + header.length + 1) / 64) * 64;
  const bytes = new Uint8Array(end + values.byteLength);
  bytes.set(Uint8Array.from(`${MAGIC}\x01\x00`, (letter) => letter.charCodeAt(0)));
  new DataView(bytes.buffer).setUint16(8, end - 10, true);
  bytes.set(new TextEncoder().encode(`${header.padEnd(end - 11)}\n`), 10);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), end);
  return bytes;
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}
