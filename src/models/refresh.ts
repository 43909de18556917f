/**
 * A model's loss and encoding with the parts of its context that `refresh` builds.
 *
 * @module
 */
import type { Items, Users } from "../core/axis.ts";
import type { Pattern } from "../core/pattern.ts";
import { type Key, key } from "../core/random.ts";
import { free, scope } from "../core/scope.ts";
import type { Config } from "../core/settings.ts";
import type { Scalar } from "../core/tensor.ts";
import { mapTree, type Tree } from "../core/tree.ts";
import { type Sampler, type SamplerOptions, SAMPLERS, type Triples } from "../data/batch.ts";
import { scale } from "../ops/elementwise.ts";
import type { Model, RefreshAt } from "./model.ts";

/** A model's loss and refresh, as `fit` takes them. */
export interface Objective<P extends Tree, Fresh> {
  /** Returns the number that training minimises, given the parts built before the epoch. */
  readonly loss: (params: P, batch: Triples, key: Key, fresh?: Fresh) => Scalar;
  /** Builds the parts that stay for an epoch. */
  readonly refresh: (params: P, at: Pick<RefreshAt, "key" | "epoch">) => Promise<Fresh>;
}

/**
 * Returns a model's objective: `loss` and `refresh` as `fit` takes them.
 *
 * @example
 * ```ts
 * import { defaultsOf, key } from "@giverny/giverny/core";
 * import { garden, histories, userSampler } from "@giverny/giverny/data";
 * import { lightgcn, objective } from "@giverny/giverny/models";
 * import { adam, constant, fit } from "@giverny/giverny/train";
 * const data = garden(key(0), { users: 12, items: 24 });
 * const context = lightgcn.prepare(data, defaultsOf(lightgcn.settings));
 * const { loss, refresh } = objective(lightgcn, context);
 * const batches = userSampler(histories(data, "train"), { batch: 64 });
 * const start = adam().start(lightgcn.init(key(1), context));
 * const options = { batches, refresh, optimizer: adam(), rate: constant(1e-3), epochs: 1, key: key(2) };
 * for await (const { epoch, step } of fit(start, loss, options)) console.log(epoch, step);
 * ```
 */
export function objective<C extends Config, X, P extends Tree, E extends Tree>(
  model: Model<C, X, P, E, X | Promise<X>>,
  context: X,
): Objective<P, Partial<X>> {
  return {
    loss: (params, batch, key, fresh) => model.loss(params, batch, { ...context, ...fresh }, key),
    refresh: async (params, at) => await model.refresh?.(params, context, { ...at, purpose: "epoch" }) ?? {},
  };
}

/**
 * Returns the sampler of a model's training batches: its own, or else the one that a training setting names.
 *
 * @example
 * ```ts
 * import { defaultsOf, key } from "@giverny/giverny/core";
 * import { garden, histories } from "@giverny/giverny/data";
 * import { lightgcn, samplerOf } from "@giverny/giverny/models";
 * import { equal } from "node:assert/strict";
 * const history = histories(garden(key(0)), "train");
 * const sampler = samplerOf(lightgcn, history, defaultsOf(lightgcn.settings), { sampler: "user", batch: 64 });
 * equal(sampler.steps, Math.floor(history.indices.length / 64) + 1);
 * ```
 */
export function samplerOf<C extends Config>(
  model: Pick<Model<C>, "sampler">,
  history: Pattern<Users, Items>,
  config: C,
  { sampler, batch, users }:
    & { readonly sampler: keyof typeof SAMPLERS }
    & Pick<SamplerOptions, "batch" | "users">,
): Sampler {
  // Not all settings of a training are handed on: `negatives` is a setting of MAML's, and an option of samplers.
  return model.sampler?.(history, config, { sampler, batch, users }) ?? SAMPLERS[sampler](history, { batch, users });
}

/**
 * Returns the encoding of parameters, as tensors of its own: they stay when the parameters are freed.
 *
 * @example
 * ```ts
 * import { defaultsOf, key } from "@giverny/giverny/core";
 * import { garden } from "@giverny/giverny/data";
 * import { encoded, lightgcn } from "@giverny/giverny/models";
 * import { deepEqual } from "node:assert/strict";
 * const context = lightgcn.prepare(garden(key(0), { users: 12, items: 24 }), defaultsOf(lightgcn.settings));
 * const { items } = await encoded(lightgcn, lightgcn.init(key(1), context), context);
 * deepEqual(items.shape, [24, 64]);
 * ```
 */
export async function encoded<C extends Config, X, P extends Tree, E extends Tree>(
  model: Model<C, X, P, E, X | Promise<X>>,
  params: P,
  context: X,
): Promise<E> {
  const fresh = await refreshed(model, params, context);
  try {
    return scope(() => mapTree((x) => scale(x, 1), model.encode(params, { ...context, ...fresh })));
  } finally {
    free(fresh);
  }
}

/** Returns the parts of the context that `refresh` builds for an encoding, which are the caller's to free. */
export async function refreshed<C extends Config, X, P extends Tree, E extends Tree>(
  model: Model<C, X, P, E, X | Promise<X>>,
  params: P,
  context: X,
): Promise<Partial<X>> {
  return await model.refresh?.(params, context, { key: key(0), epoch: 0, purpose: "encode" }) ?? {};
}
