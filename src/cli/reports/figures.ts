/**
 * The columns of a comparison's table.
 *
 * @module
 */
import type { Comparison, Row, Spread } from "../../experiments/comparison.ts";
import { type Line, linesOf } from "./lines.ts";

/** A column. */
export interface Figure {
  /** What it is called in files: letters, digits, `@` and `_`. */
  readonly key: string;
  readonly title: string;
  /** What it is, in a sentence; for a person who points at it. */
  readonly about: string;
  /** Which columns it belongs with. */
  readonly group: "accuracy" | "popular and rare" | "cost" | "difference from the best" | "angles";
  readonly of: (row: Row) => Spread | number | null;
  /** Returns what a published number of it would be called; by default there is none. */
  readonly metric?: string;
  /** Whether the largest is the best, or the smallest; by default neither. */
  readonly best?: "largest" | "smallest";
  readonly show: (value: number) => string;
}

/** Shows a share as papers do: `.0743`. */
export function share(value: number): string {
  const text = value.toFixed(4);
  return text.startsWith("0.") ? text.slice(1) : text.replace(/^-0\./, "-.");
}

/** Shows a probability: `.012`, `<.001`. */
export function probability(p: number): string {
  return p < 0.001 ? "<.001" : p.toFixed(3).replace(/^0\./, ".");
}

/** Shows a count: `12,345`. */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** Shows a number to three digits. */
export function rough(value: number): string {
  if (value >= 100) return count(value);
  return value >= 10 ? value.toFixed(1) : value >= 0.1 ? value.toFixed(2) : value.toPrecision(2);
}

/** Shows bytes as millions of them. */
export function megabytes(bytes: number): string {
  return rough(bytes / 1e6);
}

/** Returns a figure as text: `.0743 ± .0012`, or a dash where there is none. */
export function cell(value: Spread | number | null, show: Figure["show"]): string {
  if (value === null) return "–";
  if (typeof value === "number") return show(value);
  return value.sd === null ? show(value.mean) : `${show(value.mean)} ± ${show(value.sd)}`;
}

const ABOUT = {
  R: "the share of a user's test items among the first",
  P: "the share of test items among the first",
  NDCG:
    "the discounted gain relative to a list that begins with all of a user's test items (the standard), of the first",
};

const accuracy = (title: string, metric: string, about: string): Figure => ({
  key: metric,
  title,
  about,
  group: "accuracy",
  of: ({ test }) => test[metric] ?? null,
  metric,
  best: "largest",
  show: share,
});

const part = (title: string, key: string, about: string): Figure => ({
  ...accuracy(title, key, about),
  key: key.replace(" ", "_"),
  group: "popular and rare",
  metric: "",
});

const against = (
  title: string,
  key: string,
  about: string,
  of: (difference: NonNullable<Row["against"][string]>) => number,
  show: Figure["show"],
): Figure => ({
  key,
  title,
  about,
  group: "difference from the best",
  of: ({ against: { "recall@20": difference } }) => difference ? of(difference) : null,
  show,
});

const corrected = "Holm's correction for the number of models; users' R@20, means over seeds";

