/**
 * Checkpoints: trees of tensors in safetensors files, written whole or not at all.
 *
 * @module
 */
import { fromArray, isTensor, type Placement, read } from "../core/tensor.ts";
import { leaves, mapTree, type Tree } from "../core/tree.ts";
import { readBytes, unreadable, writeFile } from "../data/formats/files.ts";
import { endsEpoch, type Stage, type Step } from "./fit.ts";
import type { Training } from "./optimizer.ts";
import { decodeSafetensors, encodeSafetensors, type Stored } from "./safetensors.ts";

/** Texts that go with a checkpoint. */
export type Metadata = Readonly<Record<string, string>>;

/**
 * Writes a tree to a file. Leaves are named by their paths, `image.W` say.
 *
 * @throws {Error} if it cannot be written; a file that was there before is then still whole.
 */
export async function saveTree(path: string, tree: Tree, metadata: Metadata = {}): Promise<void> {
  const tensors: Record<string, Stored> = {};
  for (const [name, leaf] of leaves(tree)) tensors[name] = { shape: leaf.shape, values: await read(leaf) };
  await writeFile(path, encodeSafetensors({ tensors, metadata }));
}

/**
 * Returns the tree in a file, and its metadata. Its branches are plain objects.
 *
 * @throws {SyntaxError} if the file is missing, cut off, or no checkpoint, saying which.
 */
export async function loadTree(path: string, place: Placement = {}): Promise<{ tree: Tree; metadata: Metadata }> {
  const { tensors, metadata } = decoded(path, await readBytes(path, "a checkpoint"));
  const tree: { [name: string]: Tree } = {};
  for (const [name, { shape, values }] of Object.entries(tensors)) {
    const parts = name.split(".");
    const branch = parts.slice(0, -1).reduce<{ [name: string]: Tree }>((at, part) => {
      const next = at[part] ??= {};
      if (isTensor(next)) throw unreadable("a checkpoint", path, `"${part}" is a tensor and a branch`);
      return next as { [name: string]: Tree };
    }, tree);
    branch[parts[parts.length - 1]] = fromArray(values, shape, place);
  }
  return { tree, metadata };
}

function decoded(path: string, bytes: Uint8Array): ReturnType<typeof decodeSafetensors> {
  try {
    return decodeSafetensors(bytes);
  } catch (cause) {
    throw unreadable("a checkpoint", path, cause instanceof Error ? cause.message : String(cause), { cause });
  }
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
 * @throws {SyntaxError} if it holds none, or one of other parameters than `like`.
 */
export async function loadTraining<P extends Tree>(
  path: string,
  like: Training<P>,
): Promise<{ training: Training<P>; metadata: Metadata }> {
  const { params, memory } = like;
  const expected = leaves({ params, memory });
  const { tree, metadata } = await loadTree(path, expected[0]?.[1].storage ?? {});
  const found = new Map(leaves(tree));
  for (const [name, { shape }] of expected) {
    const other = found.get(name)?.shape;
    if (String(other) !== String(shape)) {
      const held = other ? `holds it as [${other}]` : "lacks it";
      throw unreadable("a training", path, `this model has ${name} as [${shape}], the file ${held}`);
    }
  }
  const step = Number(metadata.step);
  if (found.size !== expected.length || !Number.isSafeInteger(step)) {
    throw unreadable("a training", path, "it belongs to another model or holds only parameters");
  }
  const names = new Map(expected.map(([name, leaf]) => [leaf, name]));
  const stored = mapTree((leaf) => found.get(names.get(leaf)!)!, { params, memory });
  return { training: { ...stored, step }, metadata };
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
