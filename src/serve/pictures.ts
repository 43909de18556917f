/**
 * Pictures of items as PNG files with an `ETag`, which are made when they are asked for the first time.
 *
 * @module
 */
import type { Dataset } from "../data/dataset.ts";

/** A picture as a file. */
export interface PictureFile {
  readonly png: Uint8Array<ArrayBuffer>;
  /** Its `ETag`: a digest of the bytes, in quotes. */
  readonly tag: string;
}

/** Returns the picture of an item; `null` if it has none. */
export type PictureOf = (item: string) => Promise<PictureFile | null>;

/** The most pictures that are remembered. */
const REMEMBERED = 10_000;

/** Returns the pictures of a data set by the ids of its items. */
export function picturesOf(data: Pick<Dataset, "items" | "pictures"> | null): PictureOf {
  const { pictures, items } = data ?? { pictures: undefined, items: [] };
  if (!pictures) return () => Promise.resolve(null);
  const numbers = new Map(items.map((id, number) => [id, number]));
  const { width, height, pixels } = pictures;
  const size = 3 * width * height;
  const made = new Map<string, Promise<PictureFile>>();
  return async (item) => {
    const number = numbers.get(item);
    if (number === undefined) return null;
    const found = made.get(item) ?? encoded(pixels.subarray(number * size, (number + 1) * size), { width, height });
    if (!made.has(item) && made.size >= REMEMBERED) made.delete(made.keys().next().value!);
    made.set(item, found);
    return await found;
  };
}

async function encoded(
  data: Uint8Array,
  size: { readonly width: number; readonly height: number },
): Promise<PictureFile> {
  const { encode } = await import("fast-png");
  const png = Uint8Array.from(encode({ ...size, channels: 3, data }));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", png));
  return { png, tag: `"${Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("")}"` };
}
