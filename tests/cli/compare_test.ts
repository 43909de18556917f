/** Tests of comparisons: whole, interrupted, with a search, and when a model fails. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertAlmostEquals } from "deno-std/assert/almost_equals.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertMatch } from "deno-std/assert/match.js";
import { assertStringIncludes } from "deno-std/assert/string_includes.js";
import { key } from "../../src/core/random.ts";
import { histories } from "../../src/data/dataset.ts";
import { ratio, resplit } from "../../src/data/split.ts";
import { popularity } from "../../src/models/popularity.ts";
import { perUserMetrics } from "../../src/rank/evaluate.ts";
import { rankItems } from "../../src/rank/recommend.ts";
import { holm, pairedT, wilcoxon } from "../../src/rank/significance.ts";
import { type CapturedOptions, type Outcome, type } from "./captured.ts";
import { namesIn, SMALL, withData } from "./folder.ts";

const MAIN = new URL("../../main.ts", import.meta.url).href;
const QUICK = "--set dim=4 --set batch=64 --set lr=1e-2 --set every=1 --epochs 3";

/** Compares on the small garden of a folder, and writes to its folder `out`. */
function compare(folder: string, flags: string, options: CapturedOptions = {}, out = "out"): Promise<Outcome> {
  return type(`compare --data ${folder}/data --out ${folder}/${out} ${QUICK} ${flags}`, options);
}

/** Returns the JSON that a comparison printed, or fails with its error message. */
function parsed({ exit, out, err }: Outcome, expected = 0): Record<string, never> & { rows: Row[] } {
  assertEquals(exit, expected, err);
  return JSON.parse(out);
}

interface Row {
  readonly label: string;
  readonly seeds: number[];
  readonly settings: Record<string, unknown>;
  readonly test: Record<string, { mean: number; sd: number | null; values: number[] }>;
  readonly validation: { mean: number };
  readonly against: Record<string, { mean: number; pT: number; pWilcoxon: number } | null>;
  readonly cost: { parameters: number; epochs: { mean: number }; bytes: number | null; resident: number };
}

/** Returns the trial folders that have results on test. */
async function tested(folder: string, out = "out"): Promise<string[]> {
  const trials = await namesIn(`${folder}/${out}/trials`) ?? [];
  const found = await Promise.all(trials.map((name) => namesIn(`${folder}/${out}/trials/${name}`)));
  return trials.filter((_, n) => found[n]!.includes("test.json"));
}

Deno.test("compare trains every model with every seed, and popularity, and writes four files of results", () =>
  withData(async (folder) => {
    const { exit, out, err } = await compare(folder, "--models monet,bprmf,monet:beta=0:layers=1 --seeds 2");
    assertEquals(exit, 0, err);
    const labels = ["popularity", "monet", "bprmf", "monet beta=0 layers=1"];
    for (const label of labels) assertStringIncludes(out, `\n${label} `);
    for (const title of ["R@10", "P@20", "NDCG@20 retrieved", "head R@20", "cold R@20", "coverage", "s / epoch"]) {
      assertStringIncludes(out, title);
    }
    assertStringIncludes(out, "± is the standard deviation over 2 seeds.");
    assertEquals(await namesIn(`${folder}/out`), [
      "report.html",
      "result.json",
      "table.csv",
      "table.jsonl",
      "table.md",
      "trials",
    ]);
    const read = (name: string) => Deno.readTextFile(`${folder}/out/${name}`);
    const lines = (await read("table.jsonl")).trimEnd().split("\n").map((line): Row => JSON.parse(line));
    assertEquals(lines.map(({ label }) => label).sort(), labels.toSorted());
    assertEquals(lines.find(({ label }) => label === "popularity")!.settings, {});
    for (const { label, seeds, test } of lines) {
      assertEquals(seeds, label === "popularity" ? [1] : [1, 2]);
      const { mean, values } = test["recall@20"];
      assertAlmostEquals(mean, values.reduce((sum, x) => sum + x, 0) / values.length);
    }
    const csv = (await read("table.csv")).trimEnd().split(/\r?\n/);
    assertMatch(csv[0], /^model,whose,failure,settings,source,protocol,validation_recall@20,recall@10,recall@10 sd,/);
    assertEquals(csv.length, 1 + labels.length);
    assertMatch(await read("table.md"), /\n\| popularity \| (\*\*)?\.\d{4}/);
    const report = await read("report.html");
    assertMatch(report, /^<!DOCTYPE html>[\s\S]*<\/html>\s*$/);
    for (const label of labels) assertStringIncludes(report, label);
    assert(report.split("<svg").length > 6, "there are plots");
    for (const foreign of ["<script", "<link", "src=", "@import", "url("]) assert(!report.includes(foreign), foreign);
  }));

