/**
 * Items that came after a training enter a run by their features.
 *
 * @module
 */
import { FormatError, UsageError, ValueError } from "../../kernels/errors.ts";
import type { Device } from "../../kernels/mod.ts";
import { key } from "../core/random.ts";
import { patternFromCsr, rowOf } from "../core/pattern.ts";
import { free, scope } from "../core/scope.ts";
import { type Tensor, zeros } from "../core/tensor.ts";
import { leaves, mapTree, type Tree } from "../core/tree.ts";
import { type Dataset, datasetOf, type Modality } from "../data/dataset.ts";
import { type Files, localFiles } from "../data/files.ts";
import { fingerprint } from "../data/fingerprint.ts";
import { loadFeatures } from "../data/sources.ts";
import { encoded } from "../models/mod.ts";
import { scale } from "../ops/elementwise.ts";
import { concatRows, reshape, sliceRows } from "../ops/matrix.ts";
import { loadTree, saveTree } from "../train/checkpoint.ts";
import { belonging } from "./belonging.ts";
import { resultsOf } from "./finish.ts";
import { vectorsByModality } from "./modality_vectors.ts";
import { beginFolder, createFolder, removeCreated } from "./folder.ts";
import { dataRecord, type RunRecord, within, writeRecord } from "./record.ts";
import type { Run } from "./run.ts";
import { displayedRun } from "./run_display.ts";

/** The options of {@link addItems}. */
export interface AddItemsOptions {
  /** The folder of the new run; by default it stays in memory. */
  readonly folder?: string | undefined;
  /** The words of the command that repeats it, for the record. */
  readonly command?: readonly string[] | undefined;
  /** Receives remarks, such as that features of known items have changed. */
  readonly note?: ((text: string) => void) | undefined;
  /** The files of this machine by default. */
  readonly files?: Files | undefined;
}

/**
 * Returns a new run with further items: those of a data set that the run does not know. The data set has features of
 * all items, the known ones too, in the modalities of the training; its interactions do not count. A new item is a node
 * without neighbours, and its embeddings of ids are 0; graphs of similar items are built with it. The parameters and
 * the interactions stay, and the new run cannot be resumed.
 *
 * @throws {UsageError} if the model does not learn from features, no item is new, or the folder is not empty.
 * @throws {ValueError} if features of known items are missing, or a modality differs from the training's.
 * @throws {FormatError} if the parameters of the run cannot be read.
 *
 * @example
 * ```ts
 * import { garden, key, models, train } from "@giverny/giverny";
 * import type { DenseModality } from "@giverny/giverny/data";
 * import { addItems } from "@giverny/giverny/runs";
 * import { equal } from "node:assert/strict";
 * const data = garden(key(0), { users: 60, items: 40 });
 * const image = data.modalities.image as DenseModality;
 * const run = await train(models.monet, { ...data, modalities: { image } }, { epochs: 1 });
 * const values = Float32Array.of(...image.values, ...image.values.subarray(0, image.columns));
 * const further = { image: { ...image, values, known: new Uint8Array(41) } };
 * const more = await addItems(run, { ...data, items: [...data.items, "new"], modalities: further });
 * equal(more.data.items[40], "new");
 * ```
 */
export async function addItems(run: Run, further: Dataset, options: AddItemsOptions = {}): Promise<Run> {
  const { model, config, device, folder: from } = run;
  const { folder = null, files = localFiles, note = () => {} } = options;
  const data = await extended(run, further, note);
  const context = await model.prepare(data, config, { device });
  if (!("features" in (context as object))) {
    throw new UsageError(`Cannot add items: the model "${model.name}" does not learn from features`);
  }
  const wanted = model.init(key(0), context);
  const before = run.params ?? await paramsOf(from!, { device, files });
  const grown = scope(() => grownParams(before, wanted));
  const params = model.placeItems ? scope(() => model.placeItems!(grown, context, run.data.items.length)) : grown;
  const embeddings = await encoded(model, params, context);
  const record = await recordOf(run, data, options);
  const made = { model, config, data: { ...data, modalities: {} }, device, params, embeddings, folder };
  const results = await resultsOf(made, run.record.results[model.name]?.test !== undefined);
  const whole = { ...record, results };
  if (folder !== null) await write(folder, whole, { made, data, context, files });
  free([context, wanted, run.params ? [] : before]);
  return displayedRun({ ...made, data: folder === null ? data : made.data, history: run.history, record: whole });
}

