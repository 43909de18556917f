/**
 * Values: tensors, sparse matrices, trees of tensors, random keys, scopes of memory, and gradients.
 *
 * @module
 */
export * from "./autodiff.ts";
export type * from "./axis.ts";
export * from "./check.ts";
export * from "./ndarray.ts";
export * from "./pattern.ts";
export * from "./print.ts";
export * from "./random.ts";
export { free, scope } from "./scope.ts";
export * from "./settings.ts";
export { type Frozen, type Rows, type Shape, type WithRows } from "./shape.ts";
export type { Csr } from "./sparse.ts";
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
} from "./tensor.ts";
export * from "./tree.ts";
