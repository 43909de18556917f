/**
 * Evaluations as tables, for consoles and notebooks.
 *
 * @module
 */
import { displayed } from "../core/display.ts";
import type { Evaluation } from "../rank/evaluate.ts";

/** Returns an evaluation that shows itself as a table: a row for each metric, a column for each cutoff. */
export function displayedEvaluation<M extends string>(evaluation: Evaluation<M>): Evaluation<M> {
  const heading = `Evaluation of ${evaluation.users.toLocaleString("en-US")} users`;
  const rows = rowsOf(evaluation.metrics);
  const width = (column: number) => Math.max(...rows.map((row) => row[column].length));
  const line = (row: readonly string[]) =>
    row.map((cell, c) => c === 0 ? cell.padEnd(width(c)) : cell.padStart(width(c))).join("  ");
  const cells = (row: readonly string[]) => row.map((cell) => `<td>${cell.replaceAll("<", "&lt;")}</td>`).join("");
  const body = () => rows.map((row) => `<tr>${cells(row)}</tr>`).join("");
  return displayed(evaluation, {
    text: () => [heading, ...rows.map((row) => `  ${line(row)}`)].join("\n"),
    forms: () => ({ "text/html": `<table><caption>${heading}</caption><tbody>${body()}</tbody></table>` }),
  });
}

/** Returns the cells of the table, the titles first. */
function rowsOf(metrics: Readonly<Record<string, number>>): string[][] {
  const part = (n: number) => [...new Set(Object.keys(metrics).map((name) => name.split("@")[n]))];
  const [names, cutoffs] = [part(0), part(1)];
  const cell = (value: number | undefined) => value === undefined ? "–" : value.toFixed(4);
  return [
    ["metric", ...cutoffs.map((cutoff) => `@${cutoff}`)],
    ...names.map((name) => [name, ...cutoffs.map((cutoff) => cell(metrics[`${name}@${cutoff}`]))]),
  ];
}
