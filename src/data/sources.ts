/**
 * Modalities whose rows are read when they are needed, from a file that may be larger than the memory.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { type Dataset, datasetOf, type Modality, type SourceModality } from "./dataset.ts";
import { firstBad, type Matched, matchedRows, type MatchOptions, refuseNumber } from "./features.ts";

/** Rows of numbers that describe items, in a file that rows are read from. */
export interface FeatureSource {
  /** The file, as errors name it. */
  readonly source: string;
  /** The item id of each row; `null` where row r belongs to the item whose id is the number r. */
  readonly ids: readonly string[] | null;
  /** The number of rows. */
  readonly rows: number;
  /** The length of a row. */
  readonly columns: number;
  /** Returns the rows from `from` to `to − 1`, one after another. */
  readonly read: (from: number, to: number) => Promise<Float32Array>;
}

/** Numbers in a block of rows that are read together: 64 MiB. */
const BLOCK = 2 ** 24;
/** Rows that are near each other are read together if at least one in so many of them is needed. */
const SPARSEST = 4;

/**
 * Returns the features of every item as a source, row i for `items[i]`. Rows have the numbers that `matchFeatures`
 * gives. A number that is not finite is refused when its row is read.
 *
 * @throws {ValueError} if rows without ids are not one per item, an id is listed twice, no row belongs to an item, or
 * an item has no row and the policy is `"error"`.
 *
 * @example
 * ```ts
 * import { matchSource } from "@giverny/giverny/data";
 * import { deepEqual } from "node:assert/strict";
 * const read = (from: number, to: number) => Promise.resolve(Float32Array.of(1, 3).slice(from, to));
 * const table = { source: "image.npy", ids: ["poplar", "lily"], rows: 2, columns: 1, read };
 * const { modality } = matchSource(table, ["lily", "bridge", "poplar"]);
 * deepEqual([...await modality.read(0, 3)], [3, 2, 1]);
 * ```
 */
export function matchSource(
  table: FeatureSource,
  items: readonly string[],
  { missing = "mean" }: MatchOptions = {},
): Matched<SourceModality> {
  const { columns } = table;
  const { rows, known, coverage } = matchedRows(table, table.rows, items, missing);
  const read = async (from: number, to: number): Promise<Float32Array> => {
    const wanted = rows.subarray(from, to);
    const values = await readRows(table.read, wanted, columns);
    const bad = firstBad(values);
    if (bad >= 0) throw refuseNumber(table, wanted[Math.floor(bad / columns)], bad % columns, values[bad]);
    return values;
  };
  let mean: Float64Array | null = null;
  return {
    coverage,
    modality: {
      kind: "source",
      columns,
      known,
      async read(from, to) {
        checkRange(from, to, items.length);
        const values = await read(from, to);
        if (missing !== "mean" || !rows.subarray(from, to).includes(-1)) return values;
        const filling = mean ??= await meanRow({ columns, known, read });
        rows.subarray(from, to).forEach((row, i) => row < 0 && values.set(filling, i * columns));
        return values;
      },
    },
  };
}

/**
 * Returns the data set with all its features in memory: a source becomes a dense modality.
 *
 * @example
 * ```ts
 * import { garden, loadFeatures } from "@giverny/giverny/data";
 * import { key } from "@giverny/giverny/core";
 * import { equal } from "node:assert/strict";
 * const bare = { ...garden(key(0)), modalities: {} };
 * const [columns, known] = [2, new Uint8Array(400).fill(1)];
 * const read = (from: number, to: number) => Promise.resolve(new Float32Array(columns * (to - from)));
 * const lazy = { ...bare, modalities: { image: { kind: "source" as const, columns, known, read } } };
 * equal((await loadFeatures(lazy)).modalities.image.kind, "dense");
 * ```
 */
export async function loadFeatures(data: Dataset): Promise<Dataset> {
  const modalities: Record<string, Modality> = {};
  for (const [name, modality] of Object.entries(data.modalities)) {
    if (modality.kind !== "source") modalities[name] = modality;
    else {
      const { columns, known, read } = modality;
      modalities[name] = { kind: "dense", columns, values: await read(0, known.length), known };
    }
  }
  return datasetOf({ ...data, modalities });
}

/** Returns the source of the listed items. */
export function takeSource({ columns, known, read }: SourceModality, items: Int32Array): SourceModality {
  return {
    kind: "source",
    columns,
    known: Uint8Array.from(items, (i) => known[i]),
    read: (from, to) => {
      checkRange(from, to, items.length);
      return readRows(read, items.subarray(from, to), columns);
    },
  };
}

/** Returns the rows of a source in their order, some at a time. */
export async function* rowBlocks(
  { columns, known, read }: Pick<SourceModality, "columns" | "known" | "read">,
): AsyncGenerator<Float32Array> {
  const height = Math.max(1, Math.floor(BLOCK / columns));
  for (let from = 0; from < known.length; from += height) yield await read(from, Math.min(from + height, known.length));
}

/**
 * Returns the listed rows of a matrix, zeros for row −1. `read` returns consecutive rows: it is called once if these
 * lie near each other, and otherwise once for each run of consecutive rows.
 */
async function readRows(read: FeatureSource["read"], rows: Int32Array, columns: number): Promise<Float32Array> {
  const own = rows.filter((row) => row >= 0);
  if (own.length === 0) return new Float32Array(rows.length * columns);
  const first = own.reduce((a, b) => Math.min(a, b)), last = own.reduce((a, b) => Math.max(a, b));
  if (own.length === rows.length && rows.every((row, i) => row === first + i)) return await read(first, last + 1);
  const values = new Float32Array(rows.length * columns);
  if (last - first < SPARSEST * own.length) {
    const whole = await read(first, last + 1);
    const rowOf = (row: number) => whole.subarray((row - first) * columns, (row - first + 1) * columns);
    rows.forEach((row, i) => row >= 0 && values.set(rowOf(row), i * columns));
    return values;
  }
  for (let i = 0; i < rows.length; i++) {
    if (rows[i] < 0) continue;
    let end = i + 1;
    while (end < rows.length && rows[end] === rows[i] + end - i) end++;
    values.set(await read(rows[i], rows[i] + end - i), i * columns);
    i = end - 1;
  }
  return values;
}

/** Returns the mean of the known rows, in the order of the items as for dense features, so that no bit differs. */
async function meanRow(source: Pick<SourceModality, "columns" | "known" | "read">): Promise<Float64Array> {
  const { columns, known } = source;
  const mean = new Float64Array(columns);
  let item = 0, own = 0;
  for await (const block of rowBlocks(source)) {
    for (let start = 0; start < block.length; start += columns) {
      if (known[item++] === 0) continue;
      own++;
      for (let c = 0; c < columns; c++) mean[c] += block[start + c];
    }
  }
  return mean.map((sum) => sum / own);
}

function checkRange(from: number, to: number, items: number): void {
  if (Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= items) return;
  throw new ValueError(`Cannot read the features of items ${from} to ${to}: expected 0 ≤ from ≤ to ≤ ${items}`);
}
