/**
 * `sweep`: a model at every value of a setting, the others as they are.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { combinations } from "../train/search.ts";
import { benchOf, type BenchOptions, claim, unfinished, wordsOf, writeResults } from "../experiments/bench.ts";
import { rowsOf } from "../experiments/comparison.ts";
import type { Io, Report } from "./shell/io.ts";
import { Misuse } from "./shell/failure.ts";
import { type Over, over } from "./shell/over.ts";
import { PROGRAM, typed } from "./shell/typed.ts";
import { type Entry, trialsOf, tryAll } from "../experiments/tried.ts";
import type { SettingSweep, Sweep } from "../experiments/sweep.ts";
import { checkCommon, type Variant, variantOf } from "../experiments/variant.ts";
import { sweepPage } from "../reports/sweep_page.ts";
import { sweepCsv, sweepMarkdown, sweepRecords, sweepText } from "../reports/sweep_tables.ts";
import { wrapped } from "../reports/text_layout.ts";

/** What `sweep` takes. */
export interface SweepOptions extends BenchOptions {
  /** The model, with settings of its own after colons. */
  readonly model: string;
  /** The settings to go over, one after the other. */
  readonly over: readonly Over[];
}

/**
 * Trains a model at every value of each setting, on validation alone, and judges all on test at the end.
 *
 * @throws {Misuse} if the model sets what it is to go over.
 */
export async function sweep(options: SweepOptions, io: Io): Promise<Report> {
  const variant = variantOf(options.model);
  checkCommon(options, [variant]);
  const asked = askedOf(options, variant);
  const own = ["--model", options.model, ...options.over.flatMap((one) => ["--over", over().format(one)])];
  const words = wordsOf("sweep", own, options);
  const { command } = words;
  const { bench, out } = await benchOf(words, options, io);
  const [first, ...trials] = await trialsOf([{ variant, changes: {} }, ...asked], 1, options, bench);
  // Equal values are one.
  const entries = [
    ...new Map(asked.map((entry, n) => [`${entry.setting} ${trials[n].named.trial.id}`, entry])).values(),
  ];
  using _claimed = await claim(bench, out, FILES);
  const found = await tryAll(entries, options.seeds, options, bench, { signal: io.interruption(), io });
  if (!found) return unfinished(command);
  const rows = await rowsOf(found.tried, []);
  const usual = first.named.trial.config;
  const settings = [...new Set(entries.map(({ setting }) => setting))].map((setting): SettingSweep => ({
    setting,
    usual: usual[setting],
    points: found.tried.flatMap(({ changes, outcomes }, n) =>
      setting in changes ? [{ value: outcomes[0].trial.config[setting], row: rows[n] }] : []
    ),
  }));
  const result: Sweep = {
    label: variant.label,
    data: bench.ground.data.name,
    protocol: options.protocol,
    command: `${PROGRAM} ${typed(...command)}`,
    made: new Date(io.now()).toISOString(),
    settings,
    failed: found.failed,
  };
  const written = await writeResults(out, await resultsOf(result), command, io);
  return {
    data: { out, command, points: sweepRecords(result), failed: found.failed },
    text: (sink) => `${sweepText(result, sink)}${wrapped(written, sink)}`,
    exit: found.failed.length > 0 ? 1 : 0,
  };
}

/** Returns what is asked for: an entry per value. */
function askedOf({ model, over }: SweepOptions, variant: Variant): (Entry & { readonly setting: string })[] {
  const fixed = over.find(({ name }) => variant.set.some(([own]) => own === name))?.name;
  if (fixed !== undefined) {
    throw new Misuse(`Cannot go over ${fixed}: "${model}" sets it; leave it out of --model, or out of --over`);
  }
  try {
    return over.flatMap(({ name, values }) =>
      combinations({ [name]: values }).map((changes) => ({ variant, changes, setting: name }))
    );
  } catch (error) {
    throw error instanceof ValueError ? new Misuse(error.message) : error;
  }
}

const FILES = ["sweep.md", "sweep.csv", "sweep.jsonl", "sweep.html"] as const;

async function resultsOf(result: Sweep): Promise<Record<(typeof FILES)[number], string>> {
  return {
    "sweep.md": sweepMarkdown(result),
    "sweep.csv": sweepCsv(result),
    "sweep.jsonl": sweepRecords(result).map((line) => `${JSON.stringify(line)}\n`).join(""),
    "sweep.html": await sweepPage(result),
  };
}
