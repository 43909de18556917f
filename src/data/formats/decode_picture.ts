/**
 * JPEG and PNG files as pixels of one size. Their decoders are loaded with this module. Everything is checked before it
 * is decoded: a small file cannot take much memory.
 *
 * @module
 */
import { convertIndexedToRgb, decode as decodePng } from "fast-png";
import jpeg from "jpeg-js";
import { ValueError } from "../../../kernels/errors.ts";
import { inflate } from "./inflate.ts";

/** The most pixels of a picture, in millions, and the most megabytes that decoding may take. */
const MOST_MEGAPIXELS = 50, MOST_MEGABYTES = 1024;
const PIXELS_PER_BYTE = 1024;
const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** The chunks of PNG files that pixels need. Others can be large, and are left out. */
const CHUNKS = ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"];
const SAMPLES = [1, 0, 3, 1, 2, 0, 4];

/** A picture: rows of pixels, from top to bottom, each red, green and blue. */
interface Bitmap {
  readonly width: number;
  readonly height: number;
  /** Numbers for each pixel: 1 grey, 2 grey and opacity, 3 colours, 4 colours and opacity. */
  readonly channels: number;
  readonly data: ArrayLike<number>;
  /** The value of white. */
  readonly white: number;
}

/**
 * Returns the picture of a JPEG or PNG file, shrunk or stretched to a size: height × width × 3 bytes. Transparent
 * pixels are on white.
 *
 * @throws {ValueError} if the bytes are neither, are damaged, or have more than 50 million pixels; its message is the
 * reason alone.
 */
export async function decodePicture(
  bytes: Uint8Array<ArrayBuffer>,
  size: { readonly height: number; readonly width: number },
): Promise<Uint8Array> {
  const isPng = PNG.every((byte, k) => bytes[k] === byte);
  if (!isPng && !(bytes[0] === 0xff && bytes[1] === 0xd8)) throw new ValueError("neither JPEG nor PNG");
  return resized(isPng ? await pngBitmap(bytes) : jpegBitmap(bytes), size);
}

function jpegBitmap(bytes: Uint8Array): Bitmap {
  try {
    // A block of 64 pixels takes some bits at least, so a small file with many pixels is damaged.
    const megapixels = Math.min(MOST_MEGAPIXELS, 1 + PIXELS_PER_BYTE * bytes.length / 1e6);
    const limits = { maxResolutionInMP: megapixels, maxMemoryUsageInMB: MOST_MEGABYTES };
    return { ...jpeg.decode(bytes, { ...limits, useTArray: true }), channels: 4, white: 255 };
  } catch (cause) {
    throw new ValueError(cause instanceof Error ? cause.message.slice(0, 100) : "damaged", { cause });
  }
}

async function pngBitmap(bytes: Uint8Array<ArrayBuffer>): Promise<Bitmap> {
  const chunks = chunksOf(bytes).filter(({ type }) => CHUNKS.includes(type));
  const [header] = chunks;
  if (header?.type !== "IHDR" || header.content.length !== 13) throw new ValueError("the header is damaged");
  const view = new DataView(header.content.buffer, header.content.byteOffset);
  const [width, height, depth, kind] = [view.getUint32(0), view.getUint32(4), view.getUint8(8), view.getUint8(9)];
  if (!(width > 0 && height > 0) || width * height > MOST_MEGAPIXELS * 1e6) {
    throw new ValueError(`${width} × ${height} pixels, more than ${MOST_MEGAPIXELS} million`);
  }
  // Interlaced pictures have up to twice as many rows.
  const most = 2 * height * (Math.ceil(width * (SAMPLES[kind] || 4) * depth / 8) + 1) + 1024;
  const data = joined(chunks.filter(({ type }) => type === "IDAT").map(({ content }) => content));
  await inflate(data, "deflate", most, (rule) => new ValueError(rule));
  try {
    const decoded = decodePng(joined([bytes.subarray(0, 8), ...chunks.map(({ whole }) => whole)]));
    if (decoded.palette) {
      const colours = convertIndexedToRgb(decoded);
      return { width, height, channels: colours.length / (width * height), data: colours, white: 255 };
    }
    const grey = depth < 8 ? unpacked(decoded.data, width, height, depth) : decoded.data;
    return { width, height, channels: decoded.channels, data: grey, white: 2 ** depth - 1 };
  } catch (cause) {
    throw new ValueError(cause instanceof Error ? cause.message.slice(0, 100) : "damaged", { cause });
  }
}

/** Returns the chunks of a PNG file: their types, their contents, and their bytes with length and check sum. */
function chunksOf(bytes: Uint8Array<ArrayBuffer>): { type: string; content: Uint8Array; whole: Uint8Array }[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks = [];
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    chunks.push({
      type,
      content: bytes.subarray(at + 8, at + 8 + length),
      whole: bytes.subarray(at, at + 12 + length),
    });
    at += 12 + length;
  }
  return chunks;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Returns the grey values of rows whose pixels share bytes. */
function unpacked(data: ArrayLike<number>, width: number, height: number, depth: number): Uint8Array {
  if (data.length >= width * height) return Uint8Array.from(data);
  const row = Math.ceil(width * depth / 8), most = 2 ** depth - 1;
  return Uint8Array.from({ length: width * height }, (_, p) => {
    const bit = p % width * depth;
    return data[Math.floor(p / width) * row + (bit >> 3)] >> (8 - depth - bit % 8) & most;
  });
}

/** Returns the means of the pixels that each pixel of the new size covers. */
function resized(bitmap: Bitmap, { height, width }: { readonly height: number; readonly width: number }): Uint8Array {
  const out = new Uint8Array(height * width * 3);
  const edges = (from: number, to: number) => (k: number) => Math.floor(k * from / to);
  const row = edges(bitmap.height, height), column = edges(bitmap.width, width);
  const sum = new Float64Array(3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      sum.fill(0);
      const [top, left] = [row(y), column(x)];
      const [bottom, right] = [Math.max(top + 1, row(y + 1)), Math.max(left + 1, column(x + 1))];
      for (let v = top; v < bottom; v++) for (let u = left; u < right; u++) addPixel(bitmap, v * bitmap.width + u, sum);
      const count = (bottom - top) * (right - left);
      for (let c = 0; c < 3; c++) out[(y * width + x) * 3 + c] = Math.round(sum[c] / count);
    }
  }
  return out;
}

/** Adds a pixel, on white, to three sums. */
function addPixel({ channels, data, white }: Bitmap, pixel: number, sum: Float64Array): void {
  const at = pixel * channels, colours = channels >= 3 ? 3 : 1;
  const opacity = channels > colours ? data[at + colours] / white : 1;
  for (let c = 0; c < 3; c++) sum[c] += 255 * (opacity * data[at + c % colours] / white + 1 - opacity);
}
