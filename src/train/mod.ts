/**
 * Training: optimizers, learning rates, training as a stream of steps, early stopping, checkpoints, and spaces of
 * settings.
 *
 * @module
 */
export { adam, type AdamOptions, adamw, type AdamwOptions } from "./adam.ts";
export {
  checkpoint,
  type CheckpointOptions,
  type FilesOptions,
  loadLike,
  loadTraining,
  loadTree,
  type LoadTreeOptions,
  type Metadata,
  type SaveOptions,
  saveTraining,
  saveTree,
} from "./checkpoint.ts";
export { constrained } from "./constrain.ts";
export { endsEpoch, type EpochStart, fit, type FitOptions, pipe, type Stage, type Step, type Through } from "./fit.ts";
export type { Optimizer, Training } from "./optimizer.ts";
export { type Archive, decodeSafetensors, encodeSafetensors, type Stored } from "./safetensors.ts";
export {
  constant,
  cosine,
  type CosineOptions,
  exponential,
  type ExponentialOptions,
  type Schedule,
  warmUp,
} from "./schedule.ts";
export { type Candidates, combinations, drawCombinations, type Interval, type Space, valuesOf } from "./search.ts";
export { PROTOCOLS, type TrainingConfig, trainingSettings } from "./settings.ts";
export { sgd } from "./sgd.ts";
export { evaluateEvery, refuseNaN, stopEarly, type StopOptions } from "./stop.ts";
