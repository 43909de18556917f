/**
 * Plots of a search for settings.
 *
 * @module
 */
import type { Searched } from "../experiments/comparison.ts";
import { axisOf } from "./axis.ts";
import { ACCENT, CONTRAST, PAPER, tick } from "./palette.ts";
import type { Plotter } from "./plotter.ts";

/** Plots of R@20 on validation, one per setting, with a dot per combination; the chosen combination is filled. */
export function searchPlots({ label, tried, chosen }: Searched, { marks, draw }: Plotter): string[] {
  const settings = Object.keys(chosen).filter((name) => new Set(tried.map(({ changes }) => changes[name])).size > 1);
  return settings.map((setting) => {
    const dots = tried.flatMap(({ changes, score }) =>
      score === null ? [] : [{ value: changes[setting], score, best: changes === chosen }]
    );
    return draw({
      ariaLabel: `R@20 on validation at values of ${setting}, a dot per combination of ${label}`,
      width: 340,
      height: 250,
      marginLeft: 46,
      marginTop: 30,
      marginBottom: 42,
      x: { label: setting, labelOffset: 38, ...axisOf(dots.map(({ value }) => value), 260) },
      y: { label: "R@20 on validation", grid: true, tickFormat: tick, ticks: 5, nice: true },
      marks: [
        marks.dot(dots, { x: "value", y: "score", r: 4, stroke: ACCENT, strokeOpacity: 0.7, fill: PAPER }),
        marks.dot(dots.filter(({ best }) => best), { x: "value", y: "score", r: 5.5, fill: CONTRAST }),
      ],
    });
  });
}
