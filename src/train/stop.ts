/**
 * Stages that evaluate a training, stop it early, or stop it when its loss is not a number.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { free } from "../core/scope.ts";
import { read } from "../core/tensor.ts";
import type { Tree } from "../core/tree.ts";
import { endsEpoch, type Stage } from "./fit.ts";

/**
 * Returns the stage that evaluates the parameters at the end of every n-th epoch, starting with the first, and at the
 * end of the last.
 *
 * @param every The number n of epochs from one evaluation to the next.
 *
 * @example
 * ```ts
 * import { key, read, type Scalar, tensor } from "@giverny/giverny/core";
 * import { square } from "@giverny/giverny/ops";
 * import { evaluateEvery, fit, pipe, sgd } from "@giverny/giverny/train";
 * import { deepEqual } from "node:assert/strict";
 * const batches = { steps: 1, batch: () => null };
 * const options = { batches, optimizer: sgd(), rate: 0.25, epochs: 3, key: key(1) };
 * const found: number[] = [];
 * const stage = evaluateEvery(2, async (x: Scalar) => (await read(x))[0]);
 * for await (const { evaluation } of pipe(fit(sgd().start(tensor(8)), square, options), stage)) {
 *   if (evaluation !== null) found.push(evaluation);
 * }
 * deepEqual(found, [4, 1]);
 * ```
 */
export function evaluateEvery<P extends Tree, E>(every: number, evaluate: (params: P) => Promise<E>): Stage<P, E> {
  return async function* (steps) {
    for await (const step of steps) {
      const due = endsEpoch(step) && (step.epoch % every === 0 || step.epoch === step.epochs - 1);
      yield due ? { ...step, evaluation: await evaluate(step.training.params) } : step;
    }
  };
}

/** The options of {@link stopEarly}. */
export interface StopOptions<E> {
  /** Returns the number to maximise: a metric of the *validation* set. */
  readonly score: (evaluation: E) => number;
  /** The best score before, of a resumed training; none by default. */
  readonly best?: number | undefined;
  /** The number of evaluations since the best score, of a resumed training; 0 by default. */
  readonly waited?: number | undefined;
}

/**
 * Returns the stage that marks evaluations better than all before. It ends the stream after `patience` + 1 evaluations
 * in a row without improvement. An equal score is no improvement.
 *
 * @example
 * ```ts
 * import { key, read, type Scalar, tensor } from "@giverny/giverny/core";
 * import { square } from "@giverny/giverny/ops";
 * import { evaluateEvery, fit, pipe, sgd, stopEarly } from "@giverny/giverny/train";
 * import { equal } from "node:assert/strict";
 * const batches = { steps: 1, batch: () => null };
 * const options = { batches, optimizer: sgd(), rate: 1, epochs: 9, key: key(1) };
 * const evaluate = evaluateEvery(1, async (x: Scalar) => (await read(x))[0]);
 * const stream = pipe(fit(sgd().start(tensor(8)), square, options), evaluate, stopEarly(1, { score: (x) => -x }));
 * let last = -1;
 * for await (const { epoch } of stream) last = epoch;
 * equal(last, 2); // epoch 0 is the best, and epochs 1 and 2 do not improve on it
 * ```
 */
export function stopEarly<P extends Tree, E>(patience: number, options: StopOptions<E>): Stage<P, E> {
  const { score, best: known = -Infinity, waited: before = 0 } = options;
  return async function* (steps) {
    let [best, waited] = [known, before];
    for await (const step of steps) {
      if (step.evaluation === null) yield step;
      else {
        const value = score(step.evaluation);
        const improved = value > best;
        [best, waited] = improved ? [value, 0] : [best, waited + 1];
        yield { ...step, improved };
        if (waited > patience) return;
      }
    }
  };
}

/** A loss so many times as large as that of the first step, or as 1, is one of a training that diverges. */
const DIVERGED = 1e4;

/**
 * Returns the stage that refuses to continue a training that diverges, before it is evaluated or saved: its loss is NaN
 * or infinite, or 10,000 times as large as in the first step, and larger than 10,000.
 *
 * @throws {ValueError} at the end of an epoch, with its number.
 *
 * @example
 * ```ts
 * import { key, tensor } from "@giverny/giverny/core";
 * import { square } from "@giverny/giverny/ops";
 * import { fit, pipe, refuseNaN, sgd } from "@giverny/giverny/train";
 * import { rejects } from "node:assert/strict";
 * const batches = { steps: 1, batch: () => null };
 * const options = { batches, optimizer: sgd(), rate: 1e30, epochs: 9, key: key(1) };
 * const stream = pipe(fit(sgd().start(tensor(8)), square, options), refuseNaN());
 * await rejects(async () => {
 *   for await (const _ of stream);
 * }, /the loss is not a number after epoch 2/);
 * ```
 */
export function refuseNaN<P extends Tree, E>(): Stage<P, E> {
  return async function* (steps) {
    let first: number | undefined;
    for await (const step of steps) {
      if (first === undefined || endsEpoch(step)) {
        const [loss] = await read(step.loss);
        first ??= loss;
        const rule = endsEpoch(step) ? divergence(loss, first, step.epoch + 1) : null;
        if (rule !== null) {
          free(step.training);
          throw new ValueError(`Cannot continue training: ${rule}`);
        }
      }
      yield step;
    }
  };
}

/** Returns the reason to stop after an epoch, and the remedy; `null` for a loss that is sound. */
function divergence(loss: number, first: number, epoch: number): string | null {
  if (!Number.isFinite(first)) {
    return "the loss of the first step is not a number, at any learning rate; look for very large numbers in the features";
  }
  if (!Number.isFinite(loss)) return `the loss is not a number after epoch ${epoch}; lower the learning rate`;
  if (Math.abs(loss) <= DIVERGED * Math.max(1, Math.abs(first))) return null;
  const [before, after] = [first, loss].map((value) => value.toPrecision(3));
  return `the loss rose from ${before} to ${after} by the end of epoch ${epoch}; lower the learning rate`;
}
