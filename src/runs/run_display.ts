/**
 * The short text and the learning curve by which consoles and notebooks show runs.
 *
 * @module
 */
import { displayed } from "../core/display.ts";
import type { Run } from "./run.ts";
import { runPlot } from "./run_plot.ts";

/**
 * Returns a run that shows itself: in `console.log` as a short text, and in a notebook as its learning curve. A copy by
 * `{ ...run }` shows all its parts, as any object does.
 */
export function displayedRun<R extends Run>(run: R): R {
  return displayed(run, {
    text: () => textOf(run),
    forms: (): Readonly<Record<string, string>> =>
      run.history.length > 0 ? { "image/svg+xml": runPlot(run.history, { title: headingOf(run) }) } : {},
  });
}

function headingOf({ model, data, history, record: { status, best } }: Run): string {
  const epochs = `${history.length} ${history.length === 1 ? "epoch" : "epochs"}`;
  const ended = status === "finished" ? "" : `, ${status}`;
  return `Run of ${model.name} on ${data.name}: ${epochs}${best === null ? "" : `, the best ${best}`}${ended}`;
}

/** Returns a short text about a run: model, data, epochs, metrics, device and folder. */
function textOf(run: Run): string {
  const { model, record: { results, device }, folder } = run;
  const { validation = null, test = null } = results[model.name] ?? {};
  return [
    headingOf(run),
    ...metricsLine("validation", validation),
    ...metricsLine("test", test),
    `  device      ${device.about}`,
    ...folder === null ? [] : [`  folder      ${folder}`],
  ].join("\n");
}

function metricsLine(split: string, means: Readonly<Record<string, number>> | null): string[] {
  const shown = ["recall@20", "ndcg@20"].flatMap((name) => {
    const value = means?.[name];
    return value === undefined ? [] : [`${name} ${value.toFixed(4)}`];
  });
  return shown.length > 0 ? [`  ${split.padEnd(10)}  ${shown.join("  ")}`] : [];
}
