import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertStringIncludes } from "deno-std/assert/string_includes.js";
import { wasm } from "../../kernels/mod.ts";
import { ratio, resplit } from "../../src/data/split.ts";
import { key } from "../../src/core/random.ts";
import { type } from "./captured.ts";
import { QUICK, SMALL, withData } from "./folder.ts";

async function trained(folder: string, flags = ""): Promise<Record<string, never>> {
  const { out, err } = await type(
    `train --data ${folder}/data --out ${folder}/run ${QUICK} --epochs 2 --json ${flags}`,
  );
  assert(out, err);
  return JSON.parse(out).results;
}

async function refused(line: string, why: string): Promise<void> {
  const { exit, out, err } = await type(line);
  assertEquals([exit, out], [1, ""], line);
  assertStringIncludes(err, why);
}

Deno.test("evaluate has, from the folder alone, the results of train", () =>
  withData(async (folder) => {
    const results = await trained(folder);
    await Deno.remove(`${folder}/data`, { recursive: true });
    for (const split of ["validation", "test"] as const) {
      const { out, err } = await type(`evaluate ${folder}/run --split ${split} --json`);
      const found = JSON.parse(out || err);
      assertEquals(Object.keys(found), ["run", "model", "split", "evaluation", "popularity"]);
      assertEquals([found.run, found.model, found.split], [`${folder}/run`, "monet", split]);
      assertEquals(found.evaluation.metrics, results.monet[split]);
      assertEquals(found.popularity.metrics, results.popularity[split]);
      assertEquals(found.evaluation.groups.length, 5);
    }
  }));

Deno.test("evaluate has the same results on any number of threads, and refuses impossible numbers of threads", () =>
  withData(async (folder) => {
    await trained(folder);
    const all = await type(`evaluate ${folder}/run`);
    for (const threads of [1, 3]) assertEquals(await type(`evaluate ${folder}/run --threads ${threads}`), all);
    const { exit, err } = await type(`evaluate ${folder}/run --threads 1000`);
    assertEquals([exit, err], [2, "error: Cannot compute on 1000 threads: a whole number from 1 to 256 is needed\n"]);
  }));

Deno.test("evaluate reads an old run that does not record its number of threads", () =>
  withData(async (folder) => {
    await trained(folder);
    const path = `${folder}/run/run.json`;
    const { device: { threads, ...device }, ...record } = JSON.parse(await Deno.readTextFile(path));
    assertEquals(threads, wasm().threads);
    await Deno.writeTextFile(path, JSON.stringify({ device, ...record }));
    assertEquals((await type(`evaluate ${folder}/run`)).exit, 0);
  }));

Deno.test("evaluate uses the settings of the run", () =>
  withData(async (folder) => {
    const results = await trained(folder, "--set maskValidation=true --set beta=1");
    const { evaluation } = JSON.parse((await type(`evaluate ${folder}/run --json`)).out);
    assertEquals(evaluation.metrics, results.monet["test"]);
  }));

Deno.test("evaluate prints every metric at each cutoff, for all items and for popular and rare ones", () =>
  withData(async (folder) => {
    await trained(folder);
    const { out } = await type(`evaluate ${folder}/run --k 3,7`);
    const [titles, users, ...rows] = out.trimEnd().split("\n");
    for (const title of ["metric", "monet", "popularity", "top fifth", "rarest fifth"]) {
      assertStringIncludes(titles, title);
    }
    assert(/^users +\d+ +\d+( +\d+){5}$/.test(users), users);
    const names = rows.map((row) => row.split(" ")[0]);
    for (
      const metric of ["recall", "precision", "ndcg", "ndcgRetrieved", "hitRate", "mrr", "map", "coverage", "gini"]
    ) {
      for (const k of [3, 7]) assert(names.includes(`${metric}@${k}`), `${metric}@${k}`);
    }
  }));

Deno.test("evaluate refuses a split without held-out interactions", () =>
  withData(async (folder) => {
    await trained(folder);
    await refused(`evaluate ${folder}/run --split validation`, "on validation: no interaction is held out");
  }, resplit(SMALL, ratio(key(1), { validation: 0 }))));

Deno.test("evaluate refuses a folder that is no run, a damaged run, and a run of a newer format", () =>
  withData(async (folder) => {
    await trained(folder);
    const path = `${folder}/run/run.json`;
    const record = JSON.parse(await Deno.readTextFile(path));
    const write = (changes: object) => Deno.writeTextFile(path, JSON.stringify({ ...record, ...changes }));
    await refused(`evaluate ${folder}/none`, "there is no such folder");
    await refused(`evaluate ${folder}/data`, 'it has no "run.json"; name a folder that train wrote');
    await write({ version: 3 });
    await refused(`evaluate ${folder}/run`, `"version": expected 2 or 1; a newer release wrote it`);
    await write({ format: "other" });
    await refused(`evaluate ${folder}/run`, `Cannot read a run from "${path}": "format": expected "giverny run"`);
    const mend = "put back the file that train wrote, or train again\n";
    await write({ seed: undefined });
    await refused(`evaluate ${folder}/run`, `"${path}": "seed": it is missing or damaged; ${mend}`);
    await write({ data: { ...record.data, users: "many" } });
    await refused(`evaluate ${folder}/run`, `"${path}": "data.users": it is missing or damaged; ${mend}`);
    for (const text of ["{", "3"]) {
      await Deno.writeTextFile(path, text);
      await refused(`evaluate ${folder}/run`, `Cannot read a run from "${path}": expected a JSON object; ${mend}`);
    }
  }));

Deno.test("evaluate reads an unfinished run that has embeddings, with a note, and refuses one that has none", () =>
  withData(async (folder) => {
    await trained(folder);
    const path = `${folder}/run/run.json`;
    const record = JSON.parse(await Deno.readTextFile(path));
    for (const status of ["running", "failed", "interrupted"]) {
      await Deno.writeTextFile(path, JSON.stringify({ ...record, status }));
      const { exit, err } = await type(`evaluate ${folder}/run`);
      const told = `these are its best parameters so far, after epoch ${record.best}\n`;
      assertEquals([exit, err], [0, `note: the run is not finished: ${told}`]);
    }
    await Deno.remove(`${folder}/run/embeddings.safetensors`);
    await refused(`evaluate ${folder}/run`, `go on with train --resume ${folder}/run\n`);
  }));

Deno.test("evaluate refuses embeddings that are cut off, no embeddings, or another run's", () =>
  withData(async (folder) => {
    await trained(folder);
    const path = `${folder}/run/embeddings.safetensors`;
    const whole = await Deno.readFile(path);
    const cases: readonly (readonly [Uint8Array, string])[] = [
      [new Uint8Array(0), "the file is empty"],
      [whole.subarray(0, 5), "it is cut off"],
      [whole.subarray(0, whole.length - 9), "it is cut off"],
      [new TextEncoder().encode("this is no checkpoint at all"), "its header is cut off, or it is no safetensors file"],
      [await Deno.readFile(`${folder}/run/best.safetensors`), "they belong to another run"],
    ];
    for (const [bytes, why] of cases) {
      await Deno.writeFile(path, bytes);
      await refused(`evaluate ${folder}/run`, `"${path}": ${why}`);
    }
    await Deno.remove(path);
    await refused(`evaluate ${folder}/run`, `"${path}": there is no such file`);
  }));
