/**
 * The learning curve of a training as SVG. It is drawn without a package, so that a program that only trains loads
 * none.
 *
 * @module
 */

/** An epoch of a training. */
export interface PlottedEpoch {
  /** The number of epochs finished with it. */
  readonly epoch: number;
  /** The mean loss of its steps. */
  readonly loss: number;
  /** The metrics of the evaluation after it; `null` if there was none. */
  readonly validation: Readonly<Record<string, number>> | null;
}

/** The options of {@link runPlot}. */
export interface RunPlotOptions {
  /** The metric on validation; `recall@20` by default. */
  readonly metric?: string | undefined;
  /** A line of text above the plot; none by default. */
  readonly title?: string | undefined;
}

/** The pixels of a panel, and of the area that its lines are in. */
const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [320, 230, 52, 308, 34, 190];
const TITLE_HEIGHT = 28;
/** The colours of text and grid, which suit light and dark notebooks. */
const [INK, GRID] = ["var(--ink, #767676)", "#8883"];
const [LOSS, METRIC] = ["#d1603d", "#2f74c0"];

/**
 * Returns a plot of a training as SVG: the loss, and a metric on validation with its best epoch as a dot.
 *
 * @example
 * ```ts
 * import { runPlot } from "@giverny/giverny/runs";
 * import { match } from "node:assert/strict";
 * const history = [
 *   { epoch: 1, loss: 0.69, validation: { "recall@20": 0.1 } },
 *   { epoch: 2, loss: 0.41, validation: { "recall@20": 0.2 } },
 * ];
 * match(runPlot(history), /^<svg [^]*<\/svg>$/);
 * ```
 */
export function runPlot(
  history: readonly PlottedEpoch[],
  { metric = "recall@20", title = "" }: RunPlotOptions = {},
): string {
  const losses = history.map(({ epoch, loss }) => ({ epoch, value: loss }));
  const found = history.flatMap(({ epoch, validation }) => {
    const value = validation?.[metric];
    return value === undefined ? [] : [{ epoch, value }];
  });
  const best = found.filter(({ value }) => value === Math.max(...found.map(({ value }) => value))).slice(0, 1);
  const last = Math.max(...history.map(({ epoch }) => epoch));
  const name = metric.replace("recall@", "R@").replace("ndcg@", "NDCG@").replace("precision@", "P@");
  const panels = [
    ...losses.length > 0 ? [panel("loss", losses, [], { last, colour: LOSS })] : [],
    ...found.length > 0 ? [panel(`${name} on validation`, found, best, { last, colour: METRIC })] : [],
  ];
  const top = title === "" ? 0 : TITLE_HEIGHT;
  const width = Math.max(2, panels.length) * WIDTH;
  const height = top + (panels.length > 0 ? HEIGHT : 48);
  const drawn = panels.map((svg, n) =>
    `<svg x="${WIDTH * n}" y="${top}" width="${WIDTH}" height="${HEIGHT}">${svg}</svg>`
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="Training: loss and validation over epochs" ` +
    `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" ` +
    `font-size="12.5" fill="${INK}">${top > 0 ? text(12, 18, title, "start") : ""}` +
    `${drawn.join("") || text(12, top + 30, "There are no epochs.", "start")}</svg>`;
}

/** A value after an epoch. */
interface Value {
  readonly epoch: number;
  readonly value: number;
}

/** Draws values over the epochs up to the last, with dots at some of them. */
function panel(
  label: string,
  data: readonly Value[],
  dots: readonly Value[],
  { last, colour }: { readonly last: number; readonly colour: string },
): string {
  const values = data.map(({ value }) => value).filter(Number.isFinite);
  const levels = ticks(Math.min(...values), Math.max(...values), 5);
  const [low, high] = [levels[0], levels[levels.length - 1]];
  const x = (epoch: number) => round(LEFT + (RIGHT - LEFT) * (epoch - 1) / Math.max(1, last - 1));
  const y = (value: number) => round(BOTTOM - (BOTTOM - TOP) * (value - low) / (high - low));
  const shown = data.filter(({ value }) => Number.isFinite(value));
  const line = shown.map(({ epoch, value }) => `${x(epoch)},${y(value)}`).join(" ");
  const dot = ({ epoch, value }: Value) => `<circle cx="${x(epoch)}" cy="${y(value)}" r="4" fill="${colour}"/>`;
  const epochs = ticks(1, Math.max(2, last), 6).filter((n) => Number.isInteger(n) && n >= 1 && n <= Math.max(2, last));
  return [
    text(12, 16, label, "start"),
    ...levels.map((level) =>
      `<path d="M${LEFT} ${y(level)}H${RIGHT}" stroke="${GRID}"/>${text(LEFT - 6, y(level) + 4, String(level), "end")}`
    ),
    ...epochs.map((epoch) => text(x(epoch), BOTTOM + 18, String(epoch), "middle")),
    text(RIGHT, BOTTOM + 36, "epoch", "end"),
    `<polyline points="${line}" fill="none" stroke="${colour}" stroke-width="1.8"/>`,
    ...(shown.length === 1 ? shown : dots).map(dot),
  ].join("");
}

/** Returns round numbers, about as many as asked for, from the low value or below it to the high value or above it. */
function ticks(low: number, high: number, count: number): number[] {
  const range = high > low ? high - low : Math.abs(high) || 1;
  const power = 10 ** Math.floor(Math.log10(range / count));
  const step = power * [1, 2, 5, 10].find((times) => times * power * count >= range)!;
  const from = Math.floor(low / step + 1e-9);
  const to = Math.max(from + 1, Math.ceil(high / step - 1e-9));
  return Array.from({ length: to - from + 1 }, (_, n) => Number(((from + n) * step).toPrecision(6)));
}

function text(x: number, y: number, words: string, anchor: "start" | "middle" | "end"): string {
  const escaped = words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${escaped}</text>`;
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
