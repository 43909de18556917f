/**
 * A comparison as tables: text for a terminal, Markdown, CSV and JSON lines.
 *
 * @module
 */
import { stringify } from "deno-std/csv/stringify.js";
import type { Comparison, Row } from "../experiments/comparison.ts";
import type { Spread } from "../experiments/spread.ts";
import { columnsOf, isBest, isTie, isTieIn, type ResultColumn, TIE, valueIn } from "./columns.ts";
import { count, dataTitle, originText, settingsText, spreadText } from "./numbers.ts";
import { rowsOf, sourcesOf, type TableRow } from "./rows.ts";
import { aligned, wrapped } from "./text_layout.ts";
import { paint, PLAIN, type TextStyle } from "./text_style.ts";
import { markdownTable, type NumberColumn, partedTable } from "./text_table.ts";

/** The width of the table where there is no limit. */
const USUAL_WIDTH = 160;

/**
 * Returns a comparison as a table of text, divided into parts that fit the width. The best values are bold where there
 * is colour, and values that cannot be distinguished from the best are marked with ≈.
 *
 * @example
 * ```ts
 * import { comparisonText, exampleComparison } from "@giverny/giverny/reports";
 * import { match } from "node:assert/strict";
 * match(comparisonText(exampleComparison()), /^model +R@10 +R@20/);
 * ```
 */
export function comparisonText(comparison: Comparison, style: TextStyle = PLAIN): string {
  const rows = rowsOf(comparison);
  const names = rows.map((row) => row.kind === "theirs" && row.below ? `  ${row.name}` : row.name);
  const columns = columnsOf(comparison).map((column) => textColumn(column, rows, comparison, style));
  const room = { ...style, columns: Number.isFinite(style.columns) ? style.columns : USUAL_WIDTH };
  return partedTable("model", names, columns, room, (row) => rows[row].kind === "ours") +
    remarks(comparison).map((text) => wrapped(text, style)).join("");
}

/** Returns a column with its cells padded, the best value bold and ties marked. */
function textColumn(
  column: ResultColumn,
  rows: readonly TableRow[],
  comparison: Comparison,
  style: TextStyle,
): NumberColumn {
  const ties = rows.map((row) => isTieIn(row, column));
  const mark = (n: number) => ties.some(Boolean) ? ties[n] ? ` ${TIE}` : "  " : "";
  const cells = aligned(rows.map((row) => spreadText(valueIn(row, column), column.format))).map((text, n) =>
    (isBest(rows[n], column, comparison) ? paint(text, "bold", style) : text) + mark(n)
  );
  return { title: column.title, cells };
}

/** Returns notes on the numbers, in sentences: seeds, ties, tests, searches, sources and failures. */
export function remarks(comparison: Comparison): string[] {
  const { rows, failed, data, searches } = comparison;
  const ties = rows.some((row) => isTie(row, "recall@20") || isTie(row, "ndcg@20"));
  return [
    ...seedRemarks(rows.map(({ seeds }) => seeds.length)),
    ...rows.length > 1
      ? [
        `Differences from the best are tested user by user (${
          rows[0].label
        } has the best R@20), corrected by Holm's method.`,
      ]
      : [],
    ...ties ? [`${TIE} marks a tie: R@20 or NDCG@20 is not significantly below the best (p of the t-test ≥ .05).`] : [],
    ...searches.map(({ label, tried, chosen }) =>
      `${label}: of ${tried.length} combinations, ${settingsText(chosen)} is the best on validation.`
    ),
    ...risingRemarks(rows.map((row) => [row.label, row])),
    ...data.coldItems === 0 ? ["Every item has training interactions: there are no cold ones."] : [],
    ...sourcesOf(comparison).map((source, n) => `[${n + 1}] ${source}.`),
    ...failed.map(({ label, failure }) => `${label} failed: ${failure}.`),
  ];
}

/** Returns a note on the trainings that the limit of epochs ended before their accuracy stopped rising, if any. */
export function risingRemarks(rows: readonly (readonly [label: string, row: Pick<Row, "epochs">])[]): string[] {
  const rising = rows.flatMap(([label, { epochs }]) => {
    const ended = epochs.flatMap((all) => all.at(-1)?.best ? [all.length] : []);
    if (ended.length === 0) return [];
    const share = epochs.length > 1 ? ` in ${ended.length} of ${epochs.length} seeds` : "";
    return [`${label} (${Math.max(...ended)}${share})`];
  });
  return rising.length > 0 ? [`Still rising at the limit of epochs: ${rising.join(", ")}.`] : [];
}

