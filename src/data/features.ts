/**
 * Matching of feature tables to items: rows are matched by id, items without a row get one by a policy, and a
 * coverage report counts the items with a row of their own.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { patternFromCsr } from "../core/pattern.ts";
import type { DenseModality, SparseModality } from "./dataset.ts";

/**
 * The rule for items without a row of their own: they get the `mean` of the items with one (as in MONET and LATTICE) or
 * `zero`s, or are an `error`.
 */
export type MissingPolicy = "mean" | "zero" | "error";

/** Rows of numbers that describe items, in the order of a file. */
export interface FeatureTable {
  /** The file, as errors name it. */
  readonly source: string;
  /** The item id of each row; `null` where row r belongs to the item whose id is the number r. */
  readonly ids: readonly string[] | null;
  /** The length of a row. */
  readonly columns: number;
  /** The rows one after another. */
  readonly values: Float32Array;
}

/** Lists of tags (words, attributes, entities) that describe items, in the order of a file. */
export interface TagTable {
  /** The file, as errors name it. */
  readonly source: string;
  /** The item id of each list. */
  readonly ids: readonly string[];
  /** The tags of each row; one tag is one column of the modality. */
  readonly tags: readonly (readonly string[])[];
}

/** The coverage of the items by a table of features. */
export interface Coverage {
  /** The number of items. */
  readonly items: number;
  /** The number of items with a row of their own. */
  readonly own: number;
  /** The first few items without a row. */
  readonly missing: readonly string[];
  /** The number of rows that belong to no item. */
  readonly unknown: number;
}

/** A modality, and the coverage of the items by its source. */
export interface Matched<M> {
  /** The features of every item. */
  readonly modality: M;
  /** The numbers of items with and without features of their own. */
  readonly coverage: Coverage;
}

/** The options of {@link matchFeatures}. */
export interface MatchOptions {
  /** The policy for items without a row; `"mean"` by default. */
  readonly missing?: MissingPolicy | undefined;
}

const NAMED = 5;

/**
 * Returns the features of every item, row i for `items[i]`.
 *
 * @throws {ValueError} if a value is not finite, rows without ids are not one per item, an id is listed twice, no row
 * belongs to an item, or an item has no row and the policy is `"error"`.
 *
 * @example
 * ```ts
 * import { matchFeatures } from "@giverny/giverny/data";
 * import { deepEqual } from "node:assert/strict";
 * const table = { source: "image.csv", ids: ["poplar", "lily"], columns: 1, values: new Float32Array([1, 3]) };
 * const { modality, coverage } = matchFeatures(table, ["lily", "bridge", "poplar"]);
 * deepEqual([...modality.values], [3, 2, 1]);
 * deepEqual(coverage, { items: 3, own: 2, missing: ["bridge"], unknown: 0 });
 * ```
 */
export function matchFeatures(
  table: FeatureTable,
  items: readonly string[],
  { missing = "mean" }: MatchOptions = {},
): Matched<DenseModality> {
  const { columns } = table;
  const bad = firstBad(table.values);
  if (bad >= 0) throw refuseNumber(table, Math.floor(bad / columns), bad % columns, table.values[bad]);
  const { rows, known, coverage } = matchedRows(table, table.values.length / columns, items, missing);
  const values = gatherRows(table.values, rows, columns);
  if (missing === "mean" && coverage.own < items.length) {
    const mean = meanRow(values, known, columns);
    rows.forEach((row, i) => row < 0 && values.set(mean, i * columns));
  }
  return { modality: { kind: "dense", columns, values, known }, coverage };
}

/**
 * Returns the row of each item in a table of `count` rows, −1 where an item has none, and the coverage of the items.
 *
 * @throws {ValueError} as {@link matchFeatures} does.
 */
