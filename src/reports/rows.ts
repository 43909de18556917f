/**
 * The rows of a comparison's table: each model, and below it the published results of the same model.
 *
 * @module
 */
import type { Comparison, Row } from "../experiments/comparison.ts";
import type { Published } from "../experiments/published.ts";

/** A row of the table. */
export type TableRow =
  | { readonly kind: "ours"; readonly name: string; readonly row: Row }
  | {
    readonly kind: "theirs";
    readonly name: string;
    readonly published: Published;
    /** The number of its source in {@link sourcesOf}, from 1. */
    readonly source: number;
    /** Whether it stands below our row of the same model; else the model was not run here. */
    readonly below: boolean;
  };

/** Returns the rows: every model with its published results below it, then published results of other models. */
export function rowsOf(comparison: Comparison): TableRow[] {
  const sources = sourcesOf(comparison);
  const theirs = (below: boolean) => (published: Published): TableRow => {
    const source = 1 + sources.indexOf(sourceText(published));
    return { kind: "theirs", name: `${published.method}, theirs [${source}]`, published, source, below };
  };
  return [
    ...comparison.rows.flatMap((row): TableRow[] => [
      { kind: "ours", name: row.label, row },
      ...row.published.map(theirs(true)),
    ]),
    ...comparison.others.map(theirs(false)),
  ];
}

/** Returns the sources of published results with their protocols, in the order of the rows. */
export function sourcesOf({ rows, others }: Comparison): string[] {
  return [...new Set([...rows.flatMap(({ published }) => published), ...others].map(sourceText))];
}

function sourceText({ source, protocol }: Published): string {
  return `${source} (${protocol})`;
}
