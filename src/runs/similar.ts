/**
 * Items that are like an item: by the cosine of their final embeddings, in all and by modality.
 *
 * @module
 */
import { UsageError, ValueError } from "../../kernels/errors.ts";
import type { Dim, Items } from "../core/axis.ts";
import { rowSelector } from "../core/pattern.ts";
import { free, scope } from "../core/scope.ts";
import { isTensor, type Matrix, read } from "../core/tensor.ts";
import type { Tree } from "../core/tree.ts";
import type { Dataset } from "../data/dataset.ts";
import { type Files, localFiles } from "../data/files.ts";
import { concatColumns, matmulNT, sliceColumns, sliceRows } from "../ops/matrix.ts";
import { normalizeRows } from "../ops/normalize.ts";
import { gather } from "../ops/rows.ts";
import { topK } from "../ops/topk.ts";
import { loadTree } from "../train/checkpoint.ts";
import type { ModalityVectors } from "./modality_vectors.ts";
import { columnsOf, indexOf } from "./people.ts";
import { recommend } from "./recommend.ts";
import { within } from "./record.ts";
import type { Run } from "./run.ts";

/** An item that is like another. */
export interface SimilarItem {
  /** The id of the item. */
  readonly item: string;
  /** The title, if the data have titles. */
  readonly title: string | undefined;
  /** The cosine of the final embeddings, or the similarity of item-kNN. */
  readonly similarity: number;
}

/** The items that are like an item, the most similar first. */
export interface SimilarItems {
  /** By the whole embeddings. */
  readonly all: readonly SimilarItem[];
  /** By the embeddings of each modality, where the run has them. */
  readonly modalities: Readonly<Record<string, readonly SimilarItem[]>>;
}

/** The options of {@link similar}. */
export interface SimilarOptions {
  /** The number of items; 10 by default. */
  readonly k?: number | undefined;
  /** The files of this machine by default. */
  readonly files?: Files | undefined;
}

/**
 * Returns the items whose final embeddings have the largest cosine with those of an item, in all and by modality. The
 * modalities are those that lie side by side in the embeddings, or the vectors in the folder of the run.
 *
 * @throws {ValueError} if the item does not exist, or `k` is not a whole number above 0.
 * @throws {UsageError} if the model has no embeddings of items.
 *
 * @example
 * ```ts
 * import { garden, key, models, train } from "@giverny/giverny";
 * import { similar } from "@giverny/giverny/runs";
 * import { deepEqual } from "node:assert/strict";
 * const run = await train(models.monet, garden(key(0), { users: 60, items: 40 }), { epochs: 1 });
 * const { all, modalities } = await similar(run, run.data.items[3], { k: 2 });
 * deepEqual([all.length, Object.keys(modalities)], [2, ["text", "image"]]);
 * ```
 */
export async function similar(run: Run, item: string, options: SimilarOptions = {}): Promise<SimilarItems> {
  const { k = 10, files = localFiles } = options;
  const number = indexOf(run).items.get(item);
  const refuse = (rule: string) => new ValueError(`Cannot find ${k} items like "${item}": ${rule}`);
  if (number === undefined) throw refuse("the data have no item with this id");
  if (!(Number.isInteger(k) && k > 0)) throw refuse("k is a whole number above 0");
  const tables = tablesOf(run);
  if (tables.length === 0) {
    if (run.model.explain) return { all: await neighbours(run, item, k), modalities: {} };
    throw new UsageError(`Cannot find items like "${item}": the model "${run.model.name}" has no embeddings of items`);
  }
  const all = await nearest(run.data, tables.map(([, table]) => table), number, k);
  const modalities: Record<string, readonly SimilarItem[]> = {};
  const stored = tables.length > 1 ? {} : await storedTables(run, files);
  for (const [name, table] of tables.length > 1 ? tables : Object.entries(stored)) {
    modalities[name] = await nearest(run.data, [table], number, k);
  }
  free([tables.map(([, table]) => table).filter((table) => table !== itemsOf(run.embeddings)), stored]);
  return { all, modalities };
}

