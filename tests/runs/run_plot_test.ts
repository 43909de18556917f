/** Tests of the plot of a training. @module */
import { assert } from "deno-std/assert/assert.js";
import { assertEquals } from "deno-std/assert/equals.js";
import { assertStringIncludes } from "deno-std/assert/string_includes.js";
import { runPlot } from "../../src/runs/run_plot.ts";

const epoch = (n: number, recall: number | null) => ({
  epoch: n,
  loss: 1 / n,
  validation: recall === null ? null : { "recall@20": recall, "ndcg@20": recall / 2 },
});

/** Returns how often a part is in a text. */
const times = (text: string, part: string) => text.split(part).length - 1;

Deno.test("runPlot() has a panel for the loss, and one for the metric where it was evaluated", () => {
  const both = runPlot([epoch(1, 0.1), epoch(2, null), epoch(3, 0.3), epoch(4, 0.2)]);
  assertEquals(times(both, "<svg "), 3);
  assertStringIncludes(both, "R@20 on validation");
  assertEquals(times(both, "<circle "), 1, "the best epoch is a dot");
  assertStringIncludes(runPlot([epoch(1, 0.1)], { metric: "ndcg@20" }), "NDCG@20 on validation");
  const lossOnly = runPlot([epoch(1, null), epoch(2, null)]);
  assertEquals([times(lossOnly, "<svg "), lossOnly.includes("validation</text>")], [2, false]);
});

Deno.test("runPlot() of one epoch has dots, and of none says so", () => {
  assert(times(runPlot([epoch(1, 0.1)]), "<circle ") >= 2);
  assertStringIncludes(runPlot([]), "There are no epochs.");
});

Deno.test("runPlot() has no script and no reference but the namespace of SVG", () => {
  const plot = runPlot([epoch(1, 0.1), epoch(2, 0.2)]);
  for (const foreign of ["<script", "href=", "@import", "url("]) assert(!plot.includes(foreign), foreign);
  assertEquals(new Set(plot.match(/https?:[^"]*/g)), new Set(["http://www.w3.org/2000/svg"]));
});

Deno.test("runPlot() leaves out a loss that is not a number", () => {
  const plot = runPlot([{ ...epoch(1, 0.1), loss: NaN }, epoch(2, 0.2)], { title: "a < b" });
  assertStringIncludes(plot, "R@20 on validation");
  assertStringIncludes(plot, "a &lt; b");
  assert(!plot.includes("NaN"));
});
