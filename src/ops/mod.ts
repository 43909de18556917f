/**
 * What may be done to tensors. Every operation is differentiable unless it says otherwise, and none repeats its operands
 * implicitly.
 *
 * @module
 */
export * from "./draw.ts";
export * from "./elementwise.ts";
export * from "./loss.ts";
export * from "./matrix.ts";
export * from "./nn.ts";
export * from "./normalize.ts";
export * from "./reduce.ts";
export * from "./rows.ts";
export * from "./sparse.ts";
export * from "./topk.ts";
