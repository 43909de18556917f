/**
 * A sweep as tables: text for a terminal, Markdown, CSV and JSON lines.
 *
 * @module
 */
import { stringify } from "deno-std/csv/stringify.js";
import type { Row } from "../experiments/comparison.ts";
import type { Spread } from "../experiments/spread.ts";
import type { Sweep } from "../experiments/sweep.ts";
import { risingRemarks, seedRemarks } from "./comparison_tables.ts";
import { dataTitle, originText, share, spreadText } from "./numbers.ts";
import { aligned, wrapped } from "./text_layout.ts";
import { PLAIN, type TextStyle } from "./text_style.ts";
import { markdownTable, partedTable } from "./text_table.ts";

/** A column of a sweep's tables. */
interface SweepColumn {
  /** The name in files. */
  readonly key: string;
  readonly title: string;
  readonly valueOf: (row: Row) => Spread | null;
}

const onTest = (title: string, metric: string): SweepColumn => ({
  key: `test_${metric}`,
  title: `${title}, test`,
  valueOf: ({ test }) => test[metric] ?? null,
});

/** The columns; the first is the one to choose a value by. */
export const SWEEP_COLUMNS: readonly SweepColumn[] = [
  { key: "validation_recall@20", title: "R@20, validation", valueOf: ({ validation }) => validation },
  onTest("R@20", "recall@20"),
  onTest("P@20", "precision@20"),
  onTest("NDCG@20", "ndcg@20"),
  onTest("NDCG@20 retrieved", "ndcgRetrieved@20"),
];

/**
 * Returns a sweep as tables of text, one per setting, divided into parts that fit the width.
 *
 * @example
 * ```ts
 * import { exampleSweep, sweepText } from "@giverny/giverny/reports";
 * import { match } from "node:assert/strict";
 * match(sweepText(exampleSweep()), /^alpha +R@20, validation/);
 * ```
 */
export function sweepText(sweep: Sweep, style: TextStyle = PLAIN): string {
  const tables = sweep.settings.map(({ setting, points }) => {
    const columns = SWEEP_COLUMNS.map(({ title, valueOf }) => ({
      title,
      cells: aligned(points.map(({ row }) => spreadText(valueOf(row), share))),
    }));
    return partedTable(setting, points.map(({ value }) => String(value)), columns, style);
  });
  return `${tables.join("\n")}${sweepRemarks(sweep).map((text) => wrapped(text, style)).join("")}`;
}

/** Returns notes on the numbers, in sentences: seeds and failures. */
export function sweepRemarks({ settings, failed }: Sweep): string[] {
  return [
    ...seedRemarks(settings.flatMap(({ points }) => points.map(({ row }) => row.seeds.length))),
    ...risingRemarks(
      settings.flatMap(({ setting, points }) => points.map(({ value, row }) => [`${setting}=${value}`, row] as const)),
    ),
    ...failed.map(({ label, failure }) => `${label} failed: ${failure}.`),
  ];
}

/**
 * Returns a sweep as Markdown: a heading, a table per setting, and notes.
 *
 * @example
 * ```ts
 * import { exampleSweep, sweepMarkdown } from "@giverny/giverny/reports";
 * import { match } from "node:assert/strict";
 * match(sweepMarkdown(exampleSweep()), /^# monet on garden/);
 * ```
 */
export function sweepMarkdown(sweep: Sweep): string {
  const { label, data, protocol, settings } = sweep;
  return [
    `# ${label} on ${dataTitle(data)}`,
    "",
    `Protocol ${protocol}. ${originText(sweep)}`.trimEnd(),
    ...settings.flatMap(({ setting, points }) => [
      "",
      markdownTable(
        [setting, ...SWEEP_COLUMNS.map(({ title }) => title)],
        points.map(({ value, row }) => [
          String(value),
          ...SWEEP_COLUMNS.map(({ valueOf }) => spreadText(valueOf(row), share)),
        ]),
      ),
    ]),
    "",
    ...sweepRemarks(sweep).map((text) => `- ${text}`),
    "",
  ].join("\n");
}

/** A value of a setting and its results: the record of a file or a program. */
export type SweepRecord = Readonly<Record<string, string | number | boolean | null>>;

/**
 * Returns the results of all settings as flat records, in full precision.
 *
 * @example
 * ```ts
 * import { exampleSweep, sweepRecords } from "@giverny/giverny/reports";
 * import { equal } from "node:assert/strict";
 * equal(sweepRecords(exampleSweep())[0].setting, "alpha");
 * ```
 */
export function sweepRecords({ label, settings }: Sweep): SweepRecord[] {
  return settings.flatMap(({ setting, points }) =>
    points.map(({ value, row }) => ({
      model: label,
      setting,
      value,
      seeds: row.seeds.length,
      ...Object.fromEntries(SWEEP_COLUMNS.flatMap(({ key, valueOf }) => {
        const found = valueOf(row);
        return [[key, found?.mean ?? null], [`${key} sd`, found?.sd ?? null]];
      })),
    }))
  );
}

/**
 * Returns a sweep as CSV, in full precision.
 *
 * @example
 * ```ts
 * import { exampleSweep, sweepCsv } from "@giverny/giverny/reports";
 * import { match } from "node:assert/strict";
 * match(sweepCsv(exampleSweep()), /^model,setting,value,seeds,/);
 * ```
 */
export function sweepCsv(sweep: Sweep): string {
  const records = sweepRecords(sweep);
  return records.length > 0 ? stringify(records, { columns: Object.keys(records[0]) }) : "";
}
