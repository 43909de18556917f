/**
 * A comparison as one plot, for notebooks and READMEs.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { Comparison } from "../experiments/comparison.ts";
import { coloursOf } from "./palette.ts";
import { openPlotter } from "./plotter.ts";
import { metricBars } from "./ranking_plots.ts";

/**
 * Returns a plot of a comparison as SVG: a bar for each model with a metric on test, by default `recall@20`, and its
 * standard deviation over seeds.
 *
 * @throws {ValueError} if the comparison has no row with the metric.
 *
 * @example
 * ```ts
 * import { comparisonPlot, exampleComparison } from "@giverny/giverny/reports";
 * import { match } from "node:assert/strict";
 * match(await comparisonPlot(exampleComparison()), /^<svg [^]*monet[^]*<\/svg>$/);
 * ```
 */
export async function comparisonPlot(comparison: Comparison, metric = "recall@20"): Promise<string> {
  const { rows } = comparison;
  if (rows.length === 0 || rows.some(({ test }) => test[metric] === undefined)) {
    throw new ValueError(`Cannot draw a comparisonPlot of "${metric}": every row must have this metric on test`);
  }
  const svg = metricBars(comparison, { metric, title: metric }, coloursOf(rows), await openPlotter());
  return svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ');
}
