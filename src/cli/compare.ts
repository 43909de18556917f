/**
 * `compare`: several models under one protocol, from training to tables and a report.
 *
 * @module
 */
import giverny from "../../deno.json" with { type: "json" };
import { statistics } from "../data/statistics.ts";
import { writeFile } from "../data/formats/files.ts";
import { popularity } from "../models/popularity.ts";
import { compareReport } from "./reports/compare_report.ts";
import { compareCsv, compareLines, compareMarkdown, compareTable } from "./reports/compare_table.ts";
import { type Comparison, rowsOf, type Searched } from "./trials/comparison.ts";
import { readGrid } from "./trials/grid.ts";
import type { Io, Report } from "./shell/io.ts";
import { publishedOf } from "./published/accuracy.ts";
import { groundOf } from "./runs/start.ts";
import { planSearch, search } from "./trials/search.ts";
import { type Entry, trialsOf, type TriedAll, tryAll } from "./trials/tried.ts";
import type { Bench } from "./trials/trial.ts";
import { PROGRAM, typed } from "./shell/typed.ts";
import { checkCommon, type Common, type Variant, variantOf } from "./trials/variant.ts";

/** What `compare` takes. */
export interface CompareOptions extends Common {
  /** Models, with settings of their own after colons. */
  readonly models: readonly string[];
  /** How many seeds, from 1. */
  readonly seeds: number;
  readonly protocol: "A" | "B";
  /** A file that says what settings to try. */
  readonly search: string | undefined;
  /** Whether to measure how far embeddings are from features. */
  readonly avgdiff: boolean;
  readonly device: "auto" | "wasm" | "webgpu" | "reference" | undefined;
  readonly threads: number | undefined;
  /** The folder of trials, tables and report; by default one under `runs/` named after the data. */
  readonly out: string | undefined;
}

/**
 * Trains and judges every model alike: searches settings on validation, runs all seeds, and looks at test when everything has
 * ended. What is in the folder already is not done again.
 */
export async function compare(options: CompareOptions, io: Io): Promise<Report> {
  const variants = withAnchor(options.models.map(variantOf));
  checkCommon(options, variants);
  const grid = options.search === undefined ? null : await readGrid(options.search);
  const { bench, out } = await benchOf("compare", options, io);
  const plans = grid ? await planSearch(variants, grid, options, bench) : [];
  // Whatever is wrong with settings shows before the first step.
  await trialsOf(variants.map((variant) => ({ variant, changes: {} })), 1, options, bench);
  const running = { signal: io.interruption(), io };
  const searches = await search(plans, bench, running);
  if (!searches) return unfinished(options);
  const entries = variants.map((variant): Entry => ({ variant, changes: changesOf(variant, searches) }));
  const found = await tryAll(entries, options.seeds, options, bench, { ...running, angles: options.avgdiff });
  if (!found) return unfinished(options);
  const comparison = await comparisonOf(options, bench, found, searches, io);
  const files = {
    "table.md": compareMarkdown(comparison),
    "table.csv": compareCsv(comparison),
    "table.jsonl": compareLines(comparison),
    "report.html": await compareReport(comparison),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(`${out}/${name}`, new TextEncoder().encode(text));
  const { rows, ...rest } = comparison;
  return {
    data: { out, ...rest, rows: rows.map(({ epochs: _, ...row }) => row) },
    text: (sink) =>
      `${compareTable(comparison, sink)}Written: ${Object.keys(files).map((name) => `${out}/${name}`).join(", ")}\n`,
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
 * Reads the data of a comparison or a sweep, and says where its trials are kept.
 *
 * @throws {RangeError} if nothing is held out for test.
 */
export async function benchOf(
  what: string,
  options: Pick<CompareOptions, "data" | "device" | "threads" | "out">,
  io: Io,
): Promise<{ readonly bench: Bench; readonly out: string }> {
  const ground = await groundOf(options.data, io);
  if (statistics(ground.data).interactions.test === 0) {
    throw new RangeError(`Cannot ${what} on "${options.data}": nothing is held out for test; import it with --split`);
  }
  const out = options.out ?? `runs/${ground.data.name.replaceAll(/[^\p{L}\p{N}_]+/gu, "-")}-${what}`;
  const { device = "auto", threads } = options;
  return { bench: { folder: `${out}/trials`, ground, device, threads }, out };
}

async function comparisonOf(
  options: CompareOptions,
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
    protocol: options.protocol,
    command: wordsOf(options),
    made: new Date(io.now()).toISOString(),
    versions: { giverny: giverny.version, deno: Deno.version.deno, v8: Deno.version.v8 },
    device: [...new Set(devices)].join("; "),
    rows: rows.sort((a, b) => b.test["recall@20"].mean - a.test["recall@20"].mean),
    failed,
    others: published.filter((one) => !shown.has(one)),
    searches,
  };
}

/** Returns the report of a comparison that Ctrl-C ended: the same command goes on. */
function unfinished(options: CompareOptions): Report {
  const command = wordsOf(options);
  return {
    data: { status: "interrupted", command },
    text: () => `Interrupted. What was trained is kept; go on with\n  ${PROGRAM} ${typed(...command)}\n`,
  };
}

/** Returns a comparison's command as it is typed. */
function wordsOf({ models, set, ...options }: CompareOptions): string[] {
  const flags = (["seeds", "protocol", "search", "epochs", "device", "threads", "out"] as const)
    .flatMap((flag) => options[flag] === undefined ? [] : [`--${flag}`, String(options[flag])]);
  const settings = set.flatMap(([name, value]) => ["--set", `${name}=${value}`]);
  return [
    "compare",
    "--data",
    options.data,
    "--models",
    models.join(","),
    ...flags,
    ...options.avgdiff ? ["--avgdiff"] : [],
    ...settings,
  ];
}