Deno.test("compare has the test results that evaluate has for each trial, and their cost", () =>
  withData(async (folder) => {
    const { rows } = parsed(await compare(folder, "--models monet --seeds 2 --json"));
    for (const { label, test, validation, cost } of rows) {
      const trials = (await namesIn(`${folder}/out/trials`))!.filter((name) => name.startsWith(label));
      for (const [n, name] of trials.entries()) {
        const { out } = await type(`evaluate ${folder}/out/trials/${name} --json`);
        const { evaluation: { metrics, groups } } = JSON.parse(out);
        for (const metric of ["recall@10", "precision@20", "ndcg@20", "ndcgRetrieved@20", "coverage@20"]) {
          assertEquals(test[metric].values[n], metrics[metric]);
        }
        assertEquals(test["head recall@20"].values[n], groups[0].metrics["recall@20"]);
      }
      assert(validation.mean >= 0 && cost.resident > 0);
      assertEquals([cost.parameters > 0, cost.bytes! > 0], [label === "monet", true]);
    }
  }));

Deno.test("compare tests differences from the best by user, on means over seeds, corrected for their number", () =>
  withData(async (folder) => {
    const { rows } = parsed(await compare(folder, "--models bprmf,monet --seeds 2 --json"));
    const trials = await tested(folder);
    for (const metric of ["recall@20", "ndcg@20"]) {
      const users = await Promise.all(rows.map(async ({ label }) => {
        const own = trials.filter((name) => name.startsWith(label));
        const seeds: number[][] = await Promise.all(
          own.map(async (name) =>
            JSON.parse(await Deno.readTextFile(`${folder}/out/trials/${name}/test.json`)).perUser[metric]
          ),
        );
        return seeds[0].map((_, user) => seeds.reduce((sum, values) => sum + values[user], 0) / seeds.length);
      }));
      const best = rows.findIndex(({ against }) => against[metric] === null);
      const means = rows.map(({ test }) => test[metric].mean);
      assertEquals(means[best], Math.max(...means));
      const others = [0, 1, 2].filter((n) => n !== best);
      const tests = others.map((n) => ({ t: pairedT(users[n], users[best]), w: wilcoxon(users[n], users[best]) }));
      const [t, w] = [holm(tests.map(({ t }) => t.p)), holm(tests.map(({ w }) => w.p))];
      for (const [at, n] of others.entries()) {
        const found = rows[n].against[metric]!;
        assertAlmostEquals(found.mean, means[n] - means[best], 1e-6);
        assertAlmostEquals(found.pT, t[at], 1e-9);
        assertAlmostEquals(found.pWilcoxon, w[at], 1e-9);
      }
    }
    const [history, heldOut] = [histories(SMALL, "train"), histories(SMALL, "test")];
    const context = popularity.prepare(SMALL, {});
    const { values } = perUserMetrics(
      await rankItems((block) => popularity.score(context, block, {}), { history }),
      heldOut,
    );
    const [name] = trials.filter((name) => name.startsWith("popularity"));
    const { perUser } = JSON.parse(await Deno.readTextFile(`${folder}/out/trials/${name}/test.json`));
    for (const [n, value] of perUser["ndcg@20"].entries()) assertAlmostEquals(value, values["ndcg@20"][n], 1e-7);
  }));

Deno.test("an interrupted comparison has not evaluated on test, and continues where it stopped", () =>
  withData(async (folder) => {
    const line = "--models monet,bprmf --seeds 2 --json";
    const whole = parsed(await compare(folder, line));
    const listen: CapturedOptions["listen"] = (text, interrupt) => text.startsWith("bprmf  seed 1") && interrupt();
    const stopped = parsed(await compare(folder, line, { listen }, "stopped"), 130);
    assertEquals(stopped.status, "interrupted");
    assertEquals(await tested(folder, "stopped"), []);
    const before = await namesIn(`${folder}/stopped/trials`);
    assert(before!.length >= 3 && before!.length < 5, `${before}`);
    const again = await compare(folder, line, {}, "stopped");
    const { rows } = parsed(again);
    assert(!again.err.includes("bprmf  seed 1"), "a finished trial is not trained again");
    const numbers = (rows: readonly Row[]) => rows.map(({ label, test, validation }) => ({ label, test, validation }));
    assertEquals(numbers(rows), numbers(whole.rows));
    assertEquals(await namesIn(`${folder}/stopped/trials`), await namesIn(`${folder}/out/trials`));
  }));

