/**
 * Words as features: a hashed bag of words, for items that come with a text and no embedding.
 *
 * @module
 */
import type { Features, Items } from "../core/axis.ts";
import { patternOf } from "../core/pattern.ts";
import type { SparseModality } from "./dataset.ts";

/** How {@link bagOfWords} counts. */
export interface BagOfWordsOptions {
  /** Number of columns that words are hashed to; 4096 by default. */
  readonly columns?: number;
}

/**
 * Returns one row per text: (1 + ln tf) · (1 + ln((1 + n) / (1 + df))) in the column of each of its words, scaled to length
 * one. Here tf counts the words of the text that share the column, df the texts that fill it, and n the texts.
 *
 * A word is a run of letters and digits of any script, in lower case; its column is its FNV-1a hash modulo `columns`, so no
 * vocabulary is kept and the order of words does not matter. Hashes carry no sign: values stay positive, and with
 * many more columns than distinct words a shared column is rare. A text without words gives an empty row that is not known.
 *
 * @throws {RangeError} if `columns` is not a whole number above 0.
 *
 * @example
 * ```ts
 * import { bagOfWords, rowOf } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * const { pattern, known } = bagOfWords(["Lilies at dusk", "At dusk: lilies!", ""]);
 * assertEquals(rowOf(pattern, 0), rowOf(pattern, 1));
 * assertEquals([...known], [1, 1, 0]);
 * ```
 */
export function bagOfWords(texts: readonly string[], { columns = 4096 }: BagOfWordsOptions = {}): SparseModality {
  if (!Number.isInteger(columns) || columns < 1) {
    throw new RangeError(`Cannot hash words to ${columns} columns: expected a whole number above 0`);
  }
  const counts = texts.map((text) => tally(wordsOf(text).map((word) => hash(word) % columns)));
  const spread = tally(counts.flatMap((count) => [...count.keys()]));
  const weight = (times: number, column: number) =>
    (1 + Math.log(times)) * (1 + Math.log((1 + texts.length) / (1 + spread.get(column)!)));
  const rows = counts.map((count) => {
    const row = [...count].sort(([a], [b]) => a - b).map(([column, times]) => ({
      column,
      value: weight(times, column),
    }));
    const length = Math.hypot(...row.map(({ value }) => value));
    return row.map(({ column, value }) => ({ column, value: value / length }));
  });
  const entries = rows.flat();
  const shape: readonly [Items, Features] = [texts.length, columns];
  return {
    kind: "sparse",
    pattern: patternOf(shape, rows.flatMap((row, r) => row.map(() => r)), entries.map(({ column }) => column)),
    values: Float32Array.from(entries, ({ value }) => value),
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

/** Returns how often each number occurs. */
function tally(numbers: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  return counts;
}
