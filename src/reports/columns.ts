/**
 * The columns of a comparison's table.
 *
 * @module
 */
import type { Comparison, Difference, Row } from "../experiments/comparison.ts";
import type { Spread } from "../experiments/spread.ts";
import { count, megabytes, probability, rough, share, signed } from "./numbers.ts";
import { rowsOf, type TableRow } from "./rows.ts";

/** A column of results. */
export interface ResultColumn {
  /** The name in files: letters, digits, `@` and `_`. */
  readonly key: string;
  /** The title. */
  readonly title: string;
  /** The meaning of the numbers, in a sentence. */
  readonly about: string;
  /** The group of columns that it belongs to. */
  readonly group: "accuracy" | "popular and rare" | "cost" | "difference from the best" | "avg.diff";
  /** Returns a model's value; `null` for none. */
  readonly valueOf: (row: Row) => Spread | number | null;
  /** The metric of published results that belongs in this column; by default none. */
  readonly metric?: string | undefined;
  /** Whether the largest or the smallest value is the best; by default neither. */
  readonly best?: "largest" | "smallest" | undefined;
  /** Returns a value as text. */
  readonly format: (value: number) => string;
}

/** The level of significance: differences with a corrected p below it are more than chance. */
export const LEVEL = 0.05;
/** The mark of a tie: a value that cannot be distinguished from the best. */
export const TIE = "≈";

const accuracy = (title: string, metric: string, about: string): ResultColumn => ({
  key: metric,
  title,
  about,
  group: "accuracy",
  valueOf: ({ test }) => test[metric] ?? null,
  metric,
  best: "largest",
  format: share,
});

const part = (title: string, name: string, about: string): ResultColumn => ({
  ...accuracy(title, name, about),
  key: name.replace(" ", "_"),
  group: "popular and rare",
  metric: undefined,
});

const cost = (
  key: string,
  title: string,
  about: string,
  valueOf: ResultColumn["valueOf"],
  format: ResultColumn["format"] = count,
): ResultColumn => ({ key, title, about, group: "cost", valueOf, format });

const difference = (
  key: string,
  title: string,
  about: string,
  valueOf: (difference: Difference) => number,
  format: ResultColumn["format"],
): ResultColumn => ({
  key,
  title,
  about,
  group: "difference from the best",
  valueOf: ({ against: { "recall@20": found } }) => found ? valueOf(found) : null,
  format,
});

const RECALL = "the share of a user's test items among the first";
const PRECISION = "the share of test items among the first";
const NDCG =
  "the discounted gain relative to a list that begins with all of a user's test items (the standard), of the first";
const CORRECTED = "Holm's correction for the number of models; users' R@20, means over seeds";

