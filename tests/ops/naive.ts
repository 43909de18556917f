/**
 * Operations on nested arrays in 64-bit arithmetic, each in its plainest form. Operations on tensors are compared with
 * them.
 *
 * @module
 */
import { type Pattern, rowIndices } from "../../src/core/pattern.ts";
import type { Shape } from "../../src/core/shape.ts";

/** A row of numbers. */
export type Row = readonly number[];
/** A matrix, row by row. */
export type Rows = readonly Row[];
/** A scalar, a vector or a matrix. */
export type Nested = number | Row | Rows;

/** Returns a list of numbers as a nested array of the given shape. */
export function nest(numbers: ArrayLike<number>, shape: Shape): Nested {
  if (shape.length === 0) return numbers[0];
  if (shape.length === 1) return Array.from(numbers);
  const [rows, columns] = shape;
  return range(rows).map((r) => range(columns).map((c) => numbers[r * columns + c]));
}

/** Returns the numbers of a nested array in order. */
export function flatten(x: Nested): number[] {
  return typeof x === "number" ? [x] : x.flatMap((part) => flatten(part));
}

/** Returns 0, 1, … up to `count − 1`. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** Returns f of the numbers at each place. */
export function each(f: (...values: number[]) => number, ...xs: readonly Nested[]): Nested {
  const [first] = xs;
  if (typeof first === "number") return f(...xs as number[]);
  return (first as readonly Nested[]).map((_, i) => each(f, ...xs.map((x) => (x as Rows)[i]))) as Rows;
}

/** Returns Σ x. */
export function total(x: Row): number {
  return x.reduce((sum, value) => sum + value, 0);
}

/** Returns ⟨x, y⟩. */
export function dot(x: Row, y: Row): number {
  return total(x.map((value, i) => value * y[i]));
}

/** Returns column `c`. */
export function column(x: Rows, c: number): Row {
  return x.map((row) => row[c]);
}

/**
 * Returns the transpose of a matrix. The number of columns is given, because an empty nested array does not show it.
 */
export function flip(x: Rows, columns: number): Rows {
  return range(columns).map((c) => column(x, c));
}

/** Returns X Yᵀ. */
export function products(x: Rows, y: Rows): Rows {
  return x.map((a) => y.map((b) => dot(a, b)));
}

/** Returns log Σ eˣ. */
export function logSumExp(x: Row): number {
  const largest = Math.max(...x);
  return x.length === 0 ? -Infinity : largest + Math.log(total(x.map((value) => Math.exp(value - largest))));
}

/** Returns eˣ / Σ eˣ. */
export function softmax(x: Row): Row {
  return x.map((value) => Math.exp(value - logSumExp(x)));
}

/** Returns x / max(|x|, 10⁻¹²). */
export function direction(x: Row): Row {
  return x.map((value) => value / Math.max(Math.sqrt(dot(x, x)), 1e-12));
}

/** Returns a pattern with values as a dense matrix. */
export function dense(pattern: Pattern, values: ArrayLike<number>): Rows {
  const rows = rowIndices(pattern);
  const at = (r: number, c: number) =>
    total(Array.from(values).filter((_, e) => rows[e] === r && pattern.indices[e] === c));
  return range(pattern.rows).map((r) => range(pattern.columns).map((c) => at(r, c)));
}

/** Returns the parts of a list that belong to each row of a pattern. */
export function segments<T>(pattern: Pattern, parts: readonly T[]): T[][] {
  return range(pattern.rows).map((r) => parts.slice(pattern.offsets[r], pattern.offsets[r + 1]));
}
