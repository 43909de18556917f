/**
 * The numbers of a tensor as text and as an HTML table. Long axes show their ends only.
 *
 * @module
 */
import type { Shape } from "./shape.ts";

/** The format of numbers. */
export interface PrintOptions {
  /** Digits after the point; 4 by default. */
  readonly digits?: number | undefined;
  /** Rows and columns shown at each end of a long axis; 3 by default. */
  readonly edge?: number | undefined;
}

/** The rows of a table; `null` marks the place of the rows that are left out. */
type Cells = readonly (readonly string[] | null)[];

/** Returns the numbers as texts, with the middle of long axes left out. */
function cellsOf(numbers: Float32Array, shape: Shape, { digits = 4, edge = 3 }: PrintOptions): Cells {
  const columns = shape.at(-1) ?? 1;
  const rows = shape.length === 2 ? shape[0] : 1;
  const ends = <T>(count: number, at: (n: number) => T, gap: T): T[] => {
    if (count <= 2 * edge + 1) return Array.from({ length: count }, (_, n) => at(n));
    const end = (from: number) => Array.from({ length: edge }, (_, n) => at(from + n));
    return [...end(0), gap, ...end(count - edge)];
  };
  const row = (r: number) => ends(columns, (c) => numbers[r * columns + c].toFixed(digits), "…");
  return ends<readonly string[] | null>(rows, row, null);
}

/** Returns the numbers as lines of text, columns aligned. */
export function textOf(numbers: Float32Array, shape: Shape, options: PrintOptions): string {
  const cells = cellsOf(numbers, shape, options);
  const isNumber = (cell: string) => cell !== "…";
  const width = Math.max(0, ...cells.flatMap((row) => row ?? []).filter(isNumber).map((cell) => cell.length));
  const line = (row: readonly string[]) => row.map((cell) => isNumber(cell) ? cell.padStart(width) : cell).join("  ");
  return cells.map((row) => row ? line(row) : "⋮").join("\n");
}

/** Returns the numbers as an HTML table with a caption. */
export function htmlOf(caption: string, numbers: Float32Array, shape: Shape, options: PrintOptions): string {
  const cells = cellsOf(numbers, shape, options);
  const width = cells[0]?.length ?? 0;
  const line = (row: readonly string[] | null) =>
    row ? row.map((cell) => `<td>${cell}</td>`).join("") : `<td colspan="${width}">⋮</td>`;
  const rows = cells.map((row) => `<tr>${line(row)}</tr>`).join("");
  return `<table><caption>${caption}</caption><tbody>${rows}</tbody></table>`;
}
