/**
 * Giverny: a functional tensor library and the multimedia recommenders built on it.
 *
 * Tensors are immutable values, operations are functions, gradients are functions of functions, and a model is a handful of
 * equations written down as such.
 *
 * @example Differentiate a model of your own
 * ```ts
 * import { adam, add, grad, key, linear, mean, normal, readSync, square, sub, tensor, zeros } from "@giverny/giverny";
 * import { assertAlmostEquals } from "deno-std/assert/almost_equals.js";
 *
 * const x = normal(key(1), [50, 2]);
 * const truth = { w: tensor([[2, -3]]), b: tensor([0.5]) };
 * const y = linear(x, truth.w, truth.b);
 *
 * const slope = grad((p: typeof truth) => mean(square(sub(linear(x, p.w, p.b), y))));
 * const { start, update } = adam();
 * let training = start({ w: zeros([1, 2]), b: zeros([1]) });
 * for (let step = 0; step < 400; step++) training = update(training, slope(training.params), 0.05);
 *
 * assertAlmostEquals(readSync(training.params.w)[0], 2, 1e-2);
 * assertAlmostEquals(readSync(add(training.params.b, training.params.b))[0], 1, 1e-2);
 * ```
 *
 * @module
 */
export * from "./kernels/mod.ts";
export * from "./src/core/mod.ts";
export * from "./src/data/mod.ts";
export * from "./src/models/mod.ts";
export * from "./src/ops/mod.ts";
export * from "./src/rank/mod.ts";
export * from "./src/train/mod.ts";
