/**
 * Plots of what was tried: settings and the accuracy they led to.
 *
 * @module
 */
import type { Searched } from "../../experiments/comparison.ts";
import { axisOf } from "./axis.ts";
import { ACCENT, PAPER, STYLE, tick } from "./palette.ts";
import type { Plotter } from "./plot.ts";

/** Validation accuracy of all combinations of a search, in a panel per setting. */
export function tries({ label, tried, chosen }: Searched, { marks, draw }: Plotter): string[] {
  const settings = Object.keys(chosen).filter((name) => new Set(tried.map(({ changes }) => changes[name])).size > 1);
  const dots = tried.flatMap(({ changes, score }) =>
    score === null
      ? []
      : settings.map((setting) => ({ setting, value: changes[setting], score, best: changes === chosen }))
  );
  return settings.map((setting) => {
    const own = dots.filter((dot) => dot.setting === setting);
    return draw({
      ariaLabel: `R@20 on validation at values of ${setting}, a dot per combination of ${label}`,
      width: 340,
      height: 250,
      marginLeft: 46,
      marginTop: 30,
      marginBottom: 42,
      style: STYLE,
      x: { label: setting, labelOffset: 38, ...axisOf(own.map(({ value }) => value), 260) },
      y: { label: "R@20 on validation", grid: true, tickFormat: tick, ticks: 5, nice: true },
      marks: [
        marks.dot(own, { x: "value", y: "score", r: 4, stroke: ACCENT, strokeOpacity: 0.7, fill: PAPER }),
        marks.dot(own.filter(({ best }) => best), { x: "value", y: "score", r: 5.5, fill: "#d1603d" }),
      ],
    });
  });
}
