/**
 * Plot of a training: the loss and a validation metric over epochs.
 *
 * @module
 */
import { epochAxis } from "./axis.ts";
import { ACCENT, CONTRAST, INK, tick } from "./palette.ts";
import { openPlotter, type Plotter } from "./plotter.ts";

/** An epoch of a training. */
export interface PlottedEpoch {
  /** The number of epochs finished with it. */
  readonly epoch: number;
  /** The mean loss of its steps. */
  readonly loss: number;
  /** The metrics of the evaluation after it; `null` if there was none. */
  readonly validation: Readonly<Record<string, number>> | null;
}

const [WIDTH, HEIGHT, LEFT, RIGHT] = [320, 230, 52, 10];

/**
 * Returns a plot of a training as SVG: the loss, and R@20 (or another metric) on validation with its best epoch as a
 * dot. Text has the colour of its surroundings, so that the plot suits light and dark notebooks.
 *
 * @example
 * ```ts
 * import { runPlot } from "@giverny/giverny/reports";
 * import { match } from "node:assert/strict";
 * const history = [
 *   { epoch: 1, loss: 0.69, validation: { "recall@20": 0.1 } },
 *   { epoch: 2, loss: 0.41, validation: { "recall@20": 0.2 } },
 * ];
 * match(await runPlot(history), /^<svg [^]*<\/svg>$/);
 * ```
 */
export async function runPlot(history: readonly PlottedEpoch[], metric = "recall@20"): Promise<string> {
  const plotter = await openPlotter();
  const found = history.flatMap(({ epoch, validation }) => {
    const value = validation?.[metric];
    return value === undefined ? [] : [{ epoch, value }];
  });
  const best = found.reduce<typeof found>(
    (best, one) => best.length > 0 && best[0].value >= one.value ? best : [one],
    [],
  );
  const losses = history.map(({ epoch, loss }) => ({ epoch, value: loss }));
  const last = Math.max(...history.map(({ epoch }) => epoch));
  const titled = metric.replace("recall@", "R@").replace("ndcg@", "NDCG@").replace("precision@", "P@");
  const panels = [
    ...losses.length > 0 ? [panel("loss", losses, { last, stroke: CONTRAST }, plotter)] : [],
    ...found.length > 0 ? [panel(`${titled} on validation`, found, { last, best, stroke: ACCENT }, plotter)] : [],
  ];
  const [width, height] = panels.length > 0 ? [WIDTH * panels.length, HEIGHT] : [WIDTH, 48];
  const inside = panels.map((svg, n) => svg.replace("<svg ", `<svg x="${WIDTH * n}" `)).join("") ||
    `<text x="12" y="30" fill="${INK}" font-family="system-ui">There are no epochs.</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="Training: loss and validation over epochs" ` +
    `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${inside}</svg>`;
}

/** A value after an epoch. */
interface Value {
  readonly epoch: number;
  readonly value: number;
}

/** Draws values over the epochs up to the last, with the best as a dot. */
function panel(
  label: string,
  data: readonly Value[],
  { last, best = [], stroke }: { readonly last: number; readonly best?: readonly Value[]; readonly stroke: string },
  { marks, draw }: Plotter,
): string {
  return draw({
    ariaLabel: `${label} over epochs`,
    width: WIDTH,
    height: HEIGHT,
    marginLeft: LEFT,
    marginRight: RIGHT,
    marginTop: 30,
    marginBottom: 40,
    x: { ...epochAxis(last, WIDTH - LEFT - RIGHT), label: "epoch", labelOffset: 36 },
    y: { label, grid: true, ticks: 5, tickFormat: tick, nice: true },
    marks: [
      marks.lineY(data, { x: "epoch", y: "value", stroke, strokeWidth: 1.8 }),
      ...data.length === 1 ? [marks.dot(data, { x: "epoch", y: "value", fill: stroke, r: 3 })] : [],
      marks.dot(best, { x: "epoch", y: "value", fill: stroke, r: 4.5 }),
    ],
  });
}
