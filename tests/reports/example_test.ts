/**
 * Tests that every report can be made of the made-up results, and that reports mark ties, single seeds and synthetic
 * data.
 *
 * @module
 */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertMatch } from "deno-std/assert/match.js";
import { assertStringIncludes } from "deno-std/assert/string_includes.js";
import type { Comparison } from "../../src/experiments/comparison.ts";
import { spread } from "../../src/experiments/spread.ts";
import { comparisonPage } from "../../src/reports/comparison_page.ts";
import { comparisonMarkdown, comparisonText } from "../../src/reports/comparison_tables.ts";
import { exampleComparison, exampleSweep } from "../../src/reports/example.ts";
import { sweepPage } from "../../src/reports/sweep_page.ts";
import { sweepMarkdown } from "../../src/reports/sweep_tables.ts";

const STYLE = { columns: 200, colour: false };

/** Returns a comparison with the first seed of each model alone. */
function oneSeed(comparison: Comparison): Comparison {
  const rows = comparison.rows.map((row) => ({
    ...row,
    seeds: [1],
    test: Object.fromEntries(Object.entries(row.test).map(([name, { values }]) => [name, spread(values.slice(0, 1))])),
  }));
  return { ...comparison, rows };
}

Deno.test("tables and pages mark the values that are not significantly below the best, and no others", async () => {
  const comparison = exampleComparison();
  const text = comparisonText(comparison, STYLE);
  const [part] = text.split("\n\n");
  assertEquals(part.split("\n").slice(1).map((line) => line.match(/≈/g)?.length ?? 0).slice(0, 4), [0, 2, 0, 0]);
  assertMatch(part, /\nlattice +\S+ ± \S+ +\.2390 ± \.\d+ ≈ /);
  assertStringIncludes(text, "≈ marks a tie");
  assertMatch(comparisonMarkdown(comparison), /\| lattice \| [^|]+[^≈ ] \| \.2390 ± \.\d+ ≈ \|/);
  const page = await comparisonPage(comparison);
  assertEquals(page.match(/<span class="tie">≈<\/span>/g)?.length, 2);
  assertStringIncludes(page, "lattice ties with monet; all others are significantly worse.");
  const [best, , ...worse] = comparison.rows;
  const clear = { ...comparison, rows: [best, ...worse] };
  for (const made of [comparisonText(clear, STYLE), comparisonMarkdown(clear), await comparisonPage(clear)]) {
    assert(!made.includes("≈"));
  }
});

Deno.test("tables and pages of one seed say so, and only they", async () => {
  const many = exampleComparison();
  const one = oneSeed(many);
  for (const made of [comparisonText(one, STYLE), comparisonMarkdown(one), await comparisonPage(one)]) {
    assertStringIncludes(made, "One seed");
  }
  for (const made of [comparisonText(many, STYLE), comparisonMarkdown(many), await comparisonPage(many)]) {
    assert(!made.includes("One seed"));
  }
  assertStringIncludes(await sweepPage(exampleSweep()), "One seed");
});

Deno.test("reports on the garden say that it is synthetic, and reports without a command have none", async () => {
  const [comparison, sweep] = [exampleComparison(), exampleSweep()];
  const made = [
    comparisonMarkdown(comparison),
    await comparisonPage(comparison),
    sweepMarkdown(sweep),
    await sweepPage(sweep),
  ];
  for (const text of made) {
    assertStringIncludes(text, "garden (synthetic data)");
    assert(!text.includes("null") && !text.includes("undefined") && !text.includes("To repeat it"));
  }
  const repeated = await comparisonPage({ ...comparison, command: "compare --models a<b" });
  assertStringIncludes(repeated, "To repeat it: <code>compare --models a&lt;b</code>");
});

Deno.test("reports without a clock have no time", async () => {
  const [comparison, sweep] = [{ ...exampleComparison(), made: null }, { ...exampleSweep(), made: null }];
  const texts = [
    comparisonMarkdown(comparison),
    await comparisonPage(comparison),
    sweepMarkdown(sweep),
    await sweepPage(sweep),
  ];
  for (const text of texts) assert(!/Made |null|1970/.test(text));
});