export function matchedRows(
  table: Pick<FeatureTable, "source" | "ids">,
  count: number,
  items: readonly string[],
  missing: MissingPolicy,
): { rows: Int32Array<ArrayBuffer>; known: Uint8Array; coverage: Coverage } {
  const { source, ids } = table;
  const rows = ids ? rowsById(source, ids, items) : rowsByNumber(source, count, items);
  const { known, coverage } = cover(table, rows, items, count);
  const absent = items.length - coverage.own;
  if (missing === "error" && absent > 0) {
    throw new ValueError(
      `Cannot match features of "${source}" to items: ${absent} of ${items.length} items have no row ` +
        `(${listed(coverage.missing, absent)}); add them, or choose the policy "mean" or "zero"`,
    );
  }
  return { rows, known, coverage };
}

/**
 * Returns tags as a sparse modality with a 1 where an item has a tag. Columns are the tags of the table: in ascending
 * order if all are whole numbers, otherwise in order of appearance. Items without a list have none.
 *
 * @throws {ValueError} if an id is listed twice, or no list belongs to an item.
 *
 * @example
 * ```ts
 * import { matchTags } from "@giverny/giverny/data";
 * import { deepEqual } from "node:assert/strict";
 * const table = { source: "tags.tsv", ids: ["lily", "poplar"], tags: [["pond", "calm"], ["calm"]] };
 * const { modality } = matchTags(table, ["poplar", "lily"]);
 * deepEqual([...modality.pattern.indices], [1, 0, 1]);
 * ```
 */
export function matchTags(table: TagTable, items: readonly string[]): Matched<SparseModality> {
  const rows = rowsById(table.source, table.ids, items);
  const { known, coverage } = cover(table, rows, items, table.ids.length);
  const columns = positions(numbered(table.tags.flat()));
  const lists = Array.from(rows, (row) => {
    const tags = new Set(row < 0 ? [] : table.tags[row]);
    return Array.from(tags, (tag) => columns.get(tag)!).sort((a, b) => a - b);
  });
  const offsets = new Int32Array(items.length + 1);
  lists.forEach((list, i) => offsets[i + 1] = offsets[i] + list.length);
  const where = patternFromCsr([items.length, columns.size], offsets, Int32Array.from(lists.flat()));
  return {
    modality: { kind: "sparse", pattern: where, values: new Float32Array(where.indices.length).fill(1), known },
    coverage,
  };
}

/**
 * Returns the different ids of a column in the order in which they are numbered: ascending if all are whole numbers,
 * otherwise by first appearance.
 */
export function numbered(ids: Iterable<string>): string[] {
  const different = [...new Set(ids)];
  return different.every((id) => /^\d{1,15}$/.test(id)) ? different.sort((a, b) => Number(a) - Number(b)) : different;
}

/** Returns the first few of `count` ids as a sentence lists them. */
export function listed(ids: readonly string[], count: number = ids.length): string {
  return ids.slice(0, NAMED).map((id) => `"${id}"`).join(", ") + (count > NAMED ? ", …" : "");
}

/** Returns a count with commas between thousands. */
export function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

/** Returns the position of each id in a list of different ids. */
export function positions(ids: readonly string[]): Map<string, number> {
  return new Map(ids.map((id, position) => [id, position]));
}

/** Returns the listed rows of a row-major matrix, zeros for row −1. All rows in order are the matrix itself. */
export function gatherRows<T extends Float32Array | Uint8Array>(values: T, rows: Int32Array, columns: number): T {
  if (rows.length * columns === values.length && rows.every((row, i) => row === i)) return values;
  const out = new (values.constructor as new (length: number) => T)(rows.length * columns);
  rows.forEach((row, i) => row >= 0 && out.set(values.subarray(row * columns, (row + 1) * columns), i * columns));
  return out;
}

/**
 * Returns a sentence that counts the items without a row and the rows without an item, or `null` if there are none.
 *
 * @example
 * ```ts
 * import { describeCoverage } from "@giverny/giverny/data";
 * import { equal } from "node:assert/strict";
 * const coverage = { items: 3, own: 2, missing: ["bridge"], unknown: 0 };
 * equal(describeCoverage("image", coverage), 'Modality "image": items without a row of their own: 1 of 3 ("bridge")');
 * ```
 */
