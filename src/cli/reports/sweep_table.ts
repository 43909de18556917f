/**
 * What a sweep found, as tables: for a terminal, as Markdown, CSV and JSON lines.
 *
 * @module
 */
import { stringify } from "deno-std/csv/stringify.js";
import type { SettingValue } from "../../core/settings.ts";
import type { Sink } from "../shell/io.ts";
import { table } from "../shell/table.ts";
import { PROGRAM, typed } from "../shell/typed.ts";
import type { Row, Spread } from "../../experiments/comparison.ts";
import type { Failed } from "../../experiments/tried.ts";
import { aligned, fitting, wrapped } from "./columns.ts";
import { cell, share } from "./figures.ts";

/** What was found at one value of a setting. */
export interface Point {
  readonly value: SettingValue;
  readonly row: Row;
}

/** What was found along a setting. */
export interface Course {
  readonly setting: string;
  /** The value that the model has otherwise. */
  readonly usual: SettingValue;
  readonly points: readonly Point[];
}

/** All that a sweep found. */
export interface Sweep {
  readonly label: string;
  readonly data: string;
  readonly protocol: string;
  readonly command: readonly string[];
  readonly made: string;
  readonly courses: readonly Course[];
  readonly failed: readonly Failed[];
}

/** A column: what it is called in files and by readers. */
interface Metric {
  readonly key: string;
  readonly title: string;
  readonly of: (row: Row) => Spread | null;
}

const onTest = (title: string, key: string): Metric => ({
  key: `test_${key}`,
  title: `${title}, test`,
  of: ({ test }) => test[key] ?? null,
});

/** The columns, what a value may be chosen by first. */
export const METRICS: readonly Metric[] = [
  { key: "validation_recall@20", title: "R@20, validation", of: ({ validation }) => validation },
  onTest("R@20", "recall@20"),
  onTest("P@20", "precision@20"),
  onTest("NDCG@20", "ndcg@20"),
  onTest("NDCG@20 retrieved", "ndcgRetrieved@20"),
];

/** Returns the tables for a terminal, one a setting. */
export function sweepTables(sweep: Sweep, sink: Sink): string {
  const tables = sweep.courses.map(({ setting, points }) => {
    const values = points.map(({ value }) => String(value));
    const columns = METRICS.map(({ title, of }) => ({
      title,
      cells: aligned(points.map(({ row }) => cell(of(row), share))),
    }));
    const widths = columns.map(({ title, cells }) => 2 + Math.max(title.length, ...cells.map(({ length }) => length)));
    const first = Math.max(setting.length, ...values.map(({ length }) => length));
    return fitting(widths, sink.columns - first).map(([from, to]) => {
      const part = columns.slice(from, to);
      return table(
        [{ title: setting }, ...part.map(({ title }) => ({ title, digits: 0 }))],
        values.map((value, n) => [value, ...part.map(({ cells }) => cells[n])]),
        sink,
      );
    }).join("\n");
  });
  return `${tables.join("\n")}${remarks(sweep).map((text) => wrapped(text, sink)).join("")}`;
}

/** Returns what must be said of the numbers, sentence by sentence. */
export function remarks({ courses, failed }: Sweep): string[] {
  const counts = courses.flatMap(({ points }) => points.map(({ row }) => row.seeds.length)).filter((n) => n > 1);
  const seeds = [...new Set(counts)].sort((a, b) => a - b);
  return [
    ...seeds.length > 0 ? [`± is the standard deviation over ${seeds.join(" or ")} seeds.`] : [],
    ...failed.map(({ label, failure }) => `${label} failed: ${failure}.`),
  ];
}

/** Returns the tables as Markdown. */
export function sweepMarkdown(sweep: Sweep): string {
  const { label, data, protocol, made, command, courses } = sweep;
  const row = (parts: readonly string[]) => `| ${parts.join(" | ")} |`;
  return [
    `# ${label} on ${data}`,
    "",
    `Protocol ${protocol}. Made ${made} by \`${PROGRAM} ${typed(...command)}\`.`,
    ...courses.flatMap(({ setting, points }) => [
      "",
      row([setting, ...METRICS.map(({ title }) => title)]),
      row(["---:", ...METRICS.map(() => "---:")]),
      ...points.map(({ value, row: found }) =>
        row([String(value), ...METRICS.map(({ of }) => cell(of(found), share))])
      ),
    ]),
    "",
    ...remarks(sweep).map((text) => `- ${text}`),
    "",
  ].join("\n");
}

/** Returns the points of all courses as flat records. */
export function flat({ label, courses }: Sweep): Record<string, string | number | boolean | null>[] {
  return courses.flatMap(({ setting, points }) =>
    points.map(({ value, row }) => ({
      model: label,
      setting,
      value,
      seeds: row.seeds.length,
      ...Object.fromEntries(METRICS.flatMap(({ key, of }) => {
        const found = of(row);
        return [[key, found?.mean ?? null], [`${key} sd`, found?.sd ?? null]];
      })),
    }))
  );
}

/** Returns the points as CSV, in full precision. */
export function sweepCsv(sweep: Sweep): string {
  const lines = flat(sweep);
  return lines.length > 0 ? stringify(lines, { columns: Object.keys(lines[0]) }) : "";
}
