/**
 * Tables of text: words to the left, numbers to the right, columns as wide as their widest cell.
 *
 * @module
 */
import { fitting, width } from "./text_layout.ts";
import { paint, printable, type TextStyle } from "./text_style.ts";

/** A column of a table. */
export interface Column {
  /** The title. */
  readonly title: string;
  /**
   * Digits after the point. With them, the column holds numbers and is set to the right; without, words to the left.
   */
  readonly digits?: number | undefined;
  /** Whether the numbers are shares, written as percentages; `false` by default. */
  readonly percent?: boolean | undefined;
}

/** The content of a cell; `null` for none, written as a dash. */
export type Cell = string | number | null;

/**
 * Returns a table as lines, the titles first. Missing cells at the end of a row are written as dashes.
 *
 * @example
 * ```ts
 * import { table } from "@giverny/giverny/reports";
 * import { equal } from "node:assert/strict";
 * const columns = [{ title: "model" }, { title: "R@20", digits: 4 }];
 * const text = table(columns, [["monet", 0.0743], ["popularity", null]]);
 * equal(text, "model         R@20\nmonet       0.0743\npopularity       –\n");
 * ```
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  style: Pick<TextStyle, "colour"> = { colour: false },
): string {
  const cells = rows.map((row) => columns.map((column, c) => cellText(row[c] ?? null, column)));
  const widths = columns.map(({ title }, c) =>
    cells.reduce((most, row) => Math.max(most, width(row[c])), width(title))
  );
  const line = (row: readonly string[]) =>
    row.map((cell, c) => {
      const space = " ".repeat(widths[c] - width(cell));
      return columns[c].digits === undefined ? cell + space : space + cell;
    }).join("  ").trimEnd();
  const titles = paint(line(columns.map(({ title }) => title)), "bold", style);
  return [titles, ...cells.map(line)].map((text) => `${text}\n`).join("");
}

/** Returns facts as lines of a name and a value, with the values aligned. */
export function facts(of: Readonly<Record<string, Cell>>, style: Pick<TextStyle, "colour">): string {
  const widest = Math.max(...Object.keys(of).map(width));
  return Object.entries(of)
    .map(([name, value]) => `${paint(name.padEnd(widest), "dim", style)}  ${cellText(value, {})}\n`)
    .join("");
}

function cellText(cell: Cell, { digits, percent = false }: Partial<Column>): string {
  if (cell === null) return "–";
  if (typeof cell === "string") return printable(cell);
  return cell.toLocaleString("en-US", {
    style: percent ? "percent" : "decimal",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** A column of numbers as text. */
export interface NumberColumn {
  /** The title. */
  readonly title: string;
  /** The cells, padded to one width; a dash where there is no value. */
  readonly cells: readonly string[];
}

/**
 * Returns a table of named rows as text, divided into parts that fit the width: each part has the names and some of the
 * columns.
 *
 * @param isInAll Whether a row is in all parts, as by default; else parts where all its cells are dashes leave it out.
 */
export function partedTable(
  title: string,
  names: readonly string[],
  columns: readonly NumberColumn[],
  style: TextStyle,
  isInAll: (row: number) => boolean = () => true,
): string {
  const parts = fitting(
    columns.map(({ title, cells }) => 2 + Math.max(width(title), ...cells.map(width))),
    style.columns - Math.max(width(title), ...names.map(width)),
  );
  return parts.map(([from, to]) => {
    const part = columns.slice(from, to);
    const rows = names.map((name, n) => [name, ...part.map(({ cells }) => cells[n])]);
    // Columns with digits are set to the right.
    const titles = [{ title }, ...part.map(({ title }) => ({ title, digits: 0 }))];
    return table(
      titles,
      rows.filter(([, ...cells], n) => isInAll(n) || cells.some((cell) => cell.trim() !== "–")),
      style,
    );
  }).join("\n");
}

/** Returns a table in Markdown, with the numbers to the right of the first column. */
export function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) => `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
  return [titles, titles.map((_, n) => n === 0 ? "---" : "---:"), ...rows].map(row).join("\n");
}
