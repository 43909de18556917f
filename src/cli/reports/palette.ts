/**
 * How plots look: colours, type, and numbers at axes.
 *
 * @module
 */
import type { Row, Spread } from "../trials/comparison.ts";

const PALETTE = [
  "#2f6db5",
  "#d1603d",
  "#3a9678",
  "#b04a8a",
  "#c79a1e",
  "#6a5acd",
  "#4aa3c7",
  "#8c6d46",
  "#7fa03c",
  "#d0808a",
  "#35586c",
  "#a65628",
];
const GREY = "#9a9c9f";
/** What axes and numbers are drawn with. */
export const INK = "#1f2328";
/** The ground of the page. */
export const PAPER = "#fdfdfb";
/** The type of a plot. */
export const STYLE: Readonly<Record<string, string>> = {
  fontSize: "12.5px",
  color: INK,
  background: "none",
  overflow: "visible",
};

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

/** Returns where a standard deviation to either side ends. */
export function ends({ mean, sd }: Spread): { readonly low: number; readonly high: number } {
  return { low: mean - (sd ?? 0), high: mean + (sd ?? 0) };
}
