/**
 * The lines of a comparison's table: ours, and below each what others have published of it.
 *
 * @module
 */
import type { Published } from "../published/accuracy.ts";
import type { Comparison, Row } from "../../experiments/comparison.ts";

/** A line of the table. */
export type Line =
  | { readonly kind: "ours"; readonly name: string; readonly row: Row }
  | {
    readonly kind: "theirs";
    readonly name: string;
    readonly published: Published;
    /** The number of its source among {@link sourcesOf}, from 1. */
    readonly source: number;
    /** Whether it stands below ours of the same model; else that was not run here. */
    readonly below: boolean;
  };

/** Returns the lines: every model, below it what others published of it, and at the end of what was not run here. */
export function linesOf(comparison: Comparison): Line[] {
  const sources = sourcesOf(comparison);
  const theirs = (below: boolean) => (published: Published): Line => {
    const source = 1 + sources.indexOf(sourceOf(published));
    return { kind: "theirs", name: `${published.method}, theirs [${source}]`, published, source, below };
  };
  return [
    ...comparison.rows.flatMap((row): Line[] => [
      { kind: "ours", name: row.label, row },
      ...row.published.map(theirs(true)),
    ]),
    ...comparison.others.map(theirs(false)),
  ];
}

/** Returns where published numbers are from and how they were measured, in the order of the lines. */
export function sourcesOf({ rows, others }: Comparison): string[] {
  return [...new Set([...rows.flatMap(({ published }) => published), ...others].map(sourceOf))];
}

function sourceOf({ source, protocol }: Published): string {
  return `${source} (${protocol})`;
}
