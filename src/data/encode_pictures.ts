/**
 * Pictures as features: histograms of colour and of the direction of edges, for items with a picture and without an
 * embedding.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { DenseModality, Pictures } from "./dataset.ts";

/** The options of {@link pictureHistograms}. */
export interface PictureHistogramsOptions {
  /** A picture is cut into `cells` × `cells` equal parts, each with its own histograms; 3 by default. */
  readonly cells?: number | undefined;
  /** The number of levels of each of red, green and blue, which makes `tones`³ colours; 4 by default. */
  readonly tones?: number | undefined;
  /** The number of directions of edges over half a turn; 8 by default. */
  readonly directions?: number | undefined;
}

/**
 * Returns one row per picture: for each cell, row by row, a histogram of `tones`³ colours and one of `directions` edge
 * directions.
 *
 * A pixel counts for the nearest tones of its colour, in proportion to how near they are. An edge is the gradient of
 * the brightness (central differences): its length counts for the two nearest directions, modulo half a turn, in the
 * same way. A histogram becomes the square roots of its shares, so its length is one (zero in a cell without edges),
 * and the product of two is their Bhattacharyya coefficient. The edges do not depend on brightness and contrast. The
 * row is scaled to length one. A black picture means that there is no picture: its row is zero and not known.
 *
 * @throws {ValueError} if an option is not a whole number above 0 (above 1 for `tones`), a picture has fewer pixels
 * than `cells` on a side, or the bytes are not a whole number of pictures.
 *
 * @example
 * ```ts
 * import { pictureHistograms } from "@giverny/giverny/data";
 * import { equal } from "node:assert/strict";
 * const grey = { height: 6, width: 6, pixels: new Uint8Array(6 * 6 * 3).fill(85) };
 * const { columns, values } = pictureHistograms(grey, { cells: 1 });
 * equal(columns, 4 ** 3 + 8);
 * equal(values.indexOf(1), 1 * 16 + 1 * 4 + 1);
 * ```
 */
export function pictureHistograms(pictures: Pictures, options: PictureHistogramsOptions = {}): DenseModality {
  const { cells = 3, tones = 4, directions = 8 } = options;
  const { height, width, pixels } = pictures;
  const refuse = (rule: string) => new ValueError(`Cannot make histograms of pictures: ${rule}`);
  if (![cells, tones - 1, directions].every((n) => Number.isInteger(n) && n > 0)) {
    throw refuse(
      `expected whole numbers of at least 1 cell, 2 tones and 1 direction, found ${cells}, ${tones} and ${directions}`,
    );
  }
  if (Math.min(height, width) < cells) {
    throw refuse(`${height} × ${width} pixels do not fill ${cells} × ${cells} cells`);
  }
  const size = height * width * 3, colours = tones ** 3, block = colours + directions, columns = cells * cells * block;
  const items = pixels.length / size;
  if (!Number.isInteger(items)) throw refuse(`${pixels.length} bytes are no whole number of ${height} × ${width} × 3`);
  const values = new Float32Array(items * columns);
  const known = new Uint8Array(items);
  for (let i = 0; i < items; i++) {
    const picture = pixels.subarray(i * size, (i + 1) * size);
    if (picture.every((byte) => byte === 0)) continue;
    const row = values.subarray(i * columns, (i + 1) * columns);
    const light = brightness(picture);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const at = y * width + x;
        const start = block * (Math.floor(y * cells / height) * cells + Math.floor(x * cells / width));
        const across = light[x + 1 < width ? at + 1 : at] - light[x > 0 ? at - 1 : at];
        const down = light[y + 1 < height ? at + width : at] - light[y > 0 ? at - width : at];
        countColour(row, start, tones, picture, at * 3);
        countEdge(row, start + colours, directions, across, down);
      }
    }
    for (let start = 0; start < columns; start += block) {
      rootOfShares(row.subarray(start, start + colours));
      rootOfShares(row.subarray(start + colours, start + block));
    }
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    row.forEach((value, c) => row[c] = value / length);
    known[i] = 1;
  }
  return { kind: "dense", columns, values, known };
}

/** Returns the luma of each pixel (Rec. 601). */
function brightness(picture: Uint8Array): Float32Array {
  return new Float32Array(picture.length / 3).map((_, k) =>
    0.299 * picture[3 * k] + 0.587 * picture[3 * k + 1] + 0.114 * picture[3 * k + 2]
  );
}

/** Adds one pixel to the histogram of tones³ colours that begins at `start`, shared between the eight nearest. */
function countColour(row: Float32Array, start: number, tones: number, picture: Uint8Array, at: number): void {
  const top = (tones - 1) / 255;
  const red = picture[at] * top, green = picture[at + 1] * top, blue = picture[at + 2] * top;
  const r = Math.floor(red), g = Math.floor(green), b = Math.floor(blue);
  for (let corner = 0; corner < 8; corner++) {
    const up = corner >> 2, over = corner >> 1 & 1, on = corner & 1;
    const share = (1 - Math.abs(red - r - up)) * (1 - Math.abs(green - g - over)) * (1 - Math.abs(blue - b - on));
    if (share > 0) row[start + ((r + up) * tones + g + over) * tones + b + on] += share;
  }
}

/** Adds the length of a gradient to the histogram of directions that begins at `start`, shared between two. */
function countEdge(row: Float32Array, start: number, directions: number, across: number, down: number): void {
  const length = Math.sqrt(across * across + down * down);
  if (length === 0) return;
  const turn = (Math.atan2(down, across) / Math.PI + 1) * directions, low = Math.floor(turn), share = turn - low;
  row[start + low % directions] += length * (1 - share);
  row[start + (low + 1) % directions] += length * share;
}

/** Replaces counts by the square roots of their shares. */
function rootOfShares(histogram: Float32Array): void {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  if (total > 0) histogram.forEach((count, bin) => histogram[bin] = Math.sqrt(count / total));
}
