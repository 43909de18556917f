/** Tests of trials: their folders, sharing between commands, and the files that a search removes. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { models } from "../../src/models/mod.ts";
import { type CapturedOptions, type } from "../cli/captured.ts";
import { namesIn, withData } from "../cli/folder.ts";

const QUICK = "--set dim=4 --set batch=64 --set lr=1e-2 --set every=1 --epochs 2 --seeds 1";

/** Runs a command on the data of a folder, whose trials all commands share, and returns the text on `err`. */
async function command(folder: string, words: string, options: CapturedOptions = {}): Promise<string> {
  const { exit, err } = await type(`${words} --data ${folder}/data --out ${folder}/out ${QUICK}`, options);
  assertEquals(exit, 0, err);
  return err;
}

/** Returns the number of trials that were trained: each prints a line with its accuracy on validation. */
const trained = (err: string): number => err.match(/validation recall@20/g)?.length ?? 0;

Deno.test("a search removes no file that another command ranks with", () =>
  withData(async (folder) => {
    await Deno.writeTextFile(`${folder}/grid.toml`, "[monet]\nalpha = [0.5, 1]\n[lightgcn]\nlayers = [1, 2, 3]\n");
    const sweep = "sweep --model monet --over alpha=0.5,1";
    assertEquals(trained(await command(folder, sweep)), 2);
    const search = `compare --models monet,lightgcn,lightgcn:layers=1 --search ${folder}/grid.toml`;
    assertEquals(trained(await command(folder, search)), 4, "three combinations, and popularity");
    assertEquals(trained(await command(folder, sweep)), 0);
    assertEquals(trained(await command(folder, search)), 0);
    const trials = (await namesIn(`${folder}/out/trials`))!;
    const kept = await Promise.all(trials.map((name) => namesIn(`${folder}/out/trials/${name}`)));
    const light = kept.filter((files) => !files!.includes("embeddings.safetensors"));
    assert(light.length >= 1, "a trial that was only searched has no weights");
    for (const files of light) assert(!files!.includes("test.json"));
  }));

Deno.test("the cost of a trial is written with every epoch", () =>
  withData(async (folder) => {
    const costs: { epochs: number; training: number; parameters: number }[] = [];
    const look = (text: string): void => {
      if (!/training monet .*epoch 2/.test(text)) return;
      const [name] = [...Deno.readDirSync(`${folder}/out/trials`)].map(({ name }) => name).filter((name) =>
        name.startsWith("monet")
      );
      costs.push(JSON.parse(Deno.readTextFileSync(`${folder}/out/trials/${name}/outcome.json`)).cost);
    };
    let clock = 0;
    await command(folder, "compare --models monet", { listen: look, now: () => clock += 3000 });
    assert(costs.length > 0);
    assertEquals(costs[0].epochs, 1);
    assert(costs[0].training > 0 && costs[0].parameters > 0);
  }));

Deno.test("a trial with a lost record of its cost is compared nevertheless", () =>
  withData(async (folder) => {
    let clock = 0;
    const now = () => clock += 3000;
    await command(folder, "compare --models monet,bprmf", { now });
    for (const name of (await namesIn(`${folder}/out/trials`))!.filter((name) => name.startsWith("bprmf"))) {
      await Deno.remove(`${folder}/out/trials/${name}/outcome.json`);
    }
    assertEquals(trained(await command(folder, "compare --models monet,bprmf", { now })), 0);
  }));

Deno.test("a comparison that is interrupted during the evaluation on test reports it, and can continue", () =>
  withData(async (folder) => {
    const line = `compare --models bprmf --data ${folder}/data --out ${folder}/out ${QUICK}`;
    // The last trial has just been trained.
    const listen: CapturedOptions["listen"] = (text, interrupt) => text.startsWith("bprmf  seed 1") && interrupt();
    const stopped = await type(line, { listen });
    assertEquals(stopped.exit, 130);
    assertEquals((await type(line)).exit, 0);
  }));

Deno.test("compare --avgdiff measures every model that has embeddings of items", () =>
  withData(async (folder) => {
    const names = Object.keys(models).filter((name) => name !== "popularity");
    const line = `compare --models ${names},mario:fusion=mean --data ${folder}/data --out ${folder}/out ${QUICK}`;
    const { exit, out, err } = await type(`${line} --avgdiff --json`);
    assertEquals(exit, 0, err);
    const rows: { label: string; test: Record<string, unknown> }[] = JSON.parse(out).rows;
    assertEquals(
      rows.filter(({ test }) => "avgDiff image" in test).map(({ label }) => label).toSorted(),
      [...names, "mario fusion=mean"].filter((name) => !["itemknn", "ease"].includes(name)).toSorted(),
    );
  }));
