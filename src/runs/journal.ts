/**
 * The epochs of a run, one line of JSON each, in `metrics.jsonl`.
 *
 * @module
 */
import type { GenericSchema } from "valibot";
import { free, scope } from "../core/scope.ts";
import { read, type Scalar } from "../core/tensor.ts";
import type { Tree } from "../core/tree.ts";
import type { Files } from "../data/files.ts";
import { unreadable } from "../data/formats/files.ts";
import { add, scale } from "../ops/elementwise.ts";
import type { Evaluation } from "../rank/evaluate.ts";
import { endsEpoch, type Stage } from "../train/fit.ts";
import type * as Schemas from "./schema.ts";

/** An epoch. */
export interface Epoch {
  /** The number of finished epochs, this one included. */
  readonly epoch: number;
  /** The mean loss of its steps. */
  readonly loss: number;
  /** The learning rate. */
  readonly lr: number;
  /** The time of its training: its steps, and the parts that are built before them. */
  readonly seconds: number;
  /** The time of the evaluation after it; 0 without one. */
  readonly evaluationSeconds: number;
  /** The time of the checkpoints since the epoch before it: a line is written before its own checkpoint. */
  readonly checkpointSeconds: number;
  /** The metrics on validation after it; `null` if there was no evaluation. */
  readonly validation: Evaluation["metrics"] | null;
  /** Whether that evaluation is the best so far. */
  readonly best: boolean;
}

const epochSchema = (v: typeof Schemas): GenericSchema<unknown, Epoch> =>
  v.object({
    epoch: v.number(),
    loss: v.number(),
    lr: v.number(),
    seconds: v.number(),
    // Lines of earlier releases have one time, of all three.
    evaluationSeconds: v.optional(v.number(), 0),
    checkpointSeconds: v.optional(v.number(), 0),
    validation: v.nullable(v.record(v.string(), v.number())),
    best: v.boolean(),
  });

/** The times of an epoch, in seconds. */
export type EpochTimes = Pick<Epoch, "seconds" | "evaluationSeconds" | "checkpointSeconds">;

/** A clock that tells the times of an epoch. */
export interface EpochClock {
  /** Runs work and counts its time as evaluation. */
  readonly evaluating: <T>(work: () => Promise<T>) => Promise<T>;
  /** Runs work and counts its time as checkpoints. */
  readonly saving: <T>(work: () => Promise<T>) => Promise<T>;
  /** Returns the times since the last call; all other time is training. */
  readonly take: () => EpochTimes;
}

/** Starts the clock of an epoch. */
export function startEpochClock(now: () => number): EpochClock {
  const spent = { evaluation: 0, checkpoint: 0 };
  let since = now();
  const counting = (part: keyof typeof spent) => async <T>(work: () => Promise<T>): Promise<T> => {
    const start = now();
    const result = await work();
    spent[part] += now() - start;
    return result;
  };
  return {
    evaluating: counting("evaluation"),
    saving: counting("checkpoint"),
    take: () => {
      const time = now();
      const { evaluation, checkpoint } = spent;
      const training = time - since - evaluation - checkpoint;
      [since, spent.evaluation, spent.checkpoint] = [time, 0, 0];
      return {
        seconds: training / 1000,
        evaluationSeconds: evaluation / 1000,
        checkpointSeconds: checkpoint / 1000,
      };
    },
  };
}

/**
 * Returns the stage that reports every epoch when it ends. The device adds the losses up; they are read once an epoch.
 */
export function reportEpochs<P extends Tree>(
  report: (epoch: Epoch) => void | Promise<void>,
  clock: Pick<EpochClock, "take">,
): Stage<P, Evaluation> {
  return async function* (steps) {
    let sum: Scalar | null = null;
    for await (const step of steps) {
      const before: Scalar | null = sum;
      sum = scope(() => before ? add(before, step.loss) : scale(step.loss, 1));
      free(before);
      if (endsEpoch(step)) {
        await report({
          epoch: step.epoch + 1,
          loss: (await read(sum))[0] / step.steps,
          lr: step.rate,
          ...clock.take(),
          validation: step.evaluation?.metrics ?? null,
          best: step.improved,
        });
        free(sum);
        sum = null;
      }
      yield step;
    }
    free(sum);
  };
}

/**
 * Writes a journal that has the epochs of `history`, and returns the function that appends an epoch to it. Other lines
 * are removed: a resumed training writes these epochs again.
 */
export async function openJournal(
  path: string,
  history: readonly Epoch[],
  files: Files,
): Promise<(epoch: Epoch) => Promise<void>> {
  const encode = (epoch: Epoch) => `${JSON.stringify(epoch)}\n`;
  await files.write(path, new TextEncoder().encode(history.map(encode).join("")));
  return (epoch) => files.append(path, new TextEncoder().encode(encode(epoch)));
}

/**
 * Returns the first epochs of a journal, `most` at most; none if the file does not exist. Later lines are not looked
 * at: a power failure may have cut the last one off.
 *
 * @throws {FormatError} if a line is no epoch.
 */
export async function readJournal(path: string, files: Files, most: number = Infinity): Promise<Epoch[]> {
  if (await files.stat(path) === null) return [];
  const text = new TextDecoder().decode(await files.read(path));
  const v = await import("./schema.ts");
  const schema = v.pipe(v.string(), v.parseJson(), epochSchema(v));
  return text.split("\n").filter(Boolean).slice(0, most).map((line, n) => {
    const found = v.safeParse(schema, line);
    if (found.success) return found.output;
    throw unreadable("epochs", path, "it is cut off or damaged", { line: n + 1 });
  });
}
