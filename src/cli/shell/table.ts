/**
 * Tables of text: words to the left, numbers to the right, columns as wide as what they hold.
 *
 * @module
 */
import stringWidth from "string-width";
import { paint, type Sink } from "./io.ts";

/** A column of a table. */
export interface Column {
  readonly title: string;
  /** Digits after the point. A column that has them holds numbers, set to the right; one without holds words. */
  readonly digits?: number;
  /** Whether the numbers are shares, shown as percentages; `false` by default. */
  readonly percent?: boolean;
}

/** What a table holds: `null` where there is nothing to say. */
export type Cell = string | number | null;

/**
 * Returns a table as lines, the titles first. A row shorter than the columns is filled with nothing.
 *
 * @example
 * ```ts
 * import { table } from "./table.ts";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * const plain = { write: () => {}, terminal: false, colour: false, columns: 80 };
 * const text = table([{ title: "model" }, { title: "R@20", digits: 4 }], [["monet", 0.0743], ["popularity", null]], plain);
 * assertEquals(text, "model         R@20\nmonet       0.0743\npopularity       –\n");
 * ```
 */
export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[], sink: Sink): string {
  const cells = rows.map((row) => columns.map((column, c) => show(row[c] ?? null, column)));
  const widths = columns.map(({ title }, c) =>
    cells.reduce((most, row) => Math.max(most, width(row[c])), width(title))
  );
  const line = (row: readonly string[]) =>
    row.map((cell, c) => {
      const space = " ".repeat(widths[c] - width(cell));
      return columns[c].digits === undefined ? cell + space : space + cell;
    }).join("  ").trimEnd();
  const titles = paint(line(columns.map(({ title }) => title)), "bold", sink);
  return [titles, ...cells.map(line)].map((text) => `${text}\n`).join("");
}

/** Returns facts as lines of a name and a value, values below each other. */
export function facts(of: Readonly<Record<string, Cell>>, sink: Sink): string {
  const widest = Math.max(...Object.keys(of).map(width));
  return Object.entries(of)
    .map(([name, value]) => `${paint(name.padEnd(widest), "dim", sink)}  ${show(value, {})}\n`)
    .join("");
}

function show(cell: Cell, { digits, percent = false }: Partial<Column>): string {
  if (cell === null) return "–";
  if (typeof cell === "string") return cell;
  return cell.toLocaleString("en-US", {
    style: percent ? "percent" : "decimal",
    ...digits === undefined ? {} : { minimumFractionDigits: digits, maximumFractionDigits: digits },
  });
}

/** Returns how many columns of a terminal text takes: two for a wide letter, none for colour. */
export function width(text: string): number {
  return stringWidth(text);
}