Deno.test("a comparison interrupted within a trial continues after its last epoch, with the same numbers", () =>
  withData(async (folder) => {
    const line = "--models monet --seeds 1 --json";
    const whole = parsed(await compare(folder, line));
    let clock = 0;
    const listen: CapturedOptions["listen"] = (text, interrupt) => /training monet .*epoch 2/.test(text) && interrupt();
    const stopped = parsed(await compare(folder, line, { listen, now: () => clock += 3000 }, "stopped"), 130);
    assertEquals(stopped.status, "interrupted");
    const [name] = (await namesIn(`${folder}/stopped/trials`))!.filter((name) => name.startsWith("monet"));
    const record = JSON.parse(await Deno.readTextFile(`${folder}/stopped/trials/${name}/run.json`));
    assertEquals([record.status, record.epochs > 0 && record.epochs < 3], ["interrupted", true]);
    assert(record.started > new Date(0).toISOString());
    const { rows } = parsed(await compare(folder, line, {}, "stopped"));
    assertEquals(rows.map(({ test }) => test), whole.rows.map(({ test }) => test));
    const ended = JSON.parse(await Deno.readTextFile(`${folder}/stopped/trials/${name}/run.json`));
    assertEquals([ended.status, ended.epochs, ended.started], ["finished", 3, record.started]);
    const { cost } = JSON.parse(await Deno.readTextFile(`${folder}/stopped/trials/${name}/outcome.json`));
    assertEquals(cost.epochs, 3);
  }));

Deno.test("a second comparison trains nothing and has the same results", () =>
  withData(async (folder) => {
    const line = "--models bprmf --seeds 2 --json";
    const first = parsed(await compare(folder, line));
    const again = await compare(folder, line);
    assertEquals(again.err.includes("validation recall@20"), false, again.err);
    assertEquals(parsed(again).rows, first.rows);
    const more = await compare(folder, "--models bprmf --seeds 3 --json");
    assertEquals(more.err.match(/validation recall@20/g)?.length, 1, "only the third seed is new");
    assertEquals(parsed(more).rows.find(({ label }) => label === "bprmf")!.seeds, [1, 2, 3]);
  }));

Deno.test("compare --search chooses on validation, trains the best with every seed, and tests no other", () =>
  withData(async (folder) => {
    await Deno.writeTextFile(`${folder}/grid.toml`, "[bprmf]\nlr = [1e-9, 3e-2]\nl2 = [0, 1e-4]\n");
    const line = `--models monet,bprmf --seeds 2 --search ${folder}/grid.toml --json`;
    const { rows, searches } = parsed(await compare(folder, line));
    const [{ label, tried, chosen }] = searches as { label: string; tried: Tried[]; chosen: object }[];
    assertEquals([label, tried.length], ["bprmf", 4]);
    const best = tried.reduce((best, one) => one.score > best.score ? one : best);
    assertEquals(chosen, best.changes);
    const row = rows.find(({ label }) => label === "bprmf")!;
    assertEquals(row.seeds, [1, 2]);
    assertEquals(row.settings.lr, tried.find(({ changes }) => changes === best.changes)!.changes.lr);
    assertEquals((await tested(folder)).filter((name) => name.startsWith("bprmf")).length, 2);
    const trials = (await namesIn(`${folder}/out/trials`))!.filter((name) => name.startsWith("bprmf"));
    const ranking = await Promise.all(trials.map((name) => namesIn(`${folder}/out/trials/${name}`)));
    assertEquals(ranking.filter((names) => names!.includes("embeddings.safetensors")).length, 2);
    for (const name of trials) {
      const { results } = JSON.parse(await Deno.readTextFile(`${folder}/out/trials/${name}/run.json`));
      assertEquals([results.bprmf.test, results.bprmf.validation === null], [null, false]);
    }
    const again = await compare(folder, line);
    assertEquals(again.err.includes("validation recall@20"), false, "a search is not repeated either");
    assertEquals(parsed(again).searches, searches);
  }));

interface Tried {
  readonly changes: Record<string, number>;
  readonly score: number;
}

Deno.test("compare continues without a trial that fails, names the reason, and does not train it again", () =>
  withData(async (folder) => {
    const line = "--models bprmf,monet:lr=1e38 --seeds 1";
    const first = await compare(folder, line);
    assertEquals(first.exit, 1, first.err);
    const why = "monet lr=1e38  seed 1 failed: Cannot continue training: the loss is not a number";
    assertStringIncludes(first.out, why);
    assertStringIncludes(await Deno.readTextFile(`${folder}/out/report.html`), "the loss is not a number");
    const again = await compare(folder, line);
    assertEquals(again.out, first.out.replaceAll("\r", ""));
    assert(!again.err.includes("monet lr=1e38"));
  }));

