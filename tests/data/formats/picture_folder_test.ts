/** Tests of folders of JPEG and PNG files. @module */
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { encode as encodePng } from "fast-png";
import jpeg from "jpeg-js";
import { fc } from "../../fc.ts";
import { decodePicture } from "../../../src/data/formats/decode_picture.ts";
import { openDataset } from "../../../src/data/open.ts";
import { withFolder } from "./folder.ts";
import { packed } from "./packed.ts";

type Png = Parameters<typeof encodePng>[0];
const png = (image: Png) => new Uint8Array(encodePng(image));
const plain = (width: number, height: number, rgb: readonly number[]): Png => ({
  width,
  height,
  channels: 3,
  depth: 8,
  data: Uint8Array.from({ length: width * height * 3 }, (_, k) => rgb[k % 3]),
});
const red = plain(10, 5, [255, 0, 0]);
const blueJpeg = new Uint8Array(
  jpeg.encode({ width: 16, height: 16, data: Uint8Array.from({ length: 1024 }, (_, k) => [0, 0, 255, 255][k % 4]) }, 95)
    .data,
);
const size = { height: 3, width: 4 };

/** Returns a chunk of a PNG file; its check sum is not right. */
function chunk(type: string, content: Uint8Array): Uint8Array {
  const out = new Uint8Array(12 + content.length);
  new DataView(out.buffer).setUint32(0, content.length);
  out.set(new TextEncoder().encode(type), 4);
  out.set(content, 8);
  return out;
}

function pngOf(...chunks: Uint8Array[]): Promise<ArrayBuffer> {
  const start = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return new Blob([start, ...chunks] as BlobPart[]).arrayBuffer();
}

function header(width: number, height: number): Uint8Array {
  const out = new Uint8Array(13), view = new DataView(out.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  out.set([8, 2, 0, 0, 0], 8);
  return chunk("IHDR", out);
}

Deno.test("decodePicture() reads PNG of every kind of pixel, opaque or on white", async () => {
  const one = (image: Png) => decodePicture(png(image), { height: 1, width: 1 });
  deepEqual([...await one(red)], [255, 0, 0]);
  deepEqual([...await one({ width: 1, height: 1, channels: 1, depth: 8, data: Uint8Array.of(51) })], [51, 51, 51]);
  deepEqual([...await one({ width: 1, height: 1, channels: 2, depth: 8, data: Uint8Array.of(0, 51) })], [
    204,
    204,
    204,
  ]);
  const faint = Uint8Array.of(255, 0, 0, 51);
  deepEqual([...await one({ width: 1, height: 1, channels: 4, depth: 8, data: faint })], [255, 204, 204]);
  const deep = Uint16Array.of(65535, 0, 13107);
  deepEqual([...await one({ width: 1, height: 1, channels: 3, depth: 16, data: deep })], [255, 0, 51]);
  const palette = [[255, 0, 0], [0, 0, 255]] as [number, number, number][];
  deepEqual([...await one({ width: 2, height: 1, channels: 1, depth: 8, data: Uint8Array.of(0, 1), palette })], [
    128,
    0,
    128,
  ]);
});

Deno.test("decodePicture() reads JPEG", async () => {
  const [r, g, b] = await decodePicture(blueJpeg, { height: 1, width: 1 });
  ok(r < 8 && g < 8 && b > 247, `${r} ${g} ${b}`);
});

Deno.test("decodePicture() averages when it shrinks, and repeats when it stretches", () => {
  const shapes = fc.tuple(
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 9 }),
    fc.array(fc.nat(255), { minLength: 3, maxLength: 3 }),
  );
  return fc.assert(
    fc.asyncProperty(shapes, async ([width, height, rgb]) => {
      const pixels = await decodePicture(png(plain(width, height, rgb)), size);
      deepEqual([...pixels], Array.from({ length: 36 }, (_, k) => rgb[k % 3]));
    }),
    { numRuns: 20 },
  );
});

Deno.test("decodePicture() refuses pictures that would take much memory, before it decodes them", async () => {
  await rejects(
    decodePicture(new Uint8Array(await pngOf(header(100_000, 100_000), chunk("IDAT", new Uint8Array(9)))), size),
    /^ValueError: 100000 × 100000 pixels, more than 50 million$/,
  );
  const zlib = new Uint8Array(
    await new Response(new Blob([new Uint8Array(2 ** 22)]).stream().pipeThrough(new CompressionStream("deflate")))
      .arrayBuffer(),
  );
  await rejects(
    decodePicture(new Uint8Array(await pngOf(header(2, 2), chunk("IDAT", zlib))), size),
    /the compressed data are longer than 0 MiB/,
  );
  const wide = blueJpeg.slice();
  const frame = wide.findIndex((byte, k) => byte === 0xff && wide[k + 1] === 0xc0);
  wide.set([0xff, 0xff, 0xff, 0xff], frame + 5);
  await rejects(decodePicture(wide, size), /^ValueError: maxResolutionInMP limit exceeded/);
  await rejects(
    decodePicture(new TextEncoder().encode("GIF89a") as Uint8Array<ArrayBuffer>, size),
    /neither JPEG nor PNG/,
  );
  await rejects(decodePicture(png(red).slice(0, 50), size), /^ValueError/);
  await rejects(decodePicture(blueJpeg.slice(0, 100), size), /^ValueError/);
});

Deno.test("openDataset() makes features of a folder of pictures, and names the files that it does not use", async () => {
  const files = {
    "ratings.csv": "user,item,split\nu,a,0\nu,b,1\nu,c,0\nu,d,0\n",
    "images/a.png": png(red),
    "images/b.jpg": blueJpeg,
    "images/b.png": png(red),
    "images/c.png": await packed("no picture"),
    "images/d.png": "",
    "images/other.png": png(red),
    "images/notes.txt": "mine",
  };
  const { pictures, modalities, notes } = await withFolder(files, (folder) => openDataset(folder));
  const first = (item: number) => [...pictures!.pixels.subarray(item * 48 * 48 * 3, item * 48 * 48 * 3 + 3)];
  deepEqual([first(0), first(2)], [[255, 0, 0], [0, 0, 0]]);
  ok(first(1)[2] > 247);
  deepEqual([...modalities.image.known], [1, 1, 0, 0]);
  equal(
    notes?.[0],
    'Not used: "images/b.png" (a second picture of an item), "images/notes.txt", pictures in "images/" that are named by ' +
      'no item: 1, "images/c.png" (neither JPEG nor PNG), "images/d.png" (the file is empty)',
  );
});
