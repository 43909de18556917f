/**
 * Compressed files for tests of readers.
 *
 * @module
 */

/** Returns bytes in a compressed form. */
export async function packed(
  content: string | Uint8Array<ArrayBuffer>,
  form: "gzip" | "deflate-raw" = "gzip",
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([content]).stream().pipeThrough(new CompressionStream(form));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Returns a zip archive, its entries compressed or not. */
export async function zip(
  files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>,
  compressed: boolean,
): Promise<Uint8Array<ArrayBuffer>> {
  const number = (value: number, bytes: number) => Uint8Array.from({ length: bytes }, (_, k) => value / 256 ** k & 255);
  const parts: Uint8Array[] = [], directory: Uint8Array[] = [];
  const size = (list: readonly Uint8Array[]) => list.reduce((sum, { length }) => sum + length, 0);
  for (const [name, content] of Object.entries(files)) {
    const text = new TextEncoder().encode(name), data = compressed ? await packed(content, "deflate-raw") : content;
    const shared = [
      ...[number(20, 2), number(0, 2), number(compressed ? 8 : 0, 2), number(0, 8)],
      ...[number(data.length, 4), number(content.length, 4), number(text.length, 2), number(0, 2)],
    ];
    directory.push(number(0x02014b50, 4), number(20, 2), ...shared, number(0, 10), number(size(parts), 4), text);
    parts.push(number(0x04034b50, 4), ...shared, text, data);
  }
  const count = Object.keys(files).length, start = size(parts);
  const end = [number(0x06054b50, 4), number(0, 4), number(count, 2), number(count, 2), number(size(directory), 4)];
  return new Uint8Array(
    await new Blob([...parts, ...directory, ...end, number(start, 4), number(0, 2)] as BlobPart[]).arrayBuffer(),
  );
}
