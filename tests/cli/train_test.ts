import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertNotEquals } from "deno-std/assert/not_equals.js";
import { assertMatch } from "deno-std/assert/match.js";
import { assertStringIncludes } from "deno-std/assert/string_includes.js";
import { wasm } from "../../kernels/mod.ts";
import { ratio, resplit } from "../../src/data/split.ts";
import { memoryFiles } from "../../src/data/memory_files.ts";
import { key } from "../../src/core/random.ts";
import { processor } from "../support.ts";
import { type CapturedOptions, type Outcome, type } from "./captured.ts";
import { inFolder, namesIn, QUICK, SMALL, withData } from "./folder.ts";

/** Trains on the small garden of a folder, and writes the run to its folder `out`. */
function train(folder: string, flags: string, options: CapturedOptions = {}, out = "run"): Promise<Outcome> {
  return type(`train --data ${folder}/data --out ${folder}/${out} ${QUICK} ${flags}`, options);
}

async function digest(path: string): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await Deno.readFile(path))).toHex();
}

async function sameTraining(a: string, b: string): Promise<void> {
  for (const file of ["last", "best", "embeddings"]) {
    assertEquals(await digest(`${a}/${file}.safetensors`), await digest(`${b}/${file}.safetensors`), file);
  }
}

Deno.test("train writes a run and prints one table, with popularity and the model", () =>
  withData(async (folder) => {
    const { exit, out, err } = await train(folder, "--epochs 3 --seed 7");
    assertEquals(exit, 0, err);
    assertEquals(out.split("\n").slice(1, 5).map((line) => line.split(/ +/).slice(0, 2)), [
      ["validation", "popularity"],
      ["validation", "monet"],
      ["test", "popularity"],
      ["test", "monet"],
    ]);
    for (const title of ["R@20", "P@20", "NDCG@20", "NDCG@20 retrieved", "trained in"]) {
      assertStringIncludes(out, title);
    }
    assertMatch(
      err,
      /monet on small: 40 users, 40 items, \d+ training interactions, about \d+(\.\d+)? MB of tensors\nseed 7, device (native|wasm)/,
    );
    assertMatch(err, /\nepoch 1 {2}loss \d\.\d{4} {2}recall@20 \d\.\d{4} {2}ndcg@20 \d\.\d{4} {2}\*\n/);
    assertEquals(await namesIn(`${folder}/run`), [
      "best.safetensors",
      "config.toml",
      "data",
      "embeddings.safetensors",
      "last.safetensors",
      "metrics.jsonl",
      "modalities.safetensors",
      "run.json",
    ]);
    const record = JSON.parse(await Deno.readTextFile(`${folder}/run/run.json`));
    assertEquals([record.status, record.model, record.seed, record.epochs], ["finished", "monet", 7, 3]);
    assertEquals(record.command.slice(0, 3), ["train", "--data", `${folder}/data`]);
    assertEquals(record.device.ran, processor);
    const lines = (await Deno.readTextFile(`${folder}/run/metrics.jsonl`)).trimEnd().split("\n");
    assertEquals(lines.map((line) => JSON.parse(line).epoch), [1, 2, 3]);
  }));

Deno.test("train --json prints the record of the run as one line", () =>
  withData(async (folder) => {
    const { out } = await train(folder, "--epochs 1 --json");
    const { run, results, ...record } = JSON.parse(out);
    assertEquals([run, record.status, out.indexOf("\n")], [`${folder}/run`, "finished", out.length - 1]);
    assertEquals(Object.keys(results), ["popularity", "monet"]);
    assert(results.monet.test["recall@20"] >= 0 && results.popularity.validation["ndcgRetrieved@10"] >= 0);
  }));

Deno.test("train with the config of a run repeats its bits; with another seed it does not", () =>
  withData(async (folder) => {
    await train(folder, "--epochs 2 --seed 9 --set beta=0.5");
    const again = await type(
      `train --data ${folder}/data --config ${folder}/run/config.toml --out ${folder}/again`,
    );
    assertEquals(again.exit, 0, again.err);
    await sameTraining(`${folder}/run`, `${folder}/again`);
    await train(folder, "--epochs 2 --seed 8 --set beta=0.5", {}, "other");
    assertNotEquals(await digest(`${folder}/run/last.safetensors`), await digest(`${folder}/other/last.safetensors`));
  }));

