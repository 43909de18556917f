/**
 * Plots of validation accuracy over epochs, in a panel per model.
 *
 * @module
 */
import type { Comparison, Row } from "../experiments/comparison.ts";
import { epochAxis } from "./axis.ts";
import { BEHIND, type Colours, PAPER, tick } from "./palette.ts";
import type { Plotter } from "./plotter.ts";

const [WIDTH, LEFT, RIGHT] = [212, 30, 8];

/** An evaluation on validation after an epoch. */
interface Evaluated {
  readonly seed: string;
  readonly epoch: number;
  readonly recall: number;
}

/**
 * R@20 on validation over epochs, a panel per model and a line per seed, with the best model's in the background. Empty
 * if nothing was trained.
 */
export function learningCurves({ rows }: Comparison, colours: Colours, { marks, draw }: Plotter): string[] {
  const trained = rows.map((row) => ({ label: row.label, data: evaluations(row) })).filter(({ data }) =>
    data.length > 0
  );
  const all = trained.flatMap(({ data }) => data);
  const last = Math.max(...all.map(({ epoch }) => epoch));
  const most = Math.max(...all.map(({ recall }) => recall)) || 1;
  const x = epochAxis(last, WIDTH - LEFT - RIGHT);
  const line = { x: "epoch", y: "recall", z: "seed", curve: "monotone-x" } as const;
  return trained.map(({ label, data }, n) => {
    const stroke = colours.get(label) ?? BEHIND;
    return draw({
      ariaLabel: `R@20 on validation over epochs: ${label}`,
      width: WIDTH,
      height: 146,
      marginLeft: LEFT,
      marginRight: RIGHT,
      marginTop: 26,
      marginBottom: 24,
      x: { ...x, label: null, tickSize: 3 },
      y: { label: null, grid: true, tickFormat: tick, ticks: 3, domain: [0, most], tickSize: 0 },
      marks: [
        marks.ruleY([0]),
        ...n > 0 ? [marks.line(trained[0].data, { ...line, stroke: BEHIND, strokeWidth: 1.2 })] : [],
        marks.line(data, { ...line, stroke, strokeWidth: 1.6, strokeOpacity: 0.85 }),
        marks.dot(kept(data), { x: "epoch", y: "recall", r: 3.5, fill: stroke, stroke: PAPER }),
        marks.text([label], { frameAnchor: "top-left", dy: -20, fontWeight: 600, fill: stroke }),
      ],
    });
  });
}

function evaluations({ epochs, seeds }: Row): Evaluated[] {
  return epochs.flatMap((all, n) =>
    all.flatMap(({ epoch, validation }) =>
      validation ? [{ seed: String(seeds[n]), epoch, recall: validation["recall@20"] }] : []
    )
  );
}

/** Returns each seed's best evaluation, the first of equal ones: its parameters are kept. */
function kept(data: readonly Evaluated[]): Evaluated[] {
  return [...new Set(data.map(({ seed }) => seed))].map((seed) =>
    data.filter((one) => one.seed === seed).reduce((best, one) => one.recall > best.recall ? one : best)
  );
}
