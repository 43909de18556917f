/**
 * Plot of accuracy against the time of training.
 *
 * @module
 */
import type { Comparison, Row } from "../experiments/comparison.ts";
import { logAxis } from "./axis.ts";
import { type Colours, ends, INK, LETTER, PAPER, spanning, tick } from "./palette.ts";
import type { Plotter } from "./plotter.ts";

const [WIDTH, LEFT] = [520, 46];

/**
 * R@20 on test against the seconds of training. Dots bear the models' places in the comparison, which a legend to the
 * right names; a model that needs no training is a dashed line. `null` if nothing was trained.
 */
export function tradeOff({ rows }: Comparison, colours: Colours, { marks, draw }: Plotter): string | null {
  const points = rows.map(({ label, test, cost }, n) => ({
    label,
    place: String(n + 1),
    colour: colours.get(label),
    seconds: cost.seconds.mean,
    recall: test["recall@20"].mean,
    ...ends(test["recall@20"]),
  }));
  const isTrained = ({ cost }: Row) => cost.epochs.mean > 0 && cost.seconds.mean > 0;
  const trained = points.filter((_, n) => isTrained(rows[n]));
  const free = points.filter((_, n) => !isTrained(rows[n]));
  if (trained.length === 0) return null;
  const times = trained.map(({ seconds }) => seconds);
  const right = 44 + LETTER * Math.max(...points.map(({ label }) => label.length));
  const number = { text: "place", y: "recall", fontSize: 10.5, fontWeight: 700 } as const;
  return draw({
    ariaLabel: "R@20 on test against seconds of training, a numbered dot per model",
    width: WIDTH,
    height: Math.max(360, 60 + 20 * rows.length),
    marginLeft: LEFT,
    marginRight: right,
    marginTop: 34,
    marginBottom: 44,
    x: {
      label: "seconds of training",
      labelAnchor: "center",
      labelOffset: 40,
      ...logAxis([Math.min(...times) / 1.6, Math.max(...times) * 1.6], WIDTH - LEFT - right),
    },
    y: { label: "R@20 on test", grid: true, tickFormat: tick, ticks: 6, nice: true },
    marks: [
      marks.ruleY(free, { y: "recall", stroke: "colour", strokeDasharray: "4 4", strokeWidth: 1.4 }),
      marks.text(free, { ...number, frameAnchor: "right", textAnchor: "end", dy: -8, fill: "colour" }),
      marks.ruleX(spanning(trained), { x: "seconds", y1: "low", y2: "high", stroke: "colour", strokeWidth: 1.6 }),
      // The best model is drawn last, and so on top.
      marks.dot(trained.toReversed(), { x: "seconds", y: "recall", fill: "colour", r: 9, stroke: PAPER }),
      marks.text(trained.toReversed(), { ...number, x: "seconds", fill: PAPER }),
      ...points.map(({ label, place, colour }, n) =>
        marks.text([`${place}  ${label}`], {
          frameAnchor: "top-right",
          textAnchor: "start",
          dx: 16,
          dy: 20 * n,
          fill: colour ?? INK,
        })
      ),
    ],
  });
}
