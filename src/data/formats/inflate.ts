/**
 * Decompression with a bound: a small file cannot become a huge one.
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
