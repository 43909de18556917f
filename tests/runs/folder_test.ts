/** Tests of making, locking and cleaning the folder of a run. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { UsageError } from "../../kernels/errors.ts";
import { memoryFiles } from "../../src/data/memory_files.ts";
import { checkVacant, createFolder, sweepFolder } from "../../src/runs/folder.ts";

Deno.test("createFolder() locks a folder that is new or empty, and refuses any other", async () => {
  const files = memoryFiles();
  const { created, release } = await createFolder("run", files);
  assertEquals(created, "folder");
  await assertRejects(() => createFolder("run", files), UsageError, "another training writes to it");
  await release();
  const again = await createFolder("run", files);
  assertEquals(again.created, "files");
  await again.release();
  await files.write("run/notes.txt", new Uint8Array());
  await assertRejects(() => checkVacant("run", files), UsageError, "the folder is not empty");
  await assertRejects(() => checkVacant("run/notes.txt", files), UsageError, "it is a file");
});

const EMPTY = new Uint8Array();

Deno.test("createFolder() takes a folder over that a killed training left before its record, and no other", async () => {
  const left = ["lock", "config.toml", "run.json.0.partial", "config.toml.2.partial"];
  const folderOf = async (names: readonly string[]) => {
    const files = memoryFiles();
    await files.makeFolder("run");
    for (const name of names) await files.write(`run/${name}`, EMPTY);
    return files;
  };
  const files = await folderOf(left);
  const { created, release } = await createFolder("run", files);
  assertEquals([created, (await files.list("run")).map(({ name }) => name)], ["files", ["config.toml", "lock"]]);
  await release();
  for (const names of [left.slice(1), [...left, "run.json"], [...left, "notes.txt"], ["lock", "data.partial"]]) {
    const other = await folderOf(names);
    await assertRejects(() => createFolder("run", other), UsageError, "the folder is not empty");
    assertEquals((await other.list("run")).map(({ name }) => name), [...names].sort());
  }
});

Deno.test("sweepFolder() removes files and folders that were not written to their end, and nothing else", async () => {
  const files = memoryFiles();
  await files.makeFolder("run/data.0.partial/new");
  for (const name of ["run.json", "best.safetensors.12.partial", "x.partial", "data.0.partial/new/users.tsv"]) {
    await files.write(`run/${name}`, EMPTY);
  }
  await sweepFolder("run", files);
  assertEquals((await files.list("run")).map(({ name }) => name), ["run.json", "x.partial"]);
});
