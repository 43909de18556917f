/**
 * Plot of what accuracy costs: test against the time of training.
 *
 * @module
 */
import type { Comparison, Row } from "../../experiments/comparison.ts";
import { logAxis } from "./axis.ts";
import { type Box, placed } from "./labels.ts";
import { type Colours, ends, INK, PAPER, spanning, STYLE, tick } from "./palette.ts";
import type { Plotter } from "./plot.ts";

const [WIDTH, HEIGHT] = [520, 400];
/** Pixels that a bold letter takes. */
const BOLD = 7.8;
const FRAME: Box = { left: 46, right: WIDTH - 14, top: 34, bottom: HEIGHT - 44 };

/** Accuracy on test against the time of training; what needs no training is a line. `null` if nothing was trained. */
export function tradeOff({ rows }: Comparison, colours: Colours, { marks, draw }: Plotter): string | null {
  const point = ({ label, test, cost }: Row) => ({
    label,
    seconds: cost.seconds.mean,
    recall: test["recall@20"].mean,
    ...ends(test["recall@20"]),
  });
  const took = ({ cost }: Row) => cost.epochs.mean > 0 && cost.seconds.mean > 0;
  const trained = rows.filter(took).map(point);
  const free = rows.filter((row) => !took(row)).map(point);
  if (trained.length === 0) return null;
  const times = trained.map(({ seconds }) => seconds);
  const [least, most] = [Math.min(...times) / 2.2, Math.max(...times) * 2.2];
  const all = [...trained, ...free];
  const [bottom, top] = [Math.min(...all.map(({ low }) => low)), Math.max(...all.map(({ high }) => high))];
  const margin = (top - bottom || top || 1) * 0.06;
  const seconds = scale([Math.log(least), Math.log(most)], [FRAME.left, FRAME.right]);
  const recall = scale([bottom - margin, top + margin], [FRAME.bottom, FRAME.top]);
  const points = trained.map(({ label, seconds: s, recall: r, low, high }) => ({
    text: label,
    x: seconds.pixel(Math.log(s)),
    y: recall.pixel(r),
    line: { top: recall.pixel(high), bottom: recall.pixel(low) },
  }));
  // Names of lines stand above their right end, or their left one where that is free.
  const lines = free.map(({ label, recall: at }) => {
    const y = recall.pixel(at) - 9;
    const near = points.filter((point) => Math.abs(point.y - y) < 18).map(({ x }) => x);
    const width = BOLD * label.length;
    const right = Math.max(...near) < FRAME.right - width - 9 || Math.min(...near) < FRAME.left + width + 9;
    const left = right ? FRAME.right - width : FRAME.left + 4;
    return { label, x: left + width / 2, y, box: { left, right: left + width, top: y - 8, bottom: y + 8 } };
  });
  const taken = [
    ...lines.map(({ box }) => box),
    ...points.map(({ x, line }) => ({ left: x - 2, right: x + 2, ...line })),
  ];
  const at = ({ x, y }: { x: number; y: number }) => ({ x: Math.exp(seconds.value(x)), y: recall.value(y) });
  const names = placed(points, FRAME, BOLD, taken).map((place, n) => ({
    ...trained[n],
    ...at(place),
    far: place.far,
  }));
  const colour = ({ label }: { label: string }) => colours.get(label);
  const written = { text: "label", fontWeight: 600, stroke: PAPER, strokeWidth: 4 } as const;
  return draw({
    ariaLabel: "R@20 on test against seconds of training, a dot per model",
    width: WIDTH,
    height: HEIGHT,
    marginLeft: FRAME.left,
    marginRight: WIDTH - FRAME.right,
    marginTop: FRAME.top,
    marginBottom: HEIGHT - FRAME.bottom,
    style: STYLE,
    x: {
      label: "seconds of training",
      labelOffset: 40,
      ...logAxis([least, most], FRAME.right - FRAME.left),
    },
    y: { label: "R@20 on test", grid: true, tickFormat: tick, ticks: 6, domain: [bottom - margin, top + margin] },
    marks: [
      marks.ruleY(free, { y: "recall", stroke: colour, strokeDasharray: "4 4", strokeWidth: 1.4 }),
      marks.link(names.filter(({ far }) => far), {
        x1: "seconds",
        y1: "recall",
        x2: "x",
        y2: "y",
        stroke: INK,
        strokeOpacity: 0.35,
      }),
      marks.ruleX(spanning(trained), { x: "seconds", y1: "low", y2: "high", stroke: colour, strokeWidth: 1.6 }),
      marks.dot(trained, { x: "seconds", y: "recall", fill: colour, r: 5.5, stroke: PAPER, strokeWidth: 1.5 }),
      marks.text([...lines.map((line) => ({ ...line, ...at(line) })), ...names], {
        ...written,
        x: "x",
        y: "y",
        fill: colour,
      }),
    ],
  });
}

/** A straight scale between values and pixels. */
function scale([low, high]: readonly [number, number], [from, to]: readonly [number, number]): {
  readonly pixel: (value: number) => number;
  readonly value: (pixel: number) => number;
} {
  const slope = (to - from) / (high - low);
  return { pixel: (value) => from + slope * (value - low), value: (pixel) => low + (pixel - from) / slope };
}
