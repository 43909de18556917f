/**
 * Published results on known data sets, read from `published.tsv`. Their authors measured them with their own code and
 * protocols: reports show them next to our results, and never mix the two.
 *
 * The file leaves out rows that are copies of others: the rows of GUME's table that are MMRec's, and its rows of VBPR,
 * MMGCN and SLMRec on Clothing, which repeat those of Baby. An ablation is a method of its own, and belongs to no model
 * here.
 *
 * @module
 */
import table from "./published.tsv" with { type: "text" };

/** A published result. */
export interface Published {
  /** The method, as its source writes it. */
  readonly method: string;
  /** The name of the model in the catalogue, if the catalogue has it; else the method in lower case, or empty. */
  readonly model: string;
  /** Values by metric, with the names of our metrics; `avgDiff`, `I-I` and `I-N` are followed by a modality. */
  readonly metrics: Readonly<Record<string, number>>;
  /** The publication. */
  readonly source: string;
  /** How it was measured, as far as that is known. */
  readonly protocol: string;
}

/** The sizes that identify a data set. */
export interface DataSizes {
  /** Number of users. */
  readonly users: number;
  /** Number of items. */
  readonly items: number;
  /** Number of interactions in all splits; without it, users and items suffice. */
  readonly interactions?: { readonly all: number } | undefined;
}

/** The largest relative difference from the published number of interactions: some readers drop a few. */
const TOLERANCE = 0.01;

/**
 * Returns the published results on a data set that have a metric of a kind: `accuracy` (metrics of ranked lists), or
 * one of the analyses of MONET, `avgDiff` or `similarity` (I-I and I-N). The data set is recognised by its sizes.
 *
 * @example
 * ```ts
 * import { publishedOf } from "@giverny/giverny/experiments";
 * import { equal } from "node:assert/strict";
 * const menClothing = { users: 4955, items: 5028, interactions: { all: 32363 } };
 * const monet = publishedOf(menClothing).find(({ method }) => method === "MONET");
 * equal(monet?.metrics["recall@20"], 0.0895);
 * ```
 */
export function publishedOf(
  { users, items, interactions }: DataSizes,
  kind: "accuracy" | "avgDiff" | "similarity" = "accuracy",
): Published[] {
  const isOfKind = { accuracy: /@/, avgDiff: /^avgDiff /, similarity: /^I-[IN] / }[kind];
  return rowsOf(table).filter(({ sizes: [u, i, n], metrics }) =>
    users === u && items === i && (!interactions || Math.abs(interactions.all - n) <= TOLERANCE * n) &&
    Object.keys(metrics).some((name) => isOfKind.test(name))
  ).map(({ sizes: _, ...row }) => row);
}

/** Returns the rows of the table; a metric is a column whose name is none of those read by name. */
function rowsOf(text: string): (Published & { readonly sizes: readonly number[] })[] {
  const [titles, ...lines] = text.trimEnd().split(/\r?\n/).map((line) => line.split("\t"));
  return lines.map((cells) => {
    const { data: _, users, items, interactions, method, model, source, protocol, ...metrics } = Object.fromEntries(
      titles.map((title, n) => [title, cells[n]]),
    );
    const values = Object.entries(metrics).filter(([, cell]) => cell !== "").map((
      [name, cell],
    ) => [name, Number(cell)]);
    const sizes = [users, items, interactions].map(Number);
    return { method, model, metrics: Object.fromEntries(values), source, protocol, sizes };
  });
}
