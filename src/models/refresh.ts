/**
 * What of a model's context follows from its parameters: made anew before each epoch and each encoding, and freed after it.
 *
 * @module
 */
import type { Key } from "../core/random.ts";
import { free, scope } from "../core/scope.ts";
import type { Config } from "../core/settings.ts";
import type { Scalar } from "../core/tensor.ts";
import { mapTree, type Tree } from "../core/tree.ts";
import type { Triples } from "../data/batch.ts";
import { scale } from "../ops/elementwise.ts";
import type { Model } from "./model.ts";

/** What `fit` needs of a model. */
export interface Objective<P extends Tree, Fresh> {
  /** What training minimises, with what was made before the epoch. */
  readonly loss: (params: P, batch: Triples, key: Key, fresh?: Fresh) => Scalar;
  /** Makes, before an epoch, what stays for it. */
  readonly refresh: (params: P) => Promise<Fresh>;
}

/**
 * Returns a model's objective: `loss` and `refresh` as `fit` takes them.
 *
 * @example
 * ```ts
 * import { adam, constant, defaultsOf, fit, garden, histories, interactionSampler } from "@giverny/giverny";
 * import { key, lightgcn, objective } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * const data = garden(key(0), { users: 12, items: 24 });
 * const context = lightgcn.prepare(data, defaultsOf(lightgcn.settings));
 * const { loss, refresh } = objective(lightgcn, context);
 * const batches = interactionSampler(histories(data, "train"), { batch: 64 });
 * const start = adam().start(lightgcn.init(key(1), context));
 * const options = { batches, refresh, optimizer: adam(), rate: constant(1e-3), epochs: 2, key: key(2) };
 * let epochs = 0;
 * for await (const { epoch } of fit(start, loss, options)) epochs = epoch + 1;
 * assertEquals(epochs, 2);
 * ```
 */
export function objective<C extends Config, X, P extends Tree, E extends Tree>(
  model: Model<C, X, P, E, X | Promise<X>>,
  context: X,
): Objective<P, Partial<X>> {
  return {
    loss: (params, batch, key, fresh) => model.loss(params, batch, { ...context, ...fresh }, key),
    refresh: async (params) => await model.refresh?.(params, context) ?? {},
  };
}

/** Returns what parameters encode to, as tensors of its own: a model may hand out its parameters as they are. */
export async function encoded<C extends Config, X, P extends Tree, E extends Tree>(
  model: Model<C, X, P, E, X | Promise<X>>,
  params: P,
  context: X,
): Promise<E> {
  const fresh = await model.refresh?.(params, context);
  try {
    return scope(() => mapTree((x) => scale(x, 1), model.encode(params, { ...context, ...fresh })));
  } finally {
    free(fresh);
  }
}
