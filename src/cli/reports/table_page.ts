/**
 * The table of a comparison on a page, in parts that need no scrolling on a wide screen.
 *
 * @module
 */
import type { Comparison } from "../../experiments/comparison.ts";
import { remarks, settingsText } from "./compare_table.ts";
import { cell, type Figure, figuresOf, isBest, valueIn } from "./figures.ts";
import { type Line, linesOf } from "./lines.ts";
import { type Html, html } from "./page.ts";

/** What stands in each part. */
const PARTS: readonly (readonly Figure["group"][])[] = [["accuracy"], ["popular and rare", "angles"], ["cost"]];

/** Returns the table: how accurate, on which items, and at what cost. */
export function tableOf(comparison: Comparison): Html {
  const lines = linesOf(comparison);
  const parts = PARTS.map((names) => figuresOf(comparison).filter(({ group }) => names.includes(group)))
    .filter((figures) => figures.length > 0);
  return html`
    ${parts.map((figures) => tablePart(comparison, lines, figures))}${notes(comparison)}
    <details>
      <summary>What the columns are</summary>
      <dl>${parts.flat().map(({ title, about }) =>
        html`
          <dt>${title}</dt>
          <dd>${about}</dd>
        `
      )}</dl>
    </details>
  `;
}

/** Returns what must be said of the numbers, as a list. */
export function notes(comparison: Comparison): Html {
  return html`<ul class="notes">${remarks(comparison).map((text) => html`<li>${text}</li>`)}</ul>`;
}

function tablePart(comparison: Comparison, lines: readonly Line[], used: readonly Figure[]): Html {
  const groups = [...Map.groupBy(used, ({ group }) => group)];
  const filled = lines.filter((line) => line.kind === "ours" || used.some((figure) => valueIn(line, figure) !== null));
  const columns = used.map((figure) => columnOf(figure, filled, comparison));
  return html`
    <div class="wide">
      <table>
        <thead>
          <tr class="groups"><th></th>${groups.map(([name, of]) => html`<th colspan="${of.length}">${name}</th>`)}</tr>
          <tr><th>model</th>${used.map(({ title, about }) => html`<th title="${about}">${title}</th>`)}</tr>
        </thead>
        <tbody>${filled.map((line, n) => rowOf(line, columns.map((cells) => cells[n])))}</tbody>
      </table>
    </div>
  `;
}

/** Returns the cells of a column. Where some have a deviation all leave room for one, so that means stand below each other. */
function columnOf(figure: Figure, lines: readonly Line[], comparison: Comparison): Html[] {
  const texts = lines.map((line) => cell(valueIn(line, figure), figure.show).split(" ± "));
  const room = Math.max(...texts.map(([, sd]) => sd === undefined ? 0 : sd.length + 2));
  return texts.map(([middle, sd], n) => {
    const spread = room === 0 ? null : html`
      <small style="min-width:${room}ch">${sd === undefined ? "" : `± ${sd}`}</small>
    `;
    const best = isBest(lines[n], figure, comparison) ? "best" : "";
    return html`<td class="${best}">${middle}${spread}</td>`;
  });
}

function rowOf(line: Line, cells: readonly Html[]): Html {
  if (line.kind === "ours") {
    return html`<tr><td title="${settingsText(line.row.settings)}">${line.name}</td>${cells}</tr>`;
  }
  const { below, name, published: { source, protocol } } = line;
  return html`<tr class="theirs${below ? " below" : ""}" title="${source}: ${protocol}"><td>${name}</td>${cells}</tr>`;
}