/** Returns a note on the number of seeds, given the number of each model; none without models. */
export function seedRemarks(counts: readonly number[]): string[] {
  const several = [...new Set(counts.filter((n) => n > 1))].sort((a, b) => a - b);
  if (several.length > 0) return [`± is the standard deviation over ${several.join(" or ")} seeds.`];
  return counts.length > 0 ? ["One seed: how much results vary between seeds is not known."] : [];
}

/**
 * Returns a comparison as Markdown: a heading, a table and notes.
 *
 * @example
 * ```ts
 * import { comparisonMarkdown, exampleComparison } from "@giverny/giverny/reports";
 * import { match } from "node:assert/strict";
 * match(comparisonMarkdown(exampleComparison()), /^# Comparison on garden/);
 * ```
 */
export function comparisonMarkdown(comparison: Comparison): string {
  const { data, protocol } = comparison;
  const columns = columnsOf(comparison);
  const body = rowsOf(comparison).map((row) => [
    row.kind === "ours" ? row.name : `_${row.name}_`,
    ...columns.map((column) => {
      const text = spreadText(valueIn(row, column), column.format);
      if (row.kind === "theirs" && text !== "–") return `_${text}_`;
      return (isBest(row, column, comparison) ? `**${text}**` : text) + (isTieIn(row, column) ? ` ${TIE}` : "");
    }),
  ]);
  const [users, items, interactions] = [data.users, data.items, data.interactions.all ?? 0].map(count);
  return [
    `# Comparison on ${dataTitle(data.name)}`,
    "",
    `${users} users, ${items} items, ${interactions} interactions. Protocol ${protocol}. ${originText(comparison)}`
      .trimEnd(),
    "",
    markdownTable(["model", ...columns.map(({ title }) => title)], body),
    "",
    ...remarks(comparison).map((text) => `- ${text}`),
    "",
  ].join("\n");
}

/**
 * Returns a comparison as CSV, in full precision: a column for each mean and one for each standard deviation. Trials
 * that failed have a row each at the end.
 *
 * @example
 * ```ts
 * import { comparisonCsv, exampleComparison } from "@giverny/giverny/reports";
 * import { match } from "node:assert/strict";
 * match(comparisonCsv(exampleComparison()), /^model,whose,failure,settings,/);
 * ```
 */
export function comparisonCsv(comparison: Comparison): string {
  const columns = columnsOf(comparison);
  const records = rowsOf(comparison).map((row): Readonly<Record<string, string | number>> =>
    Object.fromEntries([
      ["model", row.kind === "ours" ? row.name : `${row.published.method}, theirs`],
      ["whose", row.kind],
      ["failure", ""],
      ["settings", row.kind === "ours" ? settingsText(row.row.settings) : ""],
      ["source", row.kind === "ours" ? "" : row.published.source],
      ["protocol", row.kind === "ours" ? comparison.protocol : row.published.protocol],
      ["validation_recall@20", row.kind === "ours" ? row.row.validation?.mean ?? "" : ""],
      ...columns.flatMap((column): [string, string | number][] => {
        const value = valueIn(row, column);
        if (!isSpread(value)) return [[column.key, value ?? ""]];
        return [[column.key, value.mean], [`${column.key} sd`, value.sd ?? ""]];
      }),
    ])
  );
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const failed = comparison.failed.map(({ label, failure }) => ({ model: label, whose: "ours", failure }));
  const filled = [...records, ...failed].map((record) =>
    Object.fromEntries(names.map((name) => [name, Reflect.get(record, name) ?? ""]))
  );
  return stringify(filled, { columns: names });
}

/**
 * Returns a comparison as JSON, one row a line: our results with the numbers of every seed, then failures, then
 * published results.
 *
 * @example
 * ```ts
 * import { comparisonJsonLines, exampleComparison } from "@giverny/giverny/reports";
 * import { equal } from "node:assert/strict";
 * const [first] = comparisonJsonLines(exampleComparison()).split("\n");
 * equal(JSON.parse(first).label, "monet");
 * ```
 */
export function comparisonJsonLines({ rows, others, failed }: Comparison): string {
  const published = [...rows.flatMap((row) => row.published), ...others];
  return [
    ...rows.map(({ epochs: _epochs, published: _published, ...row }) => ({ whose: "ours", ...row })),
    ...failed.map((row) => ({ whose: "ours", ...row })),
    ...published.map((row) => ({ whose: "theirs", ...row })),
  ].map((row) => `${JSON.stringify(row)}\n`).join("");
}

function isSpread(value: Spread | number | null): value is Spread {
  return typeof value === "object" && value !== null;
}
