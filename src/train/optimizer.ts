/**
 * What an optimizer is: a pair of pure functions, one that starts a training and one that takes a step.
 *
 * @module
 */
import type { Tree } from "../core/tree.ts";

/** A training on its way: all that the next step depends on. */
export interface Training<P extends Tree> {
  /** The parameters. */
  readonly params: P;
  /** What the optimizer remembers, trees of the parameters' structure by name. */
  readonly memory: { readonly [name: string]: P };
  /** Steps taken so far. */
  readonly step: number;
}

/** An optimizer. It makes new values and changes none. */
export interface Optimizer {
  /** Its name. */
  readonly name: string;
  /** Returns the training that begins at these parameters. */
  readonly start: <P extends Tree>(params: P) => Training<P>;
  /** Returns the training after a step against a gradient, of a size set by the learning rate. */
  readonly update: <P extends Tree>(training: Training<P>, gradient: P, rate: number) => Training<P>;
}
