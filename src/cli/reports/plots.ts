/**
 * Plots of how well models rank. Every model has one colour in all of them.
 *
 * @module
 */
import type { Comparison } from "../trials/comparison.ts";
import { share } from "./figures.ts";
import { type Colours, ends, INK, PAPER, STYLE, tick } from "./palette.ts";
import type { Plotter } from "./plot.ts";

/** Bars of a metric on test with its standard deviation, and what others published of it. */
export function bars({ rows }: Comparison, metric: string, colours: Colours, { marks, draw }: Plotter): string {
  const data = rows.map(({ label, test }) => ({ label, ...test[metric], ...ends(test[metric]) }));
  const theirs = rows.flatMap(({ label, published }) =>
    published.flatMap(({ metrics, source }) => metric in metrics ? [{ label, mean: metrics[metric], source }] : [])
  );
  const most = Math.max(...data.map(({ high }) => high), ...theirs.map(({ mean }) => mean));
  return draw({
    width: 520,
    height: 50 + 30 * rows.length,
    marginLeft: 18 + 7 * Math.max(...rows.map(({ label }) => label.length)),
    marginRight: 62,
    marginTop: 6,
    style: STYLE,
    x: { label: null, domain: [0, most > 0 ? most : 1], grid: true, ticks: 5, tickFormat: tick },
    y: { label: null, domain: rows.map(({ label }) => label), tickSize: 0 },
    marks: [
      marks.barX(data, {
        x: "mean",
        y: "label",
        fill: ({ label }: { label: string }) => colours.get(label),
        fillOpacity: 0.88,
        insetTop: 4,
        insetBottom: 4,
        rx: 2,
      }),
      marks.ruleY(data, { x1: "low", x2: "high", y: "label", stroke: INK, strokeWidth: 1.3 }),
      marks.tickX(data, { x: "low", y: "label", stroke: INK, insetTop: 10, insetBottom: 10 }),
      marks.tickX(data, { x: "high", y: "label", stroke: INK, insetTop: 10, insetBottom: 10 }),
      marks.text(data, {
        x: ({ label, high }: { label: string; high: number }) =>
          Math.max(high, ...theirs.filter((one) => one.label === label).map(({ mean }) => mean + 0.012 * most)),
        y: "label",
        text: ({ mean }: { mean: number }) => share(mean),
        textAnchor: "start",
        dx: 6,
        fontWeight: 600,
        stroke: PAPER,
        strokeWidth: 4,
        fill: INK,
      }),
      marks.dot(theirs, {
        x: "mean",
        y: "label",
        symbol: "diamond",
        r: 5,
        stroke: "#7a6a3a",
        fill: PAPER,
        strokeWidth: 1.6,
        title: ({ mean, source }: { mean: number; source: string }) => `${share(mean)}: ${source}`,
      }),
    ],
  });
}

const FIFTHS = ["most popular", "2nd fifth", "3rd", "4th", "rarest"];

/** Accuracy on test by how popular the items are. */
export function fifths({ rows }: Comparison, colours: Colours, { marks, draw }: Plotter): string {
  const data = rows.flatMap(({ label, groups }) =>
    groups.flatMap((recall, n) => recall ? [{ label, group: FIFTHS[n], mean: recall.mean, ...ends(recall) }] : [])
  );
  const colour = ({ label }: { label: string }) => colours.get(label);
  return draw({
    width: 520,
    height: 330,
    marginLeft: 46,
    style: STYLE,
    x: { label: null, type: "point", domain: FIFTHS, padding: 0.3, tickSize: 0 },
    y: { label: "R@20 on test, only items of the fifth counted", grid: true, tickFormat: tick, ticks: 6, zero: true },
    marks: [
      marks.ruleY([0]),
      marks.lineY(data, { x: "group", y: "mean", z: "label", stroke: colour, strokeWidth: 2 }),
      marks.ruleX(data, { x: "group", y1: "low", y2: "high", stroke: colour, strokeWidth: 1.3 }),
      marks.dot(data, { x: "group", y: "mean", fill: colour, r: 4, stroke: PAPER, strokeWidth: 1 }),
    ],
  });
}

/** How each model differs from the best, in the mean over users, with intervals that cover 95 %. */
export function differences({ rows }: Comparison, metric: string, colours: Colours, { marks, draw }: Plotter): string {
  const data = rows.flatMap(({ label, against: { [metric]: found } }) =>
    found
      ? [{ label, mean: found.mean, low: found.mean - 1.96 * found.error, high: found.mean + 1.96 * found.error }]
      : []
  );
  const colour = ({ label }: { label: string }) => colours.get(label);
  return draw({
    width: 520,
    height: 70 + 28 * data.length,
    marginBottom: 40,
    marginLeft: 18 + 7 * Math.max(...rows.map(({ label }) => label.length)),
    marginRight: 20,
    style: STYLE,
    x: {
      label: `difference in ${metric}`,
      grid: true,
      ticks: 6,
      tickFormat: tick,
    },
    y: { label: null, domain: data.map(({ label }) => label), tickSize: 0 },
    marks: [
      marks.ruleX([0], { stroke: INK, strokeWidth: 1.2 }),
      marks.ruleY(data, { x1: "low", x2: "high", y: "label", stroke: colour, strokeWidth: 3, strokeLinecap: "round" }),
      marks.dot(data, { x: "mean", y: "label", fill: colour, r: 5, stroke: PAPER, strokeWidth: 1.5 }),
    ],
  });
}