export function describeCoverage(name: string, coverage: Coverage): string | null {
  const { items, own, missing, unknown } = coverage;
  const parts = [
    ...own < items
      ? [`items without a row of their own: ${items - own} of ${items} (${listed(missing, items - own)})`]
      : [],
    ...unknown > 0 ? [`rows of no item: ${unknown}`] : [],
  ];
  return parts.length === 0 ? null : `Modality "${name}": ${parts.join("; ")}`;
}

/**
 * Returns the row of each item in a table of `count` rows without ids: row r belongs to the item whose id is the
 * number r.
 *
 * @throws {ValueError} if an id is not a whole number, or rows and items are not equally many.
 */
export function rowsByNumber(source: string, count: number, items: readonly string[]): Int32Array<ArrayBuffer> {
  const refuse = (rule: string) => new ValueError(`Cannot match features of "${source}" to items: ${rule}`);
  // The file from which side.ts reads ids.
  const ids = /_feat\.npy$/.test(source)
    ? `list the id of each row in "${source.replace(/_feat\.npy$/, "_ids.txt")}"`
    : null;
  const unnumbered = items.find((id) => !/^\d{1,9}$/.test(id));
  if (unnumbered !== undefined) {
    throw refuse(
      `its rows bear no ids, and item "${unnumbered}" is not the number of a row; ${
        ids ?? "number the items as the rows are"
      }`,
    );
  }
  if (count !== items.length) {
    throw refuse(
      `expected ${items.length} rows, one per item, found ${count}; ` +
        (ids ? `${ids} if some items have none` : "add a row for each item"),
    );
  }
  return Int32Array.from(items, Number);
}

/** Returns the row of each item by the ids of the rows, −1 where an item has none. */
function rowsById(source: string, ids: readonly string[], items: readonly string[]): Int32Array<ArrayBuffer> {
  const rowOf = positions(ids);
  const twice = ids.findIndex((id, row) => rowOf.get(id) !== row);
  if (twice >= 0) {
    throw new ValueError(`Cannot match features of "${source}" to items: item "${ids[twice]}" has two rows; keep one`);
  }
  return Int32Array.from(items, (id) => rowOf.get(id) ?? -1);
}

function cover(
  { source, ids }: Pick<FeatureTable, "source" | "ids">,
  rows: Int32Array,
  items: readonly string[],
  count: number,
): { known: Uint8Array; coverage: Coverage } {
  const known = Uint8Array.from(rows, (row) => row < 0 ? 0 : 1);
  const own = known.reduce((sum, one) => sum + one, 0);
  if (own === 0) {
    throw new ValueError(
      `Cannot match features of "${source}" to items: no item has a row; its first id is "${ids?.[0]}", ` +
        `the first item "${items[0]}"`,
    );
  }
  const missing = items.filter((_, i) => known[i] === 0).slice(0, NAMED);
  return { known, coverage: { items: items.length, own, missing, unknown: count - own } };
}

/** Returns the position of the first number that is not finite, or −1. */
export function firstBad(values: Float32Array): number {
  return values.findIndex((value) => !Number.isFinite(value));
}

/** Returns the error for a number that is not finite. */
export function refuseNumber({ source }: { source: string }, row: number, column: number, value: number): ValueError {
  return new ValueError(
    `Cannot use features of "${source}": row ${row}, column ${column} (from 0) is ${value}; all must be finite numbers`,
  );
}

function meanRow(values: Float32Array, known: Uint8Array, columns: number): Float64Array {
  const mean = new Float64Array(columns);
  let own = 0;
  known.forEach((has, i) => {
    if (has === 0) return;
    own++;
    for (let c = 0; c < columns; c++) mean[c] += values[i * columns + c];
  });
  return mean.map((sum) => sum / own);
}