Deno.test("a training that is interrupted and resumed has the bits of an uninterrupted one", () =>
  withData(async (folder) => {
    await train(folder, "--epochs 5");
    const stopped = await train(folder, "--epochs 5", {
      listen: (text, interrupt) => text.startsWith("epoch 2 ") && interrupt(),
    }, "stopped");
    assertEquals(stopped.exit, 130, stopped.err);
    for (const command of ["evaluate ", "recommend ", "train --resume "]) {
      assertStringIncludes(stopped.out, `\n  deno run -A main.ts ${command}${folder}/stopped`);
    }
    assertEquals(JSON.parse(await Deno.readTextFile(`${folder}/stopped/run.json`)).status, "interrupted");
    const resumed = await type(`train --resume ${folder}/stopped`);
    assertEquals(resumed.exit, 0, resumed.err);
    await sameTraining(`${folder}/run`, `${folder}/stopped`);
    assertEquals(
      await Deno.readTextFile(`${folder}/run/metrics.jsonl`),
      await Deno.readTextFile(`${folder}/stopped/metrics.jsonl`),
    );
  }));

Deno.test("train has the same bits on any number of threads, and records the number", async () => {
  // The whole garden: the kernels of a small one are not divided among threads.
  await inFolder(async (folder) => {
    for (const threads of [1, 3]) {
      const line = `train --epochs 1 --set every=1 --threads ${threads} --out ${folder}/${threads}`;
      const { exit, err } = await type(line);
      assertEquals(exit, 0, err);
      assertStringIncludes(err, `device ${processor} on ${threads === 1 ? "1 thread" : "3 threads"} (`);
      const { device, command } = JSON.parse(await Deno.readTextFile(`${folder}/${threads}/run.json`));
      assertEquals([device.threads, command.slice(3, 5)], [threads, ["--threads", String(threads)]]);
      assertStringIncludes(device.about, threads === 1 ? "1 thread" : "3 threads");
    }
    await sameTraining(`${folder}/1`, `${folder}/3`);
  });
});

Deno.test("a training resumed on another number of threads has the same bits", () =>
  withData(async (folder) => {
    await train(folder, "--epochs 3");
    const listen: CapturedOptions["listen"] = (text, interrupt) => text.startsWith("epoch 1 ") && interrupt();
    await train(folder, "--epochs 3 --threads 1", { listen }, "stopped");
    const { exit, err } = await type(`train --resume ${folder}/stopped --threads 2`);
    assertEquals(exit, 0, err);
    assertStringIncludes(err, `device ${processor} on 2 threads (`);
    await sameTraining(`${folder}/run`, `${folder}/stopped`);
    const { device } = JSON.parse(await Deno.readTextFile(`${folder}/stopped/run.json`));
    assertEquals([device.threads, device.asked], [2, "auto"]);
    assertStringIncludes(device.about, "2 threads");
  }));

Deno.test("a training interrupted before its first evaluation keeps its parameters, and can be resumed", () =>
  withData(async (folder) => {
    await train(folder, "--epochs 2");
    const stopped = await train(folder, "--epochs 2", { listen: (_, interrupt) => interrupt() }, "stopped");
    assertEquals(stopped.exit, 130, stopped.err);
    assertMatch(stopped.out, /\ntest +monet +0\./);
    assertEquals((await type(`train --resume ${folder}/stopped`)).exit, 0);
    await sameTraining(`${folder}/run`, `${folder}/stopped`);
  }));

Deno.test("a training that fails after an epoch keeps the whole run, and names the command that continues it", () =>
  withData(async (folder) => {
    await train(folder, "--epochs 4");
    const last = `${folder}/failed/last.safetensors`;
    const failed = await train(folder, "--epochs 4", {
      listen: (text) => {
        if (!text.startsWith("epoch 2 ")) return;
        Deno.renameSync(last, `${folder}/last`);
        Deno.mkdirSync(last);
      },
    }, "failed");
    await Deno.remove(last);
    await Deno.rename(`${folder}/last`, last);
    assertEquals([failed.exit, failed.out], [1, ""]);
    const [sentence, ...advice] = failed.err.slice(failed.err.indexOf("error: ")).split("\n");
    assertStringIncludes(sentence, `error: Cannot write "${folder}/failed/last.safetensors": `);
    assertEquals(advice, [
      "The run is kept up to epoch 2.",
      "Next:",
      `  deno run -A main.ts evaluate ${folder}/failed`,
      `  deno run -A main.ts recommend ${folder}/failed --all`,
      `  deno run -A main.ts train --resume ${folder}/failed`,
      "",
    ]);
    assert(!(await namesIn(`${folder}/failed`))!.some((name) => name.endsWith(".partial")));
    const { status, epochs } = JSON.parse(await Deno.readTextFile(`${folder}/failed/run.json`));
    assertEquals([status, epochs], ["failed", 2]);
    assertStringIncludes((await type(`evaluate ${folder}/failed`)).err, "note: the run is not finished");
    assertEquals((await type(`train --resume ${folder}/failed`)).exit, 0);
    await sameTraining(`${folder}/run`, `${folder}/failed`);
  }));

