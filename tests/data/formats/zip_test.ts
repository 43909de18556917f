/** Tests of zip archives. @module */
import { deepEqual, equal, rejects } from "node:assert/strict";
import { strToU8, zipSync } from "fflate";
import { unzip } from "../../../src/data/formats/zip.ts";
import { memoryFiles } from "../../../src/data/memory_files.ts";

const LONG = new Uint8Array(200_000).map((_, k) => k % 7);

async function unpacked(archive: Uint8Array) {
  const files = memoryFiles();
  await files.write("a.zip", archive);
  await unzip("a.zip", "out", files);
  return files;
}

/** Returns an archive with some bytes changed. */
function changed(archive: Uint8Array, ...changes: readonly (readonly [at: number, byte: number])[]): Uint8Array {
  const copy = archive.slice();
  for (const [at, byte] of changes) copy[at < 0 ? copy.length + at : at] = byte;
  return copy;
}

Deno.test("unzip() writes stored and deflated files to their folders", async () => {
  const files = await unpacked(
    zipSync({ "d/a.csv": LONG, "b": [strToU8("b"), { level: 0 }], "d/empty": new Uint8Array(0) }),
  );
  deepEqual(await files.read("out/d/a.csv"), LONG);
  deepEqual(await files.read("out/b"), strToU8("b"));
  equal((await files.stat("out/d/empty"))?.size, 0);
});

Deno.test("unzip() refuses names that lead out of the folder", async () => {
  for (const name of ["../x", "d/../../x", "/etc/x", "C:\\x", "d\\..\\x"]) {
    await rejects(unpacked(zipSync({ [name]: strToU8("x") })), /leads out of the folder/);
  }
});

Deno.test("unzip() refuses archives that are damaged, cut off, or larger than they say", async () => {
  const archive = zipSync({ "a": LONG });
  const end = archive.length - 22, directory = end - 47;
  await rejects(unpacked(archive.slice(0, -30)), /is no zip archive, or is cut off/);
  await rejects(unpacked(strToU8("user,item")), /is no zip archive/);
  await rejects(unpacked(changed(archive, [directory, 0])), /its directory is damaged/);
  await rejects(unpacked(changed(archive, [directory + 16, archive[directory + 16] ^ 1])), /its check sum differs/);
  await rejects(
    unpacked(changed(archive, [directory + 24, 1], [directory + 25, 0], [directory + 26, 0])),
    /longer than/,
  );
  await rejects(unpacked(changed(archive, [100, archive[100] ^ 255])), /is damaged/);
  const huge = changed(archive, ...[24, 25, 26, 27].map((at) => [directory + at, 255] as const));
  const many = Array.from({ length: 5 }, () => huge.slice(directory, end));
  const bomb = new Uint8Array([
    ...huge.slice(0, directory),
    ...many.flatMap((entry) => [...entry]),
    ...huge.slice(end),
  ]);
  await rejects(unpacked(changed(bomb, [-12, 5])), /unpacks to more than 16 GiB/);
});
