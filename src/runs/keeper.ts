/**
 * The places that keep a training: a run folder, or nothing for a run in memory.
 *
 * @module
 */
import type { Tree } from "../core/tree.ts";
import type { Files } from "../data/files.ts";
import { saveTree } from "../train/checkpoint.ts";
import { type Epoch, openJournal } from "./journal.ts";
import { belonging } from "./belonging.ts";
import { type RunRecord, within } from "./record.ts";
import { type ResumePoint, saveResumePoint, type TrainingStatus } from "./resume_point.ts";
import type { TrainingSetup } from "./setup.ts";

/** A place that keeps a training. */
export interface Keeper {
  /** Keeps the point from which the training starts. */
  readonly start: (point: ResumePoint) => Promise<void>;
  /** Keeps an epoch. It comes before the checkpoint that counts it, so that no epoch is lost. */
  readonly epoch: (epoch: Epoch) => Promise<void>;
  /** Keeps parameters, and their embeddings: the best so far, or the last if no evaluation selects any. */
  readonly best: (params: Tree, embeddings: Tree, status: TrainingStatus) => Promise<void>;
  /** Keeps the embeddings of a model that is not trained. */
  readonly embeddings: (embeddings: Tree, status: TrainingStatus) => Promise<void>;
  /** Keeps the training after an epoch. */
  readonly last: (point: ResumePoint) => Promise<void>;
  /** The file of the best parameters; `null` for a run in memory. */
  readonly bestPath: string | null;
  readonly files: Files | undefined;
}

async function nothing(): Promise<void> {}

/** The keeper of a run in memory. */
export const memoryKeeper: Keeper = {
  start: nothing,
  epoch: nothing,
  best: nothing,
  embeddings: nothing,
  last: nothing,
  bestPath: null,
  files: undefined,
};

/**
 * Returns the keeper that writes to a run folder.
 *
 * @param saved Is called after every epoch that is safe in the folder.
 */
export function folderKeeper(
  folder: string,
  record: RunRecord,
  setup: TrainingSetup,
  { files, saved }: { readonly files: Files; readonly saved: (status: TrainingStatus) => void },
): Keeper {
  const [best, last] = [within(folder, "best.safetensors"), within(folder, "last.safetensors")];
  let write: ((epoch: Epoch) => Promise<void>) | undefined;
  const writeEmbeddings = async (embeddings: Tree, { epochs }: TrainingStatus) => {
    const metadata = await belonging(record, setup, epochs);
    await saveTree(within(folder, "embeddings.safetensors"), embeddings, { metadata, files });
  };
  return {
    start: async (point) => {
      await saveResumePoint(last, point, files);
      write = await openJournal(within(folder, "metrics.jsonl"), point.status.epochs, files);
    },
    epoch: async (epoch) => await write?.(epoch),
    best: async (params, embeddings, status) => {
      await saveTree(best, params, { files });
      await writeEmbeddings(embeddings, status);
    },
    embeddings: writeEmbeddings,
    last: async (point) => {
      await saveResumePoint(last, point, files);
      saved(point.status);
    },
    bestPath: best,
    files,
  };
}
