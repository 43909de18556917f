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
export * from "./kernels/errors.ts";
export * from "./src/core/autodiff.ts";
export type * from "./src/core/axis.ts";
export * from "./src/core/check.ts";
export * from "./src/core/ndarray.ts";
export * from "./src/core/pattern.ts";
export * from "./src/core/print.ts";
export * from "./src/core/random.ts";
export { free, scope } from "./src/core/scope.ts";
export * from "./src/core/settings.ts";
export { type Frozen, type Rows, type Shape, type WithRows } from "./src/core/shape.ts";
export type { Csr } from "./src/core/sparse.ts";
export {
  fromArray,
  full,
  isTensor,
  type Matrix,
  type Node,
  ones,
  type Placement,
  read,
  readSync,
  type Scalar,
  stopGradient,
  type Tensor,
  tensor,
  type Vector,
  zeros,
} from "./src/core/tensor.ts";
export * from "./src/core/tree.ts";
export * from "./src/data/batch.ts";
export * from "./src/data/cooccurrence.ts";
export * from "./src/data/dataset.ts";
export * from "./src/data/encode.ts";
export * from "./src/data/encode_pictures.ts";
export * from "./src/data/encode_text.ts";
export {
  type Coverage,
  describeCoverage,
  type FeatureTable,
  type Matched,
  matchFeatures,
  type MatchOptions,
  matchTags,
  type MissingPolicy,
  type TagTable,
} from "./src/data/features.ts";
export { kCore } from "./src/data/filter.ts";
export * from "./src/data/fingerprint.ts";
export * from "./src/data/formats/mod.ts";
export { decodeNpy, encodeNpy, type NpyArray } from "./src/data/formats/npy.ts";
export * from "./src/data/garden.ts";
export * from "./src/data/graph.ts";
export * from "./src/data/neighbours.ts";
export * from "./src/data/split.ts";
export * from "./src/data/statistics.ts";
export * from "./src/data/tensors.ts";
export * from "./src/models/mod.ts";
export * from "./src/ops/mod.ts";
export * from "./src/rank/block.ts";
export * from "./src/rank/distribution.ts";
export * from "./src/rank/evaluate.ts";
export * from "./src/rank/exposure.ts";
export * from "./src/rank/metrics.ts";
export * from "./src/rank/recommend.ts";
export * from "./src/rank/significance.ts";
export * from "./src/rank/similarity.ts";
export * from "./src/train/adam.ts";
export * from "./src/train/checkpoint.ts";
export * from "./src/train/constrain.ts";
export * from "./src/train/fit.ts";
export * from "./src/train/optimizer.ts";
export * from "./src/train/safetensors.ts";
export * from "./src/train/schedule.ts";
export * from "./src/train/search.ts";
export * from "./src/train/settings.ts";
export * from "./src/train/sgd.ts";
export * from "./src/train/stop.ts";
