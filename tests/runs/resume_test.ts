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
import { lightgcn, monet, popularity } from "../../src/models/mod.ts";
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

/** The files of a run that hold numbers. */
const NUMBERS = ["best.safetensors", "last.safetensors", "embeddings.safetensors", "modalities.safetensors"];

/** Returns the numbers of a run and its epochs, to compare runs. */
async function contentOf(folder: string, files: Files) {
  const { epochs, best, results, status } = await readRecord(folder, files);
  const found = await Promise.all(NUMBERS.map((name) => files.read(`${folder}/${name}`).catch(() => null)));
  const journal = new TextDecoder().decode(await files.read(`${folder}/metrics.jsonl`));
  const config = new TextDecoder().decode(await files.read(`${folder}/config.toml`));
  const names = (await files.list(folder)).map(({ name }) => name);
  return { found, epochs, best, results, status, journal, config, names };
}

Deno.test("resume() with more epochs has the bits of a training that had as many from the start", async () => {
  let restored = 0;
  for (const [model, every] of [[lightgcn, 4], [monet, 3]] as const) {
    const files = memoryFiles();
    const settings = { ...quick.settings, every, lr: 3e-2 };
    const options = { ...quick, seed: 1, settings, files };
    await train(model, SMALL, { ...options, epochs: 12, folder: "whole" });
    for (const [first, between] of [[2, 2], [4, 8], [11, 11]]) {
      const folder = `run-${first}`;
      await train(model, SMALL, { ...options, epochs: first, folder });
      const replaced = await files.stat(`${folder}/earlier.safetensors`) !== null;
      if (between > first) await resume(folder, { files, data: SMALL, epochs: between });
      const { history } = await resume(folder, { files, data: SMALL, epochs: 12 });
      assertEquals(await contentOf(folder, files), await contentOf("whole", files), `${model.name} ${every} ${first}`);
      assertEquals(history.length, 12);
      if (replaced && (await readRecord(folder, files)).best! < first) restored++;
    }
  }
  assertEquals(restored > 0, true, "one end must have the best evaluation so far, which is off the schedule");
});

Deno.test("resume() refuses fewer epochs, and more for a run that stopped early or is not trained", async () => {
  const files = memoryFiles();
  await train(lightgcn, SMALL, { ...quick, folder: "run", files });
  const again = (folder: string, epochs: number) => () => resume(folder, { files, data: SMALL, epochs });
  await assertRejects(again("run", 4), UsageError, "it has 4 epochs already, and 4 are asked for");
  const { settings } = quick;
  const options = { ...quick, epochs: 50, settings: { ...settings, lr: 0, patience: 2 }, files };
  await train(lightgcn, SMALL, { ...options, folder: "early" });
  await assertRejects(again("early", 90), UsageError, "it stopped early, after 3 evaluations without improvement");
  await train(lightgcn, SMALL, { ...quick, settings: { ...settings, schedule: "cosine" }, folder: "cosine", files });
  await assertRejects(again("cosine", 9), UsageError, "its learning rate falls to 0 by epoch 4");
  await train(popularity, SMALL, { folder: "popular", files });
  await assertRejects(again("popular", 9), UsageError, "it is not trained");
});

Deno.test("resume() begins anew with a run that was killed before its first step", async () => {
  const files = memoryFiles();
  const whole = await train(lightgcn, SMALL, { ...quick, folder: "whole", files });
  await train(lightgcn, SMALL, { ...quick, folder: "run", files });
  await edit(
    files,
    "run/run.json",
    (text) => text.replace('"finished"', '"running"').replace('"epochs": 4', '"epochs": 0'),
  );
  for (const name of ["data", "metrics.jsonl", ...NUMBERS]) await files.remove(`run/${name}`);
  const run = await resume("run", { files, data: SMALL });
  assertEquals(run.record.results, whole.record.results);
  assertEquals((await contentOf("run", files)).found, (await contentOf("whole", files)).found);
});
