/**
 * The report of a sweep: a plot and a table for each setting.
 *
 * @module
 */
import type { SettingValue } from "../../core/settings.ts";
import type { Spread } from "../../experiments/comparison.ts";
import { PROGRAM, typed } from "../shell/typed.ts";
import { axisOf } from "./axis.ts";
import { cell, share } from "./figures.ts";
import { figure, type Html, html, listed, page, section } from "./page.ts";
import { ACCENT, ends, INK, PAPER, spanning, STYLE, tick } from "./palette.ts";
import { openPlotter, type Plotter } from "./plot.ts";
import { type Course, METRICS, type Point, remarks, type Sweep } from "./sweep_table.ts";

/** Returns the page as one file of HTML. */
export async function sweepReport(sweep: Sweep): Promise<string> {
  const { label, data, protocol, made, command, courses } = sweep;
  const plotter = await openPlotter();
  const best = courses.flatMap(({ setting, points }) => {
    const found = bestOf(points);
    return found ? [`${setting} = ${found.value}`] : [];
  });
  return page(
    `${label} on ${data}`,
    html`<p class="lead">How well <b>${label}</b> ranks at every value of ${
      listed(courses.map(({ setting }) => setting))
    }, all else unchanged.${best.length > 0 ? ` Best on validation: ${best.join(", ")}.` : ""}</p>`,
    html`
      <p
        class="quiet">Parameters are those best on validation; test was looked at once, when all had been trained. Whoever chooses
      a value by a curve of test has no test left: choose by the other.</p>
    `,
    courses.map((course) => section(course.setting, course.points.length > 0 ? parts(course, plotter) : null)),
    html`<ul class="notes">${remarks(sweep).map((text) => html`<li>${text}</li>`)}
<li>Protocol ${protocol}. Made ${made.slice(0, 16).replace("T", " ")} UTC.</li>
<li>To repeat it: <code>${PROGRAM} ${typed(...command)}</code></li></ul>`,
  );
}

/** Returns the point with the best R@20 on validation. */
function bestOf(points: readonly Point[]): Point | undefined {
  return points.toSorted((a, b) => (b.row.validation?.mean ?? 0) - (a.row.validation?.mean ?? 0))[0];
}

const SERIES = [
  ["test", ACCENT, ""],
  ["validation", "#8f9296", "5 4"],
] as const;

function parts(course: Course, plotter: Plotter): Html {
  const { setting, usual, points } = course;
  const recall = { test: spreads(course, "recall@20"), validation: points.map(({ row }) => row.validation) };
  const marked = points.some(({ value }) => value === usual)
    ? `The grey band marks ${usual}, the value it has otherwise.`
    : `The value it has otherwise, ${usual}, is not among these.`;
  const lines = points.some(({ row }) => row.seeds.length > 1)
    ? " Thin lines span a standard deviation over seeds to either side."
    : "";
  const best = bestOf(points);
  return html`
    <div class="pair">${figure(
      along(course, "R@20", recall, plotter),
      `R@20 on test (blue) and on validation (grey, dashed). ${marked}${lines}`,
    )}${figure(
      along(course, "NDCG@20", { test: spreads(course, "ndcg@20") }, plotter),
      "NDCG@20 on test, the standard: hits count for more the higher they stand.",
    )}</div>
    <div class="wide">
      <table>
        <thead>
          <tr><th>${setting}</th>${METRICS.map(({ title }) => html`<th>${title}</th>`)}</tr>
        </thead>
        <tbody>${points.map((point) =>
          html`<tr><td>${String(point.value)}</td>${
            METRICS.map(({ key, of }) =>
              html`<td class="${point === best && key.startsWith("validation") ? "best" : ""}">${
                cell(of(point.row), share)
              }</td>`
            )
          }</tr>`
        )}</tbody>
      </table>
    </div>
  `;
}

function spreads({ points }: Course, metric: string): Spread[] {
  return points.map(({ row }) => row.test[metric]);
}

/** One metric along a setting. */
function along(
  { setting, usual, points }: Course,
  title: string,
  found: Readonly<Partial<Record<(typeof SERIES)[number][0], readonly (Spread | null)[]>>>,
  { marks, draw }: Plotter,
): string {
  const of = (series: (typeof SERIES)[number][0]) =>
    (found[series] ?? []).flatMap((one, n) => one ? [{ value: points[n].value, mean: one.mean, ...ends(one) }] : []);
  const values: SettingValue[] = points.map(({ value }) => value);
  const axis = axisOf(values, 440);
  return draw({
    ariaLabel: `${title} at values of ${setting}`,
    width: 520,
    height: 330,
    marginLeft: 50,
    marginTop: 32,
    marginBottom: 44,
    style: STYLE,
    x: { label: setting, labelOffset: 40, ...axis },
    y: { label: title, grid: true, tickFormat: tick, ticks: 6, nice: true },
    marks: [
      ...values.includes(usual) ? [marks.ruleX([usual], { stroke: INK, strokeOpacity: 0.2, strokeWidth: 6 })] : [],
      ...SERIES.flatMap(([series, stroke, strokeDasharray]) => [
        // There is nothing between two words.
        ...axis.type === "point"
          ? []
          : [marks.lineY(of(series), { x: "value", y: "mean", stroke, strokeDasharray, strokeWidth: 2 })],
        marks.ruleX(spanning(of(series)), { x: "value", y1: "low", y2: "high", stroke, strokeWidth: 1.4 }),
        marks.dot(of(series), { x: "value", y: "mean", fill: stroke, r: 4.5, stroke: PAPER, strokeWidth: 1.2 }),
      ]),
    ],
  });
}
