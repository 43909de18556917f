/**
 * The report of an analysis: what was measured, as bars and as a table.
 *
 * @module
 */
import { PROGRAM, typed } from "../shell/typed.ts";
import { figure, html, page } from "./page.ts";
import { ACCENT, INK, LETTER, STYLE, THEIRS, tick } from "./palette.ts";
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
  /** What a plot of one modality shows, in a sentence. */
  readonly caption: string;
  /** The columns, and how each is shown. */
  readonly columns: Readonly<Record<string, (value: number) => string>>;
}

/** How an analysis came about. */
export interface Origin {
  /** The words after the program that repeat it. */
  readonly command: readonly string[];
  /** When it was made, in UTC. */
  readonly made: string;
}

/** Returns the page as one file of HTML. */
export async function analysisReport(
  analysis: Analysis,
  all: readonly Measured[],
  { command, made }: Origin,
): Promise<string> {
  const { title, about, caption, columns } = analysis;
  const plotter = await openPlotter();
  const theirs = all.some(({ source }) => source !== null) ? " Pale: what others have published." : "";
  return page(
    title,
    html`
      <p class="lead">${about}</p>
      <div class="pair">${[...Map.groupBy(all, ({ modality }) => modality)].map(([modality, own]) =>
        html`<div><h2>${modality}</h2>${figure(bars(own, modality, analysis, plotter), `${caption}${theirs}`)}</div>`
      )}</div>
      <div class="wide">
        <table>
          <thead>
            <tr>
              <th>of</th>
              <th class="word">modality</th>${Object.keys(columns).map((name) =>
                html`<th>${name}</th>`
              )}<th class="word">measured</th>
            </tr>
          </thead>
          <tbody>${all.map(({ of, modality, values, source }) =>
            html`
              <tr
                class="${source === null ? "" : "theirs"}"><td>${of}</td><td class="word">${modality}</td>${Object
                  .entries(columns).map(([name, show]) =>
                    html`<td>${show(values[name])}</td>`
                  )}<td class="word">${source ?? "here"}</td></tr>
            `
          )}</tbody>
        </table>
      </div>
      <ul class="notes">
        <li>Made ${made.slice(0, 16).replace("T", " ")} UTC.</li>
        <li>To repeat it: <code>${PROGRAM} ${typed(...command)}</code></li>
      </ul>
    `,
  );
}

const OPACITY = [1, 0.5];

/** One modality: a group of bars for each thing measured. */
function bars(
  all: readonly Measured[],
  modality: string,
  { columns: shown, title }: Analysis,
  { marks, draw }: Plotter,
): string {
  // What is a ratio of the others has no place on their axis.
  const columns = Object.keys(shown).filter((name) => name !== "more");
  const names = all.map(({ of, source }) => source === null ? of : `${of}, theirs`);
  const data = all.flatMap(({ values, source }, of) =>
    columns.map((column) => ({
      of,
      column,
      value: values[column],
      label: shown[column](values[column]),
      colour: source === null ? ACCENT : THEIRS,
    }))
  );
  const longest = (words: readonly string[]) => 20 + LETTER * Math.max(...words.map(({ length }) => length));
  // One column needs no name of its own.
  const several = columns.length > 1;
  const facet = several ? { fy: "of" } : {};
  const y = several ? "column" : "of";
  return draw({
    ariaLabel: `${title}: ${columns.join(" and ")} of ${modality}, a bar each`,
    width: 520,
    height: 46 + 26 * data.length,
    marginLeft: several ? longest(columns) : longest(names),
    marginRight: several ? longest(names) : 50,
    style: STYLE,
    x: { label: null, grid: true, ticks: 5, tickFormat: tick, insetRight: 44, zero: true },
    y: several
      ? { label: null, domain: columns, tickSize: 0 }
      : { label: null, domain: names.map((_, of) => of), tickFormat: (of: number) => names[of], tickSize: 0 },
    ...several && { fy: { label: null, domain: names.map((_, of) => of), tickFormat: (of: number) => names[of] } },
    marks: [
      marks.barX(data, {
        x: "value",
        y,
        ...facet,
        fill: "colour",
        fillOpacity: ({ column, colour }: { column: string; colour: string }) =>
          OPACITY[columns.indexOf(column) % OPACITY.length] * (colour === THEIRS ? 0.5 : 1),
        insetTop: 2,
        insetBottom: 2,
        rx: 2,
      }),
      marks.text(data, { x: "value", y, ...facet, text: "label", textAnchor: "start", dx: 6, fill: INK }),
      marks.ruleX([0]),
    ],
  });
}
