/**
 * When memory is given back. Blocks made inside a {@link scope} are freed when it ends, except those of the values it
 * returns, which then belong to the scope around it. Outside any scope they live until {@link free} or until the garbage
 * collector finds them.
 *
 * @module
 */
import { KindError } from "../../kernels/errors.ts";
import type { Storage } from "../../kernels/mod.ts";

let current: Set<Storage> | null = null;
/** The blocks that belong to an object, by weak references: the object must not keep their device alive. */
const attachments = new WeakMap<object, Set<WeakRef<Storage>>>();

/** Puts a new block under the care of the innermost scope. */
export function track<S extends Storage>(storage: S): S {
  current?.add(storage);
  return storage;
}

/**
 * Ties blocks to an object: they are kept and freed with it, as the copies of a pattern on devices are. The object does not
 * own them; a block that only the object would keep may be collected.
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
 * Runs `body` and frees every tensor made inside, except those in the value it returns: a tensor, or arrays and plain
 * objects of them at any depth. A step of training or a block of a ranking runs in a scope, so memory stays flat.
 *
 * @throws {KindError} if `body` is asynchronous: a scope ends when its body returns.
 *
 * @example
 * ```ts
 * import { add, readSync, scope, tensor } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * const x = tensor([1, 2, 3]);
 * const y = scope(() => {
 *   const twice = add(x, x); // freed
 *   return add(twice, x);
 * });
 * assertEquals([...readSync(y)], [3, 6, 9]);
 * ```
 */
export function scope<T>(body: () => T): T {
  const outer = current;
  const mine = current = new Set<Storage>();
  let kept: ReadonlySet<Storage> = new Set();
  try {
    const result = body();
    if (result instanceof Promise) {
      throw new KindError("Cannot run an asynchronous body in a scope: read what it needs outside");
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

/** Runs `body` and returns what it returned and the blocks it made, which stay with the scope around it. */
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

/** Frees the tensors in a value at once: a tensor, or arrays and plain objects of them. Using them afterwards is an error. */
export function free(value: unknown): void {
  for (const storage of blocksOf(value)) storage.device.free(storage);
}

/** Collects the blocks of every tensor and pattern in a value. */
function blocksOf(value: unknown, found: Set<Storage> = new Set(), seen: Set<object> = new Set()): Set<Storage> {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || seen.has(value)) return found;
  seen.add(value);
  for (const storage of attached(value)) found.add(storage);
  if ("storage" in value) found.add(value.storage as Storage);
  else for (const part of Object.values(value)) blocksOf(part, found, seen);
  return found;
}
