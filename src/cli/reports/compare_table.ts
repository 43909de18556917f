/**
 * A comparison as tables: for a terminal, as Markdown, CSV and JSON lines.
 *
 * @module
 */
import { stringify } from "deno-std/csv/stringify.js";
import type { Comparison, Spread } from "../../experiments/comparison.ts";
import { aligned, fitting, wrapped } from "./columns.ts";
import { cell, type Figure, figuresOf, isBest, valueIn } from "./figures.ts";
import { linesOf, sourcesOf } from "./lines.ts";
import { paint, type Sink } from "../shell/io.ts";
import { table, width } from "../shell/table.ts";
import { PROGRAM, typed } from "../shell/typed.ts";

/** Columns of a terminal where nobody says how many there are. */
const USUAL = 160;

/** Returns the table for a terminal, in parts as wide as it is: the best in bold, what others published marked. */
export function compareTable(comparison: Comparison, sink: Sink): string {
  const lines = linesOf(comparison);
  const names = lines.map((line) => line.kind === "theirs" && line.below ? `  ${line.name}` : line.name);
  const columns = figuresOf(comparison).map((figure) => {
    const cells = lines.map((line) => cell(valueIn(line, figure), figure.show));
    const painted = aligned(cells).map((text, n) =>
      isBest(lines[n], figure, comparison) ? paint(text, "bold", sink) : text
    );
    return { title: figure.title, painted, filled: cells.map((text) => text !== "–") };
  });
  const parts = fitting(
    columns.map(({ title, painted }) => 2 + Math.max(width(title), ...painted.map(width))),
    (Number.isFinite(sink.columns) ? sink.columns : USUAL) - Math.max(5, ...names.map(width)),
  );
  return parts.map(([from, to]) => {
    const part = columns.slice(from, to);
    const rows = names.map((name, n) => [name, ...part.map(({ painted }) => painted[n])]);
    const filled = rows.filter((_, n) => lines[n].kind === "ours" || part.some(({ filled }) => filled[n]));
    // Texts are set to the right as numbers are.
    return table([{ title: "model" }, ...part.map(({ title }) => ({ title, digits: 0 }))], filled, sink);
  }).join("\n") + remarks(comparison).map((text) => wrapped(text, sink)).join("");
}

/** Returns what must be said of the numbers, sentence by sentence. */
export function remarks(comparison: Comparison): string[] {
  const { rows, failed, data, searches } = comparison;
  const seeds = [...new Set(rows.map((row) => row.seeds.length).filter((n) => n > 1))].sort((a, b) => a - b);
  return [
    ...seeds.length > 0 ? [`± is the standard deviation over ${seeds.join(" or ")} seeds.`] : [],
    ...rows.length > 1
      ? [
        `Differences from the best are tested user by user (${
          rows[0].label
        } has the best R@20), corrected by Holm's method.`,
      ]
      : [],
    ...searches.map(({ label, tried, chosen }) =>
      `${label}: of ${tried.length} combinations, ${settingsText(chosen)} is the best on validation.`
    ),
    ...data.coldItems === 0 ? ["Every item has training interactions: there are no cold ones."] : [],
    ...sourcesOf(comparison).map((source, n) => `[${n + 1}] ${source}.`),
    ...failed.map(({ label, failure }) => `${label} failed: ${failure}.`),
  ];
}

/** Returns the table as Markdown. */
export function compareMarkdown(comparison: Comparison): string {
  const { data, protocol, command, made } = comparison;
  const lines = linesOf(comparison);
  const used = figuresOf(comparison);
  const row = (cells: readonly string[]) => `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
  const body = lines.map((line) =>
    row([
      line.kind === "ours" ? line.name : `_${line.name}_`,
      ...used.map((figure) => {
        const text = cell(valueIn(line, figure), figure.show);
        if (line.kind === "theirs" && text !== "–") return `_${text}_`;
        return isBest(line, figure, comparison) ? `**${text}**` : text;
      }),
    ])
  );
  const sizes = [data.users, data.items, data.interactions.all ?? 0].map((n) => n.toLocaleString("en-US"));
  return [
    `# Comparison on ${data.name}`,
    "",
    `${sizes[0]} users, ${sizes[1]} items, ${sizes[2]} interactions. Protocol ${protocol}. Made ${made} by`,
    `\`${PROGRAM} ${typed(...command)}\`.`,
    "",
    row(["model", ...used.map(({ title }) => title)]),
    row(["---", ...used.map(() => "---:")]),
    ...body,
    "",
    ...remarks(comparison).map((text) => `- ${text}`),
    "",
  ].join("\n");
}

/** Returns settings as text: `alpha=1, beta=0.3`. */
export function settingsText(config: Readonly<Record<string, unknown>>): string {
  const text = Object.entries(config).map(([name, value]) => `${name}=${value}`).join(", ");
  return text || "the defaults";
}

/**
 * Returns the table as CSV, in full precision: a column for each mean and one for each standard deviation; at the end a line
 * for each trial that failed.
 */
export function compareCsv(comparison: Comparison): string {
  const used = figuresOf(comparison);
  const parts = (figure: Figure): string[] =>
    comparison.rows.some((row) => isSpread(figure.of(row))) ? [figure.key, `${figure.key} sd`] : [figure.key];
  const rows = linesOf(comparison).map((line): Readonly<Record<string, string | number>> =>
    Object.fromEntries([
      ["model", line.kind === "ours" ? line.name : `${line.published.method}, theirs`],
      ["whose", line.kind],
      ["failure", ""],
      ["settings", line.kind === "ours" ? settingsText(line.row.settings) : ""],
      ["source", line.kind === "ours" ? "" : line.published.source],
      ["protocol", line.kind === "ours" ? comparison.protocol : line.published.protocol],
      ["validation_recall@20", line.kind === "ours" ? line.row.validation?.mean ?? "" : ""],
      ...used.flatMap((figure): [string, string | number][] => {
        const value = valueIn(line, figure);
        if (!isSpread(value)) return [[figure.key, value ?? ""]];
        return [[figure.key, value.mean], [`${figure.key} sd`, value.sd ?? ""]];
      }),
    ])
  );
  const first = ["model", "whose", "failure", "settings", "source", "protocol", "validation_recall@20"];
  const columns = [...first, ...used.flatMap(parts)];
  const empty = Object.fromEntries(columns.map((name) => [name, ""]));
  const failed = comparison.failed.map(({ label, failure }) => ({ ...empty, model: label, whose: "ours", failure }));
  return stringify([...rows, ...failed], { columns });
}

/** Returns the rows as JSON, a line each: ours with every seed's numbers, then theirs. */
export function compareLines({ rows, others, failed }: Comparison): string {
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
