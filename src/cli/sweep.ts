/**
 * `sweep`: a model at every value of a setting, the others as they are.
 *
 * @module
 */
import { stringify } from "deno-std/csv/stringify.js";
import { writeFile } from "../data/formats/files.ts";
import { combinations } from "../train/search.ts";
import { benchOf, type CompareOptions } from "./compare.ts";
import { type Row, rowsOf } from "./trials/comparison.ts";
import { cell, share } from "./reports/figures.ts";
import type { Io, Report, Sink } from "./shell/io.ts";
import type { Over } from "./shell/over.ts";
import { type Course, type Point, type Sweep, sweepReport } from "./reports/sweep_report.ts";
import { table } from "./shell/table.ts";
import { type Entry, trialsOf, tryAll } from "./trials/tried.ts";
import { PROGRAM, typed } from "./shell/typed.ts";
import { checkCommon, variantOf } from "./trials/variant.ts";

/** What `sweep` takes. */
export interface SweepOptions extends Omit<CompareOptions, "models" | "search" | "avgdiff"> {
  /** The model, with settings of its own after colons. */
  readonly model: string;
  /** The settings to go over, one after the other. */
  readonly over: readonly Over[];
}

/** Trains a model at every value of each setting, on validation alone, and judges all on test at the end. */
export async function sweep(options: SweepOptions, io: Io): Promise<Report> {
  const variant = variantOf(options.model);
  checkCommon(options, [variant]);
  const { bench, out } = await benchOf("sweep", options, io);
  const entries = options.over.flatMap(({ name, values }) =>
    combinations({ [name]: values }).map((changes): Entry & { readonly setting: string } => ({
      variant,
      changes,
      setting: name,
    }))
  );
  const command = wordsOf(options);
  const [first] = await trialsOf([{ variant, changes: {} }, ...entries], 1, options, bench);
  const found = await tryAll(entries, options.seeds, options, bench, { signal: io.interruption(), io });
  if (!found) {
    return {
      data: { status: "interrupted", command },
      text: () => `Interrupted. What was trained is kept; go on with\n  ${PROGRAM} ${typed(...command)}\n`,
    };
  }
  const rows = await rowsOf(found.tried, []);
  const usual = first.named.trial.config;
  const courses = options.over.map(({ name }): Course => ({
    setting: name,
    usual: usual[name],
    points: found.tried.flatMap(({ changes, outcomes }, n) =>
      name in changes ? [{ value: outcomes[0].trial.config[name], row: rows[n] }] : []
    ),
  }));
  const result: Sweep = {
    label: variant.label,
    data: bench.ground.data.name,
    protocol: options.protocol,
    command,
    made: new Date(io.now()).toISOString(),
    courses,
    failed: found.failed,
  };
  const files = {
    "sweep.md": sweepMarkdown(result),
    "sweep.csv": sweepCsv(result),
    "sweep.jsonl": flat(result).map((line) => `${JSON.stringify(line)}\n`).join(""),
    "sweep.html": await sweepReport(result),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(`${out}/${name}`, new TextEncoder().encode(text));
  const written = Object.keys(files).map((name) => `${out}/${name}`).join(", ");
  return {
    data: { out, command, points: flat(result), failed: found.failed },
    text: (sink) => `${sweepTables(result, sink)}Written: ${written}\n`,
  };
}

const METRICS = {
  "R@20, validation": ({ validation }: Row) => validation,
  "R@20": ({ test }: Row) => test["recall@20"],
  "P@20": ({ test }: Row) => test["precision@20"],
  "NDCG@20": ({ test }: Row) => test["ndcg@20"],
  "NDCG@20 retrieved": ({ test }: Row) => test["ndcgRetrieved@20"],
};

function cells({ value, row }: Point): string[] {
  return [String(value), ...Object.values(METRICS).map((of) => cell(of(row), share))];
}

function sweepTables({ courses, failed }: Sweep, sink: Sink): string {
  const tables = courses.map(({ setting, points }) =>
    table([setting, ...Object.keys(METRICS)].map((title) => ({ title })), points.map(cells), sink)
  );
  return `${tables.join("\n")}${failed.map(({ label, failure }) => `${label} failed: ${failure}\n`).join("")}`;
}

function sweepMarkdown({ label, data, protocol, made, command, courses, failed }: Sweep): string {
  const row = (parts: readonly string[]) => `| ${parts.join(" | ")} |`;
  return [
    `# ${label} on ${data}`,
    "",
    `Protocol ${protocol}. Made ${made} by \`${PROGRAM} ${typed(...command)}\`.`,
    ...courses.flatMap(({ setting, points }) => [
      "",
      row([setting, ...Object.keys(METRICS)]),
      row(["---:", ...Object.keys(METRICS).map(() => "---:")]),
      ...points.map((point) => row(cells(point))),
    ]),
    "",
    ...failed.map(({ label, failure }) => `- ${label} failed: ${failure}`),
    "",
  ].join("\n");
}

/** Returns the points of all courses as flat records. */
function flat({ label, courses }: Sweep): Record<string, string | number | boolean | null>[] {
  return courses.flatMap(({ setting, points }) =>
    points.map(({ value, row }) => ({
      model: label,
      setting,
      value,
      seeds: row.seeds.length,
      ...Object.fromEntries(
        Object.entries(METRICS).flatMap(([name, of]) => {
          const found = of(row);
          return [[name, found?.mean ?? null], [`${name} sd`, found?.sd ?? null]];
        }),
      ),
    }))
  );
}

function sweepCsv(sweep: Sweep): string {
  const lines = flat(sweep);
  return lines.length > 0 ? stringify(lines, { columns: Object.keys(lines[0]) }) : "";
}

/** Returns a sweep's command as it is typed. */
function wordsOf({ model, over, set, ...options }: SweepOptions): string[] {
  const flags = (["seeds", "protocol", "epochs", "device", "threads", "out"] as const)
    .flatMap((flag) => options[flag] === undefined ? [] : [`--${flag}`, String(options[flag])]);
  const along = over.flatMap(({ name, values }) => [
    "--over",
    `${name}=${"from" in values ? `${values.from}:${values.to}:${values.step}` : values.join(",")}`,
  ]);
  const settings = set.flatMap(([name, value]) => ["--set", `${name}=${value}`]);
  return ["sweep", "--data", options.data, "--model", model, ...along, ...flags, ...settings];
}
