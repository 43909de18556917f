/**
 * The table of a comparison on a page, in parts that need no scrolling on a wide screen.
 *
 * @module
 */
import type { Comparison } from "../experiments/comparison.ts";
import { columnsOf, isBest, isTieIn, type ResultColumn, TIE, valueIn } from "./columns.ts";
import { remarks } from "./comparison_tables.ts";
import { settingsText, spreadText } from "./numbers.ts";
import { type Html, html } from "./page.ts";
import { rowsOf, type TableRow } from "./rows.ts";

/** The groups of columns in each part. */
const PARTS: readonly (readonly ResultColumn["group"][])[] = [["accuracy"], ["popular and rare", "avg.diff"], ["cost"]];

/** Returns the table: accuracy, accuracy on popular and rare items, and cost. */
export function htmlTable(comparison: Comparison): Html {
  const rows = rowsOf(comparison);
  const parts = PARTS.map((groups) => columnsOf(comparison).filter(({ group }) => groups.includes(group)))
    .filter((columns) => columns.length > 0);
  return html`
    ${parts.map((columns) => tablePart(comparison, rows, columns))}${notes(comparison)}
    <details>
      <summary>The columns</summary>
      <dl>${parts.flat().map(({ title, about }) =>
        html`
          <dt>${title}</dt>
          <dd>${about}</dd>
        `
      )}</dl>
    </details>
  `;
}

/** Returns the notes on a comparison's numbers as a list. */
export function notes(comparison: Comparison): Html {
  return html`<ul class="notes">${remarks(comparison).map((text) => html`<li>${text}</li>`)}</ul>`;
}

function tablePart(comparison: Comparison, rows: readonly TableRow[], columns: readonly ResultColumn[]): Html {
  const groups = [...new Set(columns.map(({ group }) => group))];
  const filled = rows.filter((row) => row.kind === "ours" || columns.some((column) => valueIn(row, column) !== null));
  const cells = columns.map((column) => columnCells(column, filled, comparison));
  const oneSeed = comparison.rows.every(({ seeds }) => seeds.length === 1) ? html`<caption>One seed</caption>` : null;
  return html`
    <div class="wide">
      <table>
        ${oneSeed}
        <thead>
          <tr class="groups"><th></th>${groups.map((name) =>
            html`<th colspan="${columns.filter(({ group }) => group === name).length}">${name}</th>`
          )}</tr>
          <tr><th>model</th>${columns.map(({ title, about }) => html`<th title="${about}">${title}</th>`)}</tr>
        </thead>
        <tbody>${filled.map((row, n) => rowOf(row, cells.map((own) => own[n])))}</tbody>
      </table>
    </div>
  `;
}

/**
 * Returns the cells of a column. If some have a deviation or a mark, all leave room for it, so that the means line up.
 */
function columnCells(column: ResultColumn, rows: readonly TableRow[], comparison: Comparison): Html[] {
  const texts = rows.map((row) => spreadText(valueIn(row, column), column.format).split(" ± "));
  const room = Math.max(...texts.map(([, sd]) => sd === undefined ? 0 : sd.length + 2));
  const ties = rows.map((row) => isTieIn(row, column));
  return texts.map(([middle, sd], n) => {
    const spread = room === 0 ? null : html`
      <small style="min-width:${room}ch">${sd === undefined ? "" : `± ${sd}`}</small>
    `;
    const mark = ties.some(Boolean) ? html`<span class="tie">${ties[n] ? TIE : ""}</span>` : null;
    const best = isBest(rows[n], column, comparison) ? "best" : "";
    return html`<td class="${best}">${middle}${spread}${mark}</td>`;
  });
}

function rowOf(row: TableRow, cells: readonly Html[]): Html {
  if (row.kind === "ours") {
    return html`<tr><td title="${settingsText(row.row.settings)}">${row.name}</td>${cells}</tr>`;
  }
  const { below, name, published: { source, protocol } } = row;
  return html`<tr class="theirs${below ? " below" : ""}" title="${source}: ${protocol}"><td>${name}</td>${cells}</tr>`;
}
