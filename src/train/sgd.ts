/**
 * Stochastic gradient descent.
 *
 * @module
 */
import { mapTree } from "../core/tree.ts";
import { scale, sub } from "../ops/elementwise.ts";
import type { Optimizer } from "./optimizer.ts";

/**
 * Returns the optimizer p ← p − rate · g (stochastic gradient descent, without momentum).
 *
 * @example
 * ```ts
 * import { readSync, tensor } from "@giverny/giverny/core";
 * import { sgd } from "@giverny/giverny/train";
 * import { deepEqual } from "node:assert/strict";
 * const { start, update } = sgd();
 * deepEqual([...readSync(update(start(tensor([1, 2])), tensor([2, 4]), 0.5).params)], [0, 0]);
 * ```
 */
export function sgd(): Optimizer {
  return {
    name: "sgd",
    start: (params) => ({ params, memory: {}, step: 0 }),
    update: ({ params, memory, step }, gradient, rate) => ({
      params: mapTree((p, g) => sub(p, scale(g, rate)), params, gradient),
      memory,
      step: step + 1,
    }),
  };
}
