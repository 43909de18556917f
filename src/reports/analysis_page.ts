/**
 * The report of an analysis as a page: bars for each modality, and a table.
 *
 * @module
 */
import { ANALYSES, type Analysis, type AnalysisKind, type Measurement } from "./analysis.ts";
import { dataTitle } from "./numbers.ts";
import { figure, type Html, html, origin, page } from "./page.ts";
import { ACCENT, INK, marginFor, THEIRS, tick } from "./palette.ts";
import { openPlotter, type Plotter } from "./plotter.ts";

/** The origin of a report. */
export interface Origin {
  /** The command line that repeats it; `null` if no command made it. */
  readonly command: string | null;
  /** When it was made: a time in UTC, as in `2024-05-01T12:00:00.000Z`. */
  readonly made: string;
}

/**
 * Returns measurements as one HTML file.
 *
 * @example
 * ```ts
 * import { analysisPage } from "@giverny/giverny/reports";
 * import { match } from "node:assert/strict";
 * const measured = { of: "garden", modality: "text", values: { "I-I": 0.5, "I-N": 0.4, more: 0.25 }, source: null };
 * const origin = { command: null, made: "2024-05-01T12:00:00.000Z" };
 * match(await analysisPage("similarity", [measured], origin), /<svg role="img"/);
 * ```
 */
export async function analysisPage(
  kind: AnalysisKind,
  measurements: readonly Measurement[],
  made: Origin,
): Promise<string> {
  const analysis = ANALYSES[kind];
  const plotter = await openPlotter();
  const theirs = measurements.some(({ source }) => source !== null) ? " Pale: published measurements." : "";
  const modalities = [...new Set(measurements.map(({ modality }) => modality))];
  return page(
    analysis.title,
    html`
      <p class="lead">${analysis.about}</p>
      <div class="pair">${modalities.map((modality) => {
        const own = measurements.filter((one) => one.modality === modality);
        return html`<div><h2>${modality}</h2>${
          figure(bars(own, modality, analysis, plotter), `${analysis.caption}${theirs}`)
        }</div>`;
      })}</div>
      ${measurementTable(measurements, analysis)}
      <ul class="notes">${origin(made)}</ul>
    `,
  );
}

function measurementTable(measurements: readonly Measurement[], { columns }: Analysis): Html {
  return html`
    <div class="wide">
      <table>
        <thead>
          <tr><th>of</th><th class="word">modality</th>${columns.map(({ title }) =>
            html`<th>${title}</th>`
          )}<th class="word">measured</th></tr>
        </thead>
        <tbody>${measurements.map(({ of, modality, values, source }) =>
          html`
            <tr
              class="${source === null ? "" : "theirs"}"><td>${source === null
                ? dataTitle(of)
                : of}</td><td class="word">${modality}</td>${columns.map((
                  { name, format },
                ) => html`<td>${format(values[name])}</td>`)}<td class="word">${source ?? "here"}</td></tr>
          `
        )}</tbody>
      </table>
    </div>
  `;
}

const OPACITY = [1, 0.5];

/** Draws one modality: a group of bars for each measurement. */
function bars(
  measurements: readonly Measurement[],
  modality: string,
  { columns, title }: Analysis,
  { marks, draw }: Plotter,
): string {
  const shown = columns.filter(({ bar }) => bar);
  const titles = shown.map(({ title }) => title);
  const names = measurements.map(({ of, source }) => source === null ? dataTitle(of) : `${of}, theirs`);
  const data = measurements.flatMap(({ values, source }, of) =>
    shown.map(({ name, title: column, format }, n) => ({
      of,
      column,
      value: values[name],
      label: format(values[name]),
      colour: source === null ? ACCENT : THEIRS,
      opacity: OPACITY[n % OPACITY.length] * (source === null ? 1 : 0.5),
    }))
  );
  const ofAxis = { label: null, domain: names.map((_, of) => of), tickFormat: (of: number) => names[of] };
  // A single column needs no name at the axis.
  const several = shown.length > 1;
  const place = several ? { y: "column", fy: "of" } : { y: "of" };
  return draw({
    ariaLabel: `${title}: ${titles.join(" and ")} of ${modality}, a bar each`,
    width: 520,
    height: 46 + 26 * data.length,
    marginLeft: marginFor(several ? titles : names),
    marginRight: several ? marginFor(names) : 50,
    x: { label: null, grid: true, ticks: 5, tickFormat: tick, insetRight: 44, zero: true },
    y: several ? { label: null, domain: titles, tickSize: 0 } : { ...ofAxis, tickSize: 0 },
    fy: ofAxis,
    marks: [
      marks.barX(data, {
        ...place,
        x: "value",
        fill: "colour",
        fillOpacity: "opacity",
        insetTop: 2,
        insetBottom: 2,
        rx: 2,
      }),
      marks.text(data, { ...place, x: "value", text: "label", textAnchor: "start", dx: 6, fill: INK }),
      marks.ruleX([0]),
    ],
  });
}