Deno.test("compare --avgdiff adds a column per modality, for the models that have embeddings", () =>
  withData(async (folder) => {
    const { rows } = parsed(await compare(folder, "--models monet,bprmf --seeds 1 --avgdiff --json"));
    for (const { label, test } of rows) assertEquals("avgDiff image" in test, label !== "popularity");
  }));

Deno.test("compare refuses impossible options before any work", () =>
  withData(async (folder) => {
    const refused = async (flags: string, why: string, exit = 2) => {
      const found = await compare(folder, flags);
      assertEquals([found.exit, found.out], [exit, ""], flags);
      assertStringIncludes(found.err, why);
      assertEquals(await namesIn(`${folder}/out`), null, flags);
    };
    await refused("--models mone", 'Cannot find the model "mone": there is no such name; did you mean "monet"?');
    await refused("--models monet:beta", 'Cannot train "monet:beta": expected settings after the colon');
    await refused("--models monet:bta=1", 'Cannot set "bta" of monet: there is no such setting; did you mean "beta"?');
    await refused("--models monet:beta=2", 'Cannot set beta of monet to "2"');
    await refused(
      "--models monet:seed=2",
      'Cannot set "seed" of monet: every model is trained with the seeds from 1 on',
    );
    await refused("--models monet --set seed=2", "use --seeds");
    await refused("--models bprmf,bprmf:batch=64", 'Cannot compare "bprmf" with "bprmf batch=64"');
    await refused("--models monet,bprmf --set bta=1", 'Cannot set "bta": none of the models has such a setting');
    await refused(`--models monet --search ${folder}/none.toml`, "none.toml", 1);
    await Deno.writeTextFile(`${folder}/grid.toml`, "[vbpr]\nl2 = [1]\n");
    await refused(`--models monet --search ${folder}/grid.toml`, "it has no settings to try for monet; add a table");
    await Deno.writeTextFile(`${folder}/grid.toml`, "[monet]\nseed = [1]\n");
    await refused(`--models monet --search ${folder}/grid.toml`, "use --seeds");
    await Deno.writeTextFile(`${folder}/grid.toml`, "[monet]\nbta = [1]\n");
    await refused(`--models monet --search ${folder}/grid.toml`, 'Cannot set "bta" of monet: there is no such setting');
  }));

Deno.test("compare prefers a variant's own setting to --epochs and to the search", () =>
  withData(async (folder) => {
    await Deno.writeTextFile(`${folder}/grid.toml`, "[bprmf]\nl2 = [0, 1e-4]\nepochs = [1, 2]\n");
    const line = `--models bprmf,bprmf:epochs=4,monet --seeds 1 --search ${folder}/grid.toml --json`;
    const found = await compare(folder, line);
    const { rows, searches } = parsed(found);
    assertStringIncludes(found.err, "has no settings to try for monet: trained as they are");
    const tried = (searches as { label: string; tried: Tried[] }[]).map(({ label, tried }) => [
      label,
      ...tried.map(({ changes }) => Object.keys(changes).join()),
    ]);
    assertEquals(tried, [
      ["bprmf", "l2,epochs", "l2,epochs", "l2,epochs", "l2,epochs"],
      ["bprmf epochs=4", "l2", "l2"],
    ]);
    assertEquals(rows.find(({ label }) => label === "bprmf epochs=4")!.cost.epochs.mean, 4);
  }));

Deno.test("compare replaces its own results, notes when they are another command's, and refuses other files", () =>
  withData(async (folder) => {
    await Deno.mkdir(`${folder}/other`);
    await Deno.writeTextFile(`${folder}/other/table.md`, "mine\n");
    const refused = await compare(folder, "--models bprmf --seeds 1", {}, "other");
    assertEquals([refused.exit, refused.out], [2, ""]);
    assertStringIncludes(refused.err, "the folder is not empty, and has no trials; name a new one");
    assertEquals(await Deno.readTextFile(`${folder}/other/table.md`), "mine\n");
    await Deno.mkdir(`${folder}/late/trials`, { recursive: true });
    await Deno.mkdir(`${folder}/late/report.html`);
    const late = await compare(folder, "--models bprmf --seeds 1", {}, "late");
    assertEquals(late.exit, 2);
    assertStringIncludes(late.err, 'report.html": it is a folder; name a file, or move it away');
    assertEquals(await namesIn(`${folder}/late/trials`), []);
    const first = await compare(folder, "--models bprmf --seeds 1");
    const again = await compare(folder, "--models bprmf --seeds 1");
    assertEquals([first, again].map(({ err }) => err.includes("replaced")), [false, false]);
    const more = await compare(folder, "--models bprmf,vbpr --seeds 1");
    assertStringIncludes(more.err, "writes them again without training: deno run -A main.ts compare ");
    assertEquals(more.err.match(/validation recall@20/g)?.length, 1, "only the second model is new");
  }));

