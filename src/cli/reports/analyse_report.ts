/**
 * The report of an analysis: what was measured, as bars and as a table.
 *
 * @module
 */
import { html, page } from "./page.ts";
import { INK, STYLE, tick } from "./palette.ts";
import { openPlotter, type Plotter } from "./plot.ts";

/** A measurement: of a modality of something, under some names. */
export interface Measured {
  /** What was measured: a run or a data set. */
  readonly of: string;
  readonly modality: string;
  readonly values: Readonly<Record<string, number>>;
  /** Where it was published; `null` for what was measured here. */
  readonly source: string | null;
}

/** What an analysis measures. */
export interface Analysis {
  readonly title: string;
  readonly about: string;
  /** The columns, and how each is shown. */
  readonly columns: Readonly<Record<string, (value: number) => string>>;
}

/** Returns the page as one file of HTML. */
export async function analysisReport({ title, about, columns }: Analysis, all: readonly Measured[]): Promise<string> {
  const plotter = await openPlotter();
  // What is a ratio of the others has no place on their axis.
  const drawn = Object.keys(columns).filter((name) => name !== "more");
  const modalities = [...new Set(all.map(({ modality }) => modality))];
  return page(
    title,
    html`
      <p class="lead">${about}</p>
      <div class="pair">${modalities.map((modality) => {
        const own = all.filter((one) => one.modality === modality);
        return html`<div><h2>${modality}</h2>${{ html: bars(own, drawn, plotter) }}</div>`;
      })}</div>
      <div class="wide">
        <table>
          <thead>
            <tr><th>of</th><th>modality</th>${Object.keys(columns).map((name) => html`<th>${name}</th>`)}</tr>
          </thead>
          <tbody>${all.map(({ of, modality, values, source }) =>
            html`<tr${
              source === null ? null : html`
                class="theirs" title="${source}"
              `
            }><td>${of}${source === null ? "" : `, theirs: ${source}`}</td><td>${modality}</td>${
              Object.entries(columns).map(([name, show]) => html`<td>${show(values[name])}</td>`)
            }</tr>`
          )}</tbody>
        </table>
      </div>
    `,
  );
}

const COLOURS = ["#2f6db5", "#c3cbd3"];

/** One modality: a group of bars for each thing measured. */
function bars(all: readonly Measured[], columns: readonly string[], { marks, draw }: Plotter): string {
  const names = all.map(({ of, source }) => source === null ? of : `${of}, theirs`);
  const data = all.flatMap(({ values }, n) =>
    columns.map((column) => ({ of: names[n], column, value: values[column], label: values[column].toFixed(3) }))
  );
  const longest = (words: readonly string[]) => 20 + 7 * Math.max(...words.map(({ length }) => length));
  // One column needs no name of its own.
  const lines = columns.length > 1
    ? { y: "column", of: columns, left: longest(columns), right: longest(names), facet: { fy: "of" } }
    : { y: "of", of: names, left: longest(names), right: 50, facet: {} };
  return draw({
    width: 520,
    height: 46 + 26 * data.length,
    marginLeft: lines.left,
    marginRight: lines.right,
    style: STYLE,
    x: { label: null, grid: true, ticks: 5, tickFormat: tick, insetRight: 40 },
    y: { label: null, domain: [...lines.of], tickSize: 0 },
    ...columns.length > 1 && { fy: { label: null, domain: names } },
    marks: [
      marks.barX(data, {
        x: "value",
        y: lines.y,
        ...lines.facet,
        fill: ({ column }: { column: string }) => COLOURS[columns.indexOf(column) % COLOURS.length],
        insetTop: 2,
        insetBottom: 2,
        rx: 2,
      }),
      marks.text(data, {
        x: "value",
        y: lines.y,
        ...lines.facet,
        text: "label",
        textAnchor: "start",
        dx: 6,
        fill: INK,
      }),
      marks.ruleX([0]),
    ],
  });
}
