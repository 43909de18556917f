/**
 * Plots of ranking accuracy. Every model has the same colour in all of them.
 *
 * @module
 */
import type { Comparison } from "../experiments/comparison.ts";
import { share } from "./numbers.ts";
import { ACCENT, type Colours, ends, INK, marginFor, PAPER, spanning, THEIRS, tick } from "./palette.ts";
import type { Plotter } from "./plotter.ts";
import { rowsOf } from "./rows.ts";

/** A metric and its title. */
export interface PlottedMetric {
  readonly metric: string;
  readonly title: string;
}

/** Bars of a metric on test with its standard deviation; below each, published results as diamonds. */
export function metricBars(
  comparison: Comparison,
  { metric, title }: PlottedMetric,
  colours: Colours,
  { marks, draw }: Plotter,
): string {
  const rows = rowsOf(comparison).filter((row) => row.kind === "ours" || row.below && metric in row.published.metrics);
  const names = rows.map((row) => row.kind === "ours" ? row.name : `theirs [${row.source}]`);
  const ours = rows.flatMap((line, at) => {
    if (line.kind === "theirs") return [];
    const { row: { label, test: { [metric]: found } } } = line;
    return [{ at, label, mean: found.mean, ...ends(found) }];
  });
  const theirs = rows.flatMap((row, at) =>
    row.kind === "ours" ? [] : [{ at, mean: row.published.metrics[metric], source: row.published.source }]
  );
  const most = Math.max(...ours.map(({ high }) => high), ...theirs.map(({ mean }) => mean));
  const value = { y: "at", text: ({ mean }: { mean: number }) => share(mean), textAnchor: "start" } as const;
  const halo = { stroke: PAPER, strokeWidth: 4 } as const;
  return draw({
    ariaLabel: `${title} on test, a bar per model`,
    width: 520,
    height: 40 + 27 * names.length,
    marginLeft: marginFor(names),
    marginRight: 56,
    marginTop: 6,
    x: { label: null, domain: [0, most > 0 ? most : 1], grid: true, ticks: 5, tickFormat: tick },
    y: { label: null, domain: names.map((_, at) => at), tickFormat: (at: number) => names[at], tickSize: 0 },
    marks: [
      marks.barX(ours, { x: "mean", y: "at", fill: colourIn(colours), insetTop: 4, insetBottom: 4, rx: 2 }),
      marks.ruleY(spanning(ours), { x1: "low", x2: "high", y: "at", stroke: INK, strokeWidth: 1.3 }),
      ...(["low", "high"] as const).map((x) =>
        marks.tickX(spanning(ours), { x, y: "at", stroke: INK, insetTop: 9, insetBottom: 9 })
      ),
      marks.text(ours, { ...value, ...halo, x: "high", dx: 6, fontWeight: 600, fill: INK }),
      marks.ruleY(theirs, { x1: 0, x2: "mean", y: "at", stroke: THEIRS, strokeDasharray: "1.5 3" }),
      marks.dot(theirs, {
        x: "mean",
        y: "at",
        symbol: "diamond",
        r: 4.5,
        stroke: THEIRS,
        fill: PAPER,
        strokeWidth: 1.6,
        title: "source",
      }),
      marks.text(theirs, { ...value, ...halo, x: "mean", dx: 9, fill: THEIRS }),
    ],
  });
}

/** Returns the colour of a datum with a label. */
function colourIn(colours: Colours): (datum: { label: string }) => string | undefined {
  return ({ label }) => colours.get(label);
}

const FIFTHS = ["most\npopular", "2nd\nfifth", "\n3rd", "\n4th", "\nrarest"];
const COLD = "\ncold";

/**
 * R@20 on test by how popular the items are, a row per model; the stronger the colour, the nearer to the best of the
 * column.
 */
export function popularityHeatmap({ rows }: Comparison, { marks, draw }: Plotter): string {
  const found = rows.flatMap(({ label, groups, test: { "cold recall@20": cold = null } }) =>
    [...groups, cold].flatMap((recall, n) => recall ? [{ label, group: n, mean: recall.mean }] : [])
  );
  const most = (column: number) => Math.max(...found.filter(({ group }) => group === column).map(({ mean }) => mean));
  const data = found.map((one) => ({ ...one, part: one.mean / (most(one.group) || 1) }));
  const columns = [...FIFTHS, COLD];
  const domain = columns.map((_, n) => n).filter((n) => data.some(({ group }) => group === n));
  const labels = rows.map(({ label }) => label);
  return draw({
    ariaLabel: "R@20 on test by how popular the items are, a row per model",
    width: 520,
    height: 46 + 27 * rows.length,
    marginLeft: marginFor(labels),
    marginRight: 2,
    marginTop: 40,
    marginBottom: 6,
    x: { axis: "top", label: null, domain, tickFormat: (n: number) => columns[n], tickSize: 0, padding: 0.03 },
    y: { label: null, domain: labels, tickSize: 0, padding: 0.06 },
    marks: [
      marks.cell(data, {
        x: "group",
        y: "label",
        fill: ACCENT,
        fillOpacity: ({ part }: { part: number }) => 0.04 + 0.5 * part ** 2,
        rx: 2,
      }),
      marks.text(data, { x: "group", y: "label", text: ({ mean }: { mean: number }) => share(mean), fill: INK }),
    ],
  });
}

/** The difference of each model from the best, in the mean over users, with intervals of 95 %. */
export function differencePlot(
  { rows }: Comparison,
  { metric, title }: PlottedMetric,
  colours: Colours,
  { marks, draw }: Plotter,
): string {
  const data = rows.flatMap(({ label, against: { [metric]: found } }) =>
    found
      ? [{ label, mean: found.mean, low: found.mean - 1.96 * found.error, high: found.mean + 1.96 * found.error }]
      : []
  );
  const colour = colourIn(colours);
  const labels = data.map(({ label }) => label);
  return draw({
    ariaLabel: `Difference in ${title} from the best, an interval per model`,
    width: 520,
    height: 60 + 27 * data.length,
    marginBottom: 44,
    marginLeft: marginFor(labels),
    marginRight: 20,
    marginTop: 6,
    x: { label: `difference in ${title}`, labelOffset: 40, grid: true, ticks: 5, tickFormat: tick },
    y: { label: null, domain: labels, tickSize: 0 },
    marks: [
      marks.ruleX([0], { stroke: INK, strokeWidth: 1.2 }),
      marks.ruleY(spanning(data), {
        x1: "low",
        x2: "high",
        y: "label",
        stroke: colour,
        strokeWidth: 3,
        strokeLinecap: "round",
      }),
      marks.dot(data, { x: "mean", y: "label", fill: colour, r: 5, stroke: PAPER, strokeWidth: 1.5 }),
    ],
  });
}
