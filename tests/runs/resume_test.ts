/**
 * Tests of resume(): a resumed training has the bits of an uninterrupted one, and damaged folders are refused.
 *
 * @module
 */
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { FormatError, UsageError, ValueError } from "../../kernels/errors.ts";
import type { Files } from "../../src/data/files.ts";
import { memoryFiles } from "../../src/data/memory_files.ts";
import { lightgcn, monet } from "../../src/models/mod.ts";
import type { TrainingEvent } from "../../src/runs/events.ts";
import { readRecord } from "../../src/runs/record.ts";
import { resume } from "../../src/runs/resume.ts";
import { train } from "../../src/runs/train.ts";
import { SMALL } from "../cli/folder.ts";
import { edit, quick } from "./quick.ts";

Deno.test("resume() has the bits of an uninterrupted training, from any epoch", async () => {
  const files = memoryFiles();
  const whole = await train(lightgcn, SMALL, { ...quick, folder: "whole", files });
  for (const epochs of [1, 2, 3]) {
    const stop = new AbortController();
    const folder = `run-${epochs}`;
    await train(lightgcn, SMALL, {
      ...quick,
      folder,
      files,
      signal: stop.signal,
      events: (event) => {
        if (event.type === "saved" && event.status.epochs === epochs) stop.abort();
      },
    });
    const resumed = await resume(folder, { files, data: SMALL });
    for (const file of ["best", "last", "embeddings"]) {
      assertEquals(
        await files.read(`${folder}/${file}.safetensors`),
        await files.read(`whole/${file}.safetensors`),
        file,
      );
    }
    assertEquals(resumed.record.results, whole.record.results);
    assertEquals(resumed.history.map(({ loss }) => loss), whole.history.map(({ loss }) => loss));
  }
});

Deno.test("resume() refuses a finished run, other data, and data that it does not have", async () => {
  const files = memoryFiles();
  await train(lightgcn, SMALL, { ...quick, folder: "run", files });
  await assertRejects(() => resume("run", { files, data: SMALL }), UsageError, "it is finished");
  await edit(files, "run/run.json", (text) => text.replace('"finished"', '"interrupted"'));
  await assertRejects(() => resume("run", { files }), UsageError, "a program made its data");
  const other = { ...SMALL, users: SMALL.users.map((id) => `${id}x`) };
  await assertRejects(() => resume("run", { files, data: other }), ValueError, "the data changed");
  await assertRejects(
    () => resume("run", { files, data: SMALL, model: monet }),
    FormatError,
    'with the model "lightgcn"',
  );
});

/** Trains two of four epochs in the folder `run`. */
async function interrupted(): Promise<Files> {
  const files = memoryFiles();
  const stop = new AbortController();
  const events = (event: TrainingEvent) => {
    if (event.type === "saved" && event.status.epochs === 2) stop.abort();
  };
  await train(lightgcn, SMALL, { ...quick, folder: "run", files, signal: stop.signal, events });
  return files;
}

Deno.test("resume() refuses, before its first step, a folder without the best parameters or with other settings", async () => {
  const rule = "put back the file that train wrote";
  for (const file of ["config.toml", "data", "best.safetensors", "last.safetensors", "embeddings.safetensors"]) {
    const files = await interrupted();
    await files.remove(`run/${file}`);
    await assertRejects(() => resume("run", { files, data: SMALL }), FormatError, rule, file);
    assertEquals((await readRecord("run", files)).status, "interrupted", file);
  }
  const other = await interrupted();
  await edit(other, "run/config.toml", (text) => text.replace("patience = 100", "patience = 1"));
  await assertRejects(() => resume("run", { files: other, data: SMALL }), FormatError, "it was changed after");
});

Deno.test("resume() needs no journal, and does not read the line that a power failure cut off", async () => {
  const files = await interrupted();
  await files.append("run/metrics.jsonl", new TextEncoder().encode('{"epoch":3,"lo'));
  assertEquals((await resume("run", { files, data: SMALL })).history.map(({ epoch }) => epoch), [1, 2, 3, 4]);
  const without = await interrupted();
  await without.remove("run/metrics.jsonl");
  assertEquals((await resume("run", { files: without, data: SMALL })).history.map(({ epoch }) => epoch), [3, 4]);
});

Deno.test("resume() refuses a run that another training finishes before the lock", async () => {
  const files = await interrupted();
  const racing: Files = {
    ...files,
    lock: async (folder) => {
      await resume("run", { files, data: SMALL });
      return await files.lock(folder);
    },
  };
  await assertRejects(() => resume("run", { files: racing, data: SMALL }), UsageError, "it is finished");
});
