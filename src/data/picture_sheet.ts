/**
 * The pictures of some items as one PNG image, to look at.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { displayed } from "../core/display.ts";
import type { Dataset, Pictures } from "./dataset.ts";

/** Pictures of items in rows, as a PNG image. In a notebook it shows itself. */
export interface PictureSheet {
  /** Pixels from left to right. */
  readonly width: number;
  /** Pixels from top to bottom. */
  readonly height: number;
  /** The bytes of the PNG file. */
  readonly png: Uint8Array<ArrayBuffer>;
}

/** The options of {@link pictureSheet}. */
export interface PictureSheetOptions {
  /** Pictures in a row; 8 by default. */
  readonly columns?: number | undefined;
  /** The pixels for each pixel of a picture, in each direction; 3 by default. */
  readonly scale?: number | undefined;
}

/** The transparent pixels between pictures. */
const GAP = 8;
/** The channels of a pixel: red, green, blue and opacity. */
const RGBA = 4;

/**
 * Returns the pictures of items as one image, from left to right and from top to bottom.
 *
 * @param items The ids of the items.
 * @throws {ValueError} if the data have no pictures or no item with such an id, no item is named, or an option is not a
 * whole number above 0.
 *
 * @example
 * ```ts
 * import { garden, pictureSheet } from "@giverny/giverny/data";
 * import { key } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * const data = garden(key(0), { users: 50, items: 40 });
 * const { width, height } = await pictureSheet(data, data.items.slice(0, 3), { scale: 1 });
 * deepEqual([width, height], [3 * 32 + 2 * 8, 24]);
 * ```
 */
export async function pictureSheet(
  data: Dataset,
  items: readonly string[],
  { columns = 8, scale = 3 }: PictureSheetOptions = {},
): Promise<PictureSheet> {
  const { pictures } = data;
  const refuse = (rule: string) => new ValueError(`Cannot make a pictureSheet of "${data.name}": ${rule}`);
  if (!pictures) throw refuse("it has no pictures");
  if (items.length === 0) throw refuse("name at least one item");
  if (![columns, scale].every((number) => Number.isInteger(number) && number > 0)) {
    throw refuse(`columns and scale must be whole numbers above 0, not ${columns} and ${scale}`);
  }
  const numbers = items.map((id) => {
    const number = data.items.indexOf(id);
    if (number < 0) throw refuse(`it has no item "${id}"`);
    return number;
  });
  const across = Math.min(columns, items.length);
  const down = Math.ceil(items.length / across);
  const width = across * (pictures.width * scale + GAP) - GAP;
  const height = down * (pictures.height * scale + GAP) - GAP;
  const pixels = new Uint8Array(width * height * RGBA);
  numbers.forEach((item, n) => {
    const left = (n % across) * (pictures.width * scale + GAP);
    const top = Math.floor(n / across) * (pictures.height * scale + GAP);
    paint(pixels, { width, left, top, scale }, pictures, item);
  });
  const { encode } = await import("fast-png");
  const png = Uint8Array.from(encode({ width, height, channels: RGBA, data: pixels }));
  const base64 = btoa(Array.from(png, (byte) => String.fromCharCode(byte)).join(""));
  return displayed({ width, height, png }, {
    text: () => `${items.length} pictures: ${items.join(", ")}`,
    forms: () => ({ "image/png": base64 }),
  });
}

/** The place of a picture in an image. */
interface Place {
  /** Pixels in a row of the image. */
  readonly width: number;
  readonly left: number;
  readonly top: number;
  readonly scale: number;
}

/** Copies the picture of an item into an image. */
function paint(image: Uint8Array, { width, left, top, scale }: Place, pictures: Pictures, item: number): void {
  const start = item * pictures.height * pictures.width;
  for (let y = 0; y < pictures.height * scale; y++) {
    for (let x = 0; x < pictures.width * scale; x++) {
      const from = 3 * (start + Math.floor(y / scale) * pictures.width + Math.floor(x / scale));
      const to = RGBA * ((top + y) * width + left + x);
      image.set(pictures.pixels.subarray(from, from + 3), to);
      image[to + 3] = 255;
    }
  }
}
