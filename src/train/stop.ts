/**
 * Stages that judge a training: evaluation, early stopping, and a guard against numbers that are none.
 *
 * @module
 */
import { ValueError } from "../../kernels/errors.ts";
import { free } from "../core/scope.ts";
import { read } from "../core/tensor.ts";
import type { Tree } from "../core/tree.ts";
import { endsEpoch, type Stage } from "./fit.ts";

/**
 * Returns the stage that evaluates the parameters at the end of every n-th epoch, beginning with the first, and of the last:
 * what a training ends with is a candidate too.
 *
 * @param every How many epochs apart.
 */
export function evaluateEvery<P extends Tree, E>(every: number, evaluate: (params: P) => Promise<E>): Stage<P, E> {
  return async function* (steps) {
    for await (const step of steps) {
      const due = endsEpoch(step) && (step.epoch % every === 0 || step.epoch === step.epochs - 1);
      yield due ? { ...step, evaluation: await evaluate(step.training.params) } : step;
    }
  };
}

/** How {@link stopEarly} judges. */
export interface StopOptions<E> {
  /** What is to become large: a metric of the *validation* set. */
  readonly score: (evaluation: E) => number;
  /** The best score of a training that is resumed; none by default. */
  readonly best?: number;
  /** Evaluations since then without improvement; 0 by default. */
  readonly waited?: number;
}

/**
 * Returns the stage that marks evaluations better than all before, and ends the stream at the first evaluation that comes
 * after `patience` others without improvement. Equal is not better.
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

/**
 * Returns the stage that ends a training whose loss is NaN or infinite, before it is evaluated or saved.
 *
 * @throws {ValueError} at the end of an epoch, naming it.
 */
export function refuseNaN<P extends Tree, E>(): Stage<P, E> {
  return async function* (steps) {
    for await (const step of steps) {
      if (endsEpoch(step) && !Number.isFinite((await read(step.loss))[0])) {
        free(step.training);
        throw new ValueError(
          `Cannot go on training: the loss is no number any more after epoch ${
            step.epoch + 1
          }; lower the learning rate`,
        );
      }
      yield step;
    }
  };
}
