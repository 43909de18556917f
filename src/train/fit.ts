/**
 * Training as a stream of steps: {@link fit} yields every step, and {@link pipe} passes the stream through stages that
 * evaluate, stop early, keep checkpoints or show progress.
 *
 * @module
 */
import { valueAndGrad } from "../core/autodiff.ts";
import { checkedKey, foldIn, type Key, split } from "../core/random.ts";
import { free, scope } from "../core/scope.ts";
import type { Scalar } from "../core/tensor.ts";
import type { Tree } from "../core/tree.ts";
import type { Optimizer, Training } from "./optimizer.ts";
import { constant, type Schedule } from "./schedule.ts";

/** A step of a training, on its way through the stages. Its tensors are freed when the next step begins. */
export interface Step<P extends Tree, E = unknown> {
  /** The number of the epoch, from 0. */
  readonly epoch: number;
  /** The number of the step in its epoch, from 0. */
  readonly step: number;
  /** The number of steps in an epoch. */
  readonly steps: number;
  /** The number of epochs. */
  readonly epochs: number;
  /** The learning rate of this step. */
  readonly rate: number;
  /** The loss before this step. */
  readonly loss: Scalar;
  /** The training after this step. Keep its parameters with `copy()`. */
  readonly training: Training<P>;
  /** The result of an evaluation after this step; `null` if there was none. */
  readonly evaluation: E | null;
  /** Whether this evaluation is better than all before. */
  readonly improved: boolean;
}

/** A stage of a training: a function from a stream of steps to a stream of steps. */
export type Stage<P extends Tree, E = unknown> = (steps: AsyncIterable<Step<P, E>>) => AsyncIterable<Step<P, E>>;

/** The options of {@link fit}. */
export interface FitOptions<B, P extends Tree = Tree, Refreshed = unknown> {
  /** The number of steps in an epoch, and the function that draws a batch. */
  readonly batches: { readonly steps: number; readonly batch: (epoch: Key, step: number) => B };
  /** Takes a step along a gradient. */
  readonly optimizer: Optimizer;
  /** The learning rate: a number, or a function of the epoch and the share of its steps that are done. */
  readonly rate: Schedule | number;
  /** The number of epochs. */
  readonly epochs: number;
  /**
   * The key of all random numbers. The key of an epoch depends on its number only, so a resumed training draws the
   * same.
   */
  readonly key: Key;
  /** The first epoch; 0 by default. */
  readonly from?: number | undefined;
  /**
   * Returns, before an epoch, values that its losses then receive as their last argument; `fit` frees their tensors
   * after the epoch. Nothing by default.
   */
  readonly refresh?: ((params: P, at: EpochStart) => Promise<Refreshed>) | undefined;
}

/** The start of an epoch. */
export interface EpochStart {
  /**
   * A key that depends on the key of the training and on the epoch only, so a resumed training draws the same numbers.
   */
  readonly key: Key;
  /** The number of the epoch, from 0. */
  readonly epoch: number;
}

/**
 * Minimises a loss step by step, and yields every step. The tensors of `start` are never freed; those of each later
 * step are freed when the next step begins.
 *
 * @throws {KindError} if the key is no key.
 *
 * @example
 * ```ts
 * import { copy, key, readSync, tensor } from "@giverny/giverny/core";
 * import { shift, square } from "@giverny/giverny/ops";
 * import { fit, sgd } from "@giverny/giverny/train";
 * import { ok } from "node:assert/strict";
 * const steps = fit(sgd().start({ x: tensor(0) }), ({ x }, target: number) => square(shift(x, -target)), {
 *   batches: { steps: 20, batch: () => 3 },
 *   optimizer: sgd(),
 *   rate: 0.2,
 *   epochs: 2,
 *   key: key(1),
 * });
 * let kept = { x: tensor(0) };
 * for await (const { training } of steps) kept = copy(training.params);
 * ok(Math.abs(readSync(kept.x)[0] - 3) < 1e-3);
 * ```
 */
