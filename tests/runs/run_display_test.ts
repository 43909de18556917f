/** Tests of runs and evaluations in consoles and notebooks. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertMatch } from "deno-std/assert/match.js";
import { key } from "../../src/core/random.ts";
import { garden } from "../../src/data/garden.ts";
import { memoryFiles } from "../../src/data/memory_files.ts";
import { models } from "../../src/models/mod.ts";
import { evaluate, openRun, train } from "../../src/runs/mod.ts";

const data = garden(key(0), { users: 40, items: 30 });

/** Returns the forms in which a notebook shows a value. */
const formsOf = (value: object): Readonly<Record<string, string>> =>
  Reflect.get(value, Symbol.for("Jupyter.display")).call(value);

Deno.test("a run shows itself: a short text in a console, its learning curve in a notebook", async () => {
  const files = memoryFiles();
  const run = await train(models.lightgcn, data, { epochs: 3, folder: "run", files });
  for (const one of [run, await openRun("run", { files })]) {
    const text = Deno.inspect(one);
    assertMatch(
      text,
      /^Run of lightgcn on garden: 3 epochs, the best [123]\n {2}validation {2}recall@20 0\.\d{4} {2}ndcg/,
    );
    assertMatch(text, /\n {2}test .*\n {2}device .*\n {2}folder {6}run$/);
    const forms = formsOf(one);
    assertEquals(forms["text/plain"], text);
    assertMatch(forms["image/svg+xml"], /^<svg [^]*>Run of lightgcn [^]*R@20 on validation[^]*<\/svg>$/);
    assert(!Object.getOwnPropertySymbols({ ...one }).some((symbol) => symbol.description === "Jupyter.display"));
  }
});

Deno.test("a run without epochs shows itself as text only", async () => {
  const run = await train(models.popularity, data);
  assertEquals(Object.keys(formsOf(run)), ["text/plain"]);
});

Deno.test("an evaluation shows itself as a table of metrics and cutoffs", async () => {
  const run = await train(models.popularity, data);
  const evaluation = await evaluate(run, { cutoffs: [5, 10] });
  assertMatch(
    Deno.inspect(evaluation),
    /^Evaluation of \d+ users\n {2}metric +@5 +@10\n {2}recall +[\d.]{6} +[\d.]{6}\n/,
  );
  assertMatch(
    formsOf(evaluation)["text/html"],
    /<tr><td>metric<\/td><td>@5<\/td><td>@10<\/td><\/tr><tr><td>recall<\/td>/,
  );
  assertEquals(JSON.parse(JSON.stringify(evaluation)).metrics, evaluation.metrics);
});