Deno.test("a training that diverges at once reports it and leaves no files", () =>
  withData(async (folder) => {
    const { exit, err } = await train(folder, "--epochs 2 --set optimizer=sgd --set lr=1e38");
    assertEquals(exit, 1);
    assertStringIncludes(err, "the loss is not a number");
    assertEquals(await namesIn(folder), ["data"]);
  }));

Deno.test("a training that fails at once empties a folder that was there, and keeps the folder", () =>
  withData(async (folder) => {
    await Deno.mkdir(`${folder}/run`);
    assertEquals((await train(folder, "--epochs 2 --set optimizer=sgd --set lr=1e38")).exit, 1);
    assertEquals(await namesIn(`${folder}/run`), []);
  }));

Deno.test("a resumed training that fails at once keeps the run", () =>
  withData(async (folder) => {
    await train(folder, "--epochs 2", { listen: (_, interrupt) => interrupt() });
    const names = await namesIn(`${folder}/run`);
    const last = `${folder}/run/last.safetensors`;
    const failed = await type(`train --resume ${folder}/run`, {
      listen: (text) => {
        if (!text.startsWith("seed ")) return;
        Deno.renameSync(last, `${folder}/last`);
        Deno.mkdirSync(last);
      },
    });
    await Deno.remove(last);
    await Deno.rename(`${folder}/last`, last);
    assertEquals(failed.exit, 1);
    assertStringIncludes(failed.err, "\nThe run is kept.\nNext:\n");
    assertEquals(await namesIn(`${folder}/run`), names);
    assertEquals((await type(`train --resume ${folder}/run`)).exit, 0);
  }));

Deno.test("a run can be evaluated from the first evaluation of its training on", () =>
  withData(async (folder) => {
    const early: Promise<Outcome>[] = [];
    const listen = (text: string) => void (text.startsWith("epoch 1 ") && early.push(type(`evaluate ${folder}/run`)));
    await train(folder, "--epochs 3", { listen });
    const { exit, err } = await early[0];
    assertEquals(exit, 0, err);
    assertStringIncludes(err, "these are its best parameters so far, after epoch ");
  }));

Deno.test("train --protocol is kept in the settings and the command of the run", () =>
  withData(async (folder) => {
    const { exit, err } = await type(`train --data ${folder}/data --out ${folder}/run --epochs 1 --protocol B`);
    assertEquals(exit, 0, err);
    const { command } = JSON.parse(await Deno.readTextFile(`${folder}/run/run.json`));
    assertStringIncludes(command.join(" "), " --protocol B");
    assertStringIncludes(await Deno.readTextFile(`${folder}/run/config.toml`), 'sampler = "interaction"');
  }));

Deno.test("train stops at the first evaluation that comes after `patience` others without improvement", () =>
  withData(async (folder) => {
    await train(folder, "--epochs 9 --set lr=0 --set patience=1");
    const { epochs, best } = JSON.parse(await Deno.readTextFile(`${folder}/run/run.json`));
    assertEquals([epochs, best], [3, 1]);
  }));

Deno.test("train evaluates the parameters of the best evaluation, not the last", () =>
  withData(async (folder) => {
    const { out } = await train(folder, "--epochs 40 --set patience=0 --json");
    const { epochs, best, results } = JSON.parse(out);
    const lines = (await Deno.readTextFile(`${folder}/run/metrics.jsonl`)).trimEnd().split("\n");
    const found = lines.map((line) => JSON.parse(line).validation["ndcg@20"]);
    assertEquals(best, epochs - 1);
    assertNotEquals(found[best], found[best - 1]);
    assertEquals(results.monet.validation["ndcg@20"], found[best - 1]);
  }));

