/**
 * Decompression with a bound: a small file cannot become a huge one. Names of binary formats that are not text.
 *
 * @module
 */
import type { FormatError, ValueError } from "../../../kernels/errors.ts";

/** A format of compressed data: a gzip file, the data of a PNG file, or the bare stream in a zip archive. */
export type Compression = "gzip" | "deflate" | "deflate-raw";

/** The bytes that are searched for members at a time. */
const PIECE = 2 ** 16;

/** Returns the error for a broken rule. */
type Refuse = (rule: string, cause?: unknown) => FormatError | ValueError;

/**
 * Returns decompressed bytes, at most `most`. A gzip file may have several members, one after the other.
 *
 * @throws {FormatError} the result of `refuse` if the data are damaged, or longer.
 */
export async function inflate(
  bytes: Uint8Array<ArrayBuffer>,
  compression: Compression,
  most: number,
  refuse: Refuse,
): Promise<Uint8Array<ArrayBuffer>> {
  const tooLong = () => refuse(`the compressed data are longer than ${Math.floor(most / 2 ** 20)} MiB; split the file`);
  const whole = await inflated(bytes, compression, most);
  if (whole === "long") throw tooLong();
  if (whole instanceof Uint8Array) return whole;
  const starts = compression === "gzip" ? await membersOf(bytes, most) : [];
  const parts: Uint8Array[] = [];
  let left = most;
  for (const [n, start] of starts.entries()) {
    const part = await inflated(bytes.subarray(start, starts[n + 1]), compression, left);
    if (part === "long") throw tooLong();
    if (!(part instanceof Uint8Array)) break;
    parts.push(part);
    left -= part.length;
  }
  if (starts.length < 2 || parts.length < starts.length) {
    throw refuse("the compressed data are damaged or cut off; unpack the file to see more", whole.cause);
  }
  return joined(parts);
}

/** Returns decompressed bytes, or `"long"` if there are more than `most`, or the reason why they are damaged. */
async function inflated(
  bytes: Uint8Array<ArrayBuffer>,
  compression: Compression,
  most: number,
): Promise<Uint8Array<ArrayBuffer> | "long" | { readonly cause: unknown }> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream(compression)).getReader();
  try {
    for (let next = await reader.read(); next.value; next = await reader.read()) {
      length += next.value.length;
      parts.push(next.value);
      if (length <= most) continue;
      await reader.cancel();
      return "long";
    }
  } catch (cause) {
    return { cause };
  }
  return joined(parts);
}

/**
 * Returns the bytes at which the members of a gzip file begin, each in the order of the file. Their content is checked
 * when they are decompressed one by one.
 */
async function membersOf(bytes: Uint8Array, most: number): Promise<number[]> {
  const { Gunzip } = await import("fflate");
  const starts = [0];
  let length = 0;
  const stream = new Gunzip((part) => length += part.length);
  stream.onmember = (start) => starts.push(start);
  try {
    for (let at = 0; at < bytes.length && length <= most; at += PIECE) {
      stream.push(bytes.subarray(at, at + PIECE), at + PIECE >= bytes.length);
    }
  } catch {
    return [];
  }
  return starts;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const content = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    content.set(part, at);
    at += part.length;
  }
  return content;
}

/** The first bytes of binary formats, and their names. */
const KINDS: readonly (readonly [start: string, kind: string])[] = [
  ["PK\x03\x04", "a zip archive, which must be unpacked, or a spreadsheet, which must be saved as CSV"],
  ["PAR1", "Parquet, whose name must end in .parquet"],
  ["SQLite format 3", "an SQLite database, whose name must end in .sqlite or .db"],
  ["\x93NUMPY", "an array of NumPy"],
  ["\x89HDF", "HDF5, which must be exported as CSV or Parquet"],
  ["BZh", "compressed by bzip2, and must be unpacked"],
  ["\xfd7zXZ", "compressed by xz, and must be unpacked"],
  ["\x28\xb5\x2f\xfd", "compressed by Zstandard, and must be unpacked"],
];

/** Returns the name of a binary format. */
export function binaryKind(bytes: Uint8Array): string {
  const start = String.fromCharCode(...bytes.subarray(0, 16));
  return KINDS.find(([mark]) => start.startsWith(mark))?.[1] ?? "binary";
}
