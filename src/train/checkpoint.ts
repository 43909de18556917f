/**
 * Checkpoints: trees of tensors in safetensors files, each written whole or not at all.
 *
 * @module
 */
import { fromArray, isTensor, type Placement, read, type Tensor } from "../core/tensor.ts";
import { mapTree, type Tree } from "../core/tree.ts";
import { type Files, localFiles } from "../data/files.ts";
import { readBytes, unreadable, writeFile } from "../data/formats/files.ts";
import { endsEpoch, type Stage, type Step } from "./fit.ts";
import type { Training } from "./optimizer.ts";
import { decodeSafetensors, encodeSafetensors, type Stored } from "./safetensors.ts";

/** Texts in a checkpoint, by name. */
export type Metadata = Readonly<Record<string, string>>;

/** The files that a checkpoint is written to or read from. */
export interface FilesOptions {
  /** The file layer; the files of this machine by default. */
  readonly files?: Files | undefined;
}

/** The options of {@link saveTree} and {@link saveTraining}. */
export interface SaveOptions extends FilesOptions {
  /** The metadata; none by default. */
  readonly metadata?: Metadata | undefined;
}

/** The options of {@link loadTree}. */
export interface LoadTreeOptions extends Placement, FilesOptions {}

/**
 * Writes a tree to a file. Leaves are named by their paths: `image.W`, for example. A dot in a key becomes `%2E`.
 *
 * @throws {FileError} if it cannot be written; the old file is then still whole.
 *
 * @example
 * ```ts
 * import { leaves, tensor } from "@giverny/giverny/core";
 * import { memoryFiles } from "@giverny/giverny/data";
 * import { loadTree, saveTree } from "@giverny/giverny/train";
 * import { deepEqual } from "node:assert/strict";
 * const files = memoryFiles();
 * await saveTree("model.safetensors", { image: { W: tensor([1, 2]) } }, { metadata: { model: "mine" }, files });
 * const { tree, metadata } = await loadTree("model.safetensors", { files });
 * deepEqual([leaves(tree)[0][0], metadata.model], ["image.W", "mine"]);
 * ```
 */
export async function saveTree(
  path: string,
  tree: Tree,
  { metadata = {}, files = localFiles }: SaveOptions = {},
): Promise<void> {
  const tensors: [string, Stored][] = [];
  for (const [name, leaf] of named(tree)) tensors.push([name, { shape: leaf.shape, values: await read(leaf) }]);
  const bytes = encodeSafetensors({ tensors: Object.fromEntries(tensors), metadata });
  await writeFile(path, bytes, files);
}

/** Returns the leaves of a tree with their names in a file. The name of a tree that is a leaf is empty. */
function named(tree: Tree, above = ""): [name: string, leaf: Tensor][] {
  if (isTensor(tree)) return [[above.slice(0, -1), tree]];
  return Object.entries(tree).flatMap(([key, part]) =>
    named(part, `${above}${key.replaceAll("%", "%25").replaceAll(".", "%2E")}.`)
  );
}

/**
 * Returns the tree in a file, and its metadata. Its branches are plain objects.
 *
 * @throws {FormatError} if the file does not exist, is cut off, or is no checkpoint.
 *
 * @example
 * ```ts
 * import { leaves, tensor } from "@giverny/giverny/core";
 * import { memoryFiles } from "@giverny/giverny/data";
 * import { loadTree, saveTree } from "@giverny/giverny/train";
 * import { deepEqual } from "node:assert/strict";
 * const files = memoryFiles();
 * await saveTree("model.safetensors", { W: tensor([1, 2]) }, { files });
 * const { tree } = await loadTree("model.safetensors", { files });
 * deepEqual(leaves(tree).map(([path, { shape }]) => [path, ...shape]), [["W", 2]]);
 * ```
 */
export async function loadTree(
  path: string,
  options: LoadTreeOptions = {},
): Promise<{ tree: Tree; metadata: Metadata }> {
  const { device, files = localFiles } = options;
  const { tensors, metadata } = decoded(path, await readBytes(path, "a checkpoint", files));
  const found = Object.entries(tensors).map(([name, { shape, values }]): Leaf => [
    name === "" ? [] : name.split(".").map((key) => key.replaceAll("%2E", ".").replaceAll("%25", "%")),
    fromArray(values, shape, { device }),
  ]);
  return { tree: grow(path, found), metadata };
}

/** A leaf and the keys of its path. */
type Leaf = readonly [keys: readonly string[], leaf: Tensor];

/** Returns the tree that has these leaves. */
function grow(path: string, found: readonly Leaf[], above = ""): Tree {
  const bare = found.find(([keys]) => keys.length === 0);
  if (bare && found.length > 1) throw unreadable("a checkpoint", path, `"${above}" is a tensor and a branch`);
  if (bare) return bare[1];
  const branches = new Map<string, Leaf[]>();
  for (const [[key, ...keys], leaf] of found) branches.set(key, [...branches.get(key) ?? [], [keys, leaf]]);
  // Object.fromEntries makes any key a property of the object itself, "__proto__" too.
  return Object.fromEntries(Array.from(branches, ([key, part]) => [key, grow(path, part, key)]));
}

