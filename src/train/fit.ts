/**
 * Training as a stream: {@link fit} yields every step, and whatever else a training does — evaluate, stop early, keep
 * checkpoints, show progress — is a stage that the stream passes through.
 *
 * @module
 */
import { valueAndGrad } from "../core/autodiff.ts";
import { foldIn, type Key, split } from "../core/random.ts";
import { free, scope } from "../core/scope.ts";
import type { Scalar } from "../core/tensor.ts";
import type { Tree } from "../core/tree.ts";
import type { Optimizer, Training } from "./optimizer.ts";
import type { Schedule } from "./schedule.ts";

/** One step of a training, as it passes through the stages. Its tensors live until the next step is asked for. */
export interface Step<P extends Tree, E = unknown> {
  /** The epoch it belongs to, from 0. */
  readonly epoch: number;
  /** Its place in the epoch, from 0. */
  readonly step: number;
  /** Steps in an epoch. The last of them ends it. */
  readonly steps: number;
  /** The epoch that the training stops before. */
  readonly epochs: number;
  /** The learning rate it was taken with. */
  readonly rate: number;
  /** The loss before it was taken. */
  readonly loss: Scalar;
  /** What it led to. */
  readonly training: Training<P>;
  /** What an evaluation after this step found; `null` where there was none. */
  readonly evaluation: E | null;
  /** Whether that evaluation is the best so far. */
  readonly improved: boolean;
}

/** What a stream of steps passes through. */
export type Stage<P extends Tree, E = unknown> = (steps: AsyncIterable<Step<P, E>>) => AsyncIterable<Step<P, E>>;

/** What {@link fit} needs beside a start and a loss. */
export interface FitOptions<B, P extends Tree = Tree, Fresh = unknown> {
  /** Where batches come from. */
  readonly batches: { readonly steps: number; readonly batch: (epoch: Key, step: number) => B };
  /** How gradients become steps. */
  readonly optimizer: Optimizer;
  /** The learning rate over the epochs. */
  readonly rate: Schedule;
  /** The epoch to stop before. */
  readonly epochs: number;
  /** All randomness of the training. Each epoch's follows from its number, so a resumed training repeats it. */
  readonly key: Key;
  /** The epoch to begin with; 0 by default. */
  readonly from?: number;
  /**
   * Returns, before an epoch, values that its losses then receive as their last argument; `fit` frees their tensors after the
   * epoch. Nothing by default.
   */
  readonly refresh?: ((params: P, at: EpochStart) => Promise<Fresh>) | undefined;
}

/** The start of an epoch. */
export interface EpochStart {
  /** A key that follows from the training's key and the epoch alone, so a resumed training draws the same numbers. */
  readonly key: Key;
  /** The number of the epoch, from 0. */
  readonly epoch: number;
}

/**
 * Minimises a loss step by step. The start stays the caller's; every later training is freed when the next one exists, and what
 * was made for an epoch when that ends.
 */
export async function* fit<P extends Tree, B, Fresh>(
  start: Training<P>,
  loss: (params: P, batch: B, key: Key, fresh?: Fresh) => Scalar,
  { batches: { steps, batch }, optimizer, rate, epochs, key, from = 0, refresh }: FitOptions<B, P, Fresh>,
): AsyncGenerator<Step<P, never>> {
  let training = start;
  for (let epoch = from; epoch < epochs; epoch++) {
    const [drawing, noise, refreshing] = split(foldIn(key, epoch), 3);
    const fresh = await refresh?.(training.params, { key: refreshing, epoch });
    try {
      for (let step = 0; step < steps; step++) {
        const [value, next] = scope(() => {
          const drawn = batch(drawing, step);
          const objective = valueAndGrad((params: P) => loss(params, drawn, foldIn(noise, step), fresh));
          const [value, gradient] = objective(training.params);
          return [value, optimizer.update(training, gradient, rate(epoch))] as const;
        });
        if (training !== start) free(training);
        training = next;
        await value.storage.device.keepUp();
        const place = { epoch, step, steps, epochs, rate: rate(epoch) };
        yield { ...place, loss: value, training, evaluation: null, improved: false };
        free(value);
      }
    } finally {
      free(fresh);
    }
  }
}

/** Returns the stream that comes out of the last stage. */
export function pipe<P extends Tree, E>(
  source: AsyncIterable<Step<P, E>>,
  ...stages: readonly Stage<P, E>[]
): AsyncIterable<Step<P, E>> {
  return stages.reduce((stream, stage) => stage(stream), source);
}

/** Returns whether a step is the last of its epoch. */
export function endsEpoch({ step, steps }: Pick<Step<Tree>, "step" | "steps">): boolean {
  return step === steps - 1;
}
