/**
 * Plots of how models learn: over epochs, and for the time it takes.
 *
 * @module
 */
import type { Comparison, Row } from "../trials/comparison.ts";
import { type Colours, ends, PAPER, STYLE, tick } from "./palette.ts";
import type { Plotter } from "./plot.ts";

/** Validation accuracy over epochs, a line per seed. */
export function curves({ rows }: Comparison, colours: Colours, { marks, draw }: Plotter): string | null {
  const data = rows.flatMap(({ label, epochs, seeds }) =>
    epochs.flatMap((all, n) =>
      all.flatMap(({ epoch, validation }) =>
        validation ? [{ label, seed: `${label} ${seeds[n]}`, epoch, recall: validation["recall@20"] }] : []
      )
    )
  );
  if (data.length === 0) return null;
  const last = Math.max(...data.map(({ epoch }) => epoch));
  return draw({
    width: 520,
    height: 330,
    marginLeft: 46,
    marginBottom: 42,
    style: STYLE,
    x: { label: "epoch", labelOffset: 38, type: last > 150 ? "log" : "linear", ticks: 6, tickFormat: "d" },
    y: { label: "R@20 on validation", grid: true, tickFormat: tick, ticks: 6, zero: true },
    marks: [
      marks.lineY(data, {
        x: "epoch",
        y: "recall",
        z: "seed",
        stroke: ({ label }: { label: string }) => colours.get(label),
        strokeWidth: 1.5,
        strokeOpacity: 0.75,
        curve: "monotone-x",
      }),
      marks.ruleY([0]),
    ],
  });
}

/** Accuracy on test against the time of training; what needs no training is a line. */
export function tradeOff({ rows }: Comparison, colours: Colours, { marks, draw }: Plotter): string | null {
  const point = ({ label, test, cost }: Row) => ({
    label,
    seconds: cost.seconds.mean,
    recall: test["recall@20"].mean,
    ...ends(test["recall@20"]),
  });
  const trained = rows.filter(({ cost }) => cost.epochs.mean > 0).map(point);
  const free = rows.filter(({ cost }) => cost.epochs.mean === 0).map(point);
  if (trained.length === 0) return null;
  const colour = ({ label }: { label: string }) => colours.get(label);
  const times = trained.map(({ seconds }) => seconds);
  return draw({
    width: 520,
    height: 330,
    marginLeft: 46,
    marginRight: 40,
    marginBottom: 42,
    style: STYLE,
    x: {
      labelOffset: 38,
      label: "seconds of training, evaluations included",
      type: "log",
      domain: [Math.min(...times) / 1.8, Math.max(...times) * 1.8],
      ticks: 5,
      tickFormat: (x: number) => x.toLocaleString("en-US"),
    },
    y: { label: "R@20 on test", grid: true, tickFormat: tick, ticks: 6, zero: true },
    marks: [
      marks.ruleY(free, { y: "recall", stroke: colour, strokeDasharray: "4 4", strokeWidth: 1.4 }),
      marks.text(free, {
        y: "recall",
        text: "label",
        frameAnchor: "right",
        textAnchor: "end",
        dy: -8,
        fill: colour,
        fontWeight: 600,
      }),
      marks.ruleX(trained, { x: "seconds", y1: "low", y2: "high", stroke: colour, strokeWidth: 1.6 }),
      marks.dot(trained, { x: "seconds", y: "recall", fill: colour, r: 5.5, stroke: PAPER, strokeWidth: 1.5 }),
      ...[-14, 14].map((dy) =>
        marks.text(trained.filter((_, n) => crowded(trained, n) === dy > 0), {
          x: "seconds",
          y: "recall",
          text: "label",
          dy,
          fill: colour,
          fontWeight: 600,
          stroke: PAPER,
          strokeWidth: 4,
        })
      ),
      marks.ruleY([0]),
    ],
  });
}

/** Returns whether a point is just below another one, whose name would stand on its own. */
function crowded(points: readonly { readonly seconds: number; readonly recall: number }[], n: number): boolean {
  const highest = Math.max(...points.map(({ recall }) => recall));
  return points.slice(0, n).some(({ seconds, recall }) =>
    Math.abs(Math.log(seconds / points[n].seconds)) < 0.7 && Math.abs(recall - points[n].recall) < 0.08 * highest
  );
}
