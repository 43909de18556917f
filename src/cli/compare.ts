/**
 * `compare`: trains and evaluates several models under one protocol, and writes tables and a report.
 *
 * @module
 */
import { UsageError } from "../../kernels/errors.ts";
import { compare as compareModels, type ComparisonPlan, planComparison, unsearched } from "../experiments/compare.ts";
import type { Comparison } from "../experiments/comparison.ts";
import { readGrid } from "../experiments/grid.ts";
import { type Variant, variantOf } from "../experiments/variant.ts";
import { models as catalogue } from "../models/mod.ts";
import { comparisonPage } from "../reports/comparison_page.ts";
import {
  comparisonCsv,
  comparisonJsonLines,
  comparisonMarkdown,
  comparisonText,
} from "../reports/comparison_tables.ts";
import { wrapped } from "../reports/text_layout.ts";
import { commandLine } from "./command_line.ts";
import { exclusively, type ExperimentOptions, placeOf, unfinished, wordsOf, writeResults } from "./experiment.ts";
import { type Io, note, type Report } from "./io.ts";

/** The options of `compare`. */
export interface CompareOptions extends ExperimentOptions {
  /** Models, with settings of their own after colons. */
  readonly models: readonly string[];
  /** A file of settings to try. */
  readonly search: string | undefined;
  /** Whether avg.diff is measured too. */
  readonly avgdiff: boolean;
}

const FILES = ["table.md", "table.csv", "table.jsonl", "report.html"] as const;

/**
 * Trains and evaluates every model alike: searches settings on validation, runs all seeds, and looks at test when all
 * trials have ended. Trials that are in the folder already are not trained again.
 */
export async function compare(options: CompareOptions, io: Io): Promise<Report> {
  const { models, search: file, avgdiff: avgDiff, seeds } = options;
  const variants = await Promise.all(models.map((word) => variantOf(word, io.files)));
  const grid = file === undefined ? null : await readGrid(file, { known: namesOf(variants), files: io.files });
  const own = ["--models", models.join(","), ...(file === undefined ? [] : ["--search", file])];
  const words = wordsOf("compare", own, options);
  const command = [...words.command, ...(avgDiff ? ["--avgdiff"] : [])];
  const place = await placeOf(words, options, io);
  // Errors in settings show before the first step.
  const plan = await planComparison(variants, place.workspace, { ...options, grid });
  if (file !== undefined) noteUnsearched(file, plan, io);
  const versions = { deno: Deno.version.deno, v8: Deno.version.v8 };
  const comparison = await exclusively(
    place,
    FILES,
    io,
    (workspace) => compareModels(plan, workspace, { seeds, avgDiff, command: commandLine(command), versions }),
  );
  if (!comparison) return unfinished(command, io);
  const written = await writeResults(place.out, await textsOf(comparison), command, io);
  const { rows, ...rest } = comparison;
  return {
    data: { out: place.out, ...rest, command, rows: rows.map(({ epochs: _, ...row }) => row) },
    text: (sink) => `${comparisonText(comparison, sink)}${wrapped(written, sink)}`,
    exit: comparison.failed.length > 0 ? 1 : 0,
  };
}

function namesOf(variants: readonly Variant[]): string[] {
  return [...new Set([...Object.keys(catalogue), ...variants.map(({ model }) => model.name)])];
}

async function textsOf(comparison: Comparison): Promise<Record<(typeof FILES)[number], string>> {
  return {
    "table.md": comparisonMarkdown(comparison),
    "table.csv": comparisonCsv(comparison),
    "table.jsonl": comparisonJsonLines(comparison),
    "report.html": await comparisonPage(comparison),
  };
}

/**
 * Prints the variants that a file of settings to try does not cover.
 *
 * @throws {UsageError} if it covers none.
 */
function noteUnsearched(file: string, plan: ComparisonPlan, io: Io): void {
  const labels = unsearched(plan).join(", ");
  if (plan.searches.length === 0) {
    throw new UsageError(
      `Cannot search with "${file}": it has no settings to try for ${labels}; add a table, or leave it out`,
    );
  }
  if (labels !== "") note(io, `"${file}" has no settings to try for ${labels}: trained as they are`);
}
