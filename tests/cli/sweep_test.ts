/** Tests of sweeps, and of the parser of their ranges. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertMatch } from "deno-std/assert/match.js";
import { assertStringIncludes } from "deno-std/assert/string_includes.js";
import { sweepRange } from "../../src/cli/sweep_range.ts";
import { models } from "../../src/models/mod.ts";
import { type CapturedOptions, type Outcome, type } from "./captured.ts";
import { namesIn, withData } from "./folder.ts";

const QUICK = "--set dim=4 --set batch=64 --set lr=1e-2 --set every=1 --epochs 2";

function sweep(folder: string, flags: string, options: CapturedOptions = {}): Promise<Outcome> {
  return type(`sweep --data ${folder}/data --out ${folder}/out ${QUICK} ${flags}`, options);
}

Deno.test("sweep has at every value the results of train, on test and on validation", () =>
  withData(async (folder) => {
    const { exit, out, err } = await sweep(folder, "--over alpha=0:1:0.5 --over fusion=sum,concat --seeds 1 --json");
    assertEquals(exit, 0, err);
    const { points } = JSON.parse(out);
    assertEquals(points.map(({ setting, value }: Record<string, unknown>) => [setting, value]), [
      ["alpha", 0],
      ["alpha", 0.5],
      ["alpha", 1],
      ["fusion", "sum"],
      ["fusion", "concat"],
    ]);
    for (const [n, setting] of [[1, "alpha=0.5"], [3, "fusion=sum"], [4, "fusion=concat"]] as const) {
      const line = `--data ${folder}/data --out ${folder}/${n} ${QUICK} --protocol A --seed 1 --set ${setting} --json`;
      const { results } = JSON.parse((await type(`train ${line}`)).out);
      assertEquals(points[n]["test_recall@20"], results.monet.test["recall@20"]);
      assertEquals(points[n]["test_ndcg@20"], results.monet.test["ndcg@20"]);
      assertEquals(points[n]["validation_recall@20"], results.monet.validation["recall@20"]);
    }
    // alpha = 1 and fusion = concat are MONET's defaults, and are trained once.
    assertEquals((await namesIn(`${folder}/out/trials`))!.length, 4);
  }));

Deno.test("sweep writes a table and a self-contained report, and trains no trial twice", () =>
  withData(async (folder) => {
    const { exit, out, err } = await sweep(folder, "--model bprmf --over l2=0,0.01 --seeds 2");
    assertEquals(exit, 0, err);
    assertMatch(out, /^l2 +R@20, validation +R@20, test +P@20, test/);
    assertMatch(out, /\n0\.01 +\.\d{4} ± \.\d{4}/);
    assertEquals(await namesIn(`${folder}/out`), [
      "result.json",
      "sweep.csv",
      "sweep.html",
      "sweep.jsonl",
      "sweep.md",
      "trials",
    ]);
    const report = await Deno.readTextFile(`${folder}/out/sweep.html`);
    assertStringIncludes(report, `${models.bprmf.settings.l2.default}, is not among these.`);
    assertStringIncludes(out, "± is the standard deviation over 2 seeds.");
    assert(report.includes("<svg") && !report.includes("<script") && !report.includes("src="));
    const lines = (await Deno.readTextFile(`${folder}/out/sweep.jsonl`)).trimEnd().split("\n");
    const [header] = (await Deno.readTextFile(`${folder}/out/sweep.csv`)).split(/\r?\n/);
    assertEquals(header.split(",").slice(0, 6), [
      "model",
      "setting",
      "value",
      "seeds",
      "validation_recall@20",
      "validation_recall@20 sd",
    ]);
    assert(!header.includes('"'));
    const [{ value, seeds }] = lines.map((line) => JSON.parse(line));
    assertEquals([lines.length, value, seeds], [2, 0, 2]);
    const again = await sweep(folder, "--model bprmf --over l2=0,0.01 --seeds 2");
    assert(!again.err.includes("validation recall@20"));
    assertEquals(again.out, out);
  }));

Deno.test("sweep trains equal values once, and prefers a setting's own value to --epochs", () =>
  withData(async (folder) => {
    const line = "--model bprmf --over lr=1e-2,0.01 --over epochs=1,3 --over lr=0.01,1e-3 --json";
    const { exit, out, err } = await sweep(folder, line);
    assertEquals(exit, 0, err);
    const { points } = JSON.parse(out);
    assertEquals(points.map(({ setting, value }: Record<string, unknown>) => [setting, value]), [
      ["lr", 0.01],
      ["lr", 0.001],
      ["epochs", 1],
      ["epochs", 3],
    ]);
    const trials = `${folder}/out/trials`;
    const records = await Promise.all(
      (await namesIn(trials))!.map((name) => Deno.readTextFile(`${trials}/${name}/run.json`)),
    );
    assertEquals(records.map((text) => JSON.parse(text).epochs).sort(), [1, 2, 2, 3]);
  }));

Deno.test("an interrupted sweep names the command that continues it", () =>
  withData(async (folder) => {
    const listen: CapturedOptions["listen"] = (text, interrupt) => text.startsWith("bprmf  l2=0 ") && interrupt();
    const { exit, out } = await sweep(folder, "--model bprmf --over l2=0:1:0.5", { listen });
    assertEquals(exit, 130);
    assertStringIncludes(out, `sweep --data ${folder}/data --model bprmf --over l2=0:1:0.5 --protocol A`);
    assertEquals(await namesIn(`${folder}/out`), ["trials"]);
  }));

Deno.test("sweep refuses impossible options before any work", () =>
  withData(async (folder) => {
    for (
      const [flags, why] of [
        ["--over alpha=0:2:0", "give a step above 0, and the least number first"],
        ["--over alpha=2:0:1", "give a step above 0, and the least number first"],
        ["--over alpha=0:2:1e-12", "there are more than 10000; give a larger step"],
        ["--over alpha=0::1", "three numbers are needed"],
        ["--over alpha=0:2", "three numbers are needed"],
        ["--over alpha", "a name, an = and a value are needed"],
        ["--over alpha=", "a name, an = and a value are needed"],
        ["--over =1,2", "a name, an = and a value are needed"],
        ["--over seed=1,2", 'Cannot set "seed" of monet: every model is trained with the seeds from 1 on; use --seeds'],
        ["--model monet:beta=0 --over beta=0,1", 'Cannot sweep over beta: "monet beta=0" sets it'],
        ["--model mone --over beta=0,1", 'Cannot find the model "mone"'],
        ["--over alpah=0,1", 'Cannot set "alpah" of monet: there is no such setting; did you mean "alpha"?'],
        ["--over beta=0:2:1", "beta"],
        ["", "--over"],
      ]
    ) {
      const { exit, out, err } = await sweep(folder, flags);
      assertEquals([exit, out], [2, ""], flags);
      assertStringIncludes(err, why);
    }
    assertEquals(await namesIn(`${folder}/out`), null);
  }));

Deno.test("sweepRange() reads the ranges that it writes", () => {
  const parser = sweepRange();
  for (const text of ["alpha=0:2:0.25", "fusion=concat,sum", "layers=1", "lr=0.0001,0.001"]) {
    const found = parser.parse(text);
    assertEquals(found.success && parser.format(found.value), text);
  }
  const range = parser.parse("alpha=0:2:0.25");
  assertEquals(range, { success: true, value: { name: "alpha", values: { from: 0, to: 2, step: 0.25 } } });
});
