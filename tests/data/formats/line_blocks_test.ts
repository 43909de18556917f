/** Tests of large files, in blocks of a few bytes. @module */
import { deepEqual, equal, rejects } from "node:assert/strict";
import { fc } from "../../fc.ts";
import { readLog } from "../../../src/data/formats/read_log.ts";
import { readLargeLog } from "../../../src/data/formats/large_log.ts";
import { isLarge, lineBlocks } from "../../../src/data/formats/line_blocks.ts";
import { memoryFiles } from "../../../src/data/memory_files.ts";

async function written(text: string, name = "a.csv") {
  const files = memoryFiles();
  await files.write(name, new TextEncoder().encode(text));
  return files;
}

Deno.test("lineBlocks() returns all lines and their numbers, whatever the size of a block", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: "grapheme", maxLength: 5 })),
      fc.integer({ min: 40, max: 90 }),
      async (cells, size) => {
        const lines = cells.map((cell) => `x${cell.replaceAll(/[\r\n\0]/g, "")}`);
        const files = await written(lines.map((line) => `${line}\n`).join(""));
        const found: string[] = [];
        for await (const block of lineBlocks("a.csv", "text", files, size)) {
          equal(block.first, found.length + 1);
          found.push(...block.lines);
        }
        deepEqual(found, lines);
      },
    ),
    { numRuns: 50 },
  ));

Deno.test("readLargeLog() reads the same interactions in blocks as readLog() at once", async () => {
  const rows = Array.from({ length: 40 }, (_, e) => `u${e % 7},"i, ${e % 5}",${e % 2 ? 4.5 : 3},${1e9 + e},${e % 3}`);
  const files = await written(`user,item,rating,timestamp,split\n${rows.join("\n")}\n`);
  for (const minRating of [undefined, 4]) {
    const whole = await readLog("a.csv", { files, minRating });
    deepEqual(await readLargeLog("a.csv", { minRating }, files, 100), whole);
  }
  const bare = await written("1\t2\t3\t4\n5\t6\t1\t2\n".repeat(10), "u.data");
  deepEqual(await readLargeLog("u.data", {}, bare, 30), await readLog("u.data", { files: bare }));
});

Deno.test("large files are refused with the line, as small ones are", async () => {
  const files = await written(`user,item\n${"a,b\n".repeat(30)}a,b,c\n`);
  await rejects(readLargeLog("a.csv", {}, files, 20), /line 32: expected 2 columns, found 3/);
  await rejects(
    readLargeLog("a.csv", {}, await written(`user,item\na,b\n${"a".repeat(99)}`), 20),
    /line 3: the line is too long/,
  );
  await rejects(readLargeLog("a.csv", {}, await written("user,item\na,\0\n"), 20), /the file is binary/);
  equal(await isLarge("a.csv", files, 100), true);
  equal(await isLarge("a.csv", files), false);
});
