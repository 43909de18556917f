/**
 * How a training looks while it runs.
 *
 * @module
 */
import { read } from "../../core/tensor.ts";
import type { Tree } from "../../core/tree.ts";
import type { Stage } from "../../train/fit.ts";
import type { Progress } from "../shell/progress.ts";

/** Milliseconds between two looks at the loss: reading it waits for the device. */
const PAUSE = 100;

/**
 * Returns the stage that shows the loss, about ten times a second. It lets the event loop turn as often: without that,
 * the bar would stand still, and Ctrl-C go unheard.
 */
export function show<P extends Tree, E>(progress: Progress, { from, now }: {
  /** The epoch that the display began with. */
  readonly from: number;
  readonly now: () => number;
}): Stage<P, E> {
  return async function* (steps) {
    let due = -Infinity;
    for await (const step of steps) {
      if (now() >= due) {
        const [loss] = await read(step.loss);
        const done = (step.epoch - from) * step.steps + step.step + 1;
        progress.update(done, { epoch: String(step.epoch + 1), loss: loss.toFixed(4) });
        await new Promise((resolve) => setTimeout(resolve));
        due = now() + PAUSE;
      }
      yield step;
    }
  };
}

/** Returns the stage that ends the stream after the step during which a signal aborts. */
export function until<P extends Tree, E>(signal: AbortSignal): Stage<P, E> {
  return async function* (steps) {
    for await (const step of steps) {
      yield step;
      if (signal.aborted) return;
    }
  };
}
