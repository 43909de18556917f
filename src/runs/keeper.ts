/**
 * The places that keep a training: a run folder, or nothing for a run in memory.
 *
 * @module
 */
import type { Tree } from "../core/tree.ts";
import type { Files } from "../data/files.ts";
import { loadLike, saveTree } from "../train/checkpoint.ts";
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
  /** Reads the best parameters of an earlier session; `like` has their shapes. A run in memory has none. */
  readonly earlierBest: (like: Tree) => Promise<Tree>;
}

async function nothing(): Promise<void> {}

/** The keeper of a run in memory. */
export const memoryKeeper: Keeper = {
  start: nothing,
  epoch: nothing,
  best: nothing,
  embeddings: nothing,
  last: nothing,
  earlierBest: () => Promise.reject(new TypeError("a run in memory has no earlier session")),
};

/** The options of {@link folderKeeper}. */
interface KeeperOptions {
  readonly files: Files;
  /** The epochs before the point from which the training starts. */
  readonly history: readonly Epoch[];
  /** Receives the status after every epoch that is safe in the folder. */
  readonly saved: (status: TrainingStatus) => void;
}

/** Returns the keeper that writes to a run folder. */
export function folderKeeper(
  folder: string,
  record: RunRecord,
  setup: TrainingSetup,
  { files, history, saved }: KeeperOptions,
): Keeper {
  const [best, earlier, last] = (["best", "earlier", "last"] as const).map((name) =>
    within(folder, `${name}.safetensors`)
  );
  let write: ((epoch: Epoch) => Promise<void>) | undefined;
  const writeEmbeddings = async (embeddings: Tree, { epochs }: TrainingStatus) => {
    const metadata = await belonging(record, setup, epochs);
    await saveTree(within(folder, "embeddings.safetensors"), embeddings, { metadata, files });
  };
  return {
    start: async (point) => {
      // In this order: the point of a finished run says which epoch of the journal changes if the run goes on.
      write = await openJournal(within(folder, "metrics.jsonl"), history, files);
      await saveResumePoint(last, point, files);
      if (!point.status.onSchedule) await files.remove(earlier);
    },
    epoch: async (epoch) => await write?.(epoch),
    best: async (params, embeddings, status) => {
      if (status.onSchedule?.best) await files.write(earlier, await files.read(best));
      await saveTree(best, params, { files });
      await writeEmbeddings(embeddings, status);
    },
    embeddings: writeEmbeddings,
    last: async (point) => {
      await saveResumePoint(last, point, files);
      saved(point.status);
    },
    earlierBest: async (like) => (await loadLike(best, like, { files })).tree,
  };
}