/** The columns that every comparison may have, in order. */
const FIGURES: readonly Figure[] = [
  accuracy("R@10", "recall@10", `${ABOUT.R} 10`),
  accuracy("R@20", "recall@20", `${ABOUT.R} 20`),
  accuracy("P@10", "precision@10", `${ABOUT.P} 10`),
  accuracy("P@20", "precision@20", `${ABOUT.P} 20`),
  accuracy("NDCG@10", "ndcg@10", `${ABOUT.NDCG} 10`),
  accuracy("NDCG@20", "ndcg@20", `${ABOUT.NDCG} 20`),
  accuracy(
    "NDCG@20 retrieved",
    "ndcgRetrieved@20",
    "relative to a list that begins with the test items that were retrieved, as NGCF, LATTICE and MONET have it",
  ),
  part("head R@20", "head recall@20", "R@20 if only the most popular fifth of the items counts as test items"),
  part("tail R@20", "tail recall@20", "R@20 if only the other four fifths count"),
  part("cold R@20", "cold recall@20", "R@20 if only items without training interactions count"),
  {
    ...part("coverage", "coverage@20", "the share of all items that are among anybody's first 20"),
    metric: "coverage@20",
  },
  { key: "seeds", title: "seeds", about: "how many ended", group: "cost", of: (row) => row.seeds.length, show: count },
  {
    key: "seconds_per_epoch",
    title: "s / epoch",
    about: "seconds of training in an epoch, evaluations not included",
    group: "cost",
    of: ({ cost }) => cost.secondsPerEpoch,
    best: "smallest",
    show: rough,
  },
  {
    key: "epochs",
    title: "epochs",
    about: "epochs until training stopped",
    group: "cost",
    of: ({ cost }) => cost.epochs.mean > 0 ? cost.epochs : null,
    show: count,
  },
  {
    key: "peak_bytes",
    title: "tensors, MB",
    about: "the most memory that tensors took at once; after an interruption, what was read back included",
    group: "cost",
    of: ({ cost }) => cost.bytes,
    show: megabytes,
  },
  {
    key: "resident_bytes",
    title: "process, MB",
    about:
      "the most memory that the process had while it trained, what the data and earlier models left there included",
    group: "cost",
    of: ({ cost }) => cost.resident || null,
    show: megabytes,
  },
  {
    key: "parameters",
    title: "parameters",
    about: "numbers that are learned",
    group: "cost",
    of: ({ cost }) => cost.parameters || null,
    show: count,
  },
  against("p (t)", "p_t", `the paired t-test, with ${corrected}`, ({ pT }) => pT, probability),
  against("d", "cohens_d", "the mean difference in standard deviations of the differences", ({ d }) => d, signed),
  against(
    "p (Wilcoxon)",
    "p_wilcoxon",
    `the signed-rank test, with ${corrected}`,
    ({ pWilcoxon }) => pWilcoxon,
    probability,
  ),
  against(
    "r",
    "rank_biserial",
    "the share of the ranks of differences for the model less that against",
    ({ r }) => r,
    signed,
  ),
];

/** Returns the columns that have something in some line, in order. */
export function figuresOf(comparison: Comparison): Figure[] {
  const measured = comparison.rows.flatMap(({ test }) =>
    Object.keys(test).filter((name) => name.startsWith("avg.diff "))
  );
  const angles = [...new Set(measured)].map((name): Figure => ({
    key: name.replace(" ", "_"),
    title: name,
    about:
      "the mean over pairs of items of the absolute difference between the cosine of features and that of embeddings (MONET, Eq. 1)",
    group: "angles",
    of: ({ test }) => test[name] ?? null,
    best: "smallest",
    show: share,
  }));
  const lines = linesOf(comparison);
  return [...FIGURES, ...angles].filter((figure) => lines.some((line) => valueIn(line, figure) !== null));
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2).replace(/^0\./, ".")}`;
}

/** Returns what a line has in a column. */
export function valueIn(line: Line, figure: Figure): Spread | number | null {
  if (line.kind === "ours") return figure.of(line.row);
  return figure.metric ? line.published.metrics[figure.metric] ?? null : null;
}

/** Returns whether no other model of ours is better in a column, and some are worse. */
export function isBest(line: Line, figure: Figure, { rows }: Comparison): boolean {
  if (line.kind === "theirs" || !figure.best || rows.length < 2) return false;
  const number = (value: Spread | number | null) => typeof value === "object" ? value?.mean ?? null : value;
  const own = number(figure.of(line.row));
  const all = rows.flatMap((row) => number(figure.of(row)) ?? []);
  if (new Set(all).size < 2) return false;
  return own !== null && own === (figure.best === "largest" ? Math.max(...all) : Math.min(...all));
}
