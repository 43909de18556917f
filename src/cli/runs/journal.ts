/**
 * What is told of a training, epoch by epoch: to people as lines, to machines as `metrics.jsonl`.
 *
 * @module
 */
import * as v from "valibot";
import { free, scope } from "../../core/scope.ts";
import { read, type Scalar } from "../../core/tensor.ts";
import type { Tree } from "../../core/tree.ts";
import { unreadable, writeFile } from "../../data/formats/files.ts";
import { add, scale } from "../../ops/mod.ts";
import type { Evaluation } from "../../rank/evaluate.ts";
import { endsEpoch, type Stage } from "../../train/fit.ts";

/** One epoch: a line of `metrics.jsonl`. */
export interface Epoch {
  /** How many epochs are finished with it. */
  readonly epoch: number;
  /** The mean loss of its steps. */
  readonly loss: number;
  /** The learning rate. */
  readonly lr: number;
  readonly seconds: number;
  /** The metrics of an evaluation after it; `null` where there was none. */
  readonly validation: Evaluation["metrics"] | null;
  /** Whether that evaluation is the best so far. */
  readonly best: boolean;
}

const EpochSchema: v.GenericSchema<unknown, Epoch> = v.object({
  epoch: v.number(),
  loss: v.number(),
  lr: v.number(),
  seconds: v.number(),
  validation: v.nullable(v.record(v.string(), v.number())),
  best: v.boolean(),
});

/** Returns the stage that tells every epoch when it ends. Losses are added up on the device and read once. */
export function tellEpochs<P extends Tree>(
  tell: (epoch: Epoch) => void | Promise<void>,
  now: () => number,
): Stage<P, Evaluation> {
  return async function* (steps) {
    let sum: Scalar | null = null;
    let since = now();
    for await (const step of steps) {
      const before: Scalar | null = sum;
      sum = scope(() => before ? add(before, step.loss) : scale(step.loss, 1));
      free(before);
      if (endsEpoch(step)) {
        await tell({
          epoch: step.epoch + 1,
          loss: (await read(sum))[0] / step.steps,
          lr: step.rate,
          seconds: (now() - since) / 1000,
          validation: step.evaluation?.metrics ?? null,
          best: step.improved,
        });
        free(sum);
        [sum, since] = [null, now()];
      }
      yield step;
    }
    free(sum);
  };
}

/** Returns an epoch as a line for people. */
export function lineOf({ epoch, loss, validation, best }: Epoch): string {
  const found = validation
    ? `  recall@20 ${validation["recall@20"].toFixed(4)}  ndcg@20 ${validation["ndcg@20"].toFixed(4)}${
      best ? "  *" : ""
    }`
    : "";
  return `epoch ${epoch}  loss ${loss.toFixed(4)}${found}`;
}

/** Returns what appends epochs to a file. Those beyond `epochs` that it holds already are dropped: they come again. */
export async function journal(path: string, epochs: number): Promise<(epoch: Epoch) => Promise<void>> {
  const lines = epochs > 0 ? (await Deno.readTextFile(path)).split("\n").filter(Boolean).slice(0, epochs) : [];
  await writeFile(path, new TextEncoder().encode(lines.map((line) => `${line}\n`).join("")));
  return (epoch) => Deno.writeTextFile(path, `${JSON.stringify(epoch)}\n`, { append: true });
}

/**
 * Returns the epochs in a file that {@link journal} wrote; none if there is no such file.
 *
 * @throws {FormatError} if a line is no epoch.
 */
export async function readJournal(path: string): Promise<Epoch[]> {
  const text = await Deno.readTextFile(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  });
  return text.split("\n").filter(Boolean).map((line, n) => {
    const found = v.safeParse(v.pipe(v.string(), v.parseJson(), EpochSchema), line);
    if (found.success) return found.output;
    throw unreadable("epochs", path, "it is cut off or damaged", { line: n + 1 });
  });
}