/** Returns the data of a run with further items and all features; old items keep their numbers. */
async function extended({ data: own, record }: Run, further: Dataset, note: (text: string) => void): Promise<Dataset> {
  const refuse = (rule: string) => new ValueError(`Cannot add the items of "${further.name}": ${rule}`);
  const at = new Map(further.items.map((id, n) => [id, n]));
  const missing = own.items.find((id) => !at.has(id));
  if (missing !== undefined) {
    throw refuse(`they lack "${missing}", which the run knows; give the features of all items, known and new`);
  }
  const known = new Set(own.items);
  const added = further.items.filter((id) => !known.has(id));
  if (added.length === 0) throw new UsageError(`Cannot add the items of "${further.name}": the run knows them all`);
  const loaded = await loadFeatures(further);
  for (const [name, { kind, columns }] of Object.entries(record.data.modalities)) {
    const found = loaded.modalities[name];
    const width = found && (found.kind === "sparse" ? found.pattern.columns : found.columns);
    if (width === columns && (found.kind === "sparse") === (kind === "sparse")) continue;
    const rule = found ? `it has ${found.kind} features with ${width} columns` : "it has none";
    throw refuse(`the run learned from ${kind} features "${name}" with ${columns} columns, and ${rule}`);
  }
  const items = [...own.items, ...added];
  const rows = Int32Array.from(items, (id) => at.get(id)!);
  const modalities = Object.keys(record.data.modalities).map((name) => [name, picked(loaded.modalities[name], rows)]);
  const whole = datasetOf({
    ...own,
    items,
    modalities: Object.fromEntries(modalities),
    titles: own.titles && items.map((id, n) => own.titles![n] ?? further.titles?.[at.get(id)!] ?? ""),
    texts: undefined,
    pictures: undefined,
  });
  const before = await fingerprint({ ...whole, items: own.items, modalities: upTo(whole, own.items.length) });
  if (before !== record.data.fingerprint) {
    note("the features of items that the run knows are not those of its training: their embeddings change too");
  }
  return whole;
}

/** Returns the modalities of the first items. */
function upTo(data: Dataset, count: number): Record<string, Modality> {
  const rows = Int32Array.from({ length: count }, (_, n) => n);
  return Object.fromEntries(Object.entries(data.modalities).map(([name, modality]) => [name, picked(modality, rows)]));
}

/** Returns some rows of a modality in memory. */
function picked(modality: Modality, rows: Int32Array): Modality {
  const known = Uint8Array.from(rows, (row) => modality.known[row]);
  if (modality.kind === "source") throw new TypeError("a source is read before its rows are picked");
  if (modality.kind === "dense") {
    const { columns, values } = modality;
    const own = new Float32Array(rows.length * columns);
    rows.forEach((row, n) => own.set(values.subarray(row * columns, (row + 1) * columns), n * columns));
    return { kind: "dense", columns, values: own, known };
  }
  const { pattern, values } = modality;
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, n) => offsets[n + 1] = offsets[n] + rowOf(pattern, row).length);
  const indices = new Int32Array(offsets[rows.length]), own = new Float32Array(offsets[rows.length]);
  rows.forEach((row, n) => {
    indices.set(rowOf(pattern, row), offsets[n]);
    own.set(values.subarray(pattern.offsets[row], pattern.offsets[row + 1]), offsets[n]);
  });
  return {
    kind: "sparse",
    pattern: patternFromCsr([rows.length, pattern.columns], offsets, indices),
    values: own,
    known,
  };
}

async function paramsOf(folder: string, place: { device: Device; files: Files }): Promise<Tree> {
  const path = within(folder, "best.safetensors");
  if (await place.files.stat(path) !== null) return (await loadTree(path, place)).tree;
  throw new FormatError(`Cannot add items to "${folder}": it has no "best.safetensors"; put back the file`);
}

/**
 * Returns parameters with the structure and the sizes of others. Further rows are 0, but those of raw features that are
 * trained, X, which begin as the features.
 */
function grownParams(params: Tree, like: Tree): Tree {
  const old = new Map(leaves(params));
  const paths = leaves(like).map(([path]) => path);
  let n = 0;
  return mapTree((wanted) => {
    const path = paths[n++];
    const x = old.get(path)!;
    const [rows, columns = 1] = x.shape;
    const more = (wanted.shape[0] ?? 0) - (rows ?? 0);
    if (rows === undefined || more === 0) return scale(x, 1);
    const table = (of: Tensor, count: number) => reshape(of, [count, columns]);
    const rest = path.endsWith(".X")
      ? sliceRows(table(wanted, rows + more), rows, rows + more)
      : zeros<[number, number]>([more, columns], x.storage);
    return concatRows([table(x, rows), rest]);
  }, like);
}

async function recordOf(run: Run, data: Dataset, { command = [] }: AddItemsOptions): Promise<RunRecord> {
  const { source, reading, name } = run.record.data;
  const described = dataRecord({ ...data, name }, { source, reading, fingerprint: await fingerprint(data) });
  return { ...run.record, status: "finished", command, data: described };
}

async function write(
  folder: string,
  record: RunRecord,
  { made, data, context, files }: {
    readonly made: Pick<Run, "model" | "config" | "embeddings"> & { readonly params: Tree };
    readonly data: Dataset;
    readonly context: unknown;
    readonly files: Files;
  },
): Promise<void> {
  const { model, config, embeddings, params } = made;
  const { created, release } = await createFolder(folder, files);
  try {
    await beginFolder(folder, { ...record, status: "running" }, { model, config, data }, files);
    await saveTree(within(folder, "best.safetensors"), params, { files });
    const metadata = await belonging(record, { data, config }, record.best ?? record.epochs);
    await saveTree(within(folder, "embeddings.safetensors"), embeddings, { metadata, files });
    const vectors = await vectorsByModality({ model, context }, params);
    if (vectors) {
      await saveTree(within(folder, "modalities.safetensors"), vectors, { metadata, files });
      free(vectors);
    }
    await writeRecord(folder, record, files);
  } catch (error) {
    await removeCreated(folder, created, files);
    throw error;
  } finally {
    await release();
  }
}
