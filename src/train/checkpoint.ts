/**
 * Checkpoints: trees of tensors in safetensors files, written whole or not at all.
 *
 * @module
 */
import { fromArray, isTensor, type Placement, read, type Tensor } from "../core/tensor.ts";
import { mapTree, type Tree } from "../core/tree.ts";
import { readBytes, unreadable, writeFile } from "../data/formats/files.ts";
import { endsEpoch, type Stage, type Step } from "./fit.ts";
import type { Training } from "./optimizer.ts";
import { decodeSafetensors, encodeSafetensors, type Stored } from "./safetensors.ts";

/** Texts that go with a checkpoint. */
export type Metadata = Readonly<Record<string, string>>;

/**
 * Writes a tree to a file. Leaves are named by their paths, `image.W` say; a dot within a key becomes `%2E`.
 *
 * @throws {Error} if it cannot be written; a file that was there before is then still whole.
 */
export async function saveTree(path: string, tree: Tree, metadata: Metadata = {}): Promise<void> {
  const tensors: [string, Stored][] = [];
  for (const [name, leaf] of named(tree)) tensors.push([name, { shape: leaf.shape, values: await read(leaf) }]);
  await writeFile(path, encodeSafetensors({ tensors: Object.fromEntries(tensors), metadata }));
}

/** Returns the leaves of a tree with their names in a file; a tree that is a leaf has none. */
function named(tree: Tree, above = ""): [name: string, leaf: Tensor][] {
  if (isTensor(tree)) return [[above.slice(0, -1), tree]];
  return Object.entries(tree).flatMap(([key, part]) =>
    named(part, `${above}${key.replaceAll("%", "%25").replaceAll(".", "%2E")}.`)
  );
}

/**
 * Returns the tree in a file, and its metadata. Its branches are plain objects.
 *
 * @throws {FormatError} if the file is missing, cut off, or no checkpoint, saying which.
 */
export async function loadTree(path: string, place: Placement = {}): Promise<{ tree: Tree; metadata: Metadata }> {
  const { tensors, metadata } = decoded(path, await readBytes(path, "a checkpoint"));
  const found = Object.entries(tensors).map(([name, { shape, values }]): Leaf => [
    name === "" ? [] : name.split(".").map((key) => key.replaceAll("%2E", ".").replaceAll("%25", "%")),
    fromArray(values, shape, place),
  ]);
  return { tree: grow(path, found), metadata };
}

/** A leaf and the keys that lead to it. */
type Leaf = readonly [keys: readonly string[], leaf: Tensor];

/** Returns the tree that has these leaves; keys of any name become its own properties. */
function grow(path: string, found: readonly Leaf[], above = ""): Tree {
  const bare = found.find(([keys]) => keys.length === 0);
  if (bare && found.length > 1) throw unreadable("a checkpoint", path, `"${above}" is a tensor and a branch`);
  if (bare) return bare[1];
  const branches = Map.groupBy(found, ([[key]]) => key);
  return Object.fromEntries(
    Array.from(branches, ([key, part]) => [key, grow(path, part.map(([[, ...keys], leaf]) => [keys, leaf]), key)]),
  );
}

function decoded(path: string, bytes: Uint8Array): ReturnType<typeof decodeSafetensors> {
  try {
    return decodeSafetensors(bytes);
  } catch (cause) {
    throw unreadable("a checkpoint", path, cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/**
 * Returns the tree in a file that has the structure of `like`, on the same device, and its metadata.
 *
 * @throws {FormatError} as {@link loadTree} does, and if the file holds other tensors or other shapes.
 */
export async function loadLike<T extends Tree>(path: string, like: T): Promise<{ tree: T; metadata: Metadata }> {
  const expected = named(like);
  const { tree, metadata } = await loadTree(path, expected[0]?.[1].storage ?? {});
  const found = new Map(named(tree));
  for (const [name, { shape }] of expected) {
    const other = found.get(name)?.shape;
    if (String(other) !== String(shape)) {
      const held = other ? `holds it as [${other}]` : "lacks it";
      throw unreadable("a checkpoint", path, `this model has ${name} as [${shape}], the file ${held}`);
    }
  }
  if (found.size !== expected.length) {
    throw unreadable("a checkpoint", path, `it holds ${found.size} tensors, this model has ${expected.length}`);
  }
  let next = 0;
  return { tree: mapTree(() => found.get(expected[next++][0])!, like), metadata };
}

/** Writes a training to a file, so that {@link loadTraining} can go on with it. */
export async function saveTraining<P extends Tree>(
  path: string,
  { params, memory, step }: Training<P>,
  metadata: Metadata = {},
): Promise<void> {
  await saveTree(path, { params, memory }, { ...metadata, step: String(step) });
}

/**
 * Returns the training in a file.
 *
 * @throws {FormatError} if it holds none, or one of other parameters than `like`.
 */
export async function loadTraining<P extends Tree>(
  path: string,
  { params, memory }: Training<P>,
): Promise<{ training: Training<P>; metadata: Metadata }> {
  const { tree, metadata } = await loadLike(path, { params, memory });
  const step = Number(metadata.step ?? NaN);
  if (!Number.isSafeInteger(step)) throw unreadable("a training", path, "it does not say how many steps were taken");
  return { training: { ...tree, step }, metadata };
}

/** What {@link checkpoint} writes. */
export interface CheckpointOptions<P extends Tree, E> {
  /** Writes the training at the end of every epoch; what a resumed training goes on from. */
  readonly last: (step: Step<P, E>) => Promise<void>;
  /** Writes what is worth keeping of the best evaluation so far. */
  readonly best: (step: Step<P, E>) => Promise<void>;
}

/** Returns the stage that keeps the last and the best of a training. */
export function checkpoint<P extends Tree, E>({ last, best }: CheckpointOptions<P, E>): Stage<P, E> {
  return async function* (steps) {
    for await (const step of steps) {
      if (step.improved) await best(step);
      if (endsEpoch(step)) await last(step);
      yield step;
    }
  };
}
