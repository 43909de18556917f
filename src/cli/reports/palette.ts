/**
 * How plots look: colours, type, and numbers at axes.
 *
 * @module
 */
import type { Row, Spread } from "../../experiments/comparison.ts";

const PALETTE = [
  "#2f74c0",
  "#d1603d",
  "#3a9678",
  "#b04a8a",
  "#c79a1e",
  "#7566d6",
  "#4aa3c7",
  "#8c6d46",
  "#7fa03c",
  "#d0808a",
  "#4f7a94",
  "#b5532b",
  "#9b6fc4",
  "#2a9d9a",
  "#e0903c",
  "#c2577f",
  "#5f8f5a",
  "#7f8fd0",
];
const GREY = "#9a9c9f";
/** What axes and numbers are drawn with: as the page's text, by day and by night. */
export const INK = "var(--ink)";
/** The ground of the page. */
export const PAPER = "var(--paper)";
/** What others have published. */
export const THEIRS = "var(--theirs)";
/** What there is one of. */
export const ACCENT: string = PALETTE[0];
/** What stands behind, to compare with. */
export const BEHIND = "var(--behind)";
/** The type of a plot. */
export const STYLE: Readonly<Record<string, string>> = {
  fontSize: "12.5px",
  color: INK,
  background: "none",
  overflow: "visible",
};
/** Pixels that a letter takes in a plot, on the safe side. */
export const LETTER = 7;

/** The colours of models, by label. */
export type Colours = ReadonlyMap<string, string>;

/** Returns a colour per model, popularity's grey. */
export function coloursOf(rows: readonly Pick<Row, "label" | "model">[]): Colours {
  const others = rows.filter(({ model }) => model !== "popularity").map(({ label }) => label);
  return new Map(rows.map(({ label }) => [label, PALETTE[others.indexOf(label) % PALETTE.length] ?? GREY]));
}

/** Shows a share at an axis: `.05`. */
export function tick(value: number): string {
  return String(Number(value.toPrecision(3))).replace("0.", ".").replace("-", "−");
}

/** Where a line over a standard deviation to either side begins and ends. */
export interface Ends {
  readonly low: number;
  readonly high: number;
}

/** Returns where a standard deviation to either side ends. */
export function ends({ mean, sd }: Spread): Ends {
  return { low: mean - (sd ?? 0), high: mean + (sd ?? 0) };
}

/** Returns those whose line has a length: of one seed, or of equal ones, there is nothing to draw. */
export function spanning<T extends Ends>(data: readonly T[]): T[] {
  return data.filter(({ low, high }) => high - low > 1e-9);
}
