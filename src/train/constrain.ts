/**
 * Optimizers whose parameters obey a constraint.
 *
 * @module
 */
import type { Tree } from "../core/tree.ts";
import type { Optimizer } from "./optimizer.ts";

/**
 * Returns the optimizer that takes each step as another does and then makes the constraint hold: projected gradient descent,
 * where `constrain` is a projection. What the other remembers stays as it is.
 *
 * @example
 * ```ts
 * import { constrained, maximum, readSync, sgd, tensor, type Vector, zeros } from "@giverny/giverny";
 * import { assertEquals } from "deno-std/assert/equals.js";
 * type Params = { readonly x: Vector };
 * const { start, update } = constrained(sgd(), ({ x }: Params) => ({ x: maximum(x, zeros(x.shape)) }));
 * const { params } = update(start({ x: tensor([1, 1]) }), { x: tensor([3, -3]) }, 1);
 * assertEquals([...readSync(params.x)], [0, 4]);
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