Deno.test("train without validation notes that no epoch is selected, and keeps the last parameters", () =>
  withData(async (folder) => {
    const { exit, out, err } = await train(folder, "--epochs 3 --set patience=0");
    assertEquals(exit, 0, err);
    assertStringIncludes(err, "nothing is held out for validation");
    assertStringIncludes(out, "Kept are its last parameters");
    assert(!out.includes("validation  "), out);
    const { epochs, best } = JSON.parse(await Deno.readTextFile(`${folder}/run/run.json`));
    assertEquals([epochs, best], [3, null]);
  }, resplit(SMALL, ratio(key(1), { validation: 0 }))));

Deno.test("train --encode all learns from pictures next to features, and a resumed run has the same data", () =>
  withData(async (folder) => {
    const offered = await type(`data stats ${folder}/data`);
    assertStringIncludes(offered.err, "Not learned from: the words and pictures of the items; --encode all");
    const line = `train --data ${folder}/data --encode all --epochs 4 ${QUICK} --out ${folder}/run`;
    const { err } = await type(line, { listen: (text, interrupt) => text.includes("epoch 2") && interrupt() });
    assertStringIncludes(err, "made text and image of the words and pictures, next to the features");
    const record = async () => JSON.parse(await Deno.readTextFile(`${folder}/run/run.json`));
    const { data, command } = await record();
    assertEquals(data.reading, { encode: "all" });
    assertEquals(command.slice(3, 5), ["--encode", "all"]);
    assertEquals((await type(`train --resume ${folder}/run`)).exit, 0);
    assertEquals((await record()).data.fingerprint, data.fingerprint);
  }, { ...SMALL, modalities: { colour: SMALL.modalities.image } }));

Deno.test("train takes validation out of training by --validation, and a resumed run has the same data", () =>
  withData(async (folder) => {
    const rule = "--validation ratio:0.2";
    const whole = await type(`train --data ${folder}/data ${rule} --epochs 4 ${QUICK} --out ${folder}/whole`);
    assertEquals(whole.exit, 0, whole.err);
    assertStringIncludes(whole.err, "Held out for validation: ");
    const record = JSON.parse(await Deno.readTextFile(`${folder}/whole/run.json`));
    assertEquals(record.data.reading, { validation: "ratio:0.2" });
    assertEquals(record.command.slice(3, 5), ["--validation", "ratio:0.2"]);
    const { exit, err } = await type(`train --data ${folder}/data ${rule} --epochs 4 ${QUICK} --out ${folder}/cut`, {
      listen: (text, interrupt) => text.includes("epoch 2") && interrupt(),
    });
    assertEquals(exit, 130, err);
    const resumed = await type(`train --resume ${folder}/cut`);
    assertEquals(resumed.exit, 0, resumed.err);
    await sameTraining(`${folder}/whole`, `${folder}/cut`);
    // The data that --data names are read by the same rule.
    await type(`train --data ${folder}/data ${rule} --epochs 2 ${QUICK} --out ${folder}/short`);
    await Deno.rename(`${folder}/data`, `${folder}/moved`);
    const longer = await type(`train --resume ${folder}/short --data ${folder}/moved --epochs 4`);
    assertEquals(longer.exit, 0, longer.err);
    await sameTraining(`${folder}/whole`, `${folder}/short`);
  }, resplit(SMALL, ratio(key(1), { validation: 0 }))));

Deno.test("train evaluates a model that is not trained in the same table", () =>
  withData(async (folder) => {
    const { exit, out } = await type(`train --data ${folder}/data --model popularity --out ${folder}/run --epochs 3`);
    assertEquals(exit, 0);
    assertEquals(out.match(/popularity/g)?.length, 2);
    assertEquals((await type(`evaluate ${folder}/run`)).exit, 0);
  }));

Deno.test("train refuses impossible options before any work, and makes no folder", () =>
  withData(async (folder) => {
    await Deno.mkdir(`${folder}/full`);
    await Deno.writeTextFile(`${folder}/full/mine`, "");
    await Deno.writeTextFile(`${folder}/bare.csv`, "user,item\nu,a\nv,b\nu,b\nv,c\n");
    for (
      const [flags, exit, why] of [
        [`--out ${folder}/full`, 2, "the folder is not empty"],
        [`--out ${folder}/bare.csv`, 2, "it is a file"],
        [`--out ${folder}/run --device reference --threads 2`, 2, "the reference has one thread, not 2"],
        [`--out ${folder}/run --threads 300`, 2, "a whole number from 1 to 256 is needed"],
        [`--out ${folder}/run --model moent`, 2, 'did you mean "monet"?'],
        [`--out ${folder}/run --set lrr=1`, 2, 'did you mean "lr"?'],
        [`--out ${folder}/run --data ${folder}/none`, 1, "there is no such file or folder"],
        [`--out ${folder}/run --model monet --data ${folder}/bare.csv`, 1, "it has no item features"],
      ] as const
    ) {
      const outcome = await type(`train ${flags.includes("--data") ? "" : `--data ${folder}/data`} ${flags}`);
      assertEquals([outcome.exit, outcome.out], [exit, ""], flags);
      assertStringIncludes(outcome.err, why);
    }
    assertEquals(await namesIn(folder), ["bare.csv", "data", "full"]);
    assertEquals(await namesIn(`${folder}/full`), ["mine"]);
  }));