Deno.test("compare without --out keeps the results of every command, and trains no trial twice", () =>
  withData(async (folder) => {
    // The folder is in the working directory of the program, which all tests share.
    const started = async (flags: string) => {
      const args = ["run", "-A", "--no-check", MAIN, ...`compare --data data ${QUICK} --json ${flags}`.split(" ")];
      const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: folder }).output();
      const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
      return { out: `${folder}/${JSON.parse(out).out}`, trained: err.match(/validation recall@20/g)?.length ?? 0 };
    };
    const one = await started("--models bprmf --seeds 1 --threads 1");
    const both = await started("--models bprmf,vbpr --seeds 1 --threads 1");
    const more = await started("--models bprmf --seeds 2 --threads 1");
    assertEquals([one, both, more].map(({ trained }) => trained), [2, 1, 1]);
    assertEquals(more.out, one.out);
    assertMatch(both.out, /\/runs\/small\/compare-bprmf-vbpr-[0-9a-f]{8}$/);
    for (const { out } of [one, both]) assert((await namesIn(out))!.includes("report.html"));
    assertEquals((await namesIn(`${folder}/runs/small/trials`))!.length, 4);
  }));

Deno.test("compare locks its trials against a second command, and removes the partial files of a killed command", () =>
  withData(async (folder) => {
    const trials = `${folder}/out/trials`;
    await Deno.mkdir(`${trials}/bprmf-1-0/run.json.1.partial`, { recursive: true });
    await Deno.writeTextFile(`${trials}/bprmf-1-0/outcome.json.0.partial`, "{");
    const first = compare(folder, "--models bprmf --seeds 1", {
      listen: () => second ??= compare(folder, "--models vbpr --seeds 1"),
    });
    let second: Promise<Outcome> | undefined;
    assertEquals((await first).exit, 0);
    const refused = await second!;
    assertEquals([refused.exit, refused.out], [2, ""]);
    assertStringIncludes(refused.err, "another command uses them; wait until it ends, or choose another --out");
    assertEquals(await namesIn(`${trials}/bprmf-1-0`), []);
    assertEquals((await compare(folder, "--models vbpr --seeds 1")).exit, 0);
  }));

Deno.test("compare names the repair of a damaged trial, and rebuilds derived files by itself", () =>
  withData(async (folder) => {
    const line = "--models bprmf --seeds 1 --json";
    const whole = parsed(await compare(folder, line));
    const trials = `${folder}/out/trials`;
    const [name] = (await namesIn(trials))!.filter((name) => name.startsWith("bprmf"));
    for (const file of ["outcome.json", "metrics.jsonl", "embeddings.safetensors"]) {
      const path = `${trials}/${name}/${file}`;
      const bytes = await Deno.readFile(path);
      if (file.startsWith("emb")) await Deno.remove(`${trials}/${name}/test.json`);
      for (const damage of [bytes.slice(0, bytes.length - 9), new TextEncoder().encode('{"x":1}\n')]) {
        await Deno.writeFile(path, damage);
        const { exit, out, err } = await compare(folder, "--models bprmf --seeds 1");
        assertEquals([exit, out], [1, ""], file);
        assertMatch(err, new RegExp(`error: Cannot read .* from "${path}"( line \\d+)?: .*\n$`));
        assertStringIncludes(err, `; remove "${trials}/${name}", and the same command trains it again\n`);
      }
      await Deno.writeFile(path, bytes);
    }
    for (const damage of ['{"users":3,', '{"x":1}']) {
      await Deno.writeTextFile(`${trials}/${name}/test.json`, damage);
      assertEquals(parsed(await compare(folder, line)).rows, whole.rows);
    }
    await Deno.remove(`${trials}/${name}`, { recursive: true });
    assertEquals(parsed(await compare(folder, line)).rows.map(({ test }) => test), whole.rows.map(({ test }) => test));
  }));

Deno.test("compare refuses data without test items", () =>
  withData(async (folder) => {
    const { exit, err } = await compare(folder, "--models bprmf");
    assertEquals(exit, 1);
    assertStringIncludes(err, "no interaction is held out for test; import the data with --split");
  }, resplit(SMALL, ratio(key(1), { validation: 0.2, test: 0 }))));
