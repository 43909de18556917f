/** Tests of openRun(): damaged folders are refused. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { assertRejects } from "deno-std/assert/rejects.js";
import { FormatError, ValueError } from "../../kernels/errors.ts";
import { memoryFiles } from "../../src/data/memory_files.ts";
import { lightgcn, type Model, models, monet } from "../../src/models/mod.ts";
import type { TrainingEvent } from "../../src/runs/events.ts";
import { loadParams, openRun } from "../../src/runs/open.ts";
import { resume } from "../../src/runs/resume.ts";
import { recommend } from "../../src/runs/recommend.ts";
import { evaluate } from "../../src/runs/run.ts";
import { train } from "../../src/runs/train.ts";
import { loadTree } from "../../src/train/checkpoint.ts";
import { SMALL } from "../cli/folder.ts";
import { edit, quick } from "./quick.ts";

Deno.test("openRun() returns the run that train() made, from the folder alone", async () => {
  const files = memoryFiles();
  const run = await train(monet, SMALL, { ...quick, folder: "run", files });
  const opened = await openRun("run", { files });
  assertEquals(await recommend(opened, { k: 5 }), await recommend(run, { k: 5 }));
  assertEquals(await evaluate(opened), await evaluate(run));
  assertEquals([opened.config, opened.history, opened.params], [run.config, run.history, null]);
  assertEquals(Object.keys(await loadParams(opened, files)), Object.keys(run.params));
});

Deno.test("openRun() refuses a folder whose data or settings were changed after the training", async () => {
  const files = memoryFiles();
  await train(lightgcn, SMALL, { ...quick, folder: "run", files });
  const refused = async (path: string, change: (text: string) => string, why: string) => {
    const before = await files.read(path);
    await edit(files, path, change);
    await assertRejects(() => openRun("run", { files }), FormatError, why);
    await files.write(path, before);
  };
  await refused("run/config.toml", (text) => text.replace("layers = ", "layers = 1"), "config.toml");
  await refused(
    "run/data/users.tsv",
    (text) => {
      const [title, first, second, ...rest] = text.split("\n");
      return [title, second, first, ...rest].join("\n");
    },
    "run/data/",
  );
  await files.remove("run/data/dataset.json");
  await assertRejects(() => openRun("run", { files }), FormatError, "dataset.json");
});

Deno.test("openRun() refuses a run without embeddings, and reads runs of version 1", async () => {
  const files = memoryFiles();
  await train(lightgcn, SMALL, { ...quick, folder: "run", files });
  await edit(files, "run/run.json", (text) => {
    const { module: _, ...record } = JSON.parse(text);
    return JSON.stringify({ ...record, version: 1 });
  });
  assertEquals((await openRun("run", { files })).record.version, 1);
  await edit(files, "run/run.json", (text) => text.replace('"finished"', '"running"'));
  await files.remove("run/embeddings.safetensors");
  await assertRejects(() => openRun("run", { files }), ValueError, "and has no embeddings yet");
});

Deno.test("openRun() and resume() ask for a model that is neither in the catalogue nor in a module", async () => {
  const files = memoryFiles();
  const stop = new AbortController();
  const own: Model = { ...models.lightgcn, name: "own" };
  const events = (event: TrainingEvent) => {
    if (event.type === "saved") stop.abort();
  };
  await train(own, SMALL, { ...quick, folder: "run", files, signal: stop.signal, events });
  await assertRejects(() => openRun("run", { files }), FormatError, "hand the model in");
  await assertRejects(() => resume("run", { files, data: SMALL }), FormatError, "hand the model in");
  assertEquals((await openRun("run", { files, model: own })).model.name, "own");
});

Deno.test("openRun() opens runs of a model that has got more settings since", async () => {
  const files = memoryFiles();
  const older: Model = { ...models.lightgcn, name: "own" };
  const newer: Model = { ...older, settings: { ...older.settings, sharpness: { default: 2, about: "how sharp" } } };
  await train(older, SMALL, { ...quick, folder: "run", files });
  assertEquals((await openRun("run", { files, model: newer })).config.sharpness, 2);
  const config = new TextDecoder().decode(await files.read("run/config.toml"));
  await files.write("run/config.toml", new TextEncoder().encode(config.replace(/^layers = .*$/m, "layers = 7")));
  await assertRejects(() => openRun("run", { files, model: newer }), FormatError, "it was changed after");
});

Deno.test("openRun() has the epochs before the embeddings of a run that was killed", async () => {
  const files = memoryFiles();
  const { history } = await train(lightgcn, SMALL, { ...quick, folder: "run", files });
  await edit(files, "run/run.json", (text) => {
    const record = JSON.parse(text);
    return JSON.stringify({ ...record, status: "running", epochs: 0 });
  });
  const opened = await openRun("run", { files });
  const { epochs } = (await loadTree("run/embeddings.safetensors", { files })).metadata;
  assertEquals(opened.history, history.slice(0, Number(epochs)));
});
