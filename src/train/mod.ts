/**
 * Training: optimizers, learning rates, training as a stream of steps, early stopping and checkpoints.
 *
 * @module
 */
export * from "./adam.ts";
export * from "./checkpoint.ts";
export * from "./constrain.ts";
export * from "./fit.ts";
export * from "./optimizer.ts";
export * from "./safetensors.ts";
export * from "./schedule.ts";
export * from "./search.ts";
export * from "./settings.ts";
export * from "./sgd.ts";
export * from "./stop.ts";