/** The columns that every comparison may have, in order. */
const COLUMNS: readonly ResultColumn[] = [
  accuracy("R@10", "recall@10", `${RECALL} 10`),
  accuracy("R@20", "recall@20", `${RECALL} 20`),
  accuracy("P@10", "precision@10", `${PRECISION} 10`),
  accuracy("P@20", "precision@20", `${PRECISION} 20`),
  accuracy("NDCG@10", "ndcg@10", `${NDCG} 10`),
  accuracy("NDCG@20", "ndcg@20", `${NDCG} 20`),
  accuracy(
    "NDCG@20 retrieved",
    "ndcgRetrieved@20",
    "relative to a list that begins with the retrieved test items, as in NGCF, LATTICE and MONET",
  ),
  part("head R@20", "head recall@20", "R@20 if only the most popular fifth of the items counts as test items"),
  part("tail R@20", "tail recall@20", "R@20 if only the other four fifths count"),
  part("cold R@20", "cold recall@20", "R@20 if only items without training interactions count"),
  {
    ...part("coverage", "coverage@20", "the share of all items that are among the first 20 of at least one user"),
    metric: "coverage@20",
  },
  cost("seeds", "seeds", "the number of trainings that ended", ({ seeds }) => seeds.length),
  {
    ...cost(
      "seconds_per_epoch",
      "s / epoch",
      "seconds of training per epoch, without evaluations",
      ({ cost }) => cost.secondsPerEpoch,
      rough,
    ),
    best: "smallest",
  },
  cost(
    "epochs",
    "epochs",
    "epochs until training stopped",
    ({ cost }) => cost.epochs.mean > 0 ? cost.epochs : null,
  ),
  cost(
    "peak_bytes",
    "tensors, MB",
    "the peak memory of tensors; after an interruption, with the state that was read back",
    ({ cost }) => cost.bytes,
    megabytes,
  ),
  cost(
    "resident_bytes",
    "process, MB",
    "the peak memory of the process while it trained, with what data and earlier models left there",
    ({ cost }) => cost.resident || null,
    megabytes,
  ),
  cost("parameters", "parameters", "the number of learned numbers", ({ cost }) => cost.parameters || null),
  difference("p_t", "p (t)", `the paired t-test, with ${CORRECTED}`, ({ pT }) => pT, probability),
  difference("cohens_d", "d", "the mean difference in standard deviations of the differences", ({ d }) => d, signed),
  difference(
    "p_wilcoxon",
    "p (Wilcoxon)",
    `the signed-rank test, with ${CORRECTED}`,
    ({ pWilcoxon }) => pWilcoxon,
    probability,
  ),
  difference(
    "rank_biserial",
    "r",
    "the share of the ranks of differences in favour of the model, minus the share against it",
    ({ r }) => r,
    signed,
  ),
];

/** Returns the columns that have a value in some row, in order. */
export function columnsOf(comparison: Comparison): ResultColumn[] {
  const names = comparison.rows.flatMap(({ test }) => Object.keys(test).filter((name) => name.startsWith("avgDiff ")));
  const avgDiff = [...new Set(names)].map((name): ResultColumn => ({
    key: name.replace(" ", "_"),
    title: name.replace("avgDiff", "avg.diff"),
    about:
      "the mean over pairs of items of the absolute difference between the cosine of their features and the cosine " +
      "of their embeddings (MONET, Eq. 1)",
    group: "avg.diff",
    valueOf: ({ test }) => test[name] ?? null,
    best: "smallest",
    format: share,
  }));
  const rows = rowsOf(comparison);
  return [...COLUMNS, ...avgDiff].filter((column) => rows.some((row) => valueIn(row, column) !== null));
}

/** Returns the value of a row in a column. */
export function valueIn(row: TableRow, { valueOf, metric }: ResultColumn): Spread | number | null {
  if (row.kind === "ours") return valueOf(row.row);
  return metric ? row.published.metrics[metric] ?? null : null;
}

/** Returns whether a row has the best value of our models in a column, and some have a worse one. */
export function isBest(row: TableRow, { best, valueOf }: ResultColumn, { rows }: Comparison): boolean {
  if (row.kind === "theirs" || !best || rows.length < 2) return false;
  const number = (value: Spread | number | null) => typeof value === "object" ? value?.mean ?? null : value;
  const own = number(valueOf(row.row));
  const all = rows.flatMap((row) => number(valueOf(row)) ?? []);
  if (new Set(all).size < 2) return false;
  return own !== null && own === (best === "largest" ? Math.max(...all) : Math.min(...all));
}

/**
 * Returns whether a model cannot be distinguished from the best by a metric: the corrected p of the t-test is not below
 * 5 %.
 */
export function isTie({ against }: Pick<Row, "against">, metric: string): boolean {
  const found = against[metric];
  return found !== null && found !== undefined && found.pT >= LEVEL;
}

/** Returns whether the value of a row in a column is marked as a tie. */
export function isTieIn(row: TableRow, { key }: ResultColumn): boolean {
  return row.kind === "ours" && isTie(row.row, key);
}
