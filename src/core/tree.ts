/**
 * Trees: plain objects and arrays with tensors at the leaves. Parameters, gradients and optimizer states are trees of one
 * shape, so one `map` updates any of them.
 *
 * @module
 */
import { KindError } from "../../kernels/errors.ts";
import type { Device } from "../../kernels/mod.ts";
import { track } from "./scope.ts";
import { alive, isTensor, read, type Tensor, wrap } from "./tensor.ts";

/** A tensor, or arrays and plain objects of trees. Declare yours with `type`: interfaces lack the index signature. */
export type Tree = Tensor | readonly Tree[] | { readonly [name: string]: Tree };

/**
 * Returns a tree of the same structure in which every leaf is `f` of the leaves at that place.
 *
 * @throws {KindError} if the trees differ in structure.
 *
 * @example
 * ```ts
 * import { add, mapTree, readSync, tensor } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * const a = { w: tensor([1, 2]), more: [tensor([3])] };
 * const doubled = mapTree((x) => add(x, x), a);
 * assertEquals([...readSync(doubled.more[0])], [6]);
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
  if (!isTensor(node)) throw new KindError(`Cannot walk trees together: only one has a tensor at ${path}`);
  return node;
}

function branchesAt(path: string, node: Tree, other: Tree): Readonly<Record<string, Tree>> {
  if (isTensor(other)) throw new KindError(`Cannot walk trees together: only one has branches at ${path}`);
  const names = Object.keys(node);
  if (names.length !== Object.keys(other).length || !names.every((name) => Object.hasOwn(other, name))) {
    throw new KindError(`Cannot walk trees together: they branch differently at ${path}`);
  }
  return other as Readonly<Record<string, Tree>>;
}

/** Returns the leaves of a tree with their paths, `image.W` say, in order. */
export function leaves(tree: Tree): [path: string, leaf: Tensor][] {
  if (isTensor(tree)) return [["", tree]];
  return Object.entries(tree).flatMap(([name, part]) =>
    leaves(part).map(([path, leaf]): [string, Tensor] => [path ? `${name}.${path}` : name, leaf])
  );
}

/**
 * Returns a copy of a tree on a device; also the way to keep a tree whose owner is about to free it.
 */
export async function toDevice<T extends Tree>(device: Device, tree: T): Promise<T> {
  const copies = new Map<Tensor, Tensor>();
  for (const [, leaf] of leaves(tree)) copies.set(leaf, wrap(track(device.upload(await read(leaf))), leaf.shape));
  return mapTree((leaf) => copies.get(alive(leaf, "copy"))!, tree);
}
