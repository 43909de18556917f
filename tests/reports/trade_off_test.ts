/** Tests of the plot of accuracy against the time of training. @module */
import { assertEquals } from "deno-std/assert/equals.js";
import { assertStringIncludes } from "deno-std/assert/string_includes.js";
import { exampleComparison } from "../../src/reports/example.ts";
import { coloursOf } from "../../src/reports/palette.ts";
import { openPlotter } from "../../src/reports/plotter.ts";
import { tradeOff } from "../../src/reports/trade_off.ts";

Deno.test("tradeOff() numbers every model at its place and in the legend; untrained models are lines", async () => {
  const comparison = exampleComparison();
  const { rows } = comparison;
  const plot = tradeOff(comparison, coloursOf(rows), await openPlotter()) ?? "";
  assertEquals(plot.match(/<circle /g)?.length, 3);
  assertEquals(plot.match(/stroke-dasharray="4 4"/g)?.length, 1);
  for (const [n, { label }] of rows.entries()) {
    assertStringIncludes(plot, `>${n + 1}  ${label}<`);
    assertStringIncludes(plot, `>${n + 1}<`);
  }
});

Deno.test("tradeOff() of models that were not trained is null", async () => {
  const comparison = exampleComparison();
  const rows = comparison.rows.filter(({ model }) => model === "popularity");
  assertEquals(tradeOff({ ...comparison, rows }, coloursOf(rows), await openPlotter()), null);
});
