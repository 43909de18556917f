/** Tests of a comparison's tables: our rows and published ones, the best values, and parts that fit. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertStringIncludes } from "deno-std/assert/string_includes.js";
import { parse } from "deno-std/csv/parse.js";
import type { Published } from "../../src/experiments/published.ts";
import type { Comparison, Row } from "../../src/experiments/comparison.ts";
import { spread } from "../../src/experiments/spread.ts";
import { defaultsOf } from "../../src/core/settings.ts";
import { comparisonPage } from "../../src/reports/comparison_page.ts";
import {
  comparisonCsv,
  comparisonJsonLines,
  comparisonMarkdown,
  comparisonText,
  remarks,
} from "../../src/reports/comparison_tables.ts";
import type { TextStyle } from "../../src/reports/text_style.ts";
import { trainingSettings } from "../../src/train/settings.ts";

const published = (method: string, recall: number): Published => ({
  method,
  model: method.toLowerCase(),
  metrics: { "recall@20": recall },
  source: "a <paper>",
  protocol: "theirs",
});

const row = (label: string, recalls: readonly number[], rest: Partial<Row> = {}): Row => ({
  label,
  model: label,
  settings: { lr: 0.01 },
  config: { ...defaultsOf(trainingSettings), lr: 0.01 },
  seeds: recalls.map((_, n) => n + 1),
  test: Object.fromEntries(
    ["recall@20", "ndcg@20", "coverage@20", "head recall@20"].map((name) => [name, spread(recalls)]),
  ),
  groups: [0, 1, 2, 3, 4].map(() => spread(recalls)),
  validation: spread(recalls),
  cost: {
    parameters: 12345,
    secondsPerEpoch: spread(recalls),
    epochs: spread([7]),
    seconds: spread([3]),
    bytes: 2e6,
    resident: 1.5e8,
  },
  against: { "recall@20": null },
  published: [],
  epochs: [[]],
  ...rest,
});

const comparison: Comparison = {
  data: {
    name: "shop",
    fingerprint: "0".repeat(64),
    users: 10,
    items: 20,
    interactions: { train: 5, validation: 1, test: 1, all: 1234 },
    coldItems: 0,
  },
  protocol: "A",
  command: "compare --models monet,gume",
  made: "2024-01-01T00:00:00.000Z",
  versions: { giverny: "0", deno: "0", v8: "0" },
  device: "paper",
  rows: [
    row("monet", [0.2, 0.3], { published: [published("MONET", 0.4)] }),
    row("gume", [0.1, 0.1], {
      against: { "recall@20": { mean: -0.15, error: 0.01, pT: 0.0004, d: -0.5, pWilcoxon: 0.02, r: -0.25 } },
    }),
  ],
  failed: [{ label: "vbpr  seed 1", failure: "Cannot go on" }],
  others: [published("GRCN", 0.5)],
  searches: [{ label: "gume", tried: [{ changes: { lr: 0.01 }, score: 0.1 }], chosen: { lr: 0.01 } }],
};

const style = (columns: number, colour = false): TextStyle => ({ colour, columns });

Deno.test("comparisonText() has published rows below ours, other models at the end, and marks them", () => {
  const [part, ...rest] = comparisonText(comparison, style(400)).split("\n\n");
  assertEquals(rest, []);
  const lines = part.split("\n");
  assertEquals(lines.slice(1, 5).map((line) => line.split(/ {2,}/).slice(0, 2)), [
    ["monet", ".2500 ± .0707"],
    ["", "MONET, theirs [1]"],
    ["gume", ".1000 ± .0000"],
    ["GRCN, theirs [1]", ".5000"],
  ]);
  assertStringIncludes(part, "[1] a <paper> (theirs).");
  assertStringIncludes(part, "vbpr  seed 1 failed: Cannot go on.");
  assertStringIncludes(part, "gume: of 1 combinations, lr=0.01 is the best on validation.");
});

Deno.test("comparisonText() is divided into parts that fit, each with all of our models, and loses no column", () => {
  const titles = (columns: number) =>
    comparisonText(comparison, style(columns)).split("\n").filter((line) => line.startsWith("model")).flatMap((line) =>
      line.split(/ {2,}/).slice(1)
    );
  const whole = titles(400);
  assert(whole.includes("R@20") && whole.includes("p (Wilcoxon)") && !whole.includes("cold R@20"));
  for (const columns of [40, 80, 120]) {
    assertEquals(titles(columns), whole);
    const tables = comparisonText(comparison, style(columns)).split("\n\n");
    assert(tables.length > 1);
    for (const table of tables) {
      const lines = table.split("\n");
      for (const line of lines) assert(line.length <= columns, line);
      for (const name of ["monet", "gume"]) assert(lines.some((line) => line.startsWith(name)));
    }
  }
});

Deno.test("remarks() name the numbers of seeds of models that have a deviation", () => {
  const of = (...counts: number[]) => ({
    ...comparison,
    rows: counts.map((n) => row(`of ${n}`, Array.from({ length: n }, (_, i) => i / 10))),
  });
  const said = (...counts: number[]) => remarks(of(...counts)).filter((text) => text.startsWith("±"));
  assertEquals(said(1, 5, 5), ["± is the standard deviation over 5 seeds."]);
  assertEquals(said(5, 1, 4), ["± is the standard deviation over 4 or 5 seeds."]);
  assertEquals(said(1, 1), []);
});

Deno.test("remarks() name the models whose last evaluation was their best", () => {
  const epoch = {
    epoch: 1,
    loss: 1,
    lr: 1,
    seconds: 1,
    evaluationSeconds: 0,
    checkpointSeconds: 0,
    validation: { "recall@20": 0.1 },
  };
  const [rising, flat] = [true, false].map((best) => [{ ...epoch, best: true }, { ...epoch, epoch: 2, best }]);
  const of = (label: string, ...epochs: Row["epochs"]) => ({ ...row(label, [0.1]), epochs });
  const rows = [of("vbpr", rising), of("gume", flat), of("mario", flat, rising, rising), of("popularity", [])];
  const said = remarks({ ...comparison, rows }).filter((text) => text.startsWith("Still"));
  assertEquals(said, ["Still rising at the limit of epochs: vbpr (2), mario (2 in 2 of 3 seeds)."]);
  assertEquals(remarks({ ...comparison, rows: [of("gume", flat)] }).filter((text) => text.startsWith("Still")), []);
});

Deno.test("the best of our values is bold if some are worse; published values never are", () => {
  const coloured = comparisonText(comparison, style(400, true));
  assertStringIncludes(coloured, "\x1b[1m.2500 ± .0707\x1b[0m");
  assert(!coloured.includes("\x1b[1m.5000") && !coloured.includes("\x1b[1m.4000"));
  const markdown = comparisonMarkdown(comparison);
  assertStringIncludes(markdown, "| monet | **.2500 ± .0707** |");
  assertStringIncludes(markdown, "| _MONET, theirs [1]_ | _.4000_ | – |");
  const alike = { ...comparison, rows: [comparison.rows[0], { ...comparison.rows[0], label: "other" }] };
  assert(!comparisonMarkdown(alike).includes("**"));
});

Deno.test("comparisonCsv() and comparisonJsonLines() have full precision, and tell ours from published rows", () => {
  const records: Record<string, string>[] = parse(comparisonCsv(comparison), { skipFirstRow: true });
  assertEquals(records.map(({ model, whose }) => [model, whose]), [
    ["monet", "ours"],
    ["MONET, theirs", "theirs"],
    ["gume", "ours"],
    ["GRCN, theirs", "theirs"],
    ["vbpr  seed 1", "ours"],
  ]);
  assertEquals(records.map(({ failure }) => failure), ["", "", "", "", "Cannot go on"]);
  assertEquals(records.map(({ seeds }) => seeds), ["2", "", "2", "", ""]);
  assertEquals(records.map(({ protocol }) => protocol), ["A", "theirs", "A", "theirs", ""]);
  assertEquals([records[0], records[1], records[2]].map((record) => record["validation_recall@20"]), [
    "0.25",
    "",
    "0.1",
  ]);
  assertEquals([Number(records[0]["recall@20"]), records[0].settings], [0.25, "lr=0.01"]);
  assertEquals(Number(records[0]["recall@20 sd"]), comparison.rows[0].test["recall@20"].sd);
  assertEquals([records[1]["recall@20"], records[1].source], ["0.4", "a <paper>"]);
  assertEquals([records[2].p_t, records[0].p_t], ["0.0004", ""]);
  const lines = comparisonJsonLines(comparison).trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(lines.map(({ whose }) => whose), ["ours", "ours", "ours", "theirs", "theirs"]);
  assertEquals(lines[0].test["recall@20"].values, [0.2, 0.3]);
});

Deno.test("comparisonPage() has the results, also of one model and of none", async () => {
  const report = await comparisonPage(comparison);
  for (
    const text of [
      "shop",
      "25.0\u00a0%",
      "a &lt;paper&gt;",
      "MONET, theirs [1]",
      "Cannot go on",
      "The search for settings",
    ]
  ) {
    assertStringIncludes(report, text);
  }
  assertEquals(report.split("<svg ").length, report.split('<svg role="img" ').length);
  assertEquals(report.split("<svg ").length, report.split(/<svg [^>]*aria-label="[^"]/).length);
  const [first] = comparison.rows;
  const alone = await comparisonPage({ ...comparison, rows: [first], searches: [], others: [] });
  assert(alone.includes("25.0\u00a0%") && !alone.includes("Significance"));
  assertStringIncludes(await comparisonPage({ ...comparison, rows: [] }), "No trial came to an end.");
});
