/**
 * The report of a sweep: a plot and a table for each setting.
 *
 * @module
 */
import type { SettingValue } from "../../core/settings.ts";
import type { Row, Spread } from "../trials/comparison.ts";
import { cell, share } from "./figures.ts";
import { figure, type Html, html, page, section } from "./page.ts";
import { ends, INK, PAPER, STYLE, tick } from "./palette.ts";
import { openPlotter, type Plotter } from "./plot.ts";
import { axisOf } from "./search_plot.ts";
import type { Failed } from "../trials/tried.ts";
import { PROGRAM, typed } from "../shell/typed.ts";

/** What was found at one value of a setting. */
export interface Point {
  readonly value: SettingValue;
  readonly row: Row;
}

/** What was found along a setting. */
export interface Course {
  readonly setting: string;
  /** The value that the model has otherwise. */
  readonly usual: SettingValue;
  readonly points: readonly Point[];
}

/** All that a sweep found. */
export interface Sweep {
  readonly label: string;
  readonly data: string;
  readonly protocol: string;
  readonly command: readonly string[];
  readonly made: string;
  readonly courses: readonly Course[];
  readonly failed: readonly Failed[];
}

/** Returns the page as one file of HTML. */
export async function sweepReport({ label, data, protocol, made, command, courses, failed }: Sweep): Promise<string> {
  const plotter = await openPlotter();
  const best = courses.map(({ setting, points }) => {
    const found = points.toSorted((a, b) => (b.row.validation?.mean ?? 0) - (a.row.validation?.mean ?? 0))[0];
    return found ? `${setting} = ${found.value}` : null;
  }).filter((text) => text !== null);
  return page(
    `${label} on ${data}`,
    html`<p class="lead">Accuracy of <b>${label}</b> at every value of ${
      courses.map(({ setting }) => setting).join(" and ")
    }, all else unchanged.${best.length > 0 ? ` Best on validation: ${best.join(", ")}.` : ""}</p>`,
    html`<p class="quiet">Protocol ${protocol}, ${
      made.slice(0, 10)
    }. Parameters are those best on validation; test was looked at once,
when all had been trained. Whoever chooses a value by a curve of test has no test left: choose by the other.</p>`,
    courses.map((course) => section(course.setting, course.points.length > 0 ? parts(course, plotter) : null)),
    html`<ul class="notes">${failed.map(({ label, failure }) => html`<li>${label} failed: ${failure}.</li>`)}
<li>To repeat it: <code>${PROGRAM} ${typed(...command)}</code></li></ul>`,
  );
}

const SERIES = [
  ["test", "#2f6db5", ""],
  ["validation", "#9a9c9f", "5 4"],
] as const;

function parts(course: Course, plotter: Plotter): Html {
  const { setting, points } = course;
  const recall = { test: spreads(course, "recall@20"), validation: points.map(({ row }) => row.validation) };
  return html`
    <div class="pair">${figure(
      along(course, "R@20", recall, plotter),
      html`R@20 on test (blue) and on validation (dashed), lines over a standard deviation to either side. Marked: ${
        String(course.usual)
      },
the value otherwise.`,
    )}${figure(
      along(course, "NDCG@20", { test: spreads(course, "ndcg@20") }, plotter),
      "NDCG@20 on test, the standard.",
    )}</div>
    <div class="wide">
      <table>
        <thead>
          <tr>
            <th>${setting}</th>
            <th>R@20, validation</th>
            <th>R@20</th>
            <th>NDCG@20</th>
            <th>NDCG@20 retrieved</th>
          </tr>
        </thead>
        <tbody>${points.map(({ value, row }) =>
          html`
            <tr>
              <td>${String(value)}</td>
              <td>${cell(row.validation, share)}</td>
              <td>${cell(row.test["recall@20"], share)}</td>
              <td>${cell(row.test["ndcg@20"], share)}</td>
              <td>${cell(row.test["ndcgRetrieved@20"], share)}</td>
            </tr>
          `
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
  const values = points.map(({ value }) => value);
  const axis = axisOf(values);
  return draw({
    width: 520,
    height: 320,
    marginLeft: 50,
    marginBottom: 42,
    style: STYLE,
    x: { label: setting, labelOffset: 38, ...axis },
    y: { label: title, grid: true, tickFormat: tick, ticks: 6, nice: true },
    marks: [
      ...values.includes(usual) ? [marks.ruleX([usual], { stroke: INK, strokeOpacity: 0.25, strokeWidth: 6 })] : [],
      ...SERIES.flatMap(([series, stroke, strokeDasharray]) => [
        // There is nothing between two words.
        ...axis.type === "point"
          ? []
          : [marks.lineY(of(series), { x: "value", y: "mean", stroke, strokeDasharray, strokeWidth: 2 })],
        marks.ruleX(of(series), { x: "value", y1: "low", y2: "high", stroke, strokeWidth: 1.4 }),
        marks.dot(of(series), { x: "value", y: "mean", fill: stroke, r: 4.5, stroke: PAPER, strokeWidth: 1.2 }),
      ]),
    ],
  });
}
