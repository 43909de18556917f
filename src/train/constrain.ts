/**
 * Optimizers with a constraint on the parameters.
 *
 * @module
 */
import type { Tree } from "../core/tree.ts";
import type { Optimizer } from "./optimizer.ts";

/**
 * Returns an optimizer that applies `constrain` to the parameters after each step: projected gradient descent, if
 * `constrain` is a projection. The memory of the optimizer is not changed.
 *
 * @example
 * ```ts
 * import { readSync, tensor, type Vector, zeros } from "@giverny/giverny/core";
 * import { maximum } from "@giverny/giverny/ops";
 * import { constrained, sgd } from "@giverny/giverny/train";
 * import { deepEqual } from "node:assert/strict";
 * type Params = { readonly x: Vector };
 * const { start, update } = constrained(sgd(), ({ x }: Params) => ({ x: maximum(x, zeros(x.shape)) }));
 * const { params } = update(start({ x: tensor([1, 1]) }), { x: tensor([3, -3]) }, 1);
 * deepEqual([...readSync(params.x)], [0, 4]);
 * ```
 */
export function constrained<Q extends Tree>(optimizer: Optimizer, constrain: (params: Q) => Q): Optimizer {
  return {
    ...optimizer,
    update: <P extends Tree>(...step: Parameters<typeof optimizer.update<P>>) => {
      const training = optimizer.update(...step);
      return { ...training, params: constrain(training.params as Tree as Q) as Tree as P };
    },
  };
}
