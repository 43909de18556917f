/**
 * The style of plots: colours, type, and numbers at axes.
 *
 * @module
 */
import type { Row } from "../experiments/comparison.ts";
import type { Spread } from "../experiments/spread.ts";

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
/** The colour of axes and numbers: that of the page's text, in light and in dark. */
export const INK = "var(--ink, currentColor)";
/** The page's background. */
export const PAPER = "var(--paper, white)";
/** The colour of published results. */
export const THEIRS = "var(--theirs, #767676)";
/** The colour of a single series. */
export const ACCENT: string = PALETTE[0];
/** The colour of a second series, or of the chosen point. */
export const CONTRAST: string = PALETTE[1];
/** The colour of a line in the background, for comparison. */
export const BEHIND = "var(--behind, #8f9296)";
/** The width of a letter in a plot, in pixels, rounded up. */
export const LETTER = 7;

/** The colours of models by label. */
export type Colours = ReadonlyMap<string, string>;

/** Returns a colour for each model; popularity is grey. */
export function coloursOf(rows: readonly Pick<Row, "label" | "model">[]): Colours {
  const others = rows.filter(({ model }) => model !== "popularity").map(({ label }) => label);
  return new Map(rows.map(({ label }) => [label, PALETTE[others.indexOf(label) % PALETTE.length] ?? GREY]));
}

/** Returns a share for an axis: `.05`. */
export function tick(value: number): string {
  return String(Number(value.toPrecision(3))).replace("0.", ".").replace("-", "−");
}

/** The ends of an interval. */
export interface Ends {
  readonly low: number;
  readonly high: number;
}

/** Returns the interval of one standard deviation on either side of a mean. */
export function ends({ mean, sd }: Spread): Ends {
  return { low: mean - (sd ?? 0), high: mean + (sd ?? 0) };
}

/** Returns the intervals that have a length; one seed, or equal ones, have none. */
export function spanning<T extends Ends>(data: readonly T[]): T[] {
  return data.filter(({ low, high }) => high - low > 1e-9);
}

/** Returns the pixels that names to the left of a plot take. */
export function marginFor(names: readonly string[]): number {
  return 14 + LETTER * Math.max(...names.map(({ length }) => length));
}
