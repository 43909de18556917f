/**
 * Decompression with a bound: a small file cannot become a huge one. Names of binary formats that are not text.
 *
 * @module
 */
import type { FormatError, ValueError } from "../../../kernels/errors.ts";

/** A format of compressed data: a gzip file, the data of a PNG file, or the bare stream in a zip archive. */
export type Compression = "gzip" | "deflate" | "deflate-raw";

/**
 * Returns decompressed bytes, at most `most`.
 *
 * @throws {FormatError} the result of `refuse` if the data are damaged, or longer.
 */
export async function inflate(
  bytes: Uint8Array<ArrayBuffer>,
  compression: Compression,
  most: number,
  refuse: (rule: string, cause?: unknown) => FormatError | ValueError,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream(compression)).getReader();
  const damaged = (cause: unknown) => {
    throw refuse("the compressed data are damaged, cut off, or several files in one; unpack the file", cause);
  };
  for (;;) {
    const next = await reader.read().catch(damaged);
    if (!next?.value) break;
    length += next.value.length;
    parts.push(next.value);
    if (length <= most) continue;
    await reader.cancel();
    throw refuse(`the compressed data are longer than ${Math.floor(most / 2 ** 20)} MiB; split the file`);
  }
  const content = new Uint8Array(length);
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
