/**
 * Optimizers: pairs of pure functions, one to start a training and one to take a step.
 *
 * @module
 */
import type { Tree } from "../core/tree.ts";

/** The state of a training: the next step depends on it, a batch and a learning rate only. */
export interface Training<P extends Tree> {
  /** The parameters. */
  readonly params: P;
  /** The state of the optimizer: by name, trees with the structure of the parameters. */
  readonly memory: { readonly [name: string]: P };
  /** The number of steps taken. */
  readonly step: number;
}

/** An optimizer. Its functions return new values and change none. */
export interface Optimizer {
  /** Its name. */
  readonly name: string;
  /** Returns the training at step 0 with these parameters. */
  readonly start: <P extends Tree>(params: P) => Training<P>;
  /** Returns the training after a step along the negative gradient with a learning rate. */
  readonly update: <P extends Tree>(training: Training<P>, gradient: P, rate: number) => Training<P>;
}
