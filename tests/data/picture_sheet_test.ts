/** Tests of pictures as a PNG image, against a decoder of its own. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { inflateSync } from "node:zlib";
import { ValueError } from "../../kernels/errors.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { garden } from "../../src/data/garden.ts";
import { pictureSheet } from "../../src/data/picture_sheet.ts";
import { key } from "../../src/core/random.ts";

/** Three pictures of 1 × 2 pixels. */
const data: Dataset = {
  ...garden(key(0), { users: 20, items: 20 }),
  items: ["a", "b", "c"],
  pictures: { height: 1, width: 2, pixels: Uint8Array.from({ length: 18 }, (_, n) => n) },
};

/** Returns the pixels of a PNG file whose rows are not filtered, four bytes each. */
function decode(
  png: Uint8Array<ArrayBuffer>,
): { width: number; height: number; pixel: (x: number, y: number) => number[] } {
  const view = new DataView(png.buffer);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const rows = inflateSync(png.subarray(41, 41 + view.getUint32(33)));
  const pixel = (x: number, y: number) => [...rows.subarray(y * (4 * width + 1) + 1 + 4 * x).subarray(0, 4)];
  return { width, height, pixel };
}

Deno.test("pictureSheet() puts the pictures of items in rows, as a PNG image", async () => {
  const { width, height, pixel } = decode((await pictureSheet(data, ["c", "a", "b"], { columns: 2, scale: 2 })).png);
  assertEquals([width, height], [2 * 4 + 8, 2 * 2 + 8]);
  assertEquals(pixel(0, 0), [12, 13, 14, 255]);
  assertEquals(pixel(3, 1), [15, 16, 17, 255]);
  assertEquals(pixel(4, 0), [0, 0, 0, 0], "between pictures it is transparent");
  assertEquals(pixel(12, 0), [0, 1, 2, 255]);
  assertEquals(pixel(1, 11), [6, 7, 8, 255]);
});

Deno.test("pictureSheet() has the checksums of its parts", async () => {
  const { png } = await pictureSheet(data, ["a"]);
  // The checksum of an empty IEND is in the standard's own example.
  assertEquals([...png.subarray(-4)], [0xae, 0x42, 0x60, 0x82]);
});

Deno.test("pictureSheet() refuses unknown items, none, and data without pictures", async () => {
  await assertRejects(() => pictureSheet(data, ["d"]), ValueError, 'it has no item "d"');
  await assertRejects(() => pictureSheet(data, []), ValueError, "name at least one item");
  await assertRejects(() => pictureSheet(data, ["a"], { scale: 0 }), ValueError, "whole numbers above 0, not 8 and 0");
  await assertRejects(() => pictureSheet({ ...data, pictures: undefined }, ["a"]), ValueError, "it has no pictures");
});
