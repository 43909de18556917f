/**
 * Values: tensors, sparse matrices, trees of tensors, random keys, scopes of memory, and gradients.
 *
 * @module
 */
export { apply, grad, type Primitive, type Pullback, type Saved, valueAndGrad, vjp } from "./autodiff.ts";
export type { Axis, Batch, Dim, Entries, Features, Ids, Items, NAME, Nodes, Users } from "./axis.ts";
export { checkGradient, type CheckOptions } from "./check.ts";
export { fromNdarray, toNdarray } from "./ndarray.ts";
export {
  degree,
  entries,
  hasEntry,
  type Pattern,
  patternFromCoo,
  patternFromCsr,
  rowIndices,
  rowOf,
  rowSelector,
  takeRows,
  type Transposed,
  transposed,
  without,
} from "./pattern.ts";
export { print, type PrintOptions } from "./print.ts";
export { bits, choose, foldIn, integers, type Key, key, normalArray, split, threefry, uniformArray } from "./random.ts";
export { free, scope } from "./scope.ts";
export {
  type Config,
  configure,
  defaultsOf,
  type Setting,
  SettingError,
  type SettingOrigin,
  type Settings,
  type SettingValue,
} from "./settings.ts";
export { asMatrix, type Frozen, type Rows, type Shape, type WithRows } from "./shape.ts";
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
export { copy, leaves, mapTree, toDevice, type Tree } from "./tree.ts";
