/**
 * Curves over epochs, as SVG.
 *
 * @module
 */
/// <reference lib="dom" />

/** A point on a plot: epochs across, a value up. */
export type Point = readonly [x: number, y: number];

/** The contents of a plot. */
export interface Plot {
  /** Every value, drawn faintly. */
  readonly faint?: readonly Point[];
  /** The curve. */
  readonly bold: readonly Point[];
  /** A value to compare with, and its name. */
  readonly level?: { readonly at: number; readonly name: string };
  /** The number of epochs. */
  readonly epochs: number;
  /** The smallest range of values: from 0 to this. */
  readonly least: number;
}

const MARGIN = { left: 38, right: 14, top: 12, bottom: 26 };

/** Draws a plot in the size of its element. */
export function plot(svg: SVGSVGElement, { faint = [], bold, level, epochs, least }: Plot): void {
  const { clientWidth: width, clientHeight: height } = svg;
  const { left, right, top, bottom } = MARGIN;
  const highest = Math.max(least, level?.at ?? 0, ...[...faint, ...bold].map(([, y]) => y));
  const step = stepOf(highest, 4);
  const most = Math.ceil(highest / step - 1e-9) * step;
  const x = (epoch: number) => round(left + epoch / epochs * (width - left - right));
  const y = (value: number) => round(height - bottom - value / most * (height - top - bottom));
  const path = (points: readonly Point[]) => points.map(([a, b], n) => `${n ? "L" : "M"}${x(a)} ${y(b)}`).join("");
  const base = y(0);
  const rows = ticks(most, step).map((tick) =>
    `<line class="grid" x1="${left}" x2="${width - right}" y1="${y(tick)}" y2="${y(tick)}"/>` +
    `<text x="${left - 8}" y="${y(tick)}" dy=".32em" text-anchor="end">${label(tick)}</text>`
  );
  const columns = ticks(epochs, Math.max(1, stepOf(epochs, 6))).map((tick) =>
    `<text x="${x(tick)}" y="${height - 7}" text-anchor="middle">${tick}</text>`
  );
  const last = bold.at(-1);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.innerHTML = [
    ...rows,
    ...columns,
    level && `<line class="level" x1="${left}" x2="${width - right}" y1="${y(level.at)}" y2="${y(level.at)}"/>` +
      `<text class="level" x="${width - right}" y="${y(level.at)}" dy="1.3em" text-anchor="end">${level.name}</text>`,
    bold.length > 1 && `<path class="area" d="${path(bold)}L${x(last![0])} ${base}L${x(bold[0][0])} ${base}Z"/>`,
    faint.length > 1 && `<path class="faint" d="${path(faint)}"/>`,
    bold.length > 1 && `<path class="bold" d="${path(bold)}"/>`,
    last && `<circle class="last" cx="${x(last[0])}" cy="${y(last[1])}" r="4"/>`,
  ].filter(Boolean).join("");
}

/** Returns 1, 2 or 5 times a power of ten, so that about `count` steps make `most`. */
function stepOf(most: number, count: number): number {
  const rough = most / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * (rough / power > 5 ? 10 : rough / power > 2 ? 5 : rough / power > 1 ? 2 : 1);
}

function ticks(most: number, step: number): number[] {
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, n) => Number((n * step).toPrecision(6)));
}

/** Writes a number between 0 and 1 without its zero, as tables of metrics do. */
function label(value: number): string {
  return String(value).replace(/^0\./, ".");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
