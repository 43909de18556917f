/**
 * What models ask of raw features when they draw what they learn of them.
 *
 * @module
 */
import type { Features, Items } from "../core/axis.ts";
import type { Matrix } from "../core/tensor.ts";
import type { FeatureMatrix } from "../data/tensors.ts";
import { scale } from "../ops/elementwise.ts";

/** Returns the number of columns of features, the inputs of a layer over them. */
export function inputsOf(x: FeatureMatrix): number {
  return "pattern" in x ? x.pattern.columns : x.shape[1];
}

/** Returns the copy X of dense features that is trained where features are not frozen; nothing of sparse ones. */
export function trainable(x: FeatureMatrix, freeze: boolean): { readonly X?: Matrix<Items, Features> } {
  return freeze || "pattern" in x ? {} : { X: scale(x, 1) };
}
