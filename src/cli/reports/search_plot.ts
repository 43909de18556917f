/**
 * Plots of what was tried: settings and the accuracy they led to.
 *
 * @module
 */
import type { SettingValue } from "../../core/settings.ts";
import type { Searched } from "../trials/comparison.ts";
import type { Plotter } from "./plot.ts";
import { STYLE, tick } from "./palette.ts";

/** Validation accuracy of all combinations of a search, in a panel per setting. */
export function tries({ tried, chosen }: Searched, { marks, draw }: Plotter): string {
  const settings = Object.keys(chosen).filter((name) => new Set(tried.map(({ changes }) => changes[name])).size > 1);
  const dots = tried.flatMap(({ changes, score }) =>
    score === null
      ? []
      : settings.map((setting) => ({ setting, value: changes[setting], score, best: changes === chosen }))
  );
  const panels = settings.map((setting) => {
    const own = dots.filter((dot) => dot.setting === setting);
    return draw({
      width: Math.max(260, 1040 / Math.max(2, settings.length) - 20),
      height: 230,
      marginLeft: 46,
      marginBottom: 42,
      style: STYLE,
      x: { label: setting, labelOffset: 38, ...axisOf(own.map(({ value }) => value)) },
      y: { label: "R@20 on validation", grid: true, tickFormat: tick, ticks: 5, nice: true },
      marks: [
        marks.dot(own, { x: "value", y: "score", r: 4, stroke: "#2f6db5", strokeOpacity: 0.6, fill: "#fdfdfb" }),
        marks.dot(own.filter(({ best }) => best), { x: "value", y: "score", r: 5.5, fill: "#d1603d" }),
      ],
    });
  });
  return `<div style="display:flex;flex-wrap:wrap;gap:1rem">${panels.join("")}</div>`;
}

/** Returns the axis that suits values: of numbers over a wide range logarithmic, of words a point each. */
export function axisOf(values: readonly SettingValue[]): Axis {
  const numbers = values.filter((value) => typeof value === "number");
  if (numbers.length < values.length) return { type: "point" };
  const different = [...new Set(numbers)].sort((a, b) => a - b);
  const [low, high] = [different[0], different[different.length - 1]];
  return {
    type: low > 0 && high / low >= 10 ? "log" : "linear",
    inset: 8,
    tickFormat: (value) => String(Number(value.toPrecision(3))),
    ...different.length <= 9 && { ticks: different },
  };
}

/** As much of an axis as follows from its values. */
interface Axis {
  readonly type: "linear" | "log" | "point";
  readonly inset?: number;
  readonly ticks?: number[];
  readonly tickFormat?: (value: number) => string;
}
