/**
 * Operations on tensors. Every operation is differentiable unless its description says otherwise, and no operation
 * repeats an operand implicitly: there is no hidden broadcasting.
 *
 * @module
 */
export { add, addAll, div, mul, neg, scale, shift, square, sub } from "./arithmetic.ts";
export {
  type LinearOptions,
  linearUniform,
  normal,
  type NormalOptions,
  uniform,
  type UniformOptions,
  xavierNormal,
  xavierUniform,
} from "./draw.ts";
export { elementwise, exp, fused, log, rsqrt, sigmoid, softplus, sqrt, tanh } from "./elementwise.ts";
export { concatBlocks, concatColumns, concatRows, reshape, sliceColumns, sliceRows } from "./layout.ts";
export { bprLoss, infoNce, l2 } from "./loss.ts";
export { matmul, matmulNT, matmulTN, transpose } from "./matrix.ts";
export { dropout, linear, logSoftmaxRows, logSumExpRows, softmaxRows } from "./nn.ts";
export { normalizeRows } from "./normalize.ts";
export { abs, leakyRelu, maximum, sign, step } from "./piecewise.ts";
export { addColumn, addRow, dot, rowDots, rowMax, scaleBy, scaleColumns, scaleRows } from "./reduce.ts";
export { gather, scatterAdd, segmentSoftmax, segmentSoftmaxMean, segmentSum } from "./rows.ts";
export {
  fullSoftmax,
  type FullSoftmaxOptions,
  sampledSoftmax,
  softmaxLoss,
  type SoftmaxOptions,
} from "./softmax_loss.ts";
export { csr, propagate, sddmm, spmm, toDense, transposeCsr } from "./sparse.ts";
export { dropEntries, leaveOut, type MaskOptions, type Positions } from "./sparse_mask.ts";
export { columnSums, fill, mean, repeatColumns, repeatRows, rowSums, sum } from "./sums.ts";
export { type Top, topK, type TopOptions } from "./topk.ts";
