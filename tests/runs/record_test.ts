/** Tests of the folder of a run. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { UsageError } from "../../kernels/errors.ts";
import { memoryFiles } from "../../src/data/memory_files.ts";
import { lightgcn } from "../../src/models/mod.ts";
import { configDigest } from "../../src/runs/belonging.ts";
import { checkVacant, createFolder, within } from "../../src/runs/record.ts";
import { resolveSettings } from "../../src/runs/settings.ts";

Deno.test("within() joins folders and files", () => {
  assertEquals(["runs/a", "runs/a/", "/"].map((folder) => within(folder, "run.json")), [
    "runs/a/run.json",
    "runs/a/run.json",
    "//run.json",
  ]);
});

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

Deno.test("configDigest() depends on the settings, not on their order", async () => {
  const config = resolveSettings(lightgcn);
  const turned = Object.fromEntries(Object.entries(config).reverse()) as typeof config;
  assertEquals(await configDigest(turned), await configDigest(config));
  assertEquals(await configDigest({ ...config, layers: 7 }) === await configDigest(config), false);
});
