/**
 * Tables of text: words to the left, numbers to the right, columns as wide as their widest cell. Where the table does
 * not fit its room, words are broken into lines, and columns of numbers are divided into parts.
 *
 * @module
 */
import { fitting, linesOf, width } from "./text_layout.ts";
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
  titled: readonly Column[],
  rows: readonly (readonly Cell[])[],
  style: TableStyle = { colour: false },
): string {
  const columns = titled.map((column) => ({ ...column, title: printable(column.title) }));
  const cells = rows.map((row) => columns.map((column, c) => cellText(row[c] ?? null, column)));
  const natural = columns.map(({ title }, c) =>
    cells.reduce((most, row) => Math.max(most, width(row[c])), width(title))
  );
  const room = style.columns ?? Infinity;
  const widths = narrowed(natural, columns, room);
  if (totalOf(widths) <= room) return written(columns, cells, widths, style);
  // Every part has the columns of words at the left.
  const words = columns.findIndex(({ digits }) => digits !== undefined);
  const kept = totalOf(widths.slice(0, words)) <= 0.6 * room ? Math.max(1, words) : 1;
  const others = widths.slice(kept).map((own) => own + 2);
  return fitting(others, room - totalOf(widths.slice(0, kept))).map(([from, to]) => {
    const part = <T>(all: readonly T[]): T[] => [...all.slice(0, kept), ...all.slice(from + kept, to + kept)];
    return written(part(columns), cells.map(part), part(widths), style);
  }).join("\n");
}

/** The style of a table: its colour and its width, which is unlimited by default. */
export type TableStyle = Pick<TextStyle, "colour"> & Partial<Pick<TextStyle, "columns">>;

/** The least width to which columns of words are narrowed. */
const NARROW = 14;

function totalOf(widths: readonly number[]): number {
  return widths.reduce((sum, own) => sum + own + 2, -2);
}

/** Returns widths that fit, if columns of words can be narrowed so far: always the widest of them. */
function narrowed(widths: readonly number[], columns: readonly Column[], room: number): number[] {
  const found = [...widths];
  while (totalOf(found) > room) {
    const words = found.map((own, c) => columns[c].digits === undefined ? own : 0);
    const widest = Math.max(...words);
    if (widest <= NARROW) break;
    found[words.indexOf(widest)]--;
  }
  return found;
}

/** Returns a table whose columns have these widths; cells that are wider take several lines. */
function written(
  columns: readonly Column[],
  cells: readonly (readonly string[])[],
  widths: readonly number[],
  style: TableStyle,
): string {
  const linesOfRow = (row: readonly string[]): string[] => {
    const parts = row.map((cell, c) => linesOf(cell, widths[c]));
    return Array.from({ length: Math.max(...parts.map(({ length }) => length)) }, (_, n) =>
      parts.map((lines, c) => {
        const cell = lines[n] ?? "";
        const space = " ".repeat(widths[c] - width(cell));
        return columns[c].digits === undefined ? cell + space : space + cell;
      }).join("  ").trimEnd());
  };
  const titles = linesOfRow(columns.map(({ title }) => title)).map((line) => paint(line, "bold", style));
  return [...titles, ...cells.flatMap(linesOfRow)].map((text) => `${text}\n`).join("");
}

/** Returns facts as lines of a name and a value, with the values aligned. */
export function facts(of: Readonly<Record<string, Cell>>, style: TableStyle): string {
  const widest = Math.max(...Object.keys(of).map(width));
  const room = Math.max((style.columns ?? Infinity) - widest - 2, NARROW);
  return Object.entries(of).map(([name, value]) => {
    const [first, ...others] = linesOf(cellText(value, {}), room);
    const later = others.map((line) => `${" ".repeat(widest + 2)}${line}\n`);
    return `${paint(name.padEnd(widest), "dim", style)}  ${first}\n${later.join("")}`;
  }).join("");
}

function cellText(cell: Cell, { digits, percent = false }: Partial<Column>): string {
  if (cell === null) return "–";
  // Numbers that are written already may be bold.
  if (typeof cell === "string") return digits === undefined ? printable(cell) : cell;
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
