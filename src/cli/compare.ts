/**
 * `compare`: several models under one protocol, from training to tables and a report.
 *
 * @module
 */
import giverny from "../../deno.json" with { type: "json" };
import { statistics } from "../data/statistics.ts";
import { popularity } from "../models/popularity.ts";
import { benchOf, type BenchOptions, claim, unfinished, wordsOf, writeResults } from "../experiments/bench.ts";
import { type Comparison, rowsOf, type Searched } from "../experiments/comparison.ts";
import { readGrid } from "../experiments/grid.ts";
import { publishedOf } from "../experiments/published.ts";
import { Misuse } from "./shell/failure.ts";
import { type Io, note, type Report } from "./shell/io.ts";
import { PROGRAM, typed } from "./shell/typed.ts";
import { forget, type Plan, planSearch, search } from "../experiments/search.ts";
import { type Entry, trialsOf, type TriedAll, tryAll } from "../experiments/tried.ts";
import type { Bench } from "../experiments/trial.ts";
import { checkCommon, type Variant, variantOf } from "../experiments/variant.ts";
import { comparisonPage } from "../reports/comparison_page.ts";
import {
  comparisonCsv,
  comparisonJsonLines,
  comparisonMarkdown,
  comparisonText,
} from "../reports/comparison_tables.ts";
import { wrapped } from "../reports/text_layout.ts";

/** What `compare` takes. */
export interface CompareOptions extends BenchOptions {
  /** Models, with settings of their own after colons. */
  readonly models: readonly string[];
  /** A file that says what settings to try. */
  readonly search: string | undefined;
  /** Whether to measure how far embeddings are from features. */
  readonly avgdiff: boolean;
}

/**
 * Trains and judges every model alike: searches settings on validation, runs all seeds, and looks at test when everything has
 * ended. What is in the folder already is not done again.
 */
export async function compare(options: CompareOptions, io: Io): Promise<Report> {
  const variants = withAnchor(options.models.map(variantOf));
  checkCommon(options, variants);
  const grid = options.search === undefined ? null : await readGrid(options.search);
  const { models, search: file, avgdiff } = options;
  const own = ["--models", models.join(","), ...file === undefined ? [] : ["--search", file]];
  const words = wordsOf("compare", own, options);
  const command = [...words.command, ...avgdiff ? ["--avgdiff"] : []];
  const { bench, out } = await benchOf(words, options, io);
  // Whatever is wrong with settings shows before the first step.
  const plans = grid ? await planSearch(variants, grid, options, bench) : [];
  await checkDistinct(variants, plans, options, bench);
  if (file !== undefined) tellUnsearched(file, variants, plans, io);
  using _claimed = await claim(bench, out, FILES);
  const running = { signal: io.interruption(), io };
  const choice = await search(plans, bench, running);
  if (!choice) return unfinished(command);
  const { searched } = choice;
  const entries = variants.map((variant): Entry => ({ variant, changes: changesOf(variant, searched) }));
  const found = await tryAll(entries, options.seeds, options, bench, { ...running, avgDiff: avgdiff });
  if (!found) return unfinished(command);
  await forget(choice, found.tried.flatMap(({ outcomes }) => outcomes));
  const comparison = await comparisonOf(options.protocol, command, bench, found, searched, io);
  const written = await writeResults(out, await resultsOf(comparison), command, io);
  const { rows, ...rest } = comparison;
  return {
    data: { out, ...rest, command, rows: rows.map(({ epochs: _, ...row }) => row) },
    text: (sink) => `${comparisonText(comparison, sink)}${wrapped(written, sink)}`,
    exit: found.failed.length > 0 ? 1 : 0,
  };
}

const FILES = ["table.md", "table.csv", "table.jsonl", "report.html"] as const;

async function resultsOf(comparison: Comparison): Promise<Record<(typeof FILES)[number], string>> {
  return {
    "table.md": comparisonMarkdown(comparison),
    "table.csv": comparisonCsv(comparison),
    "table.jsonl": comparisonJsonLines(comparison),
    "report.html": await comparisonPage(comparison),
  };
}

/** Popularity takes part in every comparison: what ends below it has learned nothing about anyone. Equal variants are one. */
function withAnchor(variants: readonly Variant[]): Variant[] {
  const anchored = variants.some(({ model }) => model === popularity)
    ? variants
    : [variantOf("popularity"), ...variants];
  return [...new Map(anchored.map((variant) => [variant.label, variant])).values()];
}

function changesOf({ label }: Variant, searches: readonly Searched[]): Searched["chosen"] {
  return searches.find((one) => one.label === label)?.chosen ?? {};
}

/**
 * Refuses variants that differ in name only: their difference would be tested, and correct the others.
 *
 * @throws {Misuse} naming two.
 */
async function checkDistinct(
  variants: readonly Variant[],
  plans: readonly Plan[],
  options: CompareOptions,
  bench: Bench,
): Promise<void> {
  const trials = await trialsOf(variants.map((variant) => ({ variant, changes: {} })), 1, options, bench);
  const seen = new Map<string, string>();
  for (const { entry: { variant }, named } of trials) {
    const plan = plans.find((plan) => plan.variant === variant);
    const ids = String(plan ? plan.combinations.map(({ named }) => named.trial.id) : [named.trial.id]);
    const other = seen.get(ids);
    if (other !== undefined) {
      throw new Misuse(
        `Cannot compare "${other}" with "${variant.label}": all their settings are the same; leave one out`,
      );
    }
    seen.set(ids, variant.label);
  }
}

/**
 * Says which variants a file of settings to try says nothing of.
 *
 * @throws {Misuse} if these are all.
 */
function tellUnsearched(file: string, variants: readonly Variant[], plans: readonly Plan[], io: Io): void {
  const left = variants.filter((variant) =>
    variant.model !== popularity && !plans.some((plan) => plan.variant === variant)
  );
  const labels = left.map(({ label }) => label).join(", ");
  if (plans.length === 0) {
    throw new Misuse(`Cannot search with "${file}": it says nothing to try of ${labels}; add a table, or leave it out`);
  }
  if (left.length > 0) note(io, `"${file}" says nothing to try of ${labels}: trained as is`);
}

async function comparisonOf(
  protocol: Comparison["protocol"],
  command: readonly string[],
  { ground: { data, fingerprint } }: Bench,
  { tried, failed }: TriedAll,
  searches: readonly Searched[],
  io: Io,
): Promise<Comparison> {
  const { name, users, items, interactions, coldItems } = statistics(data);
  const published = publishedOf({ users, items, interactions });
  const rows = await rowsOf(tried, published);
  const shown = new Set(rows.flatMap((row) => row.published));
  const devices = tried.flatMap(({ outcomes }) => outcomes.flatMap(({ record }) => record?.device.about ?? []));
  return {
    data: { name, fingerprint, users, items, interactions, coldItems },
    protocol,
    command: `${PROGRAM} ${typed(...command)}`,
    made: new Date(io.now()).toISOString(),
    versions: { giverny: giverny.version, deno: Deno.version.deno, v8: Deno.version.v8 },
    device: [...new Set(devices)].join("; "),
    rows: rows.sort((a, b) => b.test["recall@20"].mean - a.test["recall@20"].mean),
    failed,
    others: published.filter((one) => !shown.has(one)),
    searches,
  };
}