export async function* fit<P extends Tree, B, Refreshed>(
  start: Training<P>,
  loss: (params: P, batch: B, key: Key, refreshed?: Refreshed) => Scalar,
  options: FitOptions<B, P, Refreshed>,
): AsyncGenerator<Step<P, never>> {
  const { batches: { steps, batch }, optimizer, epochs, from = 0, refresh } = options;
  const key = checkedKey("fit", options.key);
  const schedule = typeof options.rate === "number" ? constant(options.rate) : options.rate;
  let training = start;
  for (let epoch = from; epoch < epochs; epoch++) {
    const [drawing, noise, refreshing] = split(foldIn(key, epoch), 3);
    const refreshed = await refresh?.(training.params, { key: refreshing, epoch });
    try {
      for (let step = 0; step < steps; step++) {
        const rate = schedule(epoch, step / steps);
        const [value, next] = scope(() => {
          const drawn = batch(drawing, step);
          const objective = valueAndGrad((params: P) => loss(params, drawn, foldIn(noise, step), refreshed));
          const [value, gradient] = objective(training.params);
          return [value, optimizer.update(training, gradient, rate)] as const;
        });
        if (training !== start) free(training);
        training = next;
        await value.storage.device.keepUp();
        yield { epoch, step, steps, epochs, rate, loss: value, training, evaluation: null, improved: false };
        free(value);
      }
    } finally {
      free(refreshed);
    }
  }
}

/** A stage of any stream: a function from a stream of `A` to a stream of `B`. */
export type Through<A, B> = (steps: AsyncIterable<A>) => AsyncIterable<B>;

/**
 * Returns the stream that comes out of the last stage. The types of the stages follow from the source.
 *
 * @example All stages
 * ```ts
 * import { key, read, type Scalar, tensor } from "@giverny/giverny/core";
 * import { shift, square } from "@giverny/giverny/ops";
 * import { adam, evaluateEvery, fit, pipe, refuseNaN, stopEarly } from "@giverny/giverny/train";
 * import { ok } from "node:assert/strict";
 * const batches = { steps: 5, batch: () => 3 };
 * const loss = ({ x }: { x: Scalar }, target: number) => square(shift(x, -target));
 * const stream = pipe(
 *   fit(adam().start({ x: tensor(0) }), loss, { batches, optimizer: adam(), rate: 0.5, epochs: 9, key: key(1) }),
 *   refuseNaN(),
 *   evaluateEvery(2, async ({ x }) => ({ distance: Math.abs((await read(x))[0] - 3) })),
 *   stopEarly(1, { score: ({ distance }) => -distance }),
 * );
 * const distances: number[] = [];
 * for await (const { evaluation, improved } of stream) if (evaluation && improved) distances.push(evaluation.distance);
 * ok(distances.length > 1 && distances.at(-1)! < distances[0]);
 * ```
 */
export function pipe<A>(source: AsyncIterable<A>): AsyncIterable<A>;
/** Returns the stream that comes out of one stage. */
export function pipe<A, B>(source: AsyncIterable<A>, a: Through<A, B>): AsyncIterable<B>;
/** Returns the stream that comes out of two stages. */
export function pipe<A, B, C>(source: AsyncIterable<A>, a: Through<A, B>, b: Through<B, C>): AsyncIterable<C>;
/** Returns the stream that comes out of three stages. */
export function pipe<A, B, C, D>(
  source: AsyncIterable<A>,
  a: Through<A, B>,
  b: Through<B, C>,
  c: Through<C, D>,
): AsyncIterable<D>;
/** Returns the stream that comes out of four stages. */
export function pipe<A, B, C, D, E>(
  source: AsyncIterable<A>,
  a: Through<A, B>,
  b: Through<B, C>,
  c: Through<C, D>,
  d: Through<D, E>,
): AsyncIterable<E>;
/** Returns the stream that comes out of five stages. */
export function pipe<A, B, C, D, E, F>(
  source: AsyncIterable<A>,
  a: Through<A, B>,
  b: Through<B, C>,
  c: Through<C, D>,
  d: Through<D, E>,
  e: Through<E, F>,
): AsyncIterable<F>;
/** Returns the stream that comes out of any number of stages of one type. */
export function pipe<P extends Tree, E>(
  source: AsyncIterable<Step<P, NoInfer<E>>>,
  ...stages: readonly Stage<P, E>[]
): AsyncIterable<Step<P, E>>;
export function pipe(
  source: AsyncIterable<unknown>,
  ...stages: readonly Through<never, unknown>[]
): AsyncIterable<unknown> {
  return stages.reduce((stream, stage) => stage(stream as AsyncIterable<never>), source);
}

/**
 * Returns whether a step is the last of its epoch.
 *
 * @example
 * ```ts
 * import { step } from "@giverny/giverny/ops";
 * import { endsEpoch } from "@giverny/giverny/train";
 * import { equal } from "node:assert/strict";
 * equal(endsEpoch({ step: 4, steps: 5 }), true);
 * ```
 */
export function endsEpoch({ step, steps }: Pick<Step<Tree>, "step" | "steps">): boolean {
  return step === steps - 1;
}
