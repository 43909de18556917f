/**
 * Trees: plain objects and arrays with tensors at the leaves. Parameters, their gradients and the state of an optimizer
 * are trees of one structure, so one `mapTree` updates any of them.
 *
 * @module
 */
import { KindError } from "../../kernels/errors.ts";
import { type Device, formula } from "../../kernels/mod.ts";
import { track } from "./scope.ts";
import { asMatrix } from "./shape.ts";
import { alive, isTensor, read, type Tensor, wrap } from "./tensor.ts";

/**
 * A tensor, or arrays and plain objects of trees. Declare the type of your parameters with `type`: an interface has no
 * index signature, and is not a tree.
 */
export type Tree = Tensor | readonly Tree[] | { readonly [name: string]: Tree };

/**
 * Returns a tree of the same structure. Each of its leaves is `f` of the leaves at the same place of the given trees.
 *
 * @throws {KindError} if the trees differ in structure.
 *
 * @example
 * ```ts
 * import { mapTree, readSync, tensor } from "@giverny/giverny/core";
 * import { scale } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const doubled = mapTree((x) => scale(x, 2), { w: tensor([1, 2]), more: [tensor([3])] });
 * deepEqual([...readSync(doubled.more[0])], [6]);
 * ```
 */
export function mapTree<T extends Tree>(
  f: (leaf: Tensor, ...others: Tensor[]) => Tensor,
  tree: T,
  ...others: Tree[]
): T {
  const visit = (path: string, node: Tree, rest: readonly Tree[]): Tree => {
    if (isTensor(node)) return f(node, ...rest.map((other) => leafAt(path, other)));
    const parts = rest.map((other) => branchesAt(path, node, other));
    const below = (name: string, part: Tree) => visit(`${path}.${name}`, part, parts.map((other) => other[name]));
    return Array.isArray(node)
      ? node.map((part, i) => below(String(i), part))
      : Object.fromEntries(Object.entries(node).map(([name, part]) => [name, below(name, part)]));
  };
  return visit("tree", tree, others) as T;
}

function leafAt(path: string, node: Tree): Tensor {
  if (!isTensor(node)) throw unlike(`only one of them has a tensor at ${path}`);
  return node;
}

function branchesAt(path: string, node: Tree, other: Tree): Readonly<Record<string, Tree>> {
  if (isTensor(other)) throw unlike(`only one of them has branches at ${path}`);
  const names = Object.keys(node);
  if (names.length !== Object.keys(other).length || !names.every((name) => Object.hasOwn(other, name))) {
    throw unlike(`they have different branches at ${path}`);
  }
  return other as Readonly<Record<string, Tree>>;
}

function unlike(rule: string): KindError {
  return new KindError(`Cannot mapTree over trees of different structure: ${rule}`);
}

/**
 * Returns the leaves of a tree in order, each with its path: `image.W`, for example.
 *
 * @example
 * ```ts
 * import { leaves, tensor } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * const tree = { image: { W: tensor([[1]]) }, layers: [tensor([2])] };
 * deepEqual(leaves(tree).map(([path]) => path), ["image.W", "layers.0"]);
 * ```
 */
export function leaves(tree: Tree): [path: string, leaf: Tensor][] {
  if (isTensor(tree)) return [["", tree]];
  return Object.entries(tree).flatMap(([name, part]) =>
    leaves(part).map(([path, leaf]): [string, Tensor] => [path ? `${name}.${path}` : name, leaf])
  );
}

const same = formula("copy", () => (x) => x);

/**
 * Returns a copy of a tree on the same device. It is the way to keep tensors that are about to be freed: those of a
 * training step, for example, are freed when the next step begins.
 *
 * @throws {KindError} if a tensor was freed.
 *
 * @example
 * ```ts
 * import { copy, free, readSync, tensor } from "@giverny/giverny/core";
 * import { deepEqual } from "node:assert/strict";
 * const params = { w: tensor([1, 2]) };
 * const kept = copy(params);
 * free(params);
 * deepEqual([...readSync(kept.w)], [1, 2]);
 * ```
 */
export function copy<T extends Tree>(tree: T): T {
  return mapTree((leaf) => {
    const { shape, storage } = alive(leaf, "copy");
    const [block] = storage.device.kernels.map(same, [{ storage, extent: "both" }], [], asMatrix(shape));
    return wrap(track(block), shape);
  }, tree);
}

/**
 * Returns a copy of a tree on a device. On the same device, {@link copy} does this at once.
 *
 * @throws {KindError} if a tensor was freed.
 *
 * @example
 * ```ts
 * import { toDevice, tensor } from "@giverny/giverny/core";
 * import { reference } from "@giverny/giverny/kernels";
 * import { equal } from "node:assert/strict";
 * const { w } = await toDevice(reference, { w: tensor([1, 2]) });
 * equal(w.storage.device.name, "reference");
 * ```
 */
export async function toDevice<T extends Tree>(device: Device, tree: T): Promise<T> {
  const copies = new Map<Tensor, Tensor>();
  for (const [, leaf] of leaves(tree)) {
    copies.set(leaf, wrap(track(device.upload(await read(alive(leaf, "toDevice")))), leaf.shape));
  }
  return mapTree((leaf) => copies.get(leaf)!, tree);
}
