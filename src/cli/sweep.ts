/**
 * `sweep`: trains a model at every value of a setting, the others unchanged.
 *
 * @module
 */
import { planSweep, type Range, type Sweep, sweep as sweepModel } from "../experiments/sweep.ts";
import { variantOf } from "../experiments/variant.ts";
import { sweepPage } from "../reports/sweep_page.ts";
import { sweepCsv, sweepMarkdown, sweepRecords, sweepText } from "../reports/sweep_tables.ts";
import { wrapped } from "../reports/text_layout.ts";
import { commandLine } from "./command_line.ts";
import { exclusively, type ExperimentOptions, placeOf, unfinished, wordsOf, writeResults } from "./experiment.ts";
import type { Io, Report } from "./io.ts";
import { sweepRange } from "./sweep_range.ts";

/** The options of `sweep`. */
export interface SweepOptions extends ExperimentOptions {
  /** The model, with settings of its own after colons. */
  readonly model: string;
  /** The settings to vary, one after the other. */
  readonly over: readonly Range[];
}

const FILES = ["sweep.md", "sweep.csv", "sweep.jsonl", "sweep.html"] as const;

/** Trains a model at every value of each setting, and evaluates all on test in the end. */
export async function sweep(options: SweepOptions, io: Io): Promise<Report> {
  const { over, seeds } = options;
  const variant = await variantOf(options.model, io.files);
  const own = ["--model", options.model, ...over.flatMap((one) => ["--over", sweepRange().format(one)])];
  const words = wordsOf("sweep", own, options);
  const { command } = words;
  const place = await placeOf(words, options, io);
  const plan = await planSweep(variant, over, { loaded: place.workspace.loaded, common: options });
  const result = await exclusively(
    place,
    FILES,
    io,
    (workspace) => sweepModel(plan, workspace, { seeds, command: commandLine(command) }),
  );
  if (!result) return unfinished(command, io);
  const written = await writeResults(place.out, await textsOf(result), command, io);
  return {
    data: { out: place.out, command, points: sweepRecords(result), failed: result.failed },
    text: (sink) => `${sweepText(result, sink)}${wrapped(written, sink)}`,
    exit: result.failed.length > 0 ? 1 : 0,
  };
}

async function textsOf(result: Sweep): Promise<Record<(typeof FILES)[number], string>> {
  return {
    "sweep.md": sweepMarkdown(result),
    "sweep.csv": sweepCsv(result),
    "sweep.jsonl": sweepRecords(result).map((line) => `${JSON.stringify(line)}\n`).join(""),
    "sweep.html": await sweepPage(result),
  };
}