/** Returns the similarities of some items with an item, the largest first; none without embeddings. */
export async function similarTo(run: Run, item: number, among: Int32Array): Promise<SimilarItem[]> {
  const tables = tablesOf(run);
  if (tables.length === 0 || among.length === 0) return [];
  const cosines = scope(() => {
    const unit = (rows: Int32Array) => normalizeRows(concatColumns(tables.map(([, table]) => gather(table, rows))));
    return matmulNT(unit(Int32Array.of(item)), unit(among));
  });
  const values = await read(cosines);
  free([cosines, tables.map(([, table]) => table).filter((table) => table !== itemsOf(run.embeddings))]);
  return Array.from(among, (other, n) => described(run.data, other, values[n]))
    .sort((a, b) => b.similarity - a.similarity);
}

/** Returns the table of items of an encoding; `null` where it has none. */
function itemsOf(encoded: Tree): Matrix<Items, Dim> | null {
  const items = isTensor(encoded) ? undefined : (encoded as Readonly<Record<string, Tree>>).items;
  return isTensor(items) ? items as Matrix<Items, Dim> : null;
}

/** Returns the final embeddings of items in every modality, or a single table. MARIO's lie one below the other. */
function tablesOf(run: Run): (readonly [name: string, table: Matrix<Items, Dim>])[] {
  const items = itemsOf(run.embeddings);
  if (!items) return [];
  const count = run.data.items.length;
  if (items.shape[0] > count) {
    const names = ["interactions", ...Object.keys(run.record.data.modalities)];
    return Array.from(
      { length: items.shape[0] / count },
      (_, m) => [names[m], scope(() => sliceRows(items, m * count, (m + 1) * count))] as const,
    );
  }
  const columns = columnsOf(run);
  if (columns.length < 2) return [["all", items]];
  let at = 0;
  return columns.map(({ modality, width }) => {
    const from = at;
    at += width;
    return [modality ?? "all", scope(() => sliceColumns(items, from, from + width))] as const;
  });
}

/** Returns the items' vectors by modality in the folder of a run; none without a folder or a file. */
async function storedTables({ folder, device }: Run, files: Files): Promise<Record<string, Matrix<Items, Dim>>> {
  const path = folder === null ? null : within(folder, "modalities.safetensors");
  if (path === null || await files.stat(path) === null) return {};
  const { after, before } = (await loadTree(path, { device, files })).tree as ModalityVectors;
  if (after) free(before);
  const found = after ?? before ?? {};
  return Object.fromEntries(Object.entries(found).filter(([name]) => name !== "ids"));
}

/** Returns the items with the largest cosine, of tables that lie side by side. */
async function nearest(
  data: Dataset,
  tables: readonly Matrix<Items, Dim>[],
  item: number,
  k: number,
): Promise<SimilarItem[]> {
  const cosines = scope(() => {
    const unit = normalizeRows(concatColumns(tables));
    return matmulNT(gather(unit, Int32Array.of(item)), unit);
  });
  const itself = rowSelector(Int32Array.of(item), data.items.length);
  const { indices, values } = await topK(cosines, k, { exclude: itself });
  free([cosines, itself]);
  return Array.from(indices).flatMap((other, n) => other < 0 ? [] : [described(data, other, values[n])]);
}

function described({ items, titles }: Dataset, item: number, similarity: number): SimilarItem {
  return { item: items[item], title: titles?.[item], similarity };
}

/** Returns the neighbours of an item in a model that knows items by their neighbours alone. */
async function neighbours(run: Run, item: string, k: number): Promise<SimilarItem[]> {
  const [{ items }] = await recommend(run, { users: [{ items: [item] }], k });
  return items.flatMap(({ item, title, score }) => score ? [{ item, title, similarity: score }] : []);
}