function decoded(path: string, bytes: Uint8Array): ReturnType<typeof decodeSafetensors> {
  try {
    return decodeSafetensors(bytes);
  } catch (cause) {
    throw unreadable("a checkpoint", path, cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/**
 * Returns the tree in a file, with the structure and on the device of `like`, and its metadata.
 *
 * @throws {FormatError} as {@link loadTree} does, and if the file has other tensors or other shapes than `like`.
 *
 * @example
 * ```ts
 * import { tensor } from "@giverny/giverny/core";
 * import { memoryFiles } from "@giverny/giverny/data";
 * import { loadLike, saveTree } from "@giverny/giverny/train";
 * import { ok } from "node:assert/strict";
 * const files = memoryFiles();
 * await saveTree("model.safetensors", [tensor(1), tensor([2])], { files });
 * const { tree } = await loadLike("model.safetensors", [tensor(0), tensor([0])], { files });
 * ok(Array.isArray(tree));
 * ```
 */
export async function loadLike<T extends Tree>(
  path: string,
  like: T,
  options: FilesOptions = {},
): Promise<{ tree: T; metadata: Metadata }> {
  const expected = named(like);
  const { tree, metadata } = await loadTree(path, { device: expected[0]?.[1].storage.device, files: options.files });
  const found = new Map(named(tree));
  for (const [name, { shape }] of expected) {
    const other = found.get(name)?.shape;
    if (String(other) !== String(shape)) {
      const held = other ? `the file has it as [${other}]` : "the file does not have it";
      throw unreadable("a checkpoint", path, `this model has ${name} as [${shape}], ${held}`);
    }
  }
  if (found.size !== expected.length) {
    const counts = `the file has ${found.size} tensors, this model has ${expected.length}`;
    throw unreadable("a checkpoint", path, counts);
  }
  let next = 0;
  return { tree: mapTree(() => found.get(expected[next++][0])!, like), metadata };
}

/**
 * Writes a training to a file. {@link loadTraining} reads it, and `fit` continues it.
 *
 * @throws {FileError} if it cannot be written; the old file is then still whole.
 *
 * @example
 * ```ts
 * import { tensor } from "@giverny/giverny/core";
 * import { step } from "@giverny/giverny/ops";
 * import { memoryFiles } from "@giverny/giverny/data";
 * import { adam, loadTree, saveTraining } from "@giverny/giverny/train";
 * import { deepEqual } from "node:assert/strict";
 * const files = memoryFiles();
 * await saveTraining("last.safetensors", adam().start({ x: tensor(1) }), { metadata: { epoch: "3" }, files });
 * const { metadata } = await loadTree("last.safetensors", { files });
 * deepEqual(metadata, { epoch: "3", step: "0" });
 * ```
 */
export async function saveTraining<P extends Tree>(
  path: string,
  training: Training<P>,
  { metadata, files }: SaveOptions = {},
): Promise<void> {
  const { params, memory, step } = training;
  await saveTree(path, { params, memory }, { metadata: { ...metadata, step: String(step) }, files });
}

/**
 * Returns the training in a file, and its metadata.
 *
 * @throws {FormatError} if the file has no training, or a training of other parameters than `like`.
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { step } from "@giverny/giverny/ops";
 * import { memoryFiles } from "@giverny/giverny/data";
 * import { adam, loadTraining, saveTraining } from "@giverny/giverny/train";
 * import { deepEqual } from "node:assert/strict";
 * const files = memoryFiles();
 * await saveTraining("last.safetensors", { ...adam().start({ x: tensor(1) }), step: 7 }, { files });
 * const { training } = await loadTraining("last.safetensors", adam().start({ x: tensor(0) }), { files });
 * deepEqual([training.step, ...readSync(training.params.x)], [7, 1]);
 * ```
 */
export async function loadTraining<P extends Tree>(
  path: string,
  like: Training<P>,
  options: FilesOptions = {},
): Promise<{ training: Training<P>; metadata: Metadata }> {
  const { params, memory } = like;
  const { tree, metadata } = await loadLike(path, { params, memory }, options);
  const step = Number(metadata.step ?? NaN);
  if (!Number.isSafeInteger(step)) throw unreadable("a training", path, "it does not say how many steps were taken");
  return { training: { ...tree, step }, metadata };
}

/** The options of {@link checkpoint}. */
export interface CheckpointOptions<P extends Tree, E> {
  /** Writes the training at the end of every epoch, for a later resumption. */
  readonly last: (step: Step<P, E>) => Promise<void>;
  /** Writes the parameters of the best evaluation so far. */
  readonly best: (step: Step<P, E>) => Promise<void>;
}

/**
 * Returns the stage that writes the last training and the best parameters.
 *
 * @example
 * ```ts
 * import { key, read, readSync, tensor } from "@giverny/giverny/core";
 * import { square } from "@giverny/giverny/ops";
 * import { memoryFiles } from "@giverny/giverny/data";
 * import { checkpoint, evaluateEvery, fit, loadLike, pipe } from "@giverny/giverny/train";
 * import { saveTraining, saveTree, sgd, stopEarly } from "@giverny/giverny/train";
 * import { deepEqual } from "node:assert/strict";
 * const files = memoryFiles();
 * const batches = { steps: 1, batch: () => null };
 * const options = { batches, optimizer: sgd(), rate: 0.25, epochs: 3, key: key(1) };
 * const stream = pipe(
 *   fit(sgd().start({ x: tensor(8) }), ({ x }) => square(x), options),
 *   evaluateEvery(1, async ({ x }) => -(await read(x))[0]),
 *   stopEarly(5, { score: (x) => x }),
 *   checkpoint({
 *     last: ({ training }) => saveTraining("last.safetensors", training, { files }),
 *     best: ({ training }) => saveTree("best.safetensors", training.params, { files }),
 *   }),
 * );
 * for await (const _ of stream);
 * const { tree } = await loadLike("best.safetensors", { x: tensor(0) }, { files });
 * deepEqual([...readSync(tree.x)], [1]);
 * ```
 */
export function checkpoint<P extends Tree, E>(options: CheckpointOptions<P, E>): Stage<P, E> {
  const { last, best } = options;
  return async function* (steps) {
    for await (const step of steps) {
      if (step.improved) await best(step);
      if (endsEpoch(step)) await last(step);
      yield step;
    }
  };
}
