/**
 * Analyses of data sets and runs as text: measurements of each modality, and published ones.
 *
 * @module
 */
import { dataTitle, share } from "./numbers.ts";
import { wrapped } from "./text_layout.ts";
import { PLAIN, type TextStyle } from "./text_style.ts";
import { table } from "./text_table.ts";

/** The measurements of one modality of a run or a data set. */
export interface Measurement {
  /** The name of the run or the data set. */
  readonly of: string;
  /** The modality. */
  readonly modality: string;
  /** The values, by column of the analysis. */
  readonly values: Readonly<Record<string, number>>;
  /** The publication; `null` for our own measurements. */
  readonly source: string | null;
}

/** A kind of analysis. */
export interface Analysis {
  /** The title. */
  readonly title: string;
  /** An explanation of the numbers, in a sentence or two. */
  readonly about: string;
  /** The caption of the plot of a modality. */
  readonly caption: string;
  /** The columns, each with its format; those with a bar are drawn. */
  readonly columns: readonly AnalysisColumn[];
}

/** A column of an analysis. */
export interface AnalysisColumn {
  /** The name in {@link Measurement.values}. */
  readonly name: string;
  /** The title. */
  readonly title: string;
  /** Returns a value as text. */
  readonly format: (value: number) => string;
  /** Whether the plot has a bar of it. */
  readonly bar: boolean;
}

/** The analyses of MONET: of embeddings by Eq. (1), of features as in figure 1. */
export type AnalysisKind = "avgDiff" | "similarity";

/** The titles, texts and columns of each analysis. */
export const ANALYSES: Readonly<Record<AnalysisKind, Analysis>> = {
  avgDiff: {
    title: "How far embeddings are from their features",
    about:
      "avg.diff, Eq. (1) of MONET: the mean over pairs of items of the absolute difference between the cosine of " +
      "their features and the cosine of their embeddings. It is 0 if the embeddings keep all angles.",
    caption: "avg.diff: the shorter the bar, the more the embeddings keep of the angles between features.",
    columns: [{ name: "avgDiff", title: "avg.diff", format: share, bar: true }],
  },
  similarity: {
    title: "How similar the items of a user are",
    about:
      "I-I: the mean cosine between the features of two items of a user. I-N: between an item of the user and an " +
      "item that is not. Over all interactions, in the mean over users, as in figure 1 of MONET.",
    caption: "I-I above I-N: the larger the gap, the more the features tell about choices.",
    columns: [
      { name: "I-I", title: "I-I", format: share, bar: true },
      { name: "I-N", title: "I-N", format: share, bar: true },
      {
        name: "more",
        title: "more",
        format: (value) => `${value >= 0 ? "+" : "−"}${Math.abs(100 * value).toFixed(1)} %`,
        bar: false,
      },
    ],
  },
};

/**
 * Returns measurements as a table of text, with published ones marked by their source.
 *
 * @example
 * ```ts
 * import { analysisText } from "@giverny/giverny/reports";
 * import { match } from "node:assert/strict";
 * const measured = { of: "garden", modality: "text", values: { "I-I": 0.5, "I-N": 0.4, more: 0.25 }, source: null };
 * match(analysisText("similarity", [measured]), /^of +modality +I-I +I-N +more\ngarden/);
 * ```
 */
export function analysisText(
  kind: AnalysisKind,
  measurements: readonly Measurement[],
  style: TextStyle = PLAIN,
): string {
  const { columns, about } = ANALYSES[kind];
  const titles = [{ title: "of" }, { title: "modality" }, ...columns.map(({ title }) => ({ title, digits: 0 }))];
  const sources = [...new Set(measurements.flatMap(({ source }) => source ?? []))];
  const rows = measurements.map(({ of, modality, values, source }) => [
    source === null ? dataTitle(of) : `${of}, theirs [${1 + sources.indexOf(source)}]`,
    modality,
    ...columns.map(({ name, format }) => format(values[name])),
  ]);
  const notes = [about, ...sources.map((source, n) => `[${n + 1}] ${source}.`)];
  return `${table(titles, rows, style)}${notes.map((text) => wrapped(text, style)).join("")}`;
}
