/**
 * The report of a sweep as a page: two plots and a table for each setting.
 *
 * @module
 */
import type { Spread } from "../experiments/spread.ts";
import type { SettingSweep, Sweep, SweepPoint } from "../experiments/sweep.ts";
import { axisOf } from "./axis.ts";
import { dataTitle, listed, share, spreadText } from "./numbers.ts";
import { figure, type Html, html, origin, page, section } from "./page.ts";
import { ACCENT, ends, INK, PAPER, spanning, tick } from "./palette.ts";
import { openPlotter, type Plotter } from "./plotter.ts";
import { SWEEP_COLUMNS, sweepRemarks } from "./sweep_tables.ts";

/**
 * Returns a sweep as one HTML file.
 *
 * @example
 * ```ts
 * import { exampleSweep, sweepPage } from "@giverny/giverny/reports";
 * import { match } from "node:assert/strict";
 * match(await sweepPage(exampleSweep()), /<svg role="img"/);
 * ```
 */
export async function sweepPage(sweep: Sweep): Promise<string> {
  const { label, data, protocol, settings } = sweep;
  const plotter = await openPlotter();
  const best = settings.flatMap(({ setting, points }) => {
    const found = bestOf(points);
    return found ? [`${setting} = ${found.value}`] : [];
  });
  return page(
    `${label} on ${dataTitle(data)}`,
    html`
      <p
        class="lead">Accuracy of <b>${label}</b> at every value of ${listed(
          settings.map(({ setting }) => setting),
        )}, with all other settings unchanged.${best.length > 0 ? ` Best on validation: ${best.join(", ")}.` : ""}</p>
    `,
    html`
      <p
        class="quiet">The parameters are the best on validation; test was evaluated once, after all trainings had ended.
      Choose a
      value by validation: a value chosen by the curve of test has no test set left.</p>
    `,
    settings.map((one) => section(one.setting, one.points.length > 0 ? settingSection(one, plotter) : null)),
    html`<ul class="notes">${sweepRemarks(sweep).map((text) => html`<li>${text}</li>`)}
<li>Protocol ${protocol}.</li>${origin(sweep)}</ul>`,
  );
}

/** Returns the point with the best R@20 on validation. */
function bestOf(points: readonly SweepPoint[]): SweepPoint | undefined {
  return [...points].sort((a, b) => (b.row.validation?.mean ?? 0) - (a.row.validation?.mean ?? 0))[0];
}

/** A metric at the points of a setting. */
interface Series {
  readonly values: readonly (Spread | null)[];
  readonly stroke: string;
  readonly dashes: string;
}

function settingSection(sweep: SettingSweep, plotter: Plotter): Html {
  const { setting, usual, points } = sweep;
  const onTest = (metric: string): Series => ({
    values: points.map(({ row }) => row.test[metric]),
    stroke: ACCENT,
    dashes: "",
  });
  const validation = { values: points.map(({ row }) => row.validation), stroke: "#8f9296", dashes: "5 4" };
  const marked = points.some(({ value }) => value === usual)
    ? `The grey band marks the default, ${usual}.`
    : `The default, ${usual}, is not among these.`;
  const lines = points.some(({ row }) => row.seeds.length > 1)
    ? " Thin lines span one standard deviation over seeds on either side."
    : " One seed.";
  const best = bestOf(points);
  const cells = (point: SweepPoint) =>
    SWEEP_COLUMNS.map(({ key, valueOf }) =>
      html`<td class="${point === best && key.startsWith("validation") ? "best" : ""}">${
        spreadText(valueOf(point.row), share)
      }</td>`
    );
  return html`
    <div class="pair">${figure(
      settingPlot(sweep, "R@20", [onTest("recall@20"), validation], plotter),
      `R@20 on test (blue) and on validation (grey, dashed). ${marked}${lines}`,
    )}${figure(
      settingPlot(sweep, "NDCG@20", [onTest("ndcg@20")], plotter),
      "NDCG@20 on test (the standard definition): hits count more the higher they are ranked.",
    )}</div>
    <div class="wide">
      <table>
        <thead>
          <tr><th>${setting}</th>${SWEEP_COLUMNS.map(({ title }) => html`<th>${title}</th>`)}</tr>
        </thead>
        <tbody>${points.map((point) => html`<tr><td>${String(point.value)}</td>${cells(point)}</tr>`)}</tbody>
      </table>
    </div>
  `;
}

/** Draws a metric along a setting. */
function settingPlot(
  { setting, usual, points }: SettingSweep,
  title: string,
  series: readonly Series[],
  { marks, draw }: Plotter,
): string {
  const values = points.map(({ value }) => value);
  const axis = axisOf(values, 440);
  return draw({
    ariaLabel: `${title} at values of ${setting}`,
    width: 520,
    height: 330,
    marginLeft: 50,
    marginTop: 32,
    marginBottom: 44,
    x: { label: setting, labelOffset: 40, ...axis },
    y: { label: title, grid: true, tickFormat: tick, ticks: 6, nice: true },
    marks: [
      ...values.includes(usual) ? [marks.ruleX([usual], { stroke: INK, strokeOpacity: 0.2, strokeWidth: 6 })] : [],
      ...series.flatMap(({ values: found, stroke, dashes }) => {
        const data = found.flatMap((one, n) => one ? [{ value: values[n], mean: one.mean, ...ends(one) }] : []);
        return [
          // A line between two words would mean nothing.
          axis.type === "point"
            ? null
            : marks.lineY(data, { x: "value", y: "mean", stroke, strokeDasharray: dashes, strokeWidth: 2 }),
          marks.ruleX(spanning(data), { x: "value", y1: "low", y2: "high", stroke, strokeWidth: 1.4 }),
          marks.dot(data, { x: "value", y: "mean", fill: stroke, r: 4.5, stroke: PAPER, strokeWidth: 1.2 }),
        ];
      }),
    ],
  });
}
