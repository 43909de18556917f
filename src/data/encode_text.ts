/**
 * Words as features: a hashed bag of words, for items with a text and without an embedding.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import type { Features, Items } from "../core/axis.ts";
import { patternFromCoo } from "../core/pattern.ts";
import type { SparseModality } from "./dataset.ts";

/** The options of {@link bagOfWords}. */
export interface BagOfWordsOptions {
  /** Number of columns that words are hashed to; 4096 by default. */
  readonly columns?: number | undefined;
}

/**
 * Returns one row per text: (1 + ln tf) · (1 + ln((1 + n) / (1 + df))) in the column of each of its words, scaled to
 * length one. Here tf is the number of words of the text in the column, df the number of texts with a word in the
 * column, and n the number of texts.
 *
 * A word is a run of letters and digits of any script, in lower case. Its column is its 32-bit FNV-1a hash modulo
 * `columns`, so there is no vocabulary. Hashes have no sign, so values are positive. The order of words has no
 * influence. A text without words gives an empty row that is not known.
 *
 * @throws {ValueError} if `columns` is not a whole number above 0.
 *
 * @example
 * ```ts
 * import { bagOfWords } from "@giverny/giverny/data";
 * import { rowOf } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * const { pattern, known } = bagOfWords(["Lilies at dusk", "At dusk: lilies!", ""]);
 * deepEqual(rowOf(pattern, 0), rowOf(pattern, 1));
 * deepEqual([...known], [1, 1, 0]);
 * ```
 */
export function bagOfWords(texts: readonly string[], { columns = 4096 }: BagOfWordsOptions = {}): SparseModality {
  if (!Number.isInteger(columns) || columns < 1) {
    throw new ValueError(`Cannot hash words to ${columns} columns: expected a whole number above 0`);
  }
  const columnOf = memoized((word: string) => hash(word) % columns);
  const counts = texts.map((text) => tally(wordsOf(text).map(columnOf)));
  const spread = tally(counts.flatMap((count) => [...count.keys()]));
  const weight = (times: number, column: number) =>
    (1 + Math.log(times)) * (1 + Math.log((1 + texts.length) / (1 + spread.get(column)!)));
  const rows = counts.map((count) => {
    const row = [...count].map(([column, times]) => ({ column, value: weight(times, column) }));
    const length = Math.hypot(...row.map(({ value }) => value));
    return row.sort((a, b) => a.column - b.column).map(({ column, value }) => ({ column, value: value / length }));
  });
  const filled = rows.flat();
  const shape: readonly [Items, Features] = [texts.length, columns];
  return {
    kind: "sparse",
    pattern: patternFromCoo(shape, rows.flatMap((row, r) => row.map(() => r)), filled.map(({ column }) => column)),
    values: Float32Array.from(filled, ({ value }) => value),
    known: Uint8Array.from(rows, (row) => row.length > 0 ? 1 : 0),
  };
}

function wordsOf(text: string): string[] {
  return text.normalize("NFKC").toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
}

/** Returns the 32-bit FNV-1a hash (Fowler, Noll, Vo) of the UTF-8 bytes of a word. */
function hash(word: string): number {
  return new TextEncoder().encode(word).reduce((state, byte) => Math.imul(state ^ byte, 0x01000193) >>> 0, 0x811c9dc5);
}

/** Returns the number of occurrences of each number. */
function tally(numbers: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  return counts;
}

/** Returns a function with the same values that computes each of them once. */
function memoized(of: (word: string) => number): (word: string) => number {
  const known = new Map<string, number>();
  return (word) => known.get(word) ?? known.set(word, of(word)).get(word)!;
}