Deno.test("train --resume refuses other options, a finished run, and data that changed", () =>
  withData(async (folder) => {
    await train(folder, "--epochs 2", { listen: (_, interrupt) => interrupt() });
    const run = `${folder}/run`;
    const refused = async (line: string, exit: number, why: string) => {
      const outcome = await type(line);
      assertEquals(outcome.exit, exit, line);
      assertStringIncludes(outcome.err, why);
    };
    await refused(`train --resume ${run} --model lightgcn`, 2, "Cannot resume with --model");
    await refused(`train --resume ${run} --threads 2 --seed 1`, 2, "Cannot resume with --seed");
    await refused(`train --resume ${folder}/data`, 1, 'it has no "run.json"');
    await Deno.rename(`${folder}/data`, `${folder}/moved`);
    await refused(`train --resume ${run}`, 1, "there is no such file or folder; if the data were moved, name the new");
    await refused(`train --resume ${run} --data garden`, 1, "the data changed since it began, or are those of another");
    await type(`data garden --out ${folder}/data`);
    await refused(`train --resume ${run}`, 1, "changed since it began");
    await Deno.remove(`${folder}/data`, { recursive: true });
    await Deno.rename(`${folder}/moved`, `${folder}/data`);
    await Deno.copyFile(`${run}/embeddings.safetensors`, `${run}/last.safetensors`);
    await refused(`train --resume ${run}`, 1, `Cannot read a checkpoint from "${run}/last.safetensors"`);
    await train(folder, "--epochs 1", {}, "whole");
    await refused(`train --resume ${folder}/whole`, 2, "it is finished");
  }));

Deno.test("train says that the accuracy was still rising, and names the command that goes on", () =>
  withData(async (folder) => {
    const { out } = await train(folder, "--epochs 1");
    assertStringIncludes(out, "still rising at the limit of epochs");
    assertStringIncludes(out, `train --resume ${folder}/run --epochs 2\n`);
    const flat = await train(folder, "--epochs 3 --set lr=0", {}, "flat");
    assertEquals(flat.out.includes("still rising"), false);
  }));

Deno.test("train --resume --data --epochs goes on with a finished run whose data were moved, and records both", () =>
  withData(async (folder) => {
    await train(folder, "--epochs 3", {}, "whole");
    await train(folder, "--epochs 1", {}, "run");
    await Deno.rename(`${folder}/data`, `${folder}/moved`);
    const { exit, err } = await type(`train --resume ${folder}/run --data ${folder}/moved --epochs 3`);
    assertEquals(exit, 0, err);
    await sameTraining(`${folder}/whole`, `${folder}/run`);
    const { command, data } = JSON.parse(await Deno.readTextFile(`${folder}/run/run.json`));
    assertEquals(data.source, await Deno.realPath(`${folder}/moved`));
    assertEquals(command.slice(command.indexOf("--data"), command.indexOf("--data") + 2), [
      "--data",
      `${folder}/moved`,
    ]);
    assertEquals(command[command.indexOf("--epochs") + 1], "3");
  }));

Deno.test("train leaves no folder for a run that cannot be set up", async () => {
  const files = memoryFiles();
  const { exit, err } = await type("train --model lightgcn --memory 1KB", { files });
  assertEquals(exit, 2);
  assertStringIncludes(err, "the limit is 0.001 MB");
  assertEquals(await files.list("runs"), []);
});

Deno.test("train frees the memory of an epoch", () =>
  withData(async (folder) => {
    const used: number[] = [];
    const listen = (text: string) => void (text.startsWith("epoch ") && used.push(wasm().bytesUsed()));
    await train(folder, "--epochs 8", { listen });
    // The garbage of other tests may be collected meanwhile, which shows as single steps down.
    const growth = used.slice(1).map((bytes, n) => bytes - used[n]).sort((a, b) => a - b);
    assertEquals(growth[growth.length - 1], 0, used.join(" "));
  }));
