/**
 * Scopes of memory. A tensor made inside a {@link scope} is freed when the scope ends, unless the scope returns it:
 * then it belongs to the scope outside. A tensor made outside all scopes lives until {@link free}, or until it is
 * garbage-collected.
 *
 * @module
 */
import { KindError } from "../../kernels/errors.ts";
import type { Storage } from "../../kernels/mod.ts";

let current: Set<Storage> | null = null;
/** The blocks that belong to an object, by weak references: the object must not keep their device alive. */
const attachments = new WeakMap<object, Set<WeakRef<Storage>>>();

/** Makes the innermost scope the owner of a new block of memory. */
export function track<S extends Storage>(storage: S): S {
  current?.add(storage);
  return storage;
}

/**
 * Ties blocks to an object: they are kept and freed with it, as the copies of a pattern on devices are. The object does
 * not own them; a block that only the object would keep may be collected.
 */
export function tieTo(object: object, storages: readonly Storage[]): void {
  const live = attached(object).filter(({ freed }) => !freed);
  attachments.set(object, new Set([...live, ...storages].map((storage) => new WeakRef(storage))));
}

/** Returns the blocks that are tied to an object and still there. */
function attached(object: object): readonly Storage[] {
  const references = attachments.get(object);
  return references ? [...references].flatMap((reference) => reference.deref() ?? []) : [];
}

/**
 * Runs `body`, frees every tensor made inside, and returns the value of `body`. Tensors in that value are kept: it may
 * be a tensor, or arrays and plain objects of tensors at any depth. Each training step runs in a scope, so a long
 * training needs no more memory than a short one.
 *
 * @throws {KindError} if `body` is asynchronous, because the scope ends when `body` returns.
 *
 * @example
 * ```ts
 * import { readSync, scope, tensor } from "@giverny/giverny/core";
 * import { add } from "@giverny/giverny/ops";
 * import { deepEqual } from "node:assert/strict";
 * const x = tensor([1, 2, 3]);
 * const y = scope(() => {
 *   const twice = add(x, x); // freed at the end
 *   return add(twice, x);
 * });
 * deepEqual([...readSync(y)], [3, 6, 9]);
 * ```
 */
export function scope<T>(body: () => T): T {
  const outer = current;
  const mine = current = new Set<Storage>();
  let kept: ReadonlySet<Storage> = new Set();
  try {
    const result = body();
    if (result instanceof Promise) {
      throw new KindError("Cannot run an asynchronous function in a scope: await outside of it");
    }
    kept = blocksOf(result);
    return result;
  } finally {
    current = outer;
    for (const storage of mine) {
      if (kept.has(storage)) outer?.add(storage);
      else storage.device.free(storage);
    }
  }
}

/** Runs `body`, and returns its value and the blocks it made. The blocks belong to the scope outside. */
export function recordAllocations<T>(body: () => T): readonly [result: T, made: ReadonlySet<Storage>] {
  const outer = current;
  const mine = current = new Set<Storage>();
  try {
    return [body(), mine];
  } finally {
    current = outer;
    for (const storage of mine) outer?.add(storage);
  }
}

/**
 * Frees the tensors in a value at once: a tensor, or arrays and plain objects of tensors. Using them afterwards is an
 * error.
 *
 * @example
 * ```ts
 * import { free, readSync, tensor } from "@giverny/giverny/core";
 * import { throws } from "node:assert/strict";
 * const x = tensor([1, 2]);
 * free({ x });
 * throws(() => readSync(x), /freed tensor of shape \[2\]/);
 * ```
 */
export function free(value: unknown): void {
  for (const storage of blocksOf(value)) storage.device.free(storage);
}

/** Returns the blocks of every tensor and pattern in a value. */
function blocksOf(value: unknown, found: Set<Storage> = new Set(), seen: Set<object> = new Set()): Set<Storage> {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || seen.has(value)) return found;
  seen.add(value);
  for (const storage of attached(value)) found.add(storage);
  // A tree may have a branch that is called "storage".
  if ("storage" in value && "shape" in value) found.add(value.storage as Storage);
  else for (const part of Object.values(value)) blocksOf(part, found, seen);
  return found;
}
